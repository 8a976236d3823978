"""How well a codec keeps music: what of it is there again after encoding and decoding."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ...core.codec.model import Codec
from ...core.timing import FRAME_RATE, HOP_LENGTH
from ..audio import read_audio
from ..codebooks import code_perplexity
from ..data.datasets import DatasetSettings, codec_music
from ..losses import MultiScaleMelLoss, si_sdr
from .lossy import FORMATS, through
from .rhythm import musical_onsets, onset_f

Scores = dict[str, list[float]]
"""Of every piece, by name of the score."""


@dataclass(frozen=True)
class CodecScores:
    """Scores of a codec.

    Attributes:
        by_piece: ``onset_f`` (50 ms), ``mel`` (multi-scale log-mel distance, nats), ``si_sdr_db`` and
            ``kbit_s`` of every piece.
        perplexity: of each codebook, over all pieces together: 1 to its size.
        beside: the same scores of the same pieces by name of another codec.
    """

    by_piece: Scores
    perplexity: list[float]
    beside: dict[str, Scores]

    def as_json(self) -> dict[str, Any]:
        """As plain values: means and standard deviations over pieces."""
        return {
            "pieces": len(self.by_piece["onset_f"]),
            **_spread(self.by_piece),
            "perplexity": self.perplexity,
            "beside": {name: _spread(scores) for name, scores in self.beside.items()},
        }


def held_out_audio(folder: Path, data: DatasetSettings, pieces: int) -> list[Path]:
    """So many of the files that a codec's training on this data set holds out, evenly among them.

    Where it would hold out nothing, as of a single file, all of the music is taken.

    Raises: what ``codec_music`` raises.
    """
    files, held_out = codec_music(folder, data)
    files = held_out or files
    chosen = np.unique(np.linspace(0, len(files) - 1, min(pieces, len(files))).round().astype(int))
    return [files[i] for i in chosen]


@torch.inference_mode()
def codec_scores(codec: Codec, files: list[Path], seconds: float) -> CodecScores:
    """Encodes and decodes the start of every file, by Opus and MP3 too.

    Raises: what ``read_audio`` raises.
    """
    size = codec.config.codebook_size
    kbit_s = codec.config.n_codebooks * math.log2(size) * FRAME_RATE / 1000
    heard = _Listener()
    own, beside = _nothing(), {name: _nothing() for name in FORMATS}
    codes: list[Tensor] = []
    for path in tqdm(files, unit="piece"):
        waveform = read_audio(path, 0, round(seconds * FRAME_RATE) * HOP_LENGTH)[None]
        pieces = list(codec.encode_chunks(waveform))
        codes += pieces
        heard.add(own, torch.cat(list(codec.decode_stream(pieces)), -1), waveform, kbit_s)
        for name, scores in beside.items():
            output, rate = through(name, waveform.flatten().numpy())
            heard.add(scores, torch.from_numpy(output)[None, None], waveform, rate)
    perplexity = [float(code_perplexity(code.flatten(), size)) for code in torch.cat(codes, -1)[0]]
    return CodecScores(own, perplexity, beside)


class _Listener:
    """Compares decoded music with what it was, both ``(1, 1, S)``."""

    def __init__(self) -> None:
        self._mel = MultiScaleMelLoss()

    def add(self, scores: Scores, output: Tensor, waveform: Tensor, kbit_s: float) -> None:
        kept, real = (musical_onsets(each.flatten().numpy()) for each in (output, waveform))
        scores["onset_f"].append(onset_f(kept, real))
        scores["mel"].append(float(self._mel(output, waveform)))
        scores["si_sdr_db"].append(float(si_sdr(output, waveform).mean()))
        scores["kbit_s"].append(kbit_s)


def _nothing() -> Scores:
    return {"onset_f": [], "mel": [], "si_sdr_db": [], "kbit_s": []}


def _spread(scores: Scores) -> dict[str, dict[str, float]]:
    return {
        name: {"mean": float(np.mean(values)), "std": float(np.std(values))}
        for name, values in scores.items()
    }
