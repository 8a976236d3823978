"""Builds the corpus: pairs of a dance and the music made for it, as files."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from tqdm import tqdm

from ...core.errors import FileFormatError
from ...core.timing import FRAME_RATE, SAMPLE_RATE
from .choreography import choreograph
from .compose import Music, compose
from .grid import BEATS_PER_BAR, BeatGrid, steady_grid
from .mocap import Dance, grid_from_dance, load_dances
from .plan import Piece, is_held_out, plan
from .render import render
from .score import truth
from .song import song
from .variations import cut, joined, mirrored, paused, song_beats, steadied, stretched

_SPARE_S = 1.0


def build_corpus(
    out: Path,
    hours: float,
    seed: int,
    mocap_folder: Path,
    workers: int = 1,
    music: Music = "played",
    variety: int = 1,
) -> Path:
    """Writes pairs of music (NAME.flac) and dance (NAME.npz), and index.json when all are there.

    NAME.npz holds joints (N, 24, 3) float32 in metres at 60 Hz, fps, beat_times_s and energy (B,),
    genre, song, dance, phase and beats_per_bar. The music has N * 400 samples, 24 kHz, mono. Dances
    and songs of the test split never occur in the train split. The same arguments give the same
    bytes, whatever the number of workers; pieces that are there already are kept.

    Args:
        out: folder, made if need be.
        hours: of music in all.
        seed: of everything that is chosen.
        mocap_folder: holds the recorded dances.
        workers: processes.
        music: of which kind, see :func:`compose`.
        variety: of songs and choreographies, see :func:`plan`.

    Returns: the path of index.json.

    Raises: FileFormatError: corpus.no_dances, corpus.other_settings if the folder holds another corpus.
    """
    dances = _dances(mocap_folder)
    out.mkdir(parents=True, exist_ok=True)
    names = [dance.name for dance in dances]
    settings = {"hours": hours, "seed": seed, "music": music, "variety": variety, "dances": names}
    _claim(out / "settings.json", settings)
    pieces = list(plan(hours, seed, {dance.name: dance.grid.tempo_bpm for dance in dances}, variety))
    missing = [piece for piece in pieces if not (out / f"{piece.name}.npz").exists()]
    build = partial(build_piece, out=out, seed=seed, mocap_folder=mocap_folder, music=music)
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        done = pool.imap_unordered(build, missing)
        for _ in tqdm(done, total=len(pieces), initial=len(pieces) - len(missing), unit="piece"):
            pass
    index = out / "index.json"
    _write_json(index, {**settings, "pieces": [_entry(out, piece) for piece in pieces]})
    return index


def build_piece(piece: Piece, out: Path, seed: int, mocap_folder: Path, music: Music = "played") -> str:
    """Makes one pair and writes it, music first; returns its name."""
    rng = np.random.default_rng((seed, piece.index, 1))
    if piece.source == "mocap":
        dance = mocap_dance(_dances(mocap_folder), piece, rng, music != "played")
    else:
        beats_per_bar = BEATS_PER_BAR[piece.genre]
        grid = steady_grid(piece.tempo_bpm, piece.duration_s, rng, beats_per_bar)
        joints = choreograph(piece.genre, piece.choreography_number, grid, rng)
        dance = Dance(piece.dance, joints, grid)
    score = compose(song(piece.genre, piece.song_number), dance.grid, music)
    _write_pair(out / piece.name, {**_arrays(piece, dance), **truth(score)}, render(score))
    return piece.name


@lru_cache(maxsize=2)
def _dances(folder: Path) -> tuple[Dance, ...]:
    """The recorded dances, read once in each process."""
    return tuple(load_dances(folder))


def mocap_dance(
    dances: Sequence[Dance], piece: Piece, rng: np.random.Generator, plain: bool = False
) -> Dance:
    """Recorded dances of one dancer, varied and joined until they last as long as the piece.

    All of them are of the piece's split and can be danced at its tempo: the song's, to which they are
    warped, or, for plain music, about the first dance's. Plain music then has the beats, bars and phrases
    that are found in the whole.
    """
    first = next(dance for dance in dances if dance.name == piece.dance)
    tempo_bpm = first.grid.tempo_bpm / float(rng.uniform(0.85, 1.2)) if plain else float(piece.tempo_bpm)
    same = [
        dance
        for dance in dances
        if dance.name[:3] == piece.dance[:3]
        and is_held_out(dance.name) == (piece.split == "test")
        and song_beats(dance.grid.tempo_bpm, tempo_bpm) in ((1,) if plain else (1, 2))
    ]
    dance = _varied(first, rng, tempo_bpm, plain)
    start_s = float(rng.uniform(0.0, 4.0))
    while dance.grid.duration_s < start_s + piece.duration_s + _SPARE_S:
        dance = joined(dance, _varied(same[int(rng.integers(len(same)))], rng, tempo_bpm, plain))
    if plain:
        dance = cut(dance, start_s, piece.duration_s)
        return replace(dance, grid=grid_from_dance(dance.joints))
    # Joints and stops are whole in frames, which moves the beats that follow by some milliseconds.
    return cut(steadied(dance, tempo_bpm), start_s, piece.duration_s)


def _varied(dance: Dance, rng: np.random.Generator, tempo_bpm: float, plain: bool) -> Dance:
    """The dance mirrored or not, at a tempo, now and then standing still for a while.

    Args:    plain: whether its beats bend as they did; else they come evenly.
    """
    if rng.random() < 0.5:
        dance = mirrored(dance)
    if plain:
        dance = stretched(dance, dance.grid.tempo_bpm / tempo_bpm)
    else:
        dance = steadied(dance, tempo_bpm, song_beats(dance.grid.tempo_bpm, tempo_bpm))
    if rng.random() < 0.4:
        beat = int(rng.integers(4, len(dance.grid) - 4))
        dance = paused(dance, beat, int(rng.choice([4, 4, 4, 8])), rng)
    return dance


def _write_pair(stem: Path, arrays: dict[str, Any], waveform: np.ndarray) -> None:
    """Writes both files aside and renames them, the dance last: where it is, the pair is whole."""
    music = stem.with_suffix(".flac.part")
    with music.open("wb") as file:
        soundfile.write(file, waveform, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    music.replace(stem.with_suffix(".flac"))
    motion = stem.with_suffix(".npz.part")
    with motion.open("wb") as file:
        np.savez(file, **arrays)
    motion.replace(stem.with_suffix(".npz"))


def _arrays(piece: Piece, dance: Dance) -> dict[str, Any]:
    grid: BeatGrid = dance.grid
    return {
        "joints": dance.joints.astype(np.float32),
        "fps": np.float64(FRAME_RATE),
        "energy": grid.energy,
        "phase": np.int64(grid.phase),
        "beats_per_bar": np.int64(grid.beats_per_bar),
        "dance": np.array(dance.name),
    }


def _entry(out: Path, piece: Piece) -> dict[str, Any]:
    with np.load(out / f"{piece.name}.npz", allow_pickle=False) as motion:
        truth_of = {"dance": str(motion["dance"]), "tempo_bpm": float(motion["tempo_bpm"])}
        return {**asdict(piece), **truth_of, "frames": len(motion["joints"])}


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
