"""How well a codec keeps music: what of it is there again after encoding and decoding."""

from __future__ import annotations

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
from .rhythm import musical_onsets, onset_f


@dataclass(frozen=True)
class CodecScores:
    """Scores of a codec.

    Attributes:
        by_piece: mean and standard deviation over pieces of ``onset_f`` (50 ms), ``mel`` (multi-scale
            log-mel distance, nats) and ``si_sdr_db``.
        perplexity: of each codebook, over all pieces together: 1 to its size.
        pieces: how many.
    """

    by_piece: dict[str, tuple[float, float]]
    perplexity: list[float]
    pieces: int

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        scores = {name: {"mean": mean, "std": std} for name, (mean, std) in self.by_piece.items()}
        return {"pieces": self.pieces, **scores, "perplexity": self.perplexity}


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
    """Encodes and decodes the start of every file.

    Raises: what ``read_audio`` raises.
    """
    mel = MultiScaleMelLoss()
    scores: dict[str, list[float]] = {"onset_f": [], "mel": [], "si_sdr_db": []}
    codes: list[Tensor] = []
    for path in tqdm(files, unit="piece"):
        waveform = read_audio(path, 0, round(seconds * FRAME_RATE) * HOP_LENGTH)[None]
        pieces = list(codec.encode_chunks(waveform))
        output = torch.cat(list(codec.decode_stream(pieces)), -1)
        codes += pieces
        kept, real = (musical_onsets(each.flatten().numpy()) for each in (output, waveform))
        scores["onset_f"].append(onset_f(kept, real))
        scores["mel"].append(float(mel(output, waveform)))
        scores["si_sdr_db"].append(float(si_sdr(output, waveform).mean()))
    by_piece = {name: (float(np.mean(values)), float(np.std(values))) for name, values in scores.items()}
    perplexity = [
        float(code_perplexity(code.flatten(), codec.config.codebook_size)) for code in torch.cat(codes, -1)[0]
    ]
    return CodecScores(by_piece, perplexity, len(files))
