"""The plan of a piece: which bar of the song falls where on the grid, and who plays on each beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np

from .grid import BREAK_ENERGY, BeatGrid
from .harmony import progression, voicings
from .notation import STEPS_PER_BAR, STEPS_PER_BEAT, Chord, Step, phrase
from .palette import Palette, Section

BEATS_PER_BAR = 4
BARS_PER_SECTION = 8
_BARS_PER_PROGRESSION = 4


class Level(IntEnum):
    """How much of the band plays."""

    BREAK = 0  # pad alone
    SOFT = 1  # the beats alone, bass, chords, pad
    GROOVE = 2  # the whole rhythm section
    FULL = 3  # with lead and extra percussion


@dataclass(frozen=True)
class Bar:
    """A bar of the song on the grid.

    Attributes:
        start: position of its first step in beats of the grid (negative before the first beat).
        index: its place in its section, 0 to 7.
        section: the section of the form.
        chord, following: this bar's chord and the next one's.
        voicing: MIDI pitches of the chord.
    """

    start: int
    index: int
    section: Section
    chord: Chord
    following: Chord
    voicing: tuple[int, ...]


@dataclass(frozen=True)
class Arrangement:
    """A song laid onto a grid.

    Attributes:
        palette: the genre's palette.
        grid: the beats.
        form: the palette's sections in this song's order.
        first_bar: the song's bar in which the grid's 8 count number 0 falls.
    """

    palette: Palette
    grid: BeatGrid
    form: tuple[Section, ...]
    first_bar: int

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
        """Seconds of a position in beats, odd sixteenths late by the genre's swing."""
        step = position * STEPS_PER_BEAT
        if abs(step - round(step)) < 1e-9 and round(step) % 2:
            position += self.palette.swing / STEPS_PER_BEAT
        return float(self.grid.time_at(position))

    def end_position(self, start: float, length: float) -> float:
        """Where a note that starts and lasts so long (beats) ends: at the next break at the latest."""
        later = self._break_starts[self._break_starts > start]
        return float(min(start + length, later[0])) if len(later) else start + length

    def bars(self) -> Iterator[Bar]:
        """The bars from the one that sounds at 0 s to the one that sounds at the end."""
        first, last = self.grid.position_at(np.array([0.0, self.grid.duration_s])) + self.grid.phase
        for number in range(int(first // BEATS_PER_BAR), int(last // BEATS_PER_BAR) + 1):
            yield self._bar(number)

    def _bar(self, number: int) -> Bar:
        song_bar = self.first_bar + number
        section = self._section(song_bar)
        place = song_bar % _BARS_PER_PROGRESSION
        following = self._section(song_bar + 1)
        text = self.palette.progressions[section.chords]
        return Bar(
            start=number * BEATS_PER_BAR - self.grid.phase,
            index=song_bar % BARS_PER_SECTION,
            section=section,
            chord=progression(text)[place],
            following=progression(self.palette.progressions[following.chords])[
                (place + 1) % _BARS_PER_PROGRESSION
            ],
            voicing=voicings(text, self.palette.chord_center)[place],
        )

    def _section(self, song_bar: int) -> Section:
        return self.form[song_bar // BARS_PER_SECTION % len(self.form)]


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


def bar_steps(text: str, bar: int = 0) -> tuple[Step, ...]:
    """The events of one bar of a phrase, their starts counted from that bar's first step."""
    first = bar * STEPS_PER_BAR
    return tuple(
        Step(step.start - first, step.length, step.token)
        for step in phrase(text)
        if first <= step.start < first + STEPS_PER_BAR
    )


def metric_weight(step: int) -> float:
    """How strongly a step of the bar is played: beats lead, eighths and sixteenths stand back."""
    if step % STEPS_PER_BEAT == 0:
        return 1.0 if step % STEPS_PER_BAR == 0 else 0.95
    return 0.66 if step % 2 == 0 else 0.58
