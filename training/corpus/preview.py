"""A page to listen to a corpus and to look at it: players, spectrograms with beats, the dancing skeleton."""

from __future__ import annotations

import base64
import html
import json
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import soundfile
from librosa import amplitude_to_db
from librosa.feature import melspectrogram
from matplotlib.figure import Figure

from ...core.motion.skeleton import PARENTS
from ...core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from .index import corpus_pieces

_EVERY = 3
"""Of the motion's frames, every third is shown: 20 a second."""

_PICTURE_INCHES, _DPI = (12.0, 2.6), 100


def write_preview(corpus: Path, per_genre: int) -> Path:
    """Writes ``preview/index.html`` with its pictures; the music is played from the corpus itself.

    Args:
        corpus: folder of a whole corpus.
        per_genre: pieces of each genre, evenly among them.
    Returns: the path of the page.
    Raises: FileFormatError (corpus.no_index).
    """
    folder = corpus / "preview"
    folder.mkdir(exist_ok=True)
    pieces = corpus_pieces(corpus)
    sections = []
    for genre in dict.fromkeys(piece["genre"] for piece in pieces):
        ours = [piece for piece in pieces if piece["genre"] == genre]
        chosen = np.linspace(0, len(ours) - 1, min(per_genre, len(ours))).round().astype(int)
        articles = "\n".join(_article(corpus, folder, ours[index]) for index in chosen)
        sections.append(f"<h2>{html.escape(genre.replace('_', ' '))}</h2>\n{articles}")
    hours = sum(piece["frames"] for piece in pieces) / FRAME_RATE / 3600
    page = Template(files(__package__).joinpath("preview.html").read_text(encoding="utf-8")).substitute(
        title=f"Corpus “{html.escape(corpus.resolve().name)}”",
        summary=f"{len(pieces)} pairs, {hours:.2f} hours, {len(sections)} genres.",
        genres="\n".join(sections),
        bones=json.dumps([[parent, joint] for joint, parent in enumerate(PARENTS) if parent >= 0]),
    )
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _article(corpus: Path, folder: Path, piece: dict[str, Any]) -> str:
    """One piece: what it is, the dancer, the picture and the player."""
    name = piece["name"]
    with np.load(corpus / f"{name}.npz", allow_pickle=False) as pair:
        truth = {key: pair[key] for key in pair.files}
    waveform, _ = soundfile.read(corpus / f"{name}.flac", dtype="float32")
    _draw(folder / f"{name}.png", waveform, truth)
    words = [
        f"<b>{html.escape(name)}</b>",
        f"song {html.escape(piece['song'])}",
        f"dance {html.escape(piece['dance'])}",
        f"{float(truth['tempo_bpm']):g} beats a minute",
        f"{len(truth['joints']) / FRAME_RATE:.1f} s",
        html.escape(piece["split"]),
    ]
    data = {
        "joints": base64.b64encode(_millimetres(truth["joints"])).decode(),
        "beats": json.dumps(truth["beat_times_s"].round(3).tolist()),
        "rate": FRAME_RATE / _EVERY,
        "length": len(waveform) / SAMPLE_RATE,
    }
    attributes = " ".join(f'data-{key}="{value}"' for key, value in data.items())
    return (
        f"<article {attributes}><p>{' · '.join(words)}</p><canvas></canvas>\n"
        f'<div class="picture"><img src="{name}.png" alt="Mel spectrogram of {name}"><i></i></div>\n'
        f'<audio controls preload="none" src="../{name}.flac"></audio></article>'
    )


def _millimetres(joints: np.ndarray) -> bytes:
    """Every third frame of (N, 24, 3) metres, as little-endian 16-bit integers."""
    return np.round(joints[::_EVERY] * 1000).clip(-32768, 32767).astype("<i2").tobytes()


def _draw(path: Path, waveform: np.ndarray, truth: dict[str, np.ndarray]) -> None:
    """Writes a PNG, edge to edge: mel spectrogram, beats, downbeats and sections."""
    figure = Figure(figsize=_PICTURE_INCHES)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    power = melspectrogram(y=waveform, sr=SAMPLE_RATE, hop_length=HOP_LENGTH, n_mels=96, power=1.0)
    length = len(waveform) / SAMPLE_RATE
    axes.imshow(
        amplitude_to_db(power, ref=np.max),
        origin="lower",
        aspect="auto",
        extent=(0.0, length, 0.0, 1.0),
        cmap="magma",
    )
    axes.vlines(truth["beat_times_s"], 0.0, 0.06, color="white", lw=1.0)
    axes.vlines(truth["downbeat_times_s"], 0.0, 0.14, color="white", lw=1.6)
    for start_s, section in zip(truth["section_starts_s"], truth["section_names"], strict=True):
        axes.axvline(start_s, color="white", lw=0.8, ls=":")
        axes.text(max(start_s, 0.0) + 0.1, 0.9, str(section), color="white", fontsize=11)
    axes.set(xlim=(0.0, length), ylim=(0.0, 1.0))
    axes.set_axis_off()
    figure.savefig(path, dpi=_DPI)
