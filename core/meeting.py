"""How well the end of a new part of music meets the pulse of the music that comes after it."""

from __future__ import annotations

import torch
from torch import Tensor

from .code_onsets import code_changes
from .codec.quantizer import ResidualVectorQuantizer
from .predictor.sampling import Rating

PERIODS_FRAMES = (24, 90)
"""A pulse repeats after no less and no more than this: 150 to 40 times a minute."""

COMPARED_FRAMES = 90
"""How much of the new part is compared: its last one and a half seconds."""

AFTER_FRAMES = 480
"""From how much of the music that comes after its pulse is taken: eight seconds."""

BLUR_FRAMES = 5
"""Onsets may be this far apart and still be compared."""

WEIGHT = 3.0
"""How much a full likeness counts beside the other rating."""


class PulseMeeting:
    """Another rating, with a liking for what the music after it repeats in step.

    The onset curve of a continuation's end is compared (Pearson's correlation) with the curve one and two
    of the following music's periods later, the likelier of which counts.
    """

    def __init__(self, rating: Rating, quantizer: ResidualVectorQuantizer, kept: Tensor, end: int) -> None:
        """Args: kept: codes ``(K, N)``, of which those from ``end`` on are looked at."""
        self._rating, self._quantizer, self._end = rating, quantizer, end
        self._after = kept[:, end : end + AFTER_FRAMES]
        self._period = _period(_curve(self._after[None], quantizer)[0]) if self._after.shape[1] else None

    def __call__(self, codes: Tensor, start: int) -> Tensor:
        """The rating ``(B,)`` of codes ``(B, K, n)`` from frame ``start`` on."""
        rated = self._rating(codes, start)
        if self._period is None or start + codes.shape[-1] < self._end:
            return rated
        after = self._after.expand(len(codes), -1, -1)
        whole, at = _curve(torch.cat([codes, after], -1), self._quantizer), codes.shape[-1]
        first = max(0, at - COMPARED_FRAMES)
        likeness = [
            _correlation(whole[:, first:at], whole[:, first + lag : at + lag])
            for lag in (self._period, 2 * self._period)
            if at + lag <= whole.shape[1]
        ]
        return rated + WEIGHT * torch.stack(likeness).max(0).values if likeness else rated


def _curve(codes: Tensor, quantizer: ResidualVectorQuantizer) -> Tensor:
    """How much the sound changes, blurred: codes ``(B, K, n)`` to ``(B, n)``."""
    changes = code_changes(codes, quantizer)[:, None]
    return torch.nn.functional.avg_pool1d(changes, BLUR_FRAMES, 1, BLUR_FRAMES // 2)[:, 0]


def _period(curve: Tensor) -> int | None:
    """The lag at which a curve ``(n,)`` is most like itself; None for one without a pulse, or too short."""
    shortest, longest = PERIODS_FRAMES
    lags = range(shortest, min(longest, len(curve) // 2) + 1)
    if not lags:
        return None
    likeness = torch.cat([_correlation(curve[None, :-lag], curve[None, lag:]) for lag in lags])
    return lags[int(likeness.argmax())] if likeness.max() > 0 else None


def _correlation(one: Tensor, other: Tensor) -> Tensor:
    """Pearson's, of each row: two ``(B, n)`` to ``(B,)``."""
    one, other = (each - each.mean(1, keepdim=True) for each in (one, other))
    return (one * other).sum(1) / (one.norm(dim=1) * other.norm(dim=1)).clamp_min(1e-9)
