"""The dances that music is made for, and the real music that it is measured against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...core.errors import FileFormatError
from ...core.timing import FRAME_RATE, HOP_LENGTH
from ..audio import read_audio
from ..data.source import SourcePair


def of_split(pairs: list[SourcePair], split: str, most: int | None = None) -> list[SourcePair]:
    """The pairs of a split, in their order; with ``most``, so many that lie evenly among them.

    Raises: FileFormatError (evaluation.empty_split).
    """
    chosen = [pair for pair in pairs if pair.split == split]
    if not chosen:
        raise FileFormatError(
            f"None of the {len(pairs)} dances are in the {split} split.",
            code="evaluation.empty_split",
            hint="Evaluation compares held-out pieces with those for training; a larger corpus has both.",
        )
    return evenly(chosen, most)


def evenly(pairs: list[SourcePair], most: int | None) -> list[SourcePair]:
    """So many of the pairs, lying evenly among them; all of them if None or if there are no more."""
    if most is None or most >= len(pairs):
        return pairs
    return [pairs[i] for i in np.linspace(0, len(pairs) - 1, most).round().astype(int)]


@dataclass(frozen=True)
class RealPair:
    """A dance with its real music, read.

    Attributes:
        name, song, genre: as of the :class:`SourcePair`.
        joints: ``(N, 24, 3)``, metres, Z up, 60 Hz.
        music: ``(N * 400,)`` float32 at 24 kHz.
    """

    name: str
    song: str
    genre: str
    joints: npt.NDArray[np.floating]
    music: npt.NDArray[np.float32]


def read_pair(pair: SourcePair, seconds: float | None = None) -> RealPair:
    """A pair, as long as both dance and music go; with ``seconds``, its start.

    Raises: what ``read_audio`` and reading the joints raise.
    """
    joints = pair.joints()
    music = read_audio(pair.music)[0].numpy()
    frames = min(len(joints), len(music) // HOP_LENGTH)
    if seconds is not None:
        frames = min(frames, round(seconds * FRAME_RATE))
    return RealPair(pair.name, pair.song, pair.genre, joints[:frames], music[: frames * HOP_LENGTH])
