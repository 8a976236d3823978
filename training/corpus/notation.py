"""Short written forms of rhythms, tunes and chords, so that the palettes read like lead sheets."""

from __future__ import annotations

from dataclasses import dataclass

STEPS_PER_BEAT = 4
"""A bar is written in sixteenths."""

_STRENGTHS = {"X": 1.0, "x": 0.7, "o": 0.4, "-": 0.22}
_ROLL = 0.45
"""Strength of the two strokes of a thirty-second roll."""

_LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7),
    "dim7": (0, 3, 6, 9),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "7sus4": (0, 5, 7, 10),
    "9": (0, 4, 7, 10, 2),
    "m9": (0, 3, 7, 10, 2),
    "maj9": (0, 4, 7, 11, 2),
    "add9": (0, 4, 7, 2),
    "7b9": (0, 4, 7, 10, 1),
    "13": (0, 4, 10, 2, 9),
}


@dataclass(frozen=True)
class Step:
    """One written event: where in its bars (sixteenths), how long, and what."""

    start: int
    length: int
    token: str


@dataclass(frozen=True)
class Chord:
    """A chord as pitch classes, the root first."""

    name: str
    pitch_classes: tuple[int, ...]

    @property
    def root(self) -> int:
        return self.pitch_classes[0]

    def transposed(self, semitones: int) -> Chord:
        return Chord(self.name, tuple((tone + semitones) % 12 for tone in self.pitch_classes))


def rhythm(text: str, steps: int = 16) -> dict[float, float]:
    """Strength 0 to 1 by step of a bar, from as many of ``X x o - .`` (loud to silent) as it has steps.

    ``r`` is a roll of two strokes, the second on half a step.

    Raises:
        ValueError: another number of steps, or another sign.
    """
    if len(text) != steps or set(text) - {*_STRENGTHS, ".", "r"}:
        raise ValueError(f"not a bar of {steps} steps of X x o - r . : {text!r}")
    strokes: dict[float, float] = {}
    for step, sign in enumerate(text):
        if sign == "r":
            strokes |= {float(step): _ROLL, step + 0.5: _ROLL}
        elif sign != ".":
            strokes[float(step)] = _STRENGTHS[sign]
    return strokes


def phrase(text: str, steps_per_bar: int = 16) -> tuple[Step, ...]:
    """Events of bars written as ``token/length`` in sixteenths, ``.`` for a rest, ``|`` between bars.

    Raises:
        ValueError: a bar whose lengths do not add up.
    """
    events: list[Step] = []
    for bar_index, bar in enumerate(text.split("|")):
        start = bar_index * steps_per_bar
        for word in bar.split():
            token, _, length = word.partition("/")
            if token != ".":
                events.append(Step(start, int(length), token))
            start += int(length)
        if start != (bar_index + 1) * steps_per_bar:
            raise ValueError(f"bar {bar_index} of {text!r} has {start - bar_index * steps_per_bar} steps")
    return tuple(events)


def chord(name: str) -> Chord:
    """A chord from its symbol: ``Am7``, ``F#m``, ``Cmaj7``, ``E7b9``, ``Bb``.

    Raises:
        ValueError: an unknown quality.
    """
    root, quality = _LETTERS[name[0].lower()], name[1:]
    if quality[:1] in ("#", "b"):
        root, quality = root + (1 if quality[0] == "#" else -1), quality[1:]
    if quality not in _QUALITIES:
        raise ValueError(f"unknown chord {name!r}")
    return Chord(name, tuple((root + interval) % 12 for interval in _QUALITIES[quality]))
