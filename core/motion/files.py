"""Reading the bytes of a motion file, with the errors that all formats share."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ..errors import FileFormatError, MotionError
from ..untrusted import read_bounded

MAX_BYTES = 512 * 2**20

MAX_FRAMES = 1_000_000
"""Of one dance as it was recorded: an hour at 277 frames a second."""


def format_error(message: str) -> FileFormatError:
    """What to raise for a file that is not what its format says."""
    return FileFormatError(
        message,
        code="motion.file_format",
        hint="The file may be damaged or of another kind; export or download it again.",
    )


def check_frames(name: str, n_frames: int) -> None:
    """Refuse a dance that is longer than any, before memory is taken for it.

    Raises: MotionError (motion.too_long).
    """
    if n_frames > MAX_FRAMES:
        raise MotionError(
            f"{name} has {n_frames} frames; {MAX_FRAMES} can be read.",
            code="motion.too_long",
            hint="Cut the dance into parts.",
        )


def check_file(path: Path) -> None:
    """Refuse what is no file, before anything else is said about it.

    Raises: FileFormatError (motion.missing_file).
    """
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises for names that no file can have
        there = "is no file" if os.path.exists(path) else "does not exist"  # noqa: PTH110
        raise FileFormatError(
            f"{path} {there}.", code="motion.missing_file", hint="Give the path of a file that holds a dance."
        )


def read_bytes(path: Path) -> bytes:
    """The whole of a file.

    Raises: FileFormatError: motion.missing_file; motion.unreadable_file; motion.file_format if it
        is larger than any dance.
    """
    check_file(path)
    try:
        return read_bounded(path, MAX_BYTES)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise format_error(f"{path.name} cannot be read: {error.strerror}.") from error
        raise FileFormatError(
            f"{path} cannot be read: {error.strerror}.",
            code="motion.unreadable_file",
            hint="Check the file's permissions and its disk.",
        ) from error
