"""Rating: how well codes of music hit beats, told without decoding them."""

from __future__ import annotations

import torch
from torch import Tensor

from ..codec.quantizer import ResidualVectorQuantizer

SPAN_FRAMES = 3
"""What is compared before and after a frame: 50 ms."""

REACH_FRAMES = 3
"""How far from a beat an onset may be."""


class BeatRating:
    """Rates codes by how much they change around beats of several kinds, all of which count alike.

    The measure is the novelty of the codec's latents: the distance between their means over the 50 ms
    before and after a frame, which an onset makes large and a held note does not.
    """

    def __init__(self, quantizer: ResidualVectorQuantizer, *beats: Tensor) -> None:
        """Beats: frames ``(B,)`` of the beats of each kind, on the processor, whatever computes."""
        self.quantizer = quantizer
        self.beats = beats
        self._size = quantizer.codebooks[0].norm(dim=-1).mean()

    def __call__(self, codes: Tensor, start: int) -> Tensor:
        """Mean novelty at the beats over the root of the mean novelty, ``(B,)``, of codes ``(B, K, n)`` from
        frame ``start`` on, summed over the kinds; a kind of which no beat is in their reach gives nothing.

        Over the mean itself, sparse music would be preferred, and over nothing, restless music. The size of
        the coarsest codewords makes it a number without a unit, to which others can be added.
        """
        first, last = start + SPAN_FRAMES, start + codes.shape[-1] - SPAN_FRAMES
        within = [beats[(beats >= first) & (beats <= last)] - first for beats in self.beats]
        if not any(map(len, within)):
            return codes.new_zeros(len(codes), dtype=torch.float32)
        novelty = _novelty(self.quantizer.decode(codes))
        near = torch.nn.functional.max_pool1d(novelty[:, None], 2 * REACH_FRAMES + 1, 1, REACH_FRAMES)[:, 0]
        at_beats = sum(near[:, beats].mean(1) for beats in within if len(beats))
        return at_beats / (novelty.mean(1) * self._size).clamp_min(1e-9).sqrt()


def _novelty(latents: Tensor) -> Tensor:
    """Latents ``(B, D, n)`` to ``(B, n - 2 * SPAN_FRAMES + 1)``, from frame SPAN_FRAMES on."""
    means = torch.nn.functional.avg_pool1d(latents, SPAN_FRAMES, 1)
    return (means[..., SPAN_FRAMES:] - means[..., :-SPAN_FRAMES]).norm(dim=1)
