"""Chords to voicings: the inner voices move as little as they can, the same way on every loop."""

from __future__ import annotations

import itertools
from functools import lru_cache

from .notation import Chord, chord

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
}
"""Semitones above the tonic."""

_VOICED = 4
"""A hand plays four notes; of a larger chord it leaves the root to the bass."""

ChordBar = tuple[Chord, ...]
"""The chords of a bar, which share it evenly."""


@lru_cache(maxsize=1024)
def progression(text: str, key: int = 0) -> tuple[ChordBar, ...]:
    """The bars of ``Am Dm-G7 C F``, ``-`` between the chords of a bar, moved up by a key in semitones."""
    return tuple(tuple(chord(name).transposed(key) for name in bar.split("-")) for bar in text.split())


@lru_cache(maxsize=1024)
def voicings(text: str, center: int, key: int = 0) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """MIDI pitches of every chord of every bar, low to high, led smoothly from one chord to the next.

    The first chord lies as near as it can to ``center``; each next one takes the inversion whose
    voices move least, with a mild pull back to the centre so that loops do not drift.
    """
    bars = progression(text, key)
    led: list[tuple[int, ...]] = []
    for current in itertools.chain.from_iterable(bars):
        candidates = _close_positions(current, center)
        led.append(min(candidates, key=lambda notes: _cost(notes, led[-1] if led else None, center)))
    chords = iter(led)
    return tuple(tuple(next(chords) for _ in bar) for bar in bars)


def _close_positions(current: Chord, center: int) -> list[tuple[int, ...]]:
    """Every close position of a chord within an octave and a half of the centre."""
    tones = current.pitch_classes
    tones = tones[-_VOICED:] if len(tones) > _VOICED else tones
    found = []
    for lowest in range(center - 12, center + 7):
        if lowest % 12 in tones:
            ascending = sorted((tone - lowest) % 12 for tone in tones)
            found.append(tuple(lowest + interval for interval in ascending))
    return found


def _cost(notes: tuple[int, ...], previous: tuple[int, ...] | None, center: int) -> float:
    """Semitones moved by the voices, plus a third of the distance from the centre."""
    pull = abs(sum(notes) / len(notes) - center)
    if previous is None:
        return pull
    moved = sum(min(abs(note - other) for other in previous) for note in notes)
    return moved + pull / 3


def bass_pitch(token: str, current: Chord, following: Chord, low: int) -> int:
    """MIDI pitch of a written bass tone in the octave that starts at ``low``.

    Tokens: ``R 3 5 7`` the chord's tones, ``8`` the root an octave up, ``N`` the next chord's root,
    ``L`` and ``U`` the semitones below and above it, which lead into it.
    """
    if token in ("N", "L", "U"):
        return _at_or_above(following.root, low) + {"N": 0, "L": -1, "U": 1}[token]
    if token == "8":
        return _at_or_above(current.root, low) + 12
    tone = {"R": 0, "3": 1, "5": 2, "7": 3}[token]
    return _at_or_above(current.pitch_classes[min(tone, len(current.pitch_classes) - 1)], low)


def _at_or_above(pitch_class: int, low: int) -> int:
    return low + (pitch_class - low) % 12
