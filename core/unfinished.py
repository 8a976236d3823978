"""Files written aside: each is held by the one process that writes it, and removed when nobody does.

``NAME.wav`` is written as ``.NAME.wav.part`` beside it, so that naming it never crosses drives. The
file is locked as long as it is open, and a lock goes with its process, however that ends. So two engines
cannot write the same music, and what a killed one left can be told from what another is writing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

if os.name == "posix":
    import fcntl

_held: set[Path] = set()


class UnfinishedFile:
    """The new, empty file that is to become ``path``.

    Attributes:
        file: to write into.
    Raises: FileExistsError: another process is writing it; OSError.
    """

    def __init__(self, path: Path) -> None:
        remove_unfinished(path)
        self.path = path
        self._part = unfinished_path(path)
        self.file = self._part.open("xb")
        _held.add(self._part)
        _lock(self.file.fileno())

    def flush(self) -> None:
        """Brings what has been written onto the disk.

        Raises: OSError.
        """
        self.file.flush()
        os.fsync(self.file.fileno())
        if os.name != "posix":  # there, an open file cannot be named, and needs no lock
            self.file.close()

    def name(self, replace: bool) -> None:
        """Lets it be the file of its path, at once.

        Raises: FileExistsError: there is one, and it is not to be replaced; OSError.
        """
        if replace:
            self._part.replace(self.path)
        else:
            self._name_new()
        _held.discard(self._part)
        self.file.close()

    def discard(self) -> None:
        """Lets go of it, and removes it unless it has got its name."""
        if os.name == "posix":  # as long as it is locked; elsewhere, an open file cannot be removed
            self._remove()
        with suppress(OSError):  # closing may fail for the reason for which writing did
            self.file.close()
        self._remove()

    def _remove(self) -> None:
        if self._part in _held:
            _held.discard(self._part)
            with suppress(OSError):
                self._part.unlink()

    def _name_new(self) -> None:
        try:
            os.link(self._part, self.path)
        except FileExistsError:
            raise
        except OSError:  # a drive without hard links
            if self.path.exists():
                raise FileExistsError from None
            self._part.rename(self.path)
        else:
            self._part.unlink()


def unfinished_path(path: Path) -> Path:
    """Where a file is written before it gets its name; a process that was killed may leave it there."""
    return path.with_name(f".{path.name}.part")


def remove_unfinished(path: Path) -> None:
    """Removes what a process that has gone left of a file; leaves what another is writing."""
    part = unfinished_path(path)
    with suppress(OSError):
        if os.name != "posix":
            part.unlink()  # refused while it is open
            return
        # Neither through a link nor waiting for a pipe: there may be anything of that name.
        descriptor = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if _lock(descriptor):
                part.unlink()
        finally:
            os.close(descriptor)


def remove_own() -> None:
    """Removes all that this process is writing: for one that ends at once."""
    for part in list(_held):
        with suppress(OSError):
            part.unlink()


def _lock(descriptor: int) -> bool:
    """Whether nobody else holds a file, as far as its drive knows."""
    if os.name == "posix":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # some network drives know no locks
            return True
    return True
