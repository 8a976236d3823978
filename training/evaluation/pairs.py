"""The dances that music is made for, and the real music that it is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...core.errors import FileFormatError
from ...core.timing import FRAME_RATE, HOP_LENGTH
from ..audio import AUDIO_SUFFIXES, read_audio
from ..corpus.index import split_names


@dataclass(frozen=True)
class RealPair:
    """A dance with its real music.

    Attributes:
        name: of the pair.
        genre: of the dance, or an empty string.
        joints: ``(N, 24, 3)``, metres, Z up, 60 Hz.
        music: ``(N * 400,)`` float32 at 24 kHz.
    """

    name: str
    genre: str
    joints: npt.NDArray[np.floating]
    music: npt.NDArray[np.float32]


def pair_names(corpus: Path, split: Literal["train", "test"], most: int | None = None) -> list[str]:
    """The pairs of a corpus's split, in its order; with ``most``, so many that lie evenly in it.

    Raises: FileFormatError: corpus.no_index; evaluation.empty_split.
    """
    names = split_names(corpus)[split]
    if not names:
        raise FileFormatError(
            f"{corpus} has no {split} pieces.",
            code="evaluation.empty_split",
            hint="Evaluation compares held-out pieces with those for training; a larger corpus has both.",
        )
    if most is None or most >= len(names):
        return names
    return [names[i] for i in np.linspace(0, len(names) - 1, most).round().astype(int)]


def read_pair(corpus: Path, name: str, seconds: float | None = None) -> RealPair:
    """One pair of a corpus, as long as both dance and music go; with ``seconds``, its start.

    Raises: FileFormatError: training.no_music, and what ``read_audio`` raises.
    """
    music_path = audio_named(corpus, name)
    if music_path is None:
        raise FileFormatError(
            f"{corpus} has no music for the dance {name}.",
            code="training.no_music",
            hint=f"Put {name} with one of {', '.join(AUDIO_SUFFIXES)} there.",
        )
    with np.load(corpus / f"{name}.npz", allow_pickle=False) as motion:
        joints = motion["joints"]
        genre = str(motion["genre"]) if "genre" in motion else ""
    music = read_audio(music_path)[0].numpy()
    frames = min(len(joints), len(music) // HOP_LENGTH)
    if seconds is not None:
        frames = min(frames, round(seconds * FRAME_RATE))
    return RealPair(name, genre, joints[:frames], music[: frames * HOP_LENGTH])


def audio_named(folder: Path, stem: str) -> Path | None:
    """The audio file of this name without its suffix, if the folder has one."""
    return next((path for suffix in AUDIO_SUFFIXES if (path := folder / f"{stem}{suffix}").exists()), None)
