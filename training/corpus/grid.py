"""The beat grid that a dance and its music share: both are made from it, so both agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BARS_PER_PHRASE = 2
"""Dancers count to eight in four-four, and to six in a waltz: a phrase is two bars."""

BREAK_ENERGY = 0.15
"""Below this energy the dancer stands still and the music breaks."""

GENRES: tuple[str, ...] = (
    "break",
    "pop",
    "lock",
    "middle_hiphop",
    "la_hiphop",
    "house",
    "waack",
    "krump",
    "street_jazz",
    "ballet_jazz",
    "waltz",
    "salsa",
)
"""The genres of this corpus, in the order of their codes: AIST++'s ten, waltz and salsa."""

BEATS_PER_BAR: dict[str, int] = {genre: 3 if genre == "waltz" else 4 for genre in GENRES}
"""Beats from one downbeat to the next, by genre."""

TEMPI: dict[str, tuple[int, ...]] = dict.fromkeys(GENRES, (80, 90, 100, 110, 120, 130)) | {
    "house": (110, 115, 120, 125, 130, 135),
    "waltz": (80, 90, 100, 110, 120),
    "salsa": (80, 90, 100, 110),  # the felt beat: half of what record sleeves print
}
"""Beats per minute of the songs of each genre: AIST's (Tsuchida et al. 2019), and those of dance halls."""


@dataclass(frozen=True)
class BeatGrid:
    """When the beats fall, and how much the dance moves around each.

    Attributes:
        times_s: (B,) seconds from the start of the piece, rising; even or following a real dance.
        beats_per_bar: beats from one downbeat to the next.
        energy: (B,) 0 (stands still) to 1 (moves as much as this dance ever does).
        duration_s: length of the piece in seconds.
        phase: place of the first beat in its phrase, see counts; 0 is a downbeat.

    Raises:
        ValueError: fewer than two beats, beats that do not rise, or arrays that do not fit.
    """

    times_s: np.ndarray
    beats_per_bar: int
    energy: np.ndarray
    duration_s: float
    phase: int = 0

    def __post_init__(self) -> None:
        if self.times_s.ndim != 1 or len(self.times_s) < 2 or self.times_s.shape != self.energy.shape:
            raise ValueError(
                f"times_s {self.times_s.shape} and energy {self.energy.shape} must be (B,), B > 1"
            )
        if not np.all(np.diff(self.times_s) > 0):
            raise ValueError("beat times must rise")
        if not np.all((self.energy >= 0) & (self.energy <= 1)):
            raise ValueError("energy must lie between 0 and 1")

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def tempo_bpm(self) -> float:
        """Beats per minute, on the whole."""
        return float(60.0 / np.mean(np.diff(self.times_s)))

    @property
    def phrase_beats(self) -> int:
        """Beats of a phrase: 8, in a waltz 6."""
        return BARS_PER_PHRASE * self.beats_per_bar

    @property
    def counts(self) -> np.ndarray:
        """(B,) place of every beat in its phrase: 0 to 7, in a waltz 0 to 5."""
        return (np.arange(len(self)) + self.phase) % self.phrase_beats

    @property
    def bar_of_beat(self) -> np.ndarray:
        """(B,) the bar that each beat lies in, counted from the one that the first phrase starts with."""
        bars: np.ndarray = (np.arange(len(self)) + self.phase) // self.beats_per_bar
        return bars

    @property
    def is_downbeat(self) -> np.ndarray:
        """(B,) bool: the first beat of a bar."""
        downbeats: np.ndarray = (np.arange(len(self)) + self.phase) % self.beats_per_bar == 0
        return downbeats

    @property
    def is_break(self) -> np.ndarray:
        """(B,) bool: beats on which the dancer stands still."""
        return self.energy < BREAK_ENERGY

    def time_at(self, positions: np.ndarray | float) -> np.ndarray:
        """Seconds at positions counted in beats (2.5: halfway from the third beat to the fourth).

        Between beats the time is interpolated; before the first and after the last it goes on at
        the nearest beat's pace.
        """
        positions = np.asarray(positions, dtype=np.float64)
        last = len(self) - 1
        times = np.interp(positions, np.arange(last + 1), self.times_s)
        before = np.minimum(positions, 0.0) * (self.times_s[1] - self.times_s[0])
        after = np.maximum(positions - last, 0.0) * (self.times_s[-1] - self.times_s[-2])
        return np.asarray(times + before + after)

    def position_at(self, times_s: np.ndarray | float) -> np.ndarray:
        """Positions counted in beats at times in seconds: the inverse of :meth:`time_at`."""
        times_s = np.asarray(times_s, dtype=np.float64)
        positions = np.interp(times_s, self.times_s, np.arange(len(self)))
        before = np.minimum(times_s - self.times_s[0], 0.0) / (self.times_s[1] - self.times_s[0])
        after = np.maximum(times_s - self.times_s[-1], 0.0) / (self.times_s[-1] - self.times_s[-2])
        return np.asarray(positions + before + after)


def song_tempo(genre: str, number: int) -> int:
    """Beats per minute of a genre's song.

    Consecutive songs go through the tempi, and so do every eighth ones, which are held out.
    """
    tempi = TEMPI[genre]
    return tempi[(number + 3 * (number // 8)) % len(tempi)]


def steady_grid(
    tempo_bpm: float, duration_s: float, rng: np.random.Generator, beats_per_bar: int = 4
) -> BeatGrid:
    """An even grid with the shape of a dance: phrases, builds, peaks and a few breaks.

    The first beat falls up to one beat after 0 s, anywhere in the phrase, as in a cut-out take.
    """
    period_s = 60.0 / tempo_bpm
    times_s = np.arange(rng.uniform(0.0, period_s), duration_s, period_s)
    phase = int(rng.integers(BARS_PER_PHRASE * beats_per_bar))
    energy = _phrased_energy(len(times_s) + phase, beats_per_bar, rng)[phase:]
    return BeatGrid(times_s, beats_per_bar, energy, duration_s, phase)


def _phrased_energy(n_beats: int, beats_per_bar: int, rng: np.random.Generator) -> np.ndarray:
    """(n_beats,) energy in sections of two or four phrases, at a level, rising or falling.

    Most beats lie between 0.4 and 0.9. Every section but the first may open or close with a
    break of half a bar to two bars, so that a model hears what standing still sounds like.
    """
    energy: list[np.ndarray] = []
    length = 0
    while length < n_beats:
        section = _section_energy(BARS_PER_PHRASE * beats_per_bar * int(rng.choice([2, 4])), rng)
        if energy and rng.random() < 0.45:
            held = round(beats_per_bar * rng.choice([0.5, 1, 1, 2]))
            where = slice(-held, None) if rng.random() < 0.5 else slice(0, held)
            section[where] = rng.uniform(0.0, 0.08)
        energy.append(section)
        length += len(section)
    return np.concatenate(energy)[:n_beats]


def _section_energy(n_beats: int, rng: np.random.Generator) -> np.ndarray:
    """(n_beats,) one section's level with a little life from beat to beat."""
    start, end = rng.choice([(0.45, 0.5), (0.6, 0.6), (0.75, 0.75), (0.9, 0.85), (0.35, 0.85), (0.8, 0.5)])
    level = np.linspace(start, end, n_beats)
    return np.clip(level + rng.normal(0.0, 0.04, n_beats), 0.2, 1.0)
