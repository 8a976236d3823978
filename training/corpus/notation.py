"""Short written forms of rhythms, tunes and chords, so that the palettes read like lead sheets."""

from __future__ import annotations

from dataclasses import dataclass

STEPS_PER_BEAT = 4
STEPS_PER_BAR = 16
"""A bar of four beats in sixteenths."""

_STRENGTHS = {"X": 1.0, "x": 0.7, "o": 0.4, "-": 0.22}
_LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
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


def rhythm(text: str) -> dict[int, float]:
    """Strength 0 to 1 by step of a bar, from sixteen of ``X x o - .`` (loud to silent).

    Raises:
        ValueError: not sixteen steps, or another sign.
    """
    if len(text) != STEPS_PER_BAR or set(text) - {*_STRENGTHS, "."}:
        raise ValueError(f"not a bar of {STEPS_PER_BAR} steps of X x o - . : {text!r}")
    return {step: _STRENGTHS[sign] for step, sign in enumerate(text) if sign != "."}


def phrase(text: str) -> tuple[Step, ...]:
    """Events of bars written as ``token/length`` in sixteenths, ``.`` for a rest, ``|`` between bars.

    Raises:
        ValueError: a bar whose lengths do not add up to sixteen.
    """
    events: list[Step] = []
    for bar_index, bar in enumerate(text.split("|")):
        start = bar_index * STEPS_PER_BAR
        for word in bar.split():
            token, _, length = word.partition("/")
            if token != ".":
                events.append(Step(start, int(length), token))
            start += int(length)
        if start != (bar_index + 1) * STEPS_PER_BAR:
            raise ValueError(f"bar {bar_index} of {text!r} has {start - bar_index * STEPS_PER_BAR} steps")
    return tuple(events)


def pitch(name: str) -> int:
    """MIDI pitch of a note such as ``c4`` (60), ``f#5`` or ``bb3``."""
    accidental = {"#": 1, "b": -1}.get(name[1], 0)
    octave = int(name[2:] if accidental else name[1:])
    return 12 * (octave + 1) + _LETTERS[name[0]] + accidental


def chord(name: str) -> Chord:
    """A chord from its symbol: ``Am7``, ``F#m``, ``Cmaj7``, ``E7``, ``Bb``.

    Raises:
        ValueError: an unknown quality.
    """
    root, quality = _LETTERS[name[0].lower()], name[1:]
    if quality[:1] in ("#", "b"):
        root, quality = root + (1 if quality[0] == "#" else -1), quality[1:]
    if quality not in _QUALITIES:
        raise ValueError(f"unknown chord {name!r}")
    return Chord(name, tuple((root + interval) % 12 for interval in _QUALITIES[quality]))
