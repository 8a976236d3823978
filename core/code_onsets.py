"""Onsets seen in codes, without decoding them."""

from __future__ import annotations

import torch
from torch import Tensor

from .codec.quantizer import ResidualVectorQuantizer

COARSE_CODEBOOKS = 4
"""In the finer ones, a held note changes as much as an onset."""

APART_FRAMES = 4
"""An onset is the largest change within this many frames to each side."""

PROMINENCE = 1.0
"""By how many standard deviations an onset's change is above the mean one."""


def code_changes(codes: Tensor, quantizer: ResidualVectorQuantizer) -> Tensor:
    """How much the sound changes at every frame: codes ``(B, K, n)`` to ``(B, n)``; 0 at the first."""
    coarse = zip(quantizer.codebooks[:COARSE_CODEBOOKS], codes.unbind(1), strict=False)
    latents = torch.stack([codebook[code] for codebook, code in coarse]).sum(0)
    return torch.nn.functional.pad((latents[:, 1:] - latents[:, :-1]).norm(dim=-1), (1, 0))


def are_onsets(changes: Tensor) -> Tensor:
    """The frames ``(B, n)`` at which the sound changes most, by one measure for all rows; bool."""
    highest = torch.nn.functional.max_pool1d(changes[:, None], 2 * APART_FRAMES + 1, 1, APART_FRAMES)[:, 0]
    spread = changes.std(correction=0)
    return (changes >= highest) & (changes > changes.mean() + PROMINENCE * spread)
