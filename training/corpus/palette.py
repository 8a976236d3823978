"""A genre's palette: one kit, one program a part, and the few patterns that its pieces are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sound:
    """A drum sound: a sample's name, or ``gm:KEY`` for a key of the soundfont's percussion.

    Args:
        source: sample file without its suffix, or ``gm:`` and a General MIDI percussion key.
        level_db: peak level at full strength.
        length_s: cut, with a fade, after this time.
    """

    source: str
    level_db: float
    length_s: float


@dataclass(frozen=True)
class Program:
    """A General MIDI program (counted from 0), its level, and its velocity at full energy."""

    number: int
    level_db: float
    velocity: int


@dataclass(frozen=True)
class Section:
    """Eight bars of a song's form: a progression and a melody of four bars, twice, and a groove."""

    chords: str
    melody: str
    drums: str


@dataclass(frozen=True)
class Palette:
    """Everything that a genre's pieces are made of.

    Args:
        kit: drum sounds by name.
        grooves: named drum bars: sound name to sixteen steps (see notation.rhythm).
        fills: "small" (last beat of four bars) and "large" (last half of eight): only the steps
            from where the fill begins are read.
        extra: drum bar added at high energy.
        bass, chords, lead, pad: the programs.
        bass_lines: a bar in phrase notation (tokens: see harmony.bass_pitch), and the bar that
            closes four.
        comping: a bar of ``c`` (chord), ``o`` (octaves) and ``i`` (inner notes) without the lead,
            and one with it.
        progressions: four chords each, by name.
        melodies: four bars each, by name.
        form: the sections of a song, repeated.
        bass_low: the lowest bass note, as a MIDI pitch.
        chord_center: the pitch around which chords are voiced.
        level_db: level of the whole mix, so that lively music comes out at about -16 dB RMS.
        swing: share of a sixteenth by which every second sixteenth is late.
    """

    kit: Mapping[str, Sound]
    grooves: Mapping[str, Mapping[str, str]]
    fills: Mapping[str, Mapping[str, str]]
    extra: Mapping[str, str]
    bass: Program
    chords: Program
    lead: Program
    pad: Program
    bass_lines: tuple[str, str]
    comping: tuple[str, str]
    progressions: Mapping[str, str]
    melodies: Mapping[str, str]
    form: tuple[Section, ...]
    bass_low: int
    chord_center: int
    level_db: float
    swing: float = 0.0
