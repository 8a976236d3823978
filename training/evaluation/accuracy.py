"""How often the predictor names the real music's next code: the paper's test accuracy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ...core.checkpoint import Checkpoint
from ...core.motion.features import motion_features
from ...core.predictor.model import Predictor, delay_codes
from ...core.predictor.recall import recall_frames, recalled_codes
from ...core.predictor.sampling import encode_pieces
from ..predictor import code_accuracy, previous_codes


@torch.inference_mode()
def music_codes(checkpoint: Checkpoint, waveform: npt.NDArray[np.float32]) -> Tensor:
    """The codec's codes ``(K, N)`` of a waveform ``(N * 400,)`` at 24 kHz."""
    return torch.cat(list(checkpoint.codec.encode_chunks(torch.from_numpy(waveform)[None, None])), -1)[0]


def dance_features(joints: npt.NDArray[np.floating]) -> Tensor:
    """The predictor's input ``(N, 92)`` for joints ``(N, 24, 3)`` at 60 Hz."""
    return torch.from_numpy(motion_features(joints).stacked())


@torch.inference_mode()
def teacher_forced_accuracy(
    predictor: Predictor, features: Tensor, codes: Tensor, genre: str | None
) -> list[float]:
    """Share of right codes, 0 to 1, of each codebook, where every frame is told the true codes before it.

    Args:
        features: ``(N, 92)``; codes: ``(K, N)``.
        genre: one of the predictor's; any other, or None, counts as not named.
    Source: RVQ dance-to-music 2026, section 4.4 and Table 7.
    """
    config = predictor.config
    delayed = delay_codes(codes[None], config.codebook_delay, config.codebook_size)
    previous = previous_codes(delayed, config.codebook_size)
    # The delayed codebooks of the last frames come after the dance has ended, as in generation.
    padded = functional.pad(features, (0, 0, 0, config.latency))[None]
    frames = recall_frames(features, config.recall, config.latency)
    recalled = recalled_codes(delayed, frames, config.codebook_size)
    table = predictor.decoder.history_table()
    index = 1 + config.genres.index(genre) if genre in config.genres else 0
    state = None
    frame = 0
    logits = []
    for encoded in encode_pieces(predictor, padded, torch.tensor([index])):
        end = frame + encoded.shape[1]
        now = recalled[:, frame : end + 1]
        history = predictor.decoder.embed(previous[..., frame:end], table, now)
        piece, state = predictor.decoder(encoded, history, state, now)
        logits.append(piece)
        frame = end
    return [float(share) for share in code_accuracy(torch.cat(logits, 2), delayed)]
