"""Tunes from motifs: a rhythm and a contour that return, climb with the harmony, ask and answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from .harmony import ChordBar
from .notation import STEPS_PER_BEAT, Chord

_PLANS = ("aaba", "abac", "aaab", "abab", "abcb", "aabc")
"""Which idea each two bars of eight bring: every one comes back but for the last or a contrast."""

_ARCH = (0, 2, 4, 0)
"""How many semitones higher each two bars lie: a tune has its peak after its middle."""

_RANGE = 11
"""Semitones that a tune goes above and below its centre."""

_QUESTION_BAR, _ANSWER_BAR = 3, 7


@dataclass(frozen=True)
class Tone:
    """A note of a tune: its first step from the tune's start, its length in steps, its MIDI pitch."""

    start: int
    length: int
    pitch: int


@dataclass(frozen=True)
class Motif:
    """A bar of melody before it has pitches.

    Attributes:
        spans: first step and length of every note.
        contour: steps of the scale from the first note to each, the first 0.
    """

    spans: tuple[tuple[int, int], ...]
    contour: tuple[int, ...]


@dataclass(frozen=True)
class Tonality:
    """Where a tune lives: pitch classes of its scale, and the MIDI pitch that it stays around."""

    scale: frozenset[int]
    center: int


def spans(text: str) -> tuple[tuple[int, int], ...]:
    """First step and length of each note of a written rhythm, ``x`` and then ``-`` while it lasts."""
    starts = [step for step, sign in enumerate(text) if sign == "x"]
    return tuple((start, 1 + len(text[start + 1 :]) - len(text[start + 1 :].lstrip("-"))) for start in starts)


def tune(
    chords: Sequence[ChordBar],
    tonality: Tonality,
    rhythms: Sequence[str],
    endings: Sequence[str],
    leap: int,
    rng: np.random.Generator,
) -> tuple[Tone, ...]:
    """Eight bars of melody over eight bars of chords.

    Two ideas of two bars each, or three, return after one of a few plans. An idea starts on the tone
    of the chord below that lies nearest, so it moves with the harmony; long notes and those on
    strong beats are chord tones. The fourth bar ends in the air, on another tone than the root; the
    last one comes home to the root or the third.

    Args:
        chords: of the eight bars.
        rhythms, endings: written rhythms of a bar, to choose from.
        leap: largest step of the contour, in steps of the scale.
    """
    ideas = {letter: (_motif(rhythms, leap, rng), _motif(rhythms, leap, rng)) for letter in "abc"}
    plan = _PLANS[int(rng.integers(len(_PLANS)))]
    ending = _motif(endings, 1, rng)
    steps = len(rhythms[0])
    tones: list[Tone] = []
    for bar, current in enumerate(chords):
        closes = bar in (_QUESTION_BAR, _ANSWER_BAR)
        motif = ending if closes else ideas[plan[bar // 2]][bar % 2]
        near = tones[-1].pitch if tones else tonality.center
        target = (near + tonality.center + _ARCH[bar // 2]) / 2
        line = _sung(motif, current, tonality, target, steps)
        if closes:
            below = current[line[-1].start * len(current) // steps]
            line[-1] = _landed(line[-1], below, tonality, home=bar == _ANSWER_BAR)
        tones += [Tone(bar * steps + tone.start, tone.length, tone.pitch) for tone in line]
    return tuple(tones)


def _motif(rhythms: Sequence[str], leap: int, rng: np.random.Generator) -> Motif:
    """A rhythm with a contour that mostly steps, and steps back after a leap."""
    rhythm = spans(rhythms[int(rng.integers(len(rhythms)))])
    contour, moved = [0], 0
    for _ in rhythm[1:]:
        size = int(rng.choice([0, 1, 1, 1, 2, leap]))
        back = abs(moved) > 1 or abs(contour[-1]) > leap
        sign = -int(np.sign(moved or contour[-1])) if back else int(rng.choice([-1, 1]))
        moved = sign * size
        contour.append(contour[-1] + moved)
    return Motif(rhythm, tuple(contour))


def _sung(motif: Motif, current: ChordBar, tonality: Tonality, target: float, steps: int) -> list[Tone]:
    """A motif on a bar's chords."""
    first = current[0]
    ladder = _ladder(first, tonality)
    stable = [pitch for pitch in ladder if pitch % 12 in first.pitch_classes]
    anchor = min(stable, key=lambda pitch: abs(pitch - target))
    tones = []
    for (start, length), degree in zip(motif.spans, motif.contour, strict=True):
        below = current[start * len(current) // steps]
        place = min(max(ladder.index(anchor) + degree, 0), len(ladder) - 1)
        pitch = ladder[place]
        if start % (2 * STEPS_PER_BEAT) == 0 or length > STEPS_PER_BEAT or below is not first:
            pitch = _nearest(pitch, below.pitch_classes)
        tones.append(Tone(start, length, pitch))
    return tones


def _ladder(current: Chord, tonality: Tonality) -> list[int]:
    """The pitches of the scale around the centre, bent to the chord where it leaves the scale."""
    foreign = set(current.pitch_classes) - tonality.scale
    bent = {tone for tone in tonality.scale if {(tone + 1) % 12, (tone - 1) % 12} & foreign}
    tones = (tonality.scale - (bent - set(current.pitch_classes))) | foreign
    around = range(tonality.center - _RANGE, tonality.center + _RANGE + 1)
    return [pitch for pitch in around if pitch % 12 in tones]


def _nearest(pitch: int, pitch_classes: Sequence[int]) -> int:
    return min(
        (other for other in range(pitch - 6, pitch + 7) if other % 12 in pitch_classes),
        key=lambda other: (abs(other - pitch), other),
    )


def _landed(tone: Tone, current: Chord, tonality: Tonality, home: bool) -> Tone:
    """A phrase's last note: at home on the root or the third, in a question on another tone."""
    allowed = current.pitch_classes[:2] if home else current.pitch_classes[1:3]
    pitch = _nearest(tone.pitch, allowed)
    return Tone(tone.start, tone.length, pitch - 12 * (pitch > tonality.center + _RANGE))


def bar_rhythms(tones: Sequence[Tone], steps: int) -> list[tuple[int, ...]]:
    """First steps of the notes of every bar that has any: by these a motif is known again."""
    return [
        tuple(tone.start % steps for tone in bar) for _, bar in groupby(tones, key=lambda t: t.start // steps)
    ]
