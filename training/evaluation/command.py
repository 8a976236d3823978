"""The commands ``evaluate``, ``evaluate-music``, ``evaluate-codec`` and ``evaluate-pairs``."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm
from tyro.conf import Positional
from tyro.extras import SubcommandApp

from ...core.checkpoint import WEIGHTS_NAME, load_checkpoint
from ...core.errors import KinetoneError
from ...core.options import GenerateOptions
from ..audio import read_audio
from ..data.datasets import DatasetSettings, load_dataset
from ..data.source import CHOSEN, SourcePair
from ..export import trained_codec
from ..state import use_threads
from .codec_scores import codec_scores, held_out_audio
from .embedding import Reference, SoundSpace, log_mel_statistics
from .evaluate import Judge, Piece, listen_to_all, measure
from .figures import SEGMENT_S, figure_5, figure_6, figure_7
from .music import ForeignMusic, GeneratedMusic, MusicSource, claim_folder
from .pair_scores import PairedPiece, pair_scores, write_pair_scores
from .pair_scores import markdown as pair_table
from .pairs import RealPair, evenly, of_split, read_pair
from .report import markdown, write_report

logger = logging.getLogger(__name__)

REFERENCE_PIECES = 200
"""Pieces of the training split that genre and Fréchet distance are measured against, at most."""

_DEFAULTS = GenerateOptions()


def register(app: SubcommandApp) -> None:
    """Adds the commands to ``kinetone-train``."""
    app.command(name="evaluate")(evaluate_command)
    app.command(name="evaluate-music")(evaluate_music_command)
    app.command(name="evaluate-codec")(evaluate_codec_command)
    app.command(name="evaluate-pairs")(evaluate_pairs_command)


def evaluate_command(
    checkpoint: Positional[Path],
    source: Positional[Path],
    out: Path,
    data: DatasetSettings = DatasetSettings(),  # noqa: B008
    pieces: int | None = None,
    seconds: float | None = None,
    seeds: int = 3,
    genre: str | None = None,
    genre_strength: float = _DEFAULTS.genre_strength,
    temperature: float = _DEFAULTS.temperature,
    top_k: int = _DEFAULTS.top_k,
    runs: tuple[Path, ...] = (),
    threads: int | None = None,
) -> None:
    """Generates music for held-out dances and measures it; what was generated before is kept.

    Args:
        checkpoint: folder of the model.
        source: folder of a data set; its test split is danced to.
        out: folder for music, table and figures.
        data: how to read the data set.
        pieces: how many dances, evenly among the held-out ones; all of them if left out.
        seconds: of each dance, from its start; all of it if left out.
        seeds: pieces of music made for each dance.
        genre: that music is asked for; ``own`` for each dance's own; none if left out.
        genre_strength: 0 as without the genre, 1 as trained, above 1 further away from music without it.
        temperature: how adventurous the choices are; 0 is greedy, and one seed is enough then.
        top_k: how many codes are open to choice; 0 for all.
        runs: folders of predictors' training runs: of the first, Figure 5; of two or more, Figure 7.
        threads: to compute on; every core if left out.
    """
    _check(seconds, pieces, seeds)
    use_threads(threads)
    options = GenerateOptions(
        takes=seeds, genre=genre, genre_strength=genre_strength, temperature=temperature, top_k=top_k
    )
    loaded = load_checkpoint(checkpoint)
    weights = hashlib.sha256((checkpoint / WEIGHTS_NAME).read_bytes()).hexdigest()
    settings = {"weights_sha256": weights, "seconds": seconds, **asdict(options)}
    del settings["takes"]
    claim_folder(out / "music", settings)
    if runs:
        figure_5(out / "figure_5.png", runs[0])
    if len(runs) > 1:
        figure_7(out / "figure_7.png", list(runs))
    music = GeneratedMusic(loaded, options, out / "music")
    pairs = _pairs(source, data)
    judge = Judge(_space(pairs, out), loaded, music.genre)
    about = {"model": checkpoint.name, "data": source.name, "seeds": seeds, **settings}
    _judge(judge, of_split(pairs, "test", pieces), music, seconds, out, about)


def evaluate_music_command(
    music: Positional[Path],
    source: Positional[Path],
    out: Path,
    data: DatasetSettings = DatasetSettings(),  # noqa: B008
    pieces: int | None = None,
    seconds: float | None = None,
) -> None:
    """Measures music that something else made for the same dances, by the same scores.

    Args:
        music: folder with NAME.wav for every dance, or NAME-1.wav, NAME-2.wav … for several takes.
        source: folder of a data set; its test split is danced to.
        out: folder for table and figure.
        data: how to read the data set.
        pieces: how many dances, evenly among the held-out ones; all of them if left out.
        seconds: of each dance, from its start; all of it if left out.
    """
    _check(seconds, pieces)
    out.mkdir(parents=True, exist_ok=True)
    pairs = _pairs(source, data)
    about = {"music": music.name, "data": source.name, "seconds": seconds}
    judge = Judge(_space(pairs, out))
    _judge(judge, of_split(pairs, "test", pieces), ForeignMusic(music), seconds, out, about)


def evaluate_codec_command(
    codec: Positional[Path],
    source: Positional[Path],
    out: Path | None = None,
    data: DatasetSettings = DatasetSettings(),  # noqa: B008
    pieces: int = 12,
    seconds: float = 10.0,
    threads: int | None = None,
) -> None:
    """Measures what of music is there again after a codec has encoded and decoded it.

    Args:
        codec: folder of a checkpoint or of a codec's training run.
        source: folder of a data set, whose test split is taken, or of music alone.
        out: JSON file for the scores, which are printed, too.
        data: how to read the data set.
        pieces: how many files, evenly among them.
        seconds: of each file, from its start.
        threads: to compute on; every core if left out.
    """
    _check(seconds, pieces)
    use_threads(threads)
    scores = codec_scores(trained_codec(codec), held_out_audio(source, data, pieces), seconds).as_json()
    text = json.dumps({"codec": codec.name, "data": source.name, "seconds": seconds, **scores}, indent=2)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    print(text)  # noqa: T201


def evaluate_pairs_command(
    source: Positional[Path],
    out: Path,
    data: DatasetSettings = DatasetSettings(),  # noqa: B008
    pieces: int | None = None,
    seconds: float | None = None,
) -> None:
    """Measures how well the music of a data set fits its dances, and whether its genres can be told.

    Args:
        source: folder of a data set; both of its splits are measured.
        out: folder for the table.
        data: how to read the data set.
        pieces: how many pairs, evenly among all; all of them if left out.
        seconds: of each pair, from its start; all of it if left out.
    """
    _check(seconds, pieces)
    pairs = evenly(_pairs(source, data), pieces)
    heard = [PairedPiece.of(read_pair(pair, seconds), pair.tempo_bpm) for pair in tqdm(pairs, unit="pair")]
    scores = pair_scores(heard)
    about = {"data": source.name, "seconds": seconds}
    write_pair_scores(out, scores, about)
    print(pair_table(scores, about))  # noqa: T201


def _check(seconds: float | None, *counts: int | None) -> None:
    """Raises: KinetoneError (evaluation.options) for less than a second, or less than one of anything."""
    if any(number is not None and number < 1 for number in (seconds, *counts)):
        raise KinetoneError(
            "There is nothing to measure in less than one second, piece or seed.",
            code="evaluation.options",
            hint="Give 1 or more of each, or leave them out.",
        )


def _pairs(source: Path, data: DatasetSettings) -> list[SourcePair]:
    dataset = load_dataset(source, data)
    for skipped in dataset.skipped:
        if skipped.code not in CHOSEN:
            logger.warning("Left out: %s: %s", skipped.name, skipped.message)
    return dataset.pairs


def _judge(
    judge: Judge,
    dances: list[SourcePair],
    music: MusicSource,
    seconds: float | None,
    out: Path,
    about: dict[str, Any],
) -> None:
    """Measures, prints and writes the table, and draws Figure 6 of the first piece."""

    def pairs() -> Iterator[RealPair]:
        for dance in tqdm(dances, unit="dance", desc="Music and scores"):
            yield read_pair(dance, seconds)

    pieces = listen_to_all(judge, pairs(), music)
    columns = measure(judge, pieces)
    about = {**about, "dances": len(pieces)}
    write_report(out, columns, pieces, about)
    _draw_beats(out / "figure_6.png", pieces[0])
    print(markdown(columns, about))  # noqa: T201


def _draw_beats(path: Path, piece: Piece) -> None:
    real = piece.real.rhythm
    start = max(0.0, (real.duration_s - SEGMENT_S) / 2)
    figure_6(path, piece.takes[0].rhythm.onsets_s, real.onsets_s, start, title=piece.name)


def _space(pairs: list[SourcePair], out: Path) -> SoundSpace:
    """The space of the training split's music; its points are kept in ``out``."""
    chosen = of_split(pairs, "train", REFERENCE_PIECES)
    names = tuple(pair.name for pair in chosen)
    path = out / "reference.npz"
    if path.exists() and (kept := Reference.load(path)).pieces == names:
        return SoundSpace(kept)
    points, genres = [], []
    for pair in tqdm(chosen, unit="piece", desc="Reference music"):
        points.append(log_mel_statistics(read_audio(pair.music)[0].numpy()))
        genres += [pair.genre] * len(points[-1])
    out.mkdir(parents=True, exist_ok=True)
    reference = Reference(np.concatenate(points), np.array(genres), names)
    reference.save(path)
    return SoundSpace(reference)
