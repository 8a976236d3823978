"""Stopping a run when it is asked to, at a moment when it can be gone on with."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class StopRequest:
    """While it is entered, SIGINT and SIGTERM are noted instead of ending the process in mid-step.

    A second signal does what it would have done without.

    Attributes:
        signal_number: of the first signal that came; 0 for none yet.
    """

    def __init__(self) -> None:
        self.signal_number = 0
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> StopRequest:
        # Python lets only the main thread set handlers.
        if threading.current_thread() is threading.main_thread():
            for each in (signal.SIGINT, signal.SIGTERM):
                self._before[each] = signal.signal(each, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal_number = number
        self._give_back()

    def _give_back(self) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)  # type: ignore[arg-type]  # what signal.signal itself returned
        self._before.clear()
