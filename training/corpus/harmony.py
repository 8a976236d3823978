"""Chords to voicings: the inner voices move as little as they can, the same way on every loop."""

from __future__ import annotations

import itertools
from functools import lru_cache

from .notation import Chord, chord


@lru_cache(maxsize=64)
def progression(text: str) -> tuple[Chord, ...]:
    """The chords of ``Am Dm E7 Am``, one a bar."""
    return tuple(chord(name) for name in text.split())


@lru_cache(maxsize=64)
def voicings(text: str, center: int) -> tuple[tuple[int, ...], ...]:
    """MIDI pitches of every chord of a progression, low to high, led smoothly from one to the next.

    The first chord lies as near as it can to ``center``; each next one takes the inversion whose
    voices move least, with a mild pull back to the centre so that loops do not drift.
    """
    led: list[tuple[int, ...]] = []
    for current in progression(text):
        candidates = _close_positions(current, center)
        led.append(min(candidates, key=lambda notes: _cost(notes, led[-1] if led else None, center)))
    return tuple(led)


def _close_positions(current: Chord, center: int) -> list[tuple[int, ...]]:
    """Every close position of a chord within an octave and a half of the centre."""
    found = []
    for lowest in range(center - 12, center + 7):
        if lowest % 12 in current.pitch_classes:
            ascending = sorted((pitch_class - lowest) % 12 for pitch_class in current.pitch_classes)
            found.append(tuple(lowest + interval for interval in ascending))
    return found


def _cost(notes: tuple[int, ...], previous: tuple[int, ...] | None, center: int) -> float:
    """Semitones moved by the voices, plus a third of the distance from the centre."""
    pull = abs(sum(notes) / len(notes) - center)
    if previous is None:
        return pull
    pairs = itertools.product(notes, previous)
    nearest: dict[int, int] = {}
    for note, other in pairs:
        nearest[note] = min(nearest.get(note, 99), abs(note - other))
    return sum(nearest.values()) + pull / 3


def bass_pitch(token: str, current: Chord, following: Chord, low: int) -> int:
    """MIDI pitch of a written bass tone in the octave that starts at ``low``.

    Tokens: ``R 3 5 7`` the chord's tones, ``8`` the root an octave up, ``N`` the next chord's root,
    ``L`` the semitone that leads up into it.
    """
    if token == "N":
        return _at_or_above(following.root, low)
    if token == "L":
        return _at_or_above(following.root, low) - 1
    if token == "8":
        return _at_or_above(current.root, low) + 12
    tone = {"R": 0, "3": 1, "5": 2, "7": 3}[token]
    pitch_class = current.pitch_classes[min(tone, len(current.pitch_classes) - 1)]
    return _at_or_above(pitch_class, low)


def _at_or_above(pitch_class: int, low: int) -> int:
    return low + (pitch_class - low) % 12
