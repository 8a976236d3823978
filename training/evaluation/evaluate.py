"""Measures music for held-out dances: beside real music, a random pairing and a shifted pairing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ...core.alignment import Times, random_shift
from ...core.checkpoint import Checkpoint
from ...core.errors import FileFormatError
from ...core.motion.accents import joint_speed
from ...core.motion.beats import beat_frames
from ...core.motion.features import N_DISPLACEMENTS
from ...core.timing import FRAME_RATE
from .accuracy import dance_features, music_codes, teacher_forced_accuracy
from .dynamics import Curve, dynamics
from .embedding import Points, SoundSpace, log_mel_statistics
from .music import MusicSource, Waveform
from .pairs import RealPair
from .rhythm import Rhythm, harmonic_mean, rhythm_scores
from .steadiness import level_curve, repetition, steadiness

FEWEST_DRAWS = 5
"""Random pairings and shifts, however few takes there are."""


@dataclass(frozen=True)
class Heard:
    """What is measured of one waveform, whatever it is compared with."""

    rhythm: Rhythm
    level: Curve
    points: Points
    steadiness: dict[str, float]

    @classmethod
    def of(cls, waveform: Waveform) -> Heard:
        """Listens to a waveform ``(S,)`` at 24 kHz."""
        rhythm = Rhythm.of(waveform)
        steady = {**steadiness(waveform), "repetition": repetition(waveform, rhythm.beats_s)}
        return cls(rhythm, level_curve(waveform), log_mel_statistics(waveform), steady)


@dataclass(frozen=True)
class Piece:
    """A dance, its real music and the music that is judged.

    Attributes:
        features: ``(N, 92)``, what a predictor reads of the dance.
        codes: ``(K, N)`` of the real music, where a checkpoint is judged.
        asked_genre: that the checkpoint was asked for, if any.
    """

    name: str
    song: str
    genre: str
    features: Tensor
    real: Heard
    takes: list[Heard]
    codes: Tensor | None = None
    asked_genre: str | None = None

    @property
    def kinematic_beats_s(self) -> Times:
        """The dance's kinematic beats, in seconds from its first frame."""
        return beat_frames(self.features[:, N_DISPLACEMENTS].numpy()) / FRAME_RATE

    @property
    def speed(self) -> Curve:
        """(N,) mean speed of the dancer's joints."""
        return joint_speed(self.features[:, :N_DISPLACEMENTS].numpy())


@dataclass(frozen=True)
class Judge:
    """What measuring needs beside the pieces.

    Attributes:
        space: made from the real music for training.
        checkpoint: whose codes and predictor are judged, too; None for music from elsewhere.
        genre: the genre that the checkpoint is asked for with a dance.
    """

    space: SoundSpace
    checkpoint: Checkpoint | None = None
    genre: Callable[[RealPair], str | None] = lambda pair: None

    def listen(self, pair: RealPair, takes: list[Waveform]) -> Piece:
        """Everything about one pair that the scores are made of."""
        return Piece(
            pair.name,
            pair.song,
            pair.genre,
            dance_features(pair.joints),
            Heard.of(pair.music),
            [Heard.of(take) for take in takes],
            music_codes(self.checkpoint, pair.music) if self.checkpoint else None,
            self.genre(pair),
        )


@dataclass(frozen=True)
class Column:
    """Scores of one kind of music against the dances, over S seeds and P pieces.

    Attributes:
        by_piece: ``(S, P)`` for each measure of a piece.
        by_set: ``(S,)`` for each measure of all pieces together.
    """

    by_piece: dict[str, npt.NDArray[np.float64]]
    by_set: dict[str, npt.NDArray[np.float64]]


def listen_to_all(judge: Judge, pairs: Iterable[RealPair], music: MusicSource) -> list[Piece]:
    """The pieces of all pairs.

    Raises: FileFormatError (evaluation.uneven_takes) if one dance has more takes than another, and
        what reading and generating raises.
    """
    pieces: list[Piece] = []
    for pair in pairs:
        takes = music(pair)
        if pieces and len(takes) != len(pieces[0].takes):
            raise FileFormatError(
                f"{pair.name} has {len(takes)} takes, {pieces[0].name} {len(pieces[0].takes)}.",
                code="evaluation.uneven_takes",
                hint="Give as many takes for every dance.",
            )
        pieces.append(judge.listen(pair, takes))
    return pieces


def measure(judge: Judge, pieces: list[Piece], seed: int = 0) -> dict[str, Column]:
    """All scores, by kind of music.

    The music judged (``music``) and the real music (``real``) are each compared with the real
    music and the dance that they belong to; then with those of another piece (``_random``), which
    tells what any such music would score; then shifted around against their own (``_shifted``),
    which tells what the same music would score if it were not in time. One piece alone has no
    random pairing.

    Args:
        pieces: P of them, with S takes each.
        seed: of the pairings and shifts, which are drawn for each take, and five times at least.
    """
    seeds = len(pieces[0].takes)
    pairings = [
        Pairing.draw(pieces, np.random.default_rng((seed, draw))) for draw in range(max(seeds, FEWEST_DRAWS))
    ]
    columns = {}
    for kind, takes in (
        ("music", [[piece.takes[take] for piece in pieces] for take in range(seeds)]),
        ("real", [[piece.real for piece in pieces]]),
    ):
        columns[kind] = _own_column(judge, pieces, takes)
        drawn = list(zip(cycle(takes), pairings, strict=False))
        if len(pieces) > 1:
            columns[f"{kind}_random"] = _column([_random_scores(judge, pieces, *each) for each in drawn])
        columns[f"{kind}_shifted"] = _column([_shifted_scores(pieces, *each) for each in drawn])
    if seeds > 1:
        columns["music"].by_piece["intra_diversity"] = _intra_diversity(judge, pieces)
    if judge.checkpoint is not None:
        for name, scores in _accuracies(judge.checkpoint, pieces, pairings[:seeds]).items():
            columns[name].by_piece.update(scores)
    return columns


@dataclass(frozen=True)
class Pairing:
    """Which piece each piece is paired with, and how far (s) each is shifted."""

    partners: list[int]
    shifts_s: list[float]

    @classmethod
    def draw(cls, pieces: list[Piece], rng: np.random.Generator) -> Pairing:
        """A random pairing, with a piece of another song where there is one, and random shifts."""
        partners = []
        for i, piece in enumerate(pieces):
            others = [j for j, other in enumerate(pieces) if other.song != piece.song]
            others = others or [j for j in range(len(pieces)) if j != i] or [i]
            partners.append(int(rng.choice(others)))
        shifts = [random_shift(piece.real.rhythm.duration_s, rng) for piece in pieces]
        return cls(partners, shifts)


def _own_column(judge: Judge, pieces: list[Piece], takes: list[list[Heard]]) -> Column:
    column = _column(
        [[_own_scores(judge, *each) for each in zip(heard, pieces, strict=True)] for heard in takes]
    )
    points = [[each.points for each in heard] for heard in takes]
    column.by_set["frechet_log_mel"] = np.array(
        [judge.space.frechet_distance(np.concatenate(of_all)) for of_all in points]
    )
    if len(pieces) > 1:
        rng = np.random.default_rng(len(pieces))
        column.by_set["diversity"] = np.array([judge.space.diversity(of_all, rng) for of_all in points])
    return column


def _own_scores(judge: Judge, heard: Heard, piece: Piece) -> dict[str, float]:
    return {
        **_dance_scores(heard.rhythm, heard.level, piece),
        **_genre_score(judge, heard, piece),
        **heard.steadiness,
    }


def _dance_scores(rhythm: Rhythm, level: Curve, piece: Piece) -> dict[str, float]:
    """How well a rhythm and a level fit a piece's dance and its real music."""
    return {
        **rhythm_scores(rhythm, piece.real.rhythm, piece.kinematic_beats_s),
        "dynamics": dynamics(level, piece.speed),
    }


def _genre_score(judge: Judge, heard: Heard, piece: Piece) -> dict[str, float]:
    """Nothing where the data set knows no genres to tell apart."""
    if len(judge.space.genres) < 2:
        return {}
    return {"genre_accuracy": judge.space.genre_accuracy(heard.points, piece.genre)}


def _random_scores(
    judge: Judge, pieces: list[Piece], takes: list[Heard], pairing: Pairing
) -> list[dict[str, float]]:
    scores = []
    for piece, partner in zip(pieces, pairing.partners, strict=True):
        rhythm = takes[partner].rhythm.lasting(piece.real.rhythm.duration_s)
        level = np.resize(takes[partner].level, len(piece.features))
        scores.append({**_dance_scores(rhythm, level, piece), **_genre_score(judge, takes[partner], piece)})
    return scores


def _shifted_scores(pieces: list[Piece], takes: list[Heard], pairing: Pairing) -> list[dict[str, float]]:
    return [
        _dance_scores(heard.rhythm.shifted(shift), np.roll(heard.level, round(shift * FRAME_RATE)), piece)
        for piece, heard, shift in zip(pieces, takes, pairing.shifts_s, strict=True)
    ]


def _column(scores: list[list[dict[str, float]]]) -> Column:
    """From the scores of each seed's pieces; adds those of MoMu-Diffusion's that need all pieces."""
    by_piece = {name: np.array([[each[name] for each in seed] for seed in scores]) for name in scores[0][0]}
    coverage, hit = by_piece["improved_bcs"], by_piece["improved_bhs"]
    means = zip(coverage.mean(1), hit.mean(1), strict=True)
    by_set = {
        "csd": coverage.std(1),
        "hsd": hit.std(1),
        "improved_f1": np.array([harmonic_mean(*each) for each in means]),
    }
    return Column(by_piece, by_set)


def _intra_diversity(judge: Judge, pieces: list[Piece]) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(len(pieces))
    return np.array([[judge.space.diversity([take.points for take in each.takes], rng) for each in pieces]])


def _accuracies(
    checkpoint: Checkpoint, pieces: list[Piece], pairings: list[Pairing]
) -> dict[str, dict[str, npt.NDArray[np.float64]]]:
    """How well the predictor knows the real music's codes: told the dance, another one, or it shifted."""

    def accuracy(piece: Piece, features: Tensor) -> list[float]:
        assert piece.codes is not None
        return teacher_forced_accuracy(checkpoint.predictor, features, piece.codes, piece.asked_genre)

    told = {"music": [[accuracy(piece, piece.features) for piece in pieces]]}
    if len(pieces) > 1:
        told["music_random"] = [
            [
                accuracy(piece, _lasting(pieces[partner].features, len(piece.features)))
                for piece, partner in zip(pieces, pairing.partners, strict=True)
            ]
            for pairing in pairings
        ]
    told["music_shifted"] = [
        [
            accuracy(piece, piece.features.roll(round(shift * FRAME_RATE), 0))
            for piece, shift in zip(pieces, pairing.shifts_s, strict=True)
        ]
        for pairing in pairings
    ]
    return {name: _by_codebook(np.array(shares)) for name, shares in told.items()}


def _by_codebook(shares: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    """``(S, P, K)`` as one ``(S, P)`` a codebook, and their mean."""
    levels = {f"accuracy_{level}": shares[..., level] for level in range(shares.shape[-1])}
    return {"accuracy": shares.mean(-1), **levels}


def _lasting(features: Tensor, frames: int) -> Tensor:
    return features[torch.arange(frames) % len(features)]
