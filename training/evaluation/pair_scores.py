"""How well the music of a data set fits its dances, before any model learns from it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from librosa.feature import tempo as heard_tempo
from librosa.onset import onset_strength

from ...core.alignment import Times, hit_share, random_shift
from ...core.motion.beats import beat_frames
from ...core.motion.features import motion_features
from ...core.timing import FRAME_RATE, SAMPLE_RATE
from .embedding import Points, Reference, SoundSpace, log_mel_statistics
from .pairs import RealPair
from .rhythm import Rhythm, beat_alignment_score

DRAWS = 10
"""Other pieces, and shifts, that every piece is compared with."""

TEMPO_TOLERANCE = 0.04
"""By how much a heard tempo may differ: mir_eval's own tolerance is 8 %."""

ALL = "all"


@dataclass(frozen=True)
class PairedPiece:
    """What is measured of one dance and its music.

    Attributes:
        tempo_bpm: that the data set states, or None.
        heard_tempo_bpm: that a beat tracker hears.
        points: the music's, see :mod:`.embedding`.
    """

    name: str
    song: str
    genre: str
    rhythm: Rhythm
    kinematic_beats_s: Times
    tempo_bpm: float | None
    heard_tempo_bpm: float
    points: Points

    @classmethod
    def of(cls, pair: RealPair, tempo_bpm: float | None) -> PairedPiece:
        """Listens to a pair's music and looks at its dance."""
        beats_s = beat_frames(motion_features(pair.joints).kinematic_beats) / FRAME_RATE
        strength = onset_strength(y=pair.music, sr=SAMPLE_RATE)
        return cls(
            pair.name,
            pair.song,
            pair.genre,
            Rhythm.of(pair.music),
            beats_s,
            tempo_bpm,
            float(heard_tempo(onset_envelope=strength, sr=SAMPLE_RATE)[0]),
            log_mel_statistics(pair.music),
        )


@dataclass(frozen=True)
class PairScores:
    """The scores of a genre's pieces, or of all.

    Attributes:
        pieces, songs: how many there are.
        minutes: of music.
        beat_alignment: beat alignment score of the music with its own dance, with the music of other
            songs in its place, and with itself shifted.
        kinematic_hit: share of the kinematic beats with an onset within 100 ms, likewise.
        tempo_found: share of the pieces in which the stated tempo is heard, or half or twice of it;
            None where none is stated.
        genre_told: share of the pieces whose genre is told from the sound of other songs; None for
            less than two genres.
    """

    pieces: int
    songs: int
    minutes: float
    beat_alignment: tuple[float, float, float]
    kinematic_hit: tuple[float, float, float]
    tempo_found: float | None
    genre_told: float | None


def pair_scores(pieces: list[PairedPiece], seed: int = 0) -> dict[str, PairScores]:
    """The scores of every genre and, under ``all``, of all pieces together.

    Args: seed: of the other pieces and shifts that chance is measured by.
    """
    matched = np.array([_matches(piece, pieces, seed + index) for index, piece in enumerate(pieces)])
    told = genres_told(pieces)
    groups = {ALL: list(range(len(pieces)))}
    for genre in sorted({piece.genre for piece in pieces}):
        groups[genre] = [index for index, piece in enumerate(pieces) if piece.genre == genre]
    return {name: _scores(pieces, matched, told, chosen) for name, chosen in groups.items()}


def _scores(
    pieces: list[PairedPiece],
    matched: npt.NDArray[np.float64],
    told: npt.NDArray[np.bool_] | None,
    chosen: list[int],
) -> PairScores:
    ours = [pieces[index] for index in chosen]
    found = [tempo_is_heard(p.tempo_bpm, p.heard_tempo_bpm) for p in ours if p.tempo_bpm is not None]
    alignment, hit = np.nanmean(matched[chosen], axis=0)
    return PairScores(
        len(ours),
        len({piece.song for piece in ours}),
        sum(piece.rhythm.duration_s for piece in ours) / 60,
        tuple(alignment.tolist()),
        tuple(hit.tolist()),
        float(np.mean(found)) if found else None,
        float(told[chosen].mean()) if told is not None else None,
    )


def _matches(piece: PairedPiece, pieces: list[PairedPiece], seed: int) -> list[list[float]]:
    """(2, 3): beat alignment and kinematic hit with its own, with other and with shifted music."""
    rng = np.random.default_rng(seed)
    strangers = [other for other in pieces if other.song != piece.song]
    duration_s = piece.rhythm.duration_s
    drawn: list[int] = rng.choice(len(strangers), DRAWS).tolist() if strangers else []
    others = [strangers[index].rhythm.lasting(duration_s) for index in drawn]
    shifted = [piece.rhythm.shifted(random_shift(duration_s, rng)) for _ in range(DRAWS)]
    columns = [[piece.rhythm], others, shifted]
    beats_s = piece.kinematic_beats_s
    return [
        [_mean(beat_alignment_score(rhythm.beats_s, beats_s) for rhythm in column) for column in columns],
        [_mean(hit_share(beats_s, rhythm.onsets_s) for rhythm in column) for column in columns],
    ]


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return float(np.mean(listed)) if listed else float("nan")


def tempo_is_heard(stated_bpm: float, heard_bpm: float) -> bool:
    """Whether a tempo is the stated one, or its half or double, within 4 %."""
    return any(
        abs(heard_bpm / (stated_bpm * multiple) - 1) <= TEMPO_TOLERANCE for multiple in (0.5, 1.0, 2.0)
    )


def genres_told(pieces: list[PairedPiece]) -> npt.NDArray[np.bool_] | None:
    """(P,) whether each piece's genre is told right from the sound of the songs of the other half.

    In every genre, every other song makes up a half. The genre of a piece is that of the most of its
    two-second segments, each told by its nearest neighbour in the other half. None where a genre has
    a single song, or there is one genre only.
    """
    half_of: dict[str, int] = {}
    genres = sorted({piece.genre for piece in pieces})
    for genre in genres:
        songs = sorted({piece.song for piece in pieces if piece.genre == genre})
        half_of |= {song: index % 2 for index, song in enumerate(songs)}
        if len(songs) < 2:
            return None
    if len(genres) < 2:
        return None
    spaces = [_space([piece for piece in pieces if half_of[piece.song] == half]) for half in (0, 1)]
    return np.array(
        [spaces[1 - half_of[piece.song]].genre_of(piece.points) == piece.genre for piece in pieces]
    )


def _space(pieces: list[PairedPiece]) -> SoundSpace:
    points = np.concatenate([piece.points for piece in pieces])
    genres = np.repeat([piece.genre for piece in pieces], [len(piece.points) for piece in pieces])
    return SoundSpace(Reference(points, genres, tuple(piece.name for piece in pieces)))


def markdown(scores: dict[str, PairScores], about: dict[str, Any]) -> str:
    """The table, a row a genre, in per cent."""
    lines = [f"- {name}: {value}" for name, value in about.items()]
    lines += ["", "Own music / music of another song / own music shifted, in per cent.", ""]
    head = (
        "",
        "pieces",
        "songs",
        "minutes",
        "beat alignment",
        "kinematic beats hit",
        "tempo found",
        "genre told",
    )
    lines += [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for name, row in scores.items():
        cells = [
            name.replace("_", " "),
            str(row.pieces),
            str(row.songs),
            f"{row.minutes:.1f}",
            _triple(row.beat_alignment),
            _triple(row.kinematic_hit),
            _percent(row.tempo_found),
            _percent(row.genre_told),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _triple(shares: tuple[float, float, float]) -> str:
    return " / ".join(_percent(share) for share in shares)


def _percent(share: float | None) -> str:
    return "" if share is None or np.isnan(share) else f"{100 * share:.1f}"


def write_pair_scores(folder: Path, scores: dict[str, PairScores], about: dict[str, Any]) -> None:
    """Writes ``pairs.md`` and ``pairs.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pairs.md").write_text(markdown(scores, about), encoding="utf-8")
    rows = {name: asdict(row) for name, row in scores.items()}
    text = json.dumps({"about": about, "scores": rows}, indent=1)
    (folder / "pairs.json").write_text(text + "\n", encoding="utf-8")
