"""What a composition is: notes and drum hits in seconds, and the truth about their beats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .grid import BeatGrid

_SAME_MOMENT_S = 0.03
"""Onsets this close are heard as one."""

_PART_WEIGHTS = {"drums": 1.0, "chords": 0.35, "bass": 0.3, "lead": 0.35, "pad": 0.05}
"""How much an onset of each part is felt as an accent."""


@dataclass(frozen=True)
class Note:
    """A pitched note: MIDI pitch and velocity (1 to 127), start and end in seconds."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Hit:
    """A stroke on one sound of the genre's drum kit, its strength between 0 and 1."""

    time_s: float
    sound: str
    strength: float


@dataclass(frozen=True)
class Score:
    """A composed piece, ready to be rendered.

    Attributes:
        genre: name of the genre, whose palette plays it.
        grid: the beats that it was composed on.
        notes: pitched notes of each part (bass, chords, lead, pad), by start.
        hits: drum hits, by time.
    """

    genre: str
    grid: BeatGrid
    notes: Mapping[str, tuple[Note, ...]]
    hits: tuple[Hit, ...]

    def onsets(self, part: str) -> np.ndarray:
        """(K, 2) time in seconds and strength 0 to 1 of every onset of a part, or of "drums"."""
        if part == "drums":
            rows = [(hit.time_s, hit.strength) for hit in self.hits]
        else:
            rows = [(note.start_s, note.velocity / 127) for note in self.notes[part]]
        return np.array(rows, dtype=np.float64).reshape(-1, 2)

    @property
    def accents(self) -> np.ndarray:
        """(K, 2) time in seconds and strength 0 to 1 of the moments that a dancer would hit.

        Onsets of all parts, weighted and merged where they coincide; the strongest moment of the
        piece has strength 1, and what is below a quarter of it is left out.
        """
        parts = [self.onsets(part) * (1.0, weight) for part, weight in _PART_WEIGHTS.items()]
        onsets = np.concatenate(parts)
        if not len(onsets):
            return onsets
        onsets = onsets[np.argsort(onsets[:, 0], kind="stable")]
        group = np.cumsum(np.diff(onsets[:, 0], prepend=onsets[0, 0]) > _SAME_MOMENT_S)
        first = np.searchsorted(group, np.arange(group[-1] + 1))
        merged = np.stack([onsets[first, 0], np.bincount(group, weights=onsets[:, 1])], axis=1)
        merged[:, 1] /= merged[:, 1].max()
        return np.asarray(merged[merged[:, 1] >= 0.25])
