"""The engine as jobs use it: one client for the whole session, one task at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..core.engine.client import EngineClient, Reply
from ..core.engine.protocol import Failure, Progress, Result, Stopped
from ..core.errors import Cancelled
from .model_card import PACKAGE_ROOT

logger = logging.getLogger(__name__)

CANCEL_TIMEOUT_S = 0.7
"""For a cancel to be answered before the worker is killed: the user is told that it stops within a second."""

_client: EngineClient | None = None


def start(python: Path) -> EngineClient:
    """The session's client with its worker running, or starting: loading takes a while, this does not.

    Raises: EngineError (engine.not_started).
    """
    global _client
    if _client is not None and _client.python != python:
        close()
    if _client is None:
        _client = EngineClient(python, PACKAGE_ROOT, cancel_timeout_s=CANCEL_TIMEOUT_S)
    _client.start()
    return _client


def close() -> None:
    """End the worker, if there is one."""
    global _client
    if _client is not None:
        _client.close()
        _client = None


class Task:
    """One request to the engine. Leaving its ``with`` block before it has ended closes the engine."""

    def __init__(self, client: EngineClient, method: str, parameters: Mapping[str, Any]) -> None:
        self._client = client
        self._id = client.submit(method, parameters)
        self.result: dict[str, Any] | None = None
        self._ended = False

    def __enter__(self) -> Task:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._ended:
            close()

    def cancel(self) -> None:
        """Ask the engine to stop; ``poll`` raises Cancelled once it has."""
        self._client.cancel(self._id)

    def poll(self, progress: Callable[[str, float], None]) -> bool:
        """Take the engine's news without waiting; True once ``result`` is there.

        Raises: KinetoneError as the engine reports it; Cancelled.
        """
        for reply in self._client.poll():
            if reply.id == self._id:
                self._take(reply, progress)
        return self._ended

    def _take(self, reply: Reply, progress: Callable[[str, float], None]) -> None:
        self._ended = not isinstance(reply, Progress)
        match reply:
            case Progress():
                progress(reply.stage, reply.fraction)
            case Result():
                self.result = reply.result
            case Failure():
                if reply.error.detail:
                    logger.error("The engine reports %s: %s", reply.error.code, reply.error.detail)
                raise reply.exception()
            case Stopped():
                raise Cancelled
