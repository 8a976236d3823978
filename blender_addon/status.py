"""What the panel shows of the running job. Lives here and nowhere else, so no file ever stores it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Status:
    """How far the job is, or how the last one ended."""

    running: bool = False
    stage: str = ""
    fraction: float = 0.0
    message: str = ""
    failed: bool = False
    music: Path | None = None
    """The WAV that the last job made."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds that each stage took."""

    def begin(self) -> None:
        """Forget the last job; another one runs."""
        self.forget()
        self.running, self.stage = True, "Starting"

    def forget(self) -> None:
        """Forget the last job."""
        self.running, self.failed, self.music = False, False, None
        self.stage, self.fraction, self.message, self.timings = "", 0.0, "", {}

    def show(self, stage: str, fraction: float) -> None:
        """Set the progress; it never goes backwards."""
        self.stage = stage
        self.fraction = max(self.fraction, min(fraction, 1.0))


status = Status()
