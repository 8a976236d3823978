"""The engine as its users see it: requests go in, messages come out, whatever happens to the worker.

Free of torch: this is what runs inside Blender.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Cancelled, EngineError
from ..progress import ProgressCallback
from .process import WorkerProcess
from .protocol import (
    PROTOCOL_VERSION,
    Cancel,
    Failure,
    Hello,
    Progress,
    ProtocolError,
    Request,
    Result,
    Shutdown,
    Stopped,
    WorkerMessage,
    encode,
    failure,
)

logger = logging.getLogger(__name__)

Reply = Progress | Result | Failure | Stopped
"""What ``EngineClient.poll`` hands out."""

HELLO_TIMEOUT_S = 30.0
"""For the interpreter to start; a cold disk and a virus scanner can take their time."""

CANCEL_TIMEOUT_S = 2.0
"""For a cancel to be answered before the worker is killed and started anew."""

SILENCE_TIMEOUT_S = 120.0
"""For a worker that has something to do to give a sign of life, which it does every few seconds: long
enough for one that the system has swapped out, or that loads its libraries from a slow drive."""

CLOSE_TIMEOUT_S = 1.5
"""For the worker to end by itself when it is closed."""

OUT_OF_MEMORY = "engine.out_of_memory"
"""After this, a worker is replaced: oneDNN goes on to fail at what it once had no memory for."""

MOMENT_S = 0.25
"""As what a longer time between two looks at the worker counts."""


@dataclass
class _Pending:
    request: Request
    cancelled_at_s: float | None = None


class _WakingTime:
    """The seconds in which this process could have noticed something.

    While a computer sleeps, or this process is stopped, the worker cannot answer either, and yet some
    systems' clocks go on. So a long time between two looks counts as a moment.
    """

    def __init__(self) -> None:
        self.now_s = 0.0
        self._looked_s = time.monotonic()

    def look(self) -> None:
        """Lets time go on."""
        now_s = time.monotonic()
        self.now_s += min(now_s - self._looked_s, MOMENT_S)
        self._looked_s = now_s


class EngineClient:
    """Starts the worker when it is needed, restarts it when it died, and keeps it loaded in between.

    Every submitted id ends in exactly one of Result, Failure and Stopped, whatever becomes of the
    worker. Use it from one thread. All but ``call``, ``wait`` and ``close`` return at once.

    Args:
        python: interpreter of the environment that has torch.
        package_root: the folder that holds ``core/``.
        environment: variables to set for the worker on top of this process's own.
    """

    def __init__(
        self,
        python: Path,
        package_root: Path,
        environment: Mapping[str, str] | None = None,
        *,
        hello_timeout_s: float = HELLO_TIMEOUT_S,
        cancel_timeout_s: float = CANCEL_TIMEOUT_S,
        silence_timeout_s: float = SILENCE_TIMEOUT_S,
    ) -> None:
        self.python = python
        self.package_root = package_root
        self.hello: Hello | None = None
        self._environment = dict(environment or {})
        self._hello_timeout_s = hello_timeout_s
        self._cancel_timeout_s = cancel_timeout_s
        self._silence_timeout_s = silence_timeout_s
        self._process: WorkerProcess | None = None
        self._time = _WakingTime()
        self._heard_at_s = 0.0
        self._ids = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._replies: list[Reply] = []

    def __enter__(self) -> EngineClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the worker unless it runs; it loads while the caller goes on.

        Raises: EngineError (engine.not_started): the interpreter cannot be run.
        """
        self._update()
        if self._process is None:
            self._process = WorkerProcess(self.python, self.package_root, self._environment)
            self._heard_at_s = self._time.now_s

    def submit(self, method: str, params: Mapping[str, Any]) -> int:
        """Sends a request, starting the worker if need be; returns the id that its replies carry.

        Raises: EngineError: the worker cannot be started (engine.not_started), or the parameters
            are not JSON (engine.protocol).
        """
        request = Request(next(self._ids), method, dict(params))
        encode(request)  # refused here rather than in the thread that sends it
        self.start()
        self._pending[request.id] = _Pending(request)
        if self.hello is not None:
            self._send(request)
        return request.id

    def cancel(self, id: int) -> None:
        """Asks for a request to be stopped; Stopped follows, after ``cancel_timeout_s`` at the latest."""
        pending = self._pending.get(id)
        if pending is None or pending.cancelled_at_s is not None:
            return
        pending.cancelled_at_s = self._time.now_s
        if self.hello is not None:
            self._send(Cancel(id))
        else:  # the worker has never heard of it
            self._end(Stopped(id))

    def poll(self) -> list[Reply]:
        """The replies since the last call, in order. Never blocks and never raises."""
        self._update()
        replies, self._replies = self._replies, []
        return replies

    def wait(self, timeout_s: float) -> None:
        """Waits until ``poll`` may have something to say, at most this long."""
        if self._process is not None and not self._replies:
            self._process.wait(timeout_s)

    def call(
        self,
        method: str,
        params: Mapping[str, Any],
        progress: ProgressCallback | None = None,
    ) -> dict[str, Any]:
        """Sends a request and waits for its result. For shells and ``--background``.

        Args:
            progress: called with stage and fraction; Cancelled raised in it, or any other
                exception such as Ctrl-C's, cancels the request and is passed on once it stopped.
        Raises: KinetoneError as the worker reports it, EngineError, Cancelled.
        """
        id = self.submit(method, params)
        try:
            return self._await(id, progress)
        except BaseException:
            self.cancel(id)
            while id in self._pending:
                self._set_aside(self.poll(), id)
                self.wait(0.05)
            raise

    def close(self) -> None:
        """Ends the worker, within two seconds or by force. Requests on their way end as Stopped."""
        for id in list(self._pending):
            self._end(Stopped(id))
        if self._process is not None:
            self._process.send(Shutdown())
            self._process.close(CLOSE_TIMEOUT_S)
            self._forget_process()

    def _update(self) -> None:
        self._time.look()
        process = self._process
        if process is not None:
            messages = process.receive()
            if messages or not self._pending:  # without a request, it has nothing to say
                self._heard_at_s = self._time.now_s
            for message in messages:
                self._take(message)
            if process is self._process:
                self._check_health(process)

    def _await(self, id: int, progress: ProgressCallback | None) -> dict[str, Any]:
        while True:
            for reply in self._set_aside(self.poll(), id):
                match reply:
                    case Progress() if progress is not None:
                        progress(reply.stage, reply.fraction)
                    case Result():
                        return reply.result
                    case Failure():
                        raise reply.exception()
                    case Stopped():
                        raise Cancelled
            self.wait(0.05)

    def _set_aside(self, replies: list[Reply], id: int) -> list[Reply]:
        """The replies about a request; those about others stay for the next ``poll``."""
        self._replies += [reply for reply in replies if reply.id != id]
        return [reply for reply in replies if reply.id == id]

    def _take(self, message: WorkerMessage | ProtocolError) -> None:
        match message:
            case ProtocolError():
                self._give_up(message)
            case Hello() if self.hello is None:
                self._greet(message)
            case Progress() if message.id in self._pending:
                self._replies.append(message)
            case Result() | Failure() | Stopped() if message.id in self._pending:
                self._end(message)
                if isinstance(message, Failure) and message.error.code == OUT_OF_MEMORY:
                    self._restart()
            case Progress():
                logger.debug("The engine goes on with a request that has ended: %s", message)
            case _:
                logger.warning("The engine spoke about a request that has ended or never was: %s", message)

    def _greet(self, hello: Hello) -> None:
        if hello.protocol != PROTOCOL_VERSION:
            self._give_up(
                EngineError(
                    f"The engine speaks version {hello.protocol} of the protocol, "
                    f"this Kinetone version {PROTOCOL_VERSION}.",
                    code="engine.version",
                    hint="Update Kinetone and its engine to the same version.",
                )
            )
            return
        logger.info("Engine %s, Python %s, process %d", hello.version, hello.python, hello.pid)
        self.hello = hello
        for pending in self._pending.values():
            self._send(pending.request)

    def _check_health(self, process: WorkerProcess) -> None:
        now_s = self._time.now_s
        silent_s = now_s - self._heard_at_s
        if process.ended:
            self._give_up(self._death(process))
        elif any(
            pending.cancelled_at_s is not None and now_s - pending.cancelled_at_s > self._cancel_timeout_s
            for pending in self._pending.values()
        ):
            self._restart()
        elif self.hello is None and silent_s > self._hello_timeout_s:
            self._give_up(
                EngineError(
                    f"The engine at {self.python} did not answer within {self._hello_timeout_s:g} s.",
                    code="engine.no_answer",
                    hint="Choose the Python interpreter of the engine's environment, and try again.",
                )
            )
        elif silent_s > self._silence_timeout_s:
            self._give_up(
                EngineError(
                    f"The engine has given no sign of life for {self._silence_timeout_s:g} s.",
                    code="engine.no_answer",
                    hint="Generate again: it is started anew. If the computer is short of memory, close "
                    "other programs first.",
                )
            )

    def _restart(self) -> None:
        """Ends a worker that is deaf or spoilt; the requests that were not cancelled start again."""
        logger.warning("The engine did not stop in time, or ran out of memory; it is started anew")
        for id, pending in list(self._pending.items()):
            if pending.cancelled_at_s is not None:
                self._end(Stopped(id))
        self._forget_process()
        if self._pending:
            try:
                self.start()
            except EngineError as error:
                self._give_up(error)

    def _give_up(self, error: EngineError) -> None:
        """Ends the worker and, with this error, all that was asked of it."""
        detail = "\n".join(getattr(error, "__notes__", ()))
        for id in list(self._pending):
            self._end(failure(id, error, detail))
        self._forget_process()

    def _death(self, process: WorkerProcess) -> EngineError:
        words = process.last_words()
        if self.hello is None:
            reason = words.rpartition("\n")[2] or process.cause_of_death()
            message, code = (
                f"The engine could not be started with {self.python}: {reason}.",
                "engine.not_started",
            )
            hint = "Choose the Python interpreter of the environment in which Kinetone's engine is installed."
        else:
            message, code = f"The engine has died: {process.cause_of_death()}.", "engine.died"
            hint = "Generate again: it is started anew."
            if process.killed_by_system:
                hint = "The computer may have run out of memory: close other programs, then generate again."
        error = EngineError(message, code=code, hint=hint)
        if words:
            error.add_note(words)
        return error

    def _end(self, reply: Result | Failure | Stopped) -> None:
        if reply.id is not None:
            del self._pending[reply.id]
            self._replies.append(reply)

    def _forget_process(self) -> None:
        if self._process is not None:
            self._process.kill()
        self._process = None
        self.hello = None

    def _send(self, message: Request | Cancel) -> None:
        if self._process is not None:
            self._process.send(message)
