"""What a composition is: notes and drum hits in seconds, and the truth about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .grid import BeatGrid
from .palette import DRUM_GROUPS, group
from .song import Song

_SAME_MOMENT_S = 0.03
"""Onsets this close are heard as one."""

_PART_WEIGHTS = {"drums": 1.0, "chords": 0.35, "bass": 0.3, "lead": 0.35, "stabs": 0.35, "pad": 0.05}
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
    """A stroke on one sound of the song's drum kit, its strength between 0 and 1."""

    time_s: float
    sound: str
    strength: float


@dataclass(frozen=True)
class Passage:
    """A section or a break as it is heard: when it starts, and its name."""

    start_s: float
    name: str


@dataclass(frozen=True)
class Score:
    """A composed piece, ready to be rendered.

    Attributes:
        song: whose kit and players play it.
        grid: the beats that it was composed on.
        notes: pitched notes of each part (bass, chords, lead, pad, stabs), by start.
        hits: drum hits, by time.
        passages: sections and breaks, by start.
        first_bar: the song's bar in which the grid's first phrase starts.
        plain: whether every onset lies on a code frame, to be rendered dry.
    """

    song: Song
    grid: BeatGrid
    notes: Mapping[str, tuple[Note, ...]]
    hits: tuple[Hit, ...]
    passages: tuple[Passage, ...]
    first_bar: int
    plain: bool

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
        moment = np.cumsum(np.diff(onsets[:, 0], prepend=onsets[0, 0]) > _SAME_MOMENT_S)
        first = np.searchsorted(moment, np.arange(moment[-1] + 1))
        merged = np.stack([onsets[first, 0], np.bincount(moment, weights=onsets[:, 1])], axis=1)
        merged[:, 1] /= merged[:, 1].max()
        return np.asarray(merged[merged[:, 1] >= 0.25])


def truth(score: Score) -> dict[str, np.ndarray]:
    """What is true of a piece's music, as arrays for a file.

    Returns:
        beat_times_s (B,) and downbeat_times_s; first_beat, place of the first beat in the song, counted
        from its first downbeat; tempo_bpm, of the whole piece; genre and song (names);
        key, the pitch class of the tonic; section_names (P,) and section_starts_s (P,), breaks among
        them; and onsets_s_PART of every part, drums by group (kick, snare, hats, percussion): sorted
        seconds at which something of it begins, notes less than 30 ms apart once.
    """
    grid = score.grid
    arrays = {
        "beat_times_s": grid.times_s,
        "downbeat_times_s": grid.times_s[grid.is_downbeat],
        "first_beat": np.int64(score.first_bar * grid.beats_per_bar + grid.phase),
        "tempo_bpm": np.float64(grid.tempo_bpm),
        "genre": np.array(score.song.genre),
        "song": np.array(f"{score.song.genre}-{score.song.number:02d}"),
        "key": np.int64(score.song.key % 12),
        "section_names": np.array([passage.name for passage in score.passages]),
        "section_starts_s": np.array([passage.start_s for passage in score.passages]),
    }
    for part, notes in score.notes.items():
        arrays[f"onsets_s_{part}"] = _moments([note.start_s for note in notes])
    for name in DRUM_GROUPS:
        times = [hit.time_s for hit in score.hits if group(hit.sound) == name]
        arrays[f"onsets_s_{name}"] = _moments(times)
    return {name: np.asarray(value) for name, value in arrays.items()}


def _moments(times_s: list[float]) -> np.ndarray:
    """(K,) the sorted times without those that follow another at once, as a chord's other notes do."""
    ordered = np.unique(times_s)
    return ordered[np.diff(ordered, prepend=-np.inf) > _SAME_MOMENT_S]
