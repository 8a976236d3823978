"""Reading the bytes of a motion file, with the errors that all formats share."""

from __future__ import annotations

from pathlib import Path

from ..errors import FileFormatError

MAX_BYTES = 512 * 2**20


def format_error(message: str) -> FileFormatError:
    """What to raise for a file that is not what its format says."""
    return FileFormatError(
        message,
        code="motion.file_format",
        hint="The file may be damaged or of another kind; export or download it again.",
    )


def check_file(path: Path) -> None:
    """Refuse what is no file, before anything else is said about it.

    Raises: FileFormatError (motion.missing_file).
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise FileFormatError(
            f"{path} {what}.", code="motion.missing_file", hint="Give the path of a file that holds a dance."
        )


def read_bytes(path: Path) -> bytes:
    """The whole of a file.

    Raises: FileFormatError: motion.missing_file; motion.unreadable_file; motion.file_format if it
        is larger than any dance.
    """
    check_file(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileFormatError(
            f"{path} cannot be read: {error.strerror}.",
            code="motion.unreadable_file",
            hint="Check the file's permissions and its disk.",
        ) from error
    if len(content) > MAX_BYTES:
        raise format_error(f"{path.name} is larger than {MAX_BYTES // 2**20} MiB, the most that is read.")
    return content
