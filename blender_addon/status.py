"""What the panel shows of the running job. Lives here and nowhere else, so no file ever stores it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

SETTLED_S, SETTLED_FRACTION = 1.5, 0.02
"""How long a stage must have run, and how far it must have come, before its pace says anything."""


@dataclass
class Status:
    """How far the job is, or how the last one ended."""

    running: bool = False
    stage: str = ""
    fraction: float = 0.0
    message: str = ""
    failed: bool = False
    files: list[Path] = field(default_factory=list)
    """The music files that the last job made, in the order of their takes."""
    notes: list[str] = field(default_factory=list)
    """What the engine wants to be known of how it made them."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds that each stage took."""
    _stage_began: tuple[float, float] = (0.0, 0.0)
    """Time and fraction at which the stage began."""

    def begin(self) -> None:
        """Forget the last job; another one runs."""
        self.forget()
        self.running, self.stage = True, "Starting"

    def forget(self) -> None:
        """Forget the last job."""
        self.running, self.failed, self.files, self.notes = False, False, [], []
        self.stage, self.fraction, self.message, self.timings = "", 0.0, "", {}

    def tell(self, said: str, notes: list[str]) -> None:
        """Say what has been done, and what the engine wants to be known of how."""
        self.notes = notes
        self.message = " ".join([f"{said}.", *notes]) if notes else said

    def show(self, stage: str, fraction: float) -> None:
        """Set the progress; it never goes backwards."""
        if stage != self.stage:
            self._stage_began = time.monotonic(), max(self.fraction, fraction)
        self.stage = stage
        self.fraction = max(self.fraction, min(fraction, 1.0))

    @property
    def time_left_s(self) -> float:
        """Seconds to go at the pace of this stage; -1 before it has settled."""
        began_s, began = self._stage_began
        spent_s, done = time.monotonic() - began_s, self.fraction - began
        if not self.running or spent_s < SETTLED_S or done < SETTLED_FRACTION:
            return -1.0
        return spent_s / done * (1.0 - self.fraction)

    @property
    def progress(self) -> str:
        """Stage, percentage and time left in a few words."""
        left_s = self.time_left_s
        words = f"{self.stage} {self.fraction:.0%}"
        return words if left_s < 0 else f"{words}, {duration(left_s)} left"


def duration(seconds: float) -> str:
    """A span of time as a person would say it: 40 s, 3:20 min, 1:05 h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02} h"


status = Status()
