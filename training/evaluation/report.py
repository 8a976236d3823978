"""The scores as a table: Markdown to read, JSON to compute with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .evaluate import Column, Piece


@dataclass(frozen=True)
class Score:
    """One number of the table.

    Attributes:
        mean: over sequences and seeds.
        over_sequences: standard deviation of the sequences' scores, each the mean of its seeds;
            None where all sequences have one score together.
        over_seeds: standard deviation of the seeds' scores, each the mean of its sequences; None
            where there is one seed or none.
    """

    mean: float
    over_sequences: float | None
    over_seeds: float | None


@dataclass(frozen=True)
class Measure:
    """How the table shows a measure.

    Attributes:
        label: with an arrow where more (↑) or less (↓) is better by itself.
        percent: whether it is a share, shown as such.
    """

    label: str
    percent: bool = True


MEASURES: dict[str, dict[str, Measure]] = {
    "Method paper, section 4.2": {
        "beats_coverage": Measure("Beats coverage score"),
        "beats_hit": Measure("Beats hit score ↑"),
        "accuracy": Measure("Test accuracy of codes ↑"),
    },
    "MoMu-Diffusion, appendix B.4": {
        "improved_bcs": Measure("Improved BCS ↑"),
        "csd": Measure("CSD ↓"),
        "improved_bhs": Measure("Improved BHS ↑"),
        "hsd": Measure("HSD ↓"),
        "improved_f1": Measure("F1 ↑"),
    },
    "Rhythm, stricter": {
        "onset_f": Measure("Onset F, 50 ms ↑"),
        "beat_f": Measure("Beat F, 70 ms ↑"),
        "beat_alignment": Measure("Beat alignment score ↑"),
        "kinematic_hit": Measure("Kinematic beats with an onset, 100 ms ↑"),
    },
    "Dynamics": {
        "dynamics": Measure("Correlation of level and speed, 2 s ↑"),
    },
    "Sound": {
        "genre_accuracy": Measure("Genre accuracy ↑"),
        "diversity": Measure("Diversity, between dances", percent=False),
        "intra_diversity": Measure("Diversity, between takes", percent=False),
        "frechet_log_mel": Measure("Fréchet distance, log-mel statistics ↓", percent=False),
    },
    "Steadiness": {
        "pulse_clarity": Measure("Pulse clarity within 8 s ↑"),
        "repetition": Measure("Repetition after two to eight bars"),
        "longest_silence_s": Measure("Longest silence (s)", percent=False),
        "clipped_share": Measure("Clipped samples ↓"),
        "dc_offset": Measure("DC offset, of full scale ↓"),
        "noise_share": Measure("Frames that are noise"),
    },
}
"""The table's rows, by heading; those that nothing measured are left out."""

COLUMNS = {
    "music": "music",
    "music_random": "… for another dance",
    "music_shifted": "… shifted",
    "real": "real music",
    "real_random": "… of another dance",
    "real_shifted": "… shifted",
}


def summary(column: Column) -> dict[str, Score]:
    """Every measure of a column with its two spreads."""
    scores = {
        name: Score(
            float(values.mean()),
            float(values.mean(0).std()) if values.shape[1] > 1 else None,
            float(values.mean(1).std()) if values.shape[0] > 1 else None,
        )
        for name, values in column.by_piece.items()
    }
    for name, values in column.by_set.items():
        scores[name] = Score(float(values.mean()), None, float(values.std()) if len(values) > 1 else None)
    return scores


def markdown(columns: dict[str, Column], about: dict[str, Any]) -> str:
    """The table; a cell is ``mean ± over sequences (± over seeds)``."""
    scores = {name: summary(column) for name, column in columns.items()}
    lines = [f"- {name}: {value}" for name, value in about.items()]
    lines += ["", "A cell is the mean ± its standard deviation over sequences (± over seeds).", ""]
    lines.append(f"| | {' | '.join(COLUMNS[name] for name in columns)} |")
    lines.append("|" + "---|" * (len(columns) + 1))
    for heading, measures in MEASURES.items():
        rows = {name: _rows(name, scores) for name in measures}
        if not any(rows.values()):
            continue
        lines.append(f"| **{heading}** |{' |' * len(columns)}")
        for name, measure in measures.items():
            for row in rows[name]:
                label = measure.label if row == name else f"&nbsp;&nbsp;codebook {row.rpartition('_')[2]}"
                cells = [_cell(scores[column].get(row), measure.percent) for column in columns]
                lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _rows(name: str, scores: dict[str, dict[str, Score]]) -> list[str]:
    """The measure itself, where it was measured, and its parts by codebook."""
    measured = [row for row in scores["music"] if row == name or row.startswith(f"{name}_")]
    return [row for row in measured if row == name or row.removeprefix(f"{name}_").isdigit()]


def _cell(score: Score | None, percent: bool) -> str:
    if score is None:
        return ""
    scale, digits = (100.0, 1) if percent else (1.0, 3)
    text = f"{score.mean * scale:.{digits}f}"
    if score.over_sequences is not None:
        text += f" ± {score.over_sequences * scale:.{digits}f}"
    if score.over_seeds is not None:
        text += f" (± {score.over_seeds * scale:.{digits}f})"
    return text


def as_json(columns: dict[str, Column], pieces: list[Piece], about: dict[str, Any]) -> dict[str, Any]:
    """The same, with the score of every piece, mean of its seeds, in the order of ``pieces``."""
    return {
        "about": about,
        "pieces": [piece.name for piece in pieces],
        "columns": {
            name: {
                measure: {
                    "mean": score.mean,
                    "over_sequences": score.over_sequences,
                    "over_seeds": score.over_seeds,
                    "by_piece": by_piece(column, measure),
                }
                for measure, score in summary(column).items()
            }
            for name, column in columns.items()
        },
    }


def by_piece(column: Column, measure: str) -> list[float] | None:
    """Each piece's score, mean of its seeds; None for a measure of all pieces together."""
    values = column.by_piece.get(measure)
    return None if values is None else np.asarray(values.mean(0)).tolist()


def write_report(
    folder: Path, columns: dict[str, Column], pieces: list[Piece], about: dict[str, Any]
) -> None:
    """Writes ``table.md`` and ``scores.json``."""
    (folder / "table.md").write_text(markdown(columns, about), encoding="utf-8")
    text = json.dumps(as_json(columns, pieces, about), indent=1, ensure_ascii=False)
    (folder / "scores.json").write_text(text + "\n", encoding="utf-8")
