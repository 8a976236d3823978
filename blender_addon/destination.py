"""Where the music is written."""

from __future__ import annotations

import re
from pathlib import Path

import bpy

from ..core.errors import AudioError


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


def free_path(folder: Path, armature: str, seed: int, genre: str | None) -> Path:
    """A WAV name in the folder that no earlier take has.

    Takes are never overwritten: undo brings back strips that play them, and Blender does not
    notice that a file has changed.
    """
    words = [armature, *([genre] if genre else []), f"seed{seed}"]
    stem = re.sub(r"[^\w.-]+", "_", "_".join(words)).strip("._") or "music"
    number = 1
    while (path := folder / f"{stem}_{number:03}.wav").exists():
        number += 1
    return path


def make_folder(folder: Path) -> list[Path]:
    """Make the folder; returns those that were missing, innermost first, for ``remove_empty``.

    Raises: AudioError (audio.not_writable).
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remove_empty(missing)
        raise AudioError(
            f"The folder {folder} cannot be made: {error.strerror or error}.",
            code="audio.not_writable",
            hint="Choose a folder in which you may write.",
        ) from error
    return missing


def remove_empty(folders: list[Path]) -> None:
    """Remove those of the folders that are empty: what a failed job leaves behind."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return
