"""The errors that a user may see: what is wrong, a stable code, and what to do about it."""

from __future__ import annotations


class KinetoneError(Exception):
    """A failure that can be explained to the user.

    Args:
        message: what is wrong, with which input; all of it at once.
        code: stable, dotted identifier such as ``motion.not_finite``; it crosses process borders.
        hint: what the user can do about it.
    """

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class MotionError(KinetoneError):
    """The motion cannot be used: too short, not finite, wrong shape."""


class RigError(KinetoneError):
    """The armature lacks joints that the model needs."""


class FileFormatError(KinetoneError):
    """A file is not in the format that it should be in."""


class CheckpointError(KinetoneError):
    """A checkpoint cannot be read, or is of another version."""


class AudioError(KinetoneError):
    """The music could not be written."""


class EngineError(KinetoneError):
    """The engine process could not be started, died, or answered nonsense."""


class Cancelled(Exception):  # noqa: N818
    """The user asked to stop. Not a failure."""
