"""Where the music is written."""

from __future__ import annotations

import re
import string
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import AudioError
from ..core.unfinished import unfinished_path

MAX_STEM = 120
"""Bytes of a file name: well below what every system allows, with room for a number and a suffix."""

RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³")}
"""Names that Windows keeps to itself, whatever follows behind a dot."""


def music_folder(folder: str) -> Path:
    """The folder that the user chose, as an absolute path. It need not exist yet.

    Raises: AudioError (audio.no_folder, audio.unsaved_file, audio.relative_folder).
    """
    if not folder:
        raise AudioError(
            "No folder is set for the music.",
            code="audio.no_folder",
            hint="Choose one, or write //kinetone/ for a folder beside the file.",
        )
    if folder.startswith("//") and not bpy.data.filepath:
        raise AudioError(
            "The file has not been saved yet, so there is no place beside it for the music.",
            code="audio.unsaved_file",
            hint="Save the file first, or choose another folder.",
        )
    path = Path(bpy.path.abspath(folder))
    if not path.is_absolute():
        raise AudioError(
            f"It is not clear where the folder “{folder}” is.",
            code="audio.relative_folder",
            hint=f"Write its whole path, or //{folder} for a folder beside the file.",
        )
    return path


FIELDS = {
    "armature": "who dances",
    "scene": "the scene",
    "file": "the .blend file",
    "genre": "the genre, if one is chosen",
    "seed": "the seed",
    "take": "the number of the take",
}
"""What a pattern for file names may hold, and what it stands for."""

DEFAULT_PATTERN = "{armature}_{genre}_seed{seed}_take{take}"


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that gives no file name.

    Raises: AudioError (audio.name_pattern).
    """
    known = ", ".join(f"{{{field}}}" for field in FIELDS)
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        fault = f"{error}"
    else:
        unknown = [field for _, field, *_ in parts if field is not None and field not in FIELDS]
        odd = any(spec or conversion for _, _, spec, conversion in parts)
        fault = "only plain names go into braces" if odd else ""
        fault = f"there is no {{{unknown[0]}}}" if unknown else fault
    if fault:
        raise AudioError(
            f"The file name “{pattern}” cannot be used: {fault}.",
            code="audio.name_pattern",
            hint=f"These may stand in it: {known}.",
        )


def claim(folder: Path, pattern: str, values: Mapping[str, Any], suffix: str) -> Path:
    """A name in the folder that no file or sidecar has yet, for the caller alone.

    Takes are never overwritten: undo brings back strips that play them, and Blender does not
    notice that a file has changed. What the engine will write to is made here, empty: another
    Blender that looks for a name at the same time then takes another one.

    Args:
        values: for all FIELDS.
        suffix: ".wav" or ".flac".
    Raises: AudioError (audio.name_pattern, audio.not_writable).
    """
    check_pattern(pattern)
    stem = _stem(pattern, values)
    number, path = 2, folder / f"{stem}{suffix}"
    try:
        while _is_taken(path) or not _make(unfinished_path(path)):
            path = folder / f"{stem}_{number}{suffix}"
            number += 1
    except OSError as error:
        raise _not_writable(f"The folder {folder} cannot be written to", error) from error
    return path


def _make(path: Path) -> bool:
    """Make an empty file; False if there is one already."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _stem(pattern: str, values: Mapping[str, Any]) -> str:
    """A file name without what some system does not allow in one, short enough for all of them."""
    words = re.sub(r"[^\w.-]+", "_", pattern.format(**values))
    words = re.sub(r"_{2,}", "_", words).strip("._-").encode()[:MAX_STEM].decode(errors="ignore")
    return f"_{words}" if is_reserved(words) else words or "music"


def is_reserved(name: str) -> bool:
    """Whether a file of this name would be a device on Windows."""
    return name.partition(".")[0].upper() in RESERVED


def _is_taken(path: Path) -> bool:
    """Whether a file has the name already; on some systems, names that differ in case alone are one."""
    stem = path.stem.casefold()
    return any(
        other.stem.casefold() == stem and other.suffix.lower() in (".wav", ".flac", ".json")
        for other in path.parent.iterdir()
    )


def make_folder(folder: Path) -> list[Path]:
    """Make the folder; returns those that were missing, innermost first, for ``remove_empty``.

    Raises: AudioError (audio.not_writable).
    """
    missing: list[Path] = []
    try:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()  # what is refused should be so before the dance is read
    except (OSError, ValueError) as error:  # ValueError: what no path can hold
        remove_empty(missing)
        raise _not_writable(f"The folder {folder} cannot be made or written to", error) from error
    return missing


def _not_writable(what: str, error: OSError | ValueError) -> AudioError:
    return AudioError(
        f"{what}: {getattr(error, 'strerror', None) or error}.",
        code="audio.not_writable",
        hint="Choose a folder in which you may write.",
    )


def remove_empty(folders: list[Path]) -> None:
    """Remove those of the folders that are empty: what a failed job leaves behind."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return
