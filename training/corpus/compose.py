"""Composing: from a genre and a beat grid to a score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from .arrangement import BARS_PER_SECTION, BEATS_PER_BAR, Arrangement
from .drums import drum_hits
from .grid import BeatGrid
from .hiphop import HIPHOP
from .house import HOUSE
from .palette import Palette
from .parts import bass_notes, chord_notes, lead_notes, pad_notes
from .pop import POP
from .salsa import SALSA
from .score import Note, Score

_PLAIN_ENERGY = 0.5
"""A groove without the lead."""

PALETTES: dict[str, Palette] = {"salsa": SALSA, "house": HOUSE, "hiphop": HIPHOP, "pop": POP}


def compose(genre: str, grid: BeatGrid, rng: np.random.Generator, plain: bool = False) -> Score:
    """A piece of a genre on a grid: what it plays follows the grid's energy beat by beat.

    The generator chooses the order of the song's sections and the bar that the piece starts in,
    as if it were cut from a longer song; the rest is the genre's palette. A plain piece has one
    section and stays below the level at which the lead and the ghost notes come in: music that a
    small model can learn.

    Raises:
        ValueError: an unknown genre, or a grid that is not in four.
    """
    if genre not in PALETTES:
        raise ValueError(f"unknown genre {genre!r}; there are {', '.join(PALETTES)}")
    if grid.beats_per_bar != BEATS_PER_BAR:
        raise ValueError(f"the palettes are in {BEATS_PER_BAR}, the grid is in {grid.beats_per_bar}")
    palette = PALETTES[genre]
    form = tuple(palette.form[index] for index in rng.permutation(len(palette.form)))
    if plain:
        form = palette.form[:1]
        grid = replace(grid, energy=np.minimum(grid.energy, _PLAIN_ENERGY))
    first_bar = 2 * int(rng.integers(len(form) * BARS_PER_SECTION // 2))
    arrangement = Arrangement(palette, grid, form, first_bar)
    parts = {"bass": bass_notes, "chords": chord_notes, "lead": lead_notes, "pad": pad_notes}
    notes = {name: _heard(part(arrangement), grid.duration_s) for name, part in parts.items()}
    hits = sorted(
        (hit for hit in drum_hits(arrangement) if 0 <= hit.time_s < grid.duration_s),
        key=lambda hit: (hit.time_s, hit.sound),
    )
    return Score(genre, grid, notes, tuple(hits))


def _heard(notes: Iterable[Note], duration_s: float) -> tuple[Note, ...]:
    """The notes that sound between 0 and the end, by start; those that began earlier start at 0."""
    heard = [
        Note(max(note.start_s, 0.0), min(note.end_s, duration_s), note.pitch, note.velocity)
        for note in notes
        if note.end_s > 0.05 and note.start_s < duration_s
    ]
    return tuple(sorted(heard, key=lambda note: (note.start_s, note.pitch)))
