"""Builds the corpus: pairs of a dance and the music made for it, as files."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from tqdm import tqdm

from ...core.errors import FileFormatError
from ...core.timing import FRAME_RATE, SAMPLE_RATE
from .choreography import choreograph
from .compose import compose
from .grid import GENRES, BeatGrid, random_tempo, steady_grid
from .mocap import Dance, dance_files, load_dances
from .render import render
from .variations import cut, joined, mirrored, paused, steadied, stretched

HELD_OUT_TAKES = ("60_03", "60_11", "61_03", "61_11")
"""Takes of the CMU database that are never trained on: both dancers of two dances."""

SONGS_PER_GENRE = 40
_HELD_OUT_EVERY = 8  # every eighth song is for testing

_SHORTEST_S, _LONGEST_S = 15.0, 40.0
_SPARE_S = 1.0
_MOCAP_SHARE = 0.5
_TEST_SHARE = 0.08
_GENRE_SHARES = {"mocap": (0.55, 0.15, 0.15, 0.15), "choreography": (0.25, 0.25, 0.25, 0.25)}


@dataclass(frozen=True)
class Piece:
    """The plan of one pair.

    Args:
        name: stem of its files.
        index: its number; with the corpus's seed it fixes everything about it.
        split: train or test.
        genre: of the music, and of the dance where that is choreographed.
        song: name of the song, ``genre-number``.
        source: mocap or choreography.
        duration_s: length, whole in frames.
    """

    name: str
    index: int
    split: str
    genre: str
    song: str
    source: str
    duration_s: float


def build_corpus(
    out: Path, hours: float, seed: int, mocap_folder: Path, workers: int = 1, plain: bool = False
) -> Path:
    """Writes pairs of music (NAME.flac) and dance (NAME.npz), and index.json when all are there.

    NAME.npz holds joints (N, 24, 3) float32 in metres at 60 Hz, fps, beat_times_s and energy (B,),
    genre, song, dance and phase. The music has N * 400 samples, 24 kHz, mono. Dances and songs of
    the test split never occur in the train split. The same arguments give the same bytes, whatever
    the number of workers; pieces that are there already are kept.

    Args:
        out: folder, made if need be.
        hours: of music in all.
        seed: of everything that is chosen.
        mocap_folder: holds the recorded dances.
        workers: processes.
        plain: music that a small model can learn, see :func:`compose`.

    Returns: the path of index.json.

    Raises: FileFormatError: corpus.no_dances, corpus.other_settings if the folder holds another corpus.
    """
    dance_files(mocap_folder)
    out.mkdir(parents=True, exist_ok=True)
    dances = [path.stem for path in dance_files(mocap_folder)]
    settings = {"hours": hours, "seed": seed, "plain": plain, "dances": dances}
    _claim(out / "settings.json", settings)
    pieces = list(plan(hours, seed))
    missing = [piece for piece in pieces if not (out / f"{piece.name}.npz").exists()]
    build = partial(build_piece, out=out, seed=seed, mocap_folder=mocap_folder, plain=plain)
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        done = pool.imap_unordered(build, missing)
        for _ in tqdm(done, total=len(pieces), initial=len(pieces) - len(missing), unit="piece"):
            pass
    index = out / "index.json"
    _write_json(index, {**settings, "pieces": [_entry(out, piece) for piece in pieces]})
    return index


def plan(hours: float, seed: int) -> Iterator[Piece]:
    """The pieces of a corpus, until they make up its hours."""
    left_s, index = hours * 3600.0, 0
    while left_s > 0:
        rng = np.random.default_rng((seed, index, 0))
        source = "mocap" if rng.random() < _MOCAP_SHARE else "choreography"
        split = "test" if rng.random() < _TEST_SHARE else "train"
        genre = str(rng.choice(GENRES, p=_GENRE_SHARES[source]))
        duration_s = round(rng.uniform(_SHORTEST_S, _LONGEST_S) * FRAME_RATE) / FRAME_RATE
        song = f"{genre}-{_song_number(split, rng):02d}"
        yield Piece(f"{index:05d}_{genre}_{source}", index, split, genre, song, source, duration_s)
        left_s -= duration_s
        index += 1


def _song_number(split: str, rng: np.random.Generator) -> int:
    numbers = np.arange(SONGS_PER_GENRE)
    held_out = numbers % _HELD_OUT_EVERY == _HELD_OUT_EVERY - 1
    return int(rng.choice(numbers[held_out if split == "test" else ~held_out]))


def build_piece(piece: Piece, out: Path, seed: int, mocap_folder: Path, plain: bool = False) -> str:
    """Makes one pair and writes it, music first; returns its name."""
    rng = np.random.default_rng((seed, piece.index, 1))
    if piece.source == "mocap":
        dance = mocap_dance(_dances(mocap_folder, piece.split), piece, rng)
    else:
        grid = steady_grid(random_tempo(piece.genre, rng), piece.duration_s, rng)
        dance = Dance(f"choreography-{piece.index}", choreograph(piece.genre, grid, rng), grid)
    genre, number = piece.song.split("-")
    song = np.random.default_rng((GENRES.index(genre), int(number)))
    _write_pair(out / piece.name, piece, dance, render(compose(genre, dance.grid, song, plain)))
    return piece.name


@lru_cache(maxsize=4)
def _dances(folder: Path, split: str) -> tuple[Dance, ...]:
    """The recorded dances of a split, read once in each process."""
    return tuple(dance for dance in _all_dances(folder) if is_held_out(dance.name) == (split == "test"))


@lru_cache(maxsize=2)
def _all_dances(folder: Path) -> tuple[Dance, ...]:
    return tuple(load_dances(folder))


def is_held_out(dance: str) -> bool:
    """Whether a dance, by its file's stem, is for testing only."""
    return dance.startswith(HELD_OUT_TAKES)


def mocap_dance(dances: tuple[Dance, ...], piece: Piece, rng: np.random.Generator) -> Dance:
    """Recorded dances of one dancer, varied and joined until they last as long as the piece."""
    dance = _varied(dances[int(rng.integers(len(dances)))], rng)
    dancer = dance.name[:3]
    same = [other for other in dances if other.name.startswith(dancer)]
    start_s = float(rng.uniform(0.0, 4.0))
    while dance.grid.duration_s < start_s + piece.duration_s + _SPARE_S:
        dance = joined(dance, _varied(same[int(rng.integers(len(same)))], rng))
    if rng.random() < 0.25:
        # At its mean tempo the dance lasts as long as before, but for the ends.
        dance = steadied(dance, float(60.0 / np.mean(np.diff(dance.grid.times_s))))
    return cut(dance, start_s, piece.duration_s)


def _varied(dance: Dance, rng: np.random.Generator) -> Dance:
    """The dance mirrored or not, faster or slower, now and then standing still for a while."""
    if rng.random() < 0.5:
        dance = mirrored(dance)
    dance = stretched(dance, float(rng.uniform(0.85, 1.2)))
    if rng.random() < 0.4:
        beat = int(rng.integers(4, len(dance.grid) - 4))
        dance = paused(dance, beat, int(rng.integers(2, 7)), rng)
    return dance


def _write_pair(stem: Path, piece: Piece, dance: Dance, waveform: np.ndarray) -> None:
    """Writes both files aside and renames them, the dance last: where it is, the pair is whole."""
    music = stem.with_suffix(".flac.part")
    with music.open("wb") as file:
        soundfile.write(file, waveform, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    music.replace(stem.with_suffix(".flac"))
    motion = stem.with_suffix(".npz.part")
    with motion.open("wb") as file:
        np.savez(file, **_arrays(piece, dance))
    motion.replace(stem.with_suffix(".npz"))


def _arrays(piece: Piece, dance: Dance) -> dict[str, Any]:
    grid: BeatGrid = dance.grid
    return {
        "joints": dance.joints.astype(np.float32),
        "fps": np.float64(FRAME_RATE),
        "beat_times_s": grid.times_s,
        "energy": grid.energy,
        "phase": np.int64(grid.phase),
        "genre": np.array(piece.genre),
        "song": np.array(piece.song),
        "dance": np.array(dance.name),
    }


def _entry(out: Path, piece: Piece) -> dict[str, Any]:
    with np.load(out / f"{piece.name}.npz", allow_pickle=False) as motion:
        return {**asdict(piece), "dance": str(motion["dance"]), "frames": len(motion["joints"])}


def _claim(path: Path, settings: dict[str, Any]) -> None:
    """Marks the folder as this corpus's, or finds that it is."""
    if path.exists() and json.loads(path.read_text(encoding="utf-8")) != settings:
        raise FileFormatError(
            f"{path.parent} holds a corpus made with other settings.",
            code="corpus.other_settings",
            hint="Choose another folder, or delete this one.",
        )
    _write_json(path, settings)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    aside.replace(path)
