"""Composing: from a song and a beat grid to a score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...core.timing import FRAME_RATE
from .arrangement import Arrangement, Bar, fitting_bar
from .drums import drum_hits
from .grid import GENRES, BeatGrid
from .parts import PARTS
from .score import Hit, Note, Passage, Score
from .song import Song, plain_song

Music = Literal["played", "plain", "groove"]
"""Songs as people play them; one plain song a genre, for models that are large enough; its groove alone."""

_GROOVE_ENERGY = 0.5
"""At most, so that lead and ghost notes stay silent."""

_QUIET, _GROOVE, _LIVELY = 0.2, 0.45, 0.8
"""Energies of plain music, each in the middle of a level of the arrangement."""

_LESS_THAN_GROOVE = 0.3
_MORE_THAN_GROOVE, _STILL_MORE = 0.72, 0.62
"""Mean energy of a bar from which on it is lively, and down to which the bars after it are."""

_SHORTEST_S = 0.05
_LATE_S = 0.004
"""Spread of players around where a note is written."""

_UNEVEN = 0.06
"""Spread of strokes' strength."""


def compose(song: Song, grid: BeatGrid, music: Music = "played") -> Score:
    """A piece of a song on a grid, which starts where the song suits the dance.

    What it plays follows the grid's energy beat by beat. Drums lie exactly where they are written,
    other players some milliseconds beside. A plain piece is the genre's plain song from its beginning
    on, as nothing in a dance would tell another. Bar by bar it is quiet, a groove, or lively, then with
    the lead, and everything in it starts with a code frame. Of a groove it is never lively: music that a
    small model can learn.

    Raises:
        ValueError: a grid in another metre than the song's.
    """
    if grid.beats_per_bar != song.palette.beats_per_bar:
        raise ValueError(
            f"{song.genre} is in {song.palette.beats_per_bar}, the grid is in {grid.beats_per_bar}"
        )
    plain = music != "played"
    if plain:
        song = plain_song(song.genre, song.number)
        groove = np.minimum(grid.energy, _GROOVE_ENERGY)
        grid = replace(grid, energy=groove if music == "groove" else _plain_energy(grid))
        arrangement = Arrangement(song, grid, 0)
    else:
        arrangement = Arrangement(song, grid, fitting_bar(song, grid))
    notes = {part: list(players(arrangement)) for part, players in PARTS.items()}
    hits = list(drum_hits(arrangement))
    if plain:
        notes = {part: [_on_frame(note) for note in written] for part, written in notes.items()}
        hits = [replace(hit, time_s=_frame_time(hit.time_s)) for hit in hits]
    else:
        notes, hits = _played(notes, hits, np.random.default_rng((GENRES.index(song.genre), song.number, 1)))
    heard = {part: _heard(played, grid.duration_s) for part, played in notes.items()}
    within = (hit for hit in hits if 0 <= hit.time_s < grid.duration_s)
    ordered = tuple(sorted(within, key=lambda hit: (hit.time_s, hit.sound)))
    return Score(song, grid, heard, ordered, tuple(_passages(arrangement)), arrangement.first_bar, plain)


def _plain_energy(grid: BeatGrid) -> npt.NDArray[np.float64]:
    """(B,) one of a few energies for every bar, but that breaks stay where they are.

    A bar that is hardly livelier than the one before it is played in the same way.
    """
    energy = np.zeros(len(grid))
    lively = False
    for bar in np.unique(grid.bar_of_beat):
        danced = (grid.bar_of_beat == bar) & ~grid.is_break
        if danced.any():
            mean = grid.energy[danced].mean()
            lively = mean > (_STILL_MORE if lively else _MORE_THAN_GROOVE)
            energy[danced] = _LIVELY if lively else _GROOVE if mean > _LESS_THAN_GROOVE else _QUIET
    return energy


def _played(
    notes: dict[str, list[Note]], hits: list[Hit], rng: np.random.Generator
) -> tuple[dict[str, list[Note]], list[Hit]]:
    """Notes and hits as people play them."""
    played = {part: list(_human(written, rng)) for part, written in notes.items()}
    uneven = np.exp(rng.normal(0.0, _UNEVEN, len(hits)))
    return played, [
        replace(hit, strength=min(hit.strength * factor, 1.0))
        for hit, factor in zip(hits, uneven.tolist(), strict=True)
    ]


def _human(notes: Iterable[Note], rng: np.random.Generator) -> Iterator[Note]:
    """Notes that are written together are played together."""
    late: dict[float, float] = {}
    for note in notes:
        if note.start_s not in late:
            late[note.start_s] = float(np.clip(rng.normal(0.0, _LATE_S), -2 * _LATE_S, 2 * _LATE_S))
        velocity = max(1, min(127, round(note.velocity * float(np.exp(rng.normal(0.0, _UNEVEN))))))
        start_s = note.start_s + late[note.start_s]
        yield Note(start_s, max(note.end_s, start_s + _SHORTEST_S), note.pitch, velocity)


def _on_frame(note: Note) -> Note:
    start_s, end_s = _frame_time(note.start_s), _frame_time(note.end_s)
    return replace(note, start_s=start_s, end_s=max(end_s, start_s + 1.0 / FRAME_RATE))


def _frame_time(time_s: float) -> float:
    """The start of the code frame nearest to a time."""
    return round(time_s * FRAME_RATE) / FRAME_RATE


def _heard(notes: Iterable[Note], duration_s: float) -> tuple[Note, ...]:
    """The notes that sound between 0 and the end, by start; those that began earlier start at 0."""
    heard = [
        Note(max(note.start_s, 0.0), min(note.end_s, duration_s), note.pitch, note.velocity)
        for note in notes
        if note.end_s > _SHORTEST_S and note.start_s < duration_s
    ]
    return tuple(sorted(heard, key=lambda note: (note.start_s, note.pitch)))


def _passages(arrangement: Arrangement) -> Iterator[Passage]:
    """The sections and breaks that are heard, from when on, without those that last no time."""
    marks: list[Passage] = []
    for bar in arrangement.bars:
        for beat in range(bar.start, bar.start + arrangement.beats_per_bar):
            name = _name(arrangement, bar, beat)
            time_s = max(float(arrangement.grid.time_at(beat)), 0.0)
            begins = beat == bar.start and bar.index == 0 and name == bar.section.name
            if begins or not marks or name != marks[-1].name:
                if marks and marks[-1].start_s == time_s:
                    marks.pop()
                marks.append(Passage(time_s, name))
    yield from (mark for mark in marks if mark.start_s < arrangement.grid.duration_s)


def _name(arrangement: Arrangement, bar: Bar, beat: int) -> str:
    inside = 0 <= beat < len(arrangement.grid)
    return "break" if inside and arrangement.grid.is_break[beat] else bar.section.name
