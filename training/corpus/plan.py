"""The plan of a corpus: which song meets which dance in each piece, and what is kept for testing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ...core.timing import FRAME_RATE
from .grid import GENRES, song_tempo
from .variations import song_beats

HELD_OUT_TAKES = ("60_03", "60_11", "61_03", "61_11")
"""Takes of the CMU database that are never trained on: both dancers of two dances."""

SONGS_PER_GENRE = 40
DANCES_PER_GENRE = 80
"""Choreographies of each genre, by number: the same moves in the same order whatever the song."""

_HELD_OUT_EVERY = 8  # every eighth song and every eighth choreography is for testing

_SHORTEST_S, _LONGEST_S = 15.0, 40.0
_MOCAP_SHARE = 0.35
_TEST_SHARE = 0.08
_EVEN = dict.fromkeys(GENRES, 3.0)
_WEIGHTS = {
    "mocap": _EVEN | {"waltz": 0.0, "salsa": 24.0},
    "choreography": _EVEN | {"waltz": 4.0, "salsa": 2.0},
}
"""How often each genre is drawn: salsa has most of the recorded dances, so it is choreographed less."""


@dataclass(frozen=True)
class Piece:
    """The plan of one pair.

    Attributes:
        name: stem of its files.
        index: its number; with the corpus's seed it fixes everything about it.
        split: train or test.
        genre: of the music, and of the dance where that is choreographed.
        song: name of the song, ``genre-number``.
        dance: name of the recorded take that it begins with, or of the choreography,
            ``genre-dance-number``.
        source: mocap or choreography.
        duration_s: length, whole in frames.
    """

    name: str
    index: int
    split: str
    genre: str
    song: str
    dance: str
    source: str
    duration_s: float

    @property
    def song_number(self) -> int:
        """The song's number in its genre."""
        return int(self.song.rpartition("-")[2])

    @property
    def tempo_bpm(self) -> int:
        """The song's tempo."""
        return song_tempo(self.genre, self.song_number)

    @property
    def choreography_number(self) -> int:
        """The number of a choreographed dance in its genre."""
        return int(self.dance.rpartition("-")[2])


def plan(hours: float, seed: int, takes: Mapping[str, float], variety: int = 1) -> Iterator[Piece]:
    """The pieces of a corpus, until they make up its hours.

    Every piece draws a song and a dance, so that a song comes with several dances and a dance with
    several songs. A recorded dance meets only songs whose tempo it can be danced at. Songs and
    dances of the test split occur in no other one. A longer plan begins like a shorter one.

    Args:
        takes: the recorded dances' felt tempi in beats per minute, by name.
        variety: how many times SONGS_PER_GENRE and DANCES_PER_GENRE there are to draw from.
    """
    left_s, index = hours * 3600.0, 0
    while left_s > 0:
        piece = _piece(index, np.random.default_rng((seed, index, 0)), takes, variety)
        yield piece
        left_s -= piece.duration_s
        index += 1


def is_held_out(take: str) -> bool:
    """Whether a recorded dance, by its file's stem, is for testing only."""
    return take.startswith(HELD_OUT_TAKES)


def _piece(index: int, rng: np.random.Generator, takes: Mapping[str, float], variety: int) -> Piece:
    split = "test" if rng.random() < _TEST_SHARE else "train"
    duration_s = round(rng.uniform(_SHORTEST_S, _LONGEST_S) * FRAME_RATE) / FRAME_RATE
    own = [take for take in takes if is_held_out(take) == (split == "test")]
    source = "mocap" if rng.random() < _MOCAP_SHARE and own else "choreography"
    songs = {genre: _numbers(variety * SONGS_PER_GENRE, split) for genre in GENRES}
    if source == "mocap":
        dance = own[int(rng.integers(len(own)))]
        songs = {genre: _danceable(genre, numbers, takes[dance]) for genre, numbers in songs.items()}
    weights = np.array([_WEIGHTS[source][genre] * bool(len(songs[genre])) for genre in GENRES])
    genre = GENRES[int(rng.choice(len(GENRES), p=weights / weights.sum()))]
    if source == "choreography":
        numbers = _numbers(variety * DANCES_PER_GENRE, split)
        dance = f"{genre}-dance-{int(rng.choice(numbers)):02d}"
    song = f"{genre}-{int(rng.choice(songs[genre])):02d}"
    return Piece(f"{index:05d}_{genre}_{source}", index, split, genre, song, dance, source, duration_s)


def _numbers(count: int, split: str) -> np.ndarray:
    """The numbers below a count that a split may use."""
    numbers = np.arange(count)
    return numbers[(numbers % _HELD_OUT_EVERY == _HELD_OUT_EVERY - 1) == (split == "test")]


def _danceable(genre: str, numbers: np.ndarray, felt_bpm: float) -> np.ndarray:
    """The songs, by number, whose tempo a recorded dance can be warped to."""
    return np.array([n for n in numbers if song_beats(felt_bpm, song_tempo(genre, int(n)))], dtype=np.int64)
