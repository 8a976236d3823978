"""The plan of a piece: which bar of the song falls where on the grid, and who plays on each beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np

from .grid import BARS_PER_PHRASE, BREAK_ENERGY, BeatGrid
from .harmony import progression, voicings
from .notation import STEPS_PER_BEAT, Chord
from .song import Section, Song


class Level(IntEnum):
    """How much of the band plays."""

    BREAK = 0  # pad alone
    SOFT = 1  # the beats alone, bass, chords, pad
    GROOVE = 2  # the whole rhythm section
    FULL = 3  # with lead, stabs, ghost notes and extra percussion


@dataclass(frozen=True)
class Harmonic:
    """A chord as it is played.

    Attributes:
        step: of its bar, on which it comes.
        chord, following: this chord and the one after it.
        voicing: MIDI pitches, low to high.
    """

    step: int
    chord: Chord
    following: Chord
    voicing: tuple[int, ...]


@dataclass(frozen=True)
class Bar:
    """A bar of the song on the grid.

    Attributes:
        start: position of its first step in beats of the grid (negative before the first beat).
        number: its place in the song, which begins again after its end.
        index: its place in its section.
        section: the section of the form.
        chords: its chords, by step.
    """

    start: int
    number: int
    index: int
    section: Section
    chords: tuple[Harmonic, ...]

    def chord_at(self, step: int) -> Harmonic:
        """The chord that sounds at a step of the bar."""
        return [chord for chord in self.chords if chord.step <= step][-1]

    @property
    def is_last(self) -> bool:
        """Whether it closes its section."""
        return self.index == self.section.bars - 1

    @property
    def is_bare(self) -> bool:
        """Whether the drummer leaves out most: as a song begins, and as it ends."""
        second_half = self.index >= self.section.bars // 2
        return self.section.name == ("outro" if second_half else "intro")


@dataclass(frozen=True)
class Arrangement:
    """A song laid onto a grid.

    Attributes:
        song: what is played.
        grid: the beats.
        first_bar: the song's bar in which the grid's first phrase starts.
    """

    song: Song
    grid: BeatGrid
    first_bar: int

    @property
    def beats_per_bar(self) -> int:
        return self.grid.beats_per_bar

    @cached_property
    def levels(self) -> np.ndarray:
        """(B,) Level of every beat of the grid."""
        return beat_levels(self.grid.energy)

    @cached_property
    def _break_starts(self) -> np.ndarray:
        """Positions at which the band falls silent."""
        is_break = self.levels == Level.BREAK
        return np.flatnonzero(is_break & ~np.roll(is_break, 1))

    def level_at(self, position: float) -> Level:
        """Who plays at a position in beats; the first and last beat's level hold beyond them."""
        return Level(int(self.levels[self._beat(position)]))

    def energy_at(self, position: float) -> float:
        """Energy 0 to 1 of the beat that a position lies in."""
        return float(self.grid.energy[self._beat(position)])

    def _beat(self, position: float) -> int:
        return min(max(int(np.floor(position + 1e-9)), 0), len(self.grid) - 1)

    def time_at(self, position: float) -> float:
        """Seconds of a position in beats, the second of each two swung units late."""
        unit = self.song.palette.swing_steps / STEPS_PER_BEAT
        within = (position + 1e-9) % (2 * unit)
        late = self.song.swing * (1.0 - abs(within / unit - 1.0)) * unit
        return float(self.grid.time_at(position + late))

    def end_position(self, start: float, length: float) -> float:
        """Where a note that starts and lasts so long (beats) ends: at the next break at the latest."""
        later = self._break_starts[self._break_starts > start]
        return float(min(start + length, later[0])) if len(later) else start + length

    @cached_property
    def bars(self) -> tuple[Bar, ...]:
        """The bars from the one that sounds at 0 s to the one that sounds at the end."""
        first, last = self.grid.position_at(np.array([0.0, self.grid.duration_s])) + self.grid.phase
        numbers = range(int(first // self.beats_per_bar), int(last // self.beats_per_bar) + 1)
        return tuple(self._bar(number) for number in numbers)

    def _bar(self, number: int) -> Bar:
        section, index = self.song.bar(self.first_bar + number)
        return Bar(
            start=number * self.beats_per_bar - self.grid.phase,
            number=(self.first_bar + number) % self.song.bars,
            index=index,
            section=section,
            chords=tuple(self._chords(section, index, self._first_chord(self.first_bar + number + 1))),
        )

    def _chords(self, section: Section, index: int, after: Chord) -> Iterator[Harmonic]:
        """A bar's chords, each with the one that follows."""
        key, center = self.song.key, self.song.palette.chord_center
        bars = progression(section.chords, key)
        place = index % len(bars)
        steps = self.beats_per_bar * STEPS_PER_BEAT
        voiced = voicings(section.chords, center, key)[place]
        for number, chord in enumerate(bars[place]):
            following = (*bars[place], after)[number + 1]
            yield Harmonic(number * steps // len(bars[place]), chord, following, voiced[number])

    def _first_chord(self, number: int) -> Chord:
        section, index = self.song.bar(number)
        bars = progression(section.chords, self.song.key)
        return bars[index % len(bars)][0]


def beat_levels(energy: np.ndarray) -> np.ndarray:
    """(B,) Level of every beat from its energy.

    Breaks begin and end with their beat. The steps between the other levels wait until the energy
    has moved well past the threshold, so that the lead does not come and go with every beat.
    """
    levels = np.empty(len(energy), dtype=np.int64)
    playing = Level.GROOVE
    for beat, value in enumerate(energy):
        if value > (0.5 if playing == Level.FULL else 0.58):
            playing = Level.FULL
        elif value < (0.34 if playing == Level.SOFT else 0.28):
            playing = Level.SOFT
        else:
            playing = Level.GROOVE
        levels[beat] = Level.BREAK if value < BREAK_ENERGY else playing
    return levels


def fitting_bar(song: Song, grid: BeatGrid) -> int:
    """The bar of a song from which on its sections suit the grid's energy best, where a phrase starts.

    Breaks do not count: any section may break.
    """
    suits = np.concatenate([section.energies for section in song.form])
    starts = np.arange(0, song.bars, BARS_PER_PHRASE)
    dancing = ~grid.is_break
    wanted = suits[(starts[:, None] + grid.bar_of_beat) % song.bars]
    misfit = np.square(wanted - grid.energy)[:, dancing].sum(axis=1)
    return int(starts[np.argmin(np.round(misfit, 6))])


def metric_weight(step: int, steps_per_bar: int) -> float:
    """How strongly a step of the bar is played: beats lead, eighths and sixteenths stand back."""
    if step % STEPS_PER_BEAT == 0:
        return 1.0 if step % steps_per_bar == 0 else 0.95
    return 0.66 if step % 2 == 0 else 0.58
