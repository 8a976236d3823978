"""Pairs that lie beside each other: any folder's own, and those of the project's corpus."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

import numpy as np

from ...core.errors import FileFormatError
from ...core.motion.motion import Joints
from ...core.motion.npz import read_npz_arrays
from ...core.motion.read import READERS, joints_at_60hz, read_motion
from ..audio import audio_named
from ..corpus.index import corpus_pieces
from .source import Beats, Dataset, Skipped, SourcePair, split_by_song

SHORTEST_BEAT_S = 0.1
"""Beats that are nearer to each other than this, 600 a minute, are none."""


def folder_pairs(folder: Path, test_share: float) -> Dataset:
    """``NAME.bvh``, ``.npz`` or ``.pkl`` with ``NAME.wav``, ``.flac`` or ``.ogg`` beside it, at any depth.

    The folder that a pair lies in is its genre; there is none for pairs at the top. Dances whose music
    files are alike, byte for byte, are danced to one song, whatever the files are called.

    Args: test_share: of each genre's songs.
    """
    pairs: dict[str, SourcePair] = {}
    songs: dict[str, str] = {}
    skipped = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in READERS):
        name = path.relative_to(folder).with_suffix("").as_posix()
        music = music_beside(path)
        if music is None or name in pairs:
            skipped.append(_left_out(name, path, music))
            continue
        song = songs.setdefault(_digest(music), name)
        genre = path.parent.name if path.parent != folder else ""
        pairs[name] = SourcePair(name, song, "train", genre, partial(read_joints, path), music)
    return Dataset(split_by_song(pairs.values(), test_share), skipped)


def _left_out(name: str, path: Path, music: Path | None) -> Skipped:
    if music is None:
        return Skipped(name, "data.no_music", f"{path.name} has no music beside it.")
    return Skipped(name, "data.twice", f"{path.name} has the name of another dance; only that one is read.")


def corpus_pairs(folder: Path) -> Dataset:
    """The pairs that ``kinetone-train corpus`` made, with its own split.

    Raises: FileFormatError (corpus.no_index) if the corpus is not whole.
    """
    pairs, skipped = [], []
    for piece in corpus_pieces(folder):
        name = piece["name"]
        path = folder / f"{name}.npz"
        music = music_beside(path)
        if music is None:
            skipped.append(Skipped(name, "data.no_music", f"{path.name} has no music beside it."))
        else:
            pairs.append(
                SourcePair(
                    name,
                    piece["song"],
                    piece["split"],
                    piece["genre"],
                    partial(read_joints, path),
                    music,
                    piece.get("tempo_bpm"),
                    partial(read_beats, path),
                )
            )
    return Dataset(pairs, skipped)


def read_joints(path: Path) -> Joints:
    """The dance in a file that ``read_motion`` knows: (N, 24, 3) at 60 Hz, metres, Z up.

    Raises: what ``read_motion`` and ``joints_at_60hz`` raise.
    """
    return joints_at_60hz(read_motion(path))


def read_beats(path: Path) -> Beats:
    """The music's beats in a piece of the project's corpus.

    Raises: FileFormatError: data.beats if they are missing or do not rise; what ``read_npz_arrays`` raises.
    """
    arrays = read_npz_arrays(path, ("beat_times_s", "first_beat"))
    beats_s, first = arrays.get("beat_times_s", np.zeros(0)), arrays.get("first_beat", np.zeros(0))
    numbers = beats_s.ndim == 1 and beats_s.dtype.kind == "f" and bool(np.isfinite(beats_s).all())
    counted = first.ndim == 0 and first.dtype.kind == "i"
    if not (numbers and counted) or len(beats_s) < 2 or np.diff(beats_s).min() < SHORTEST_BEAT_S:
        raise FileFormatError(
            f"{path.name} does not say when its music's beats are.",
            code="data.beats",
            hint="Make the corpus anew, in another folder.",
        )
    return Beats(beats_s.astype(np.float64), int(first))


def music_beside(motion: Path) -> Path | None:
    """The audio file with a motion file's name, or None."""
    return audio_named(motion.parent, motion.stem)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
