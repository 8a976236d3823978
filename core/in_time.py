"""Music brought to an even tempo by moving its onsets, as a sequencer's "quantise" does, but among codes.

What the predictor is told of a tempo moves its music hardly at all: it goes on with the pulse of what it
has played. Codes can be moved, since a frame's sound depends on little but its own codes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .code_onsets import are_onsets, code_changes
from .codec.quantizer import ResidualVectorQuantizer

TAIL_FRAMES = 8
"""What is repeated where the music between two onsets becomes longer: the end of it, 0.13 s."""

Frames = npt.NDArray[np.intp]


def in_time(
    codes: Tensor, quantizer: ResidualVectorQuantizer, grid: Frames, start: int = 0, end: int | None = None
) -> Tensor:
    """Codes whose strongest onset around each beat lies on it.

    What is between two moved onsets starts with the first; where there is too much of it, its end is cut
    off, and where too little, its end is repeated. Beats without an onset stay without.

    Args:
        codes: ``(K, N)``.
        grid: frames of the beats, rising.
        start, end: the part in which codes may move; those before and after it stay.
    Returns: ``(K, N)``.
    """
    end = codes.shape[1] if end is None else end
    changes = code_changes(codes[None, :, start:end], quantizer)
    onsets = np.flatnonzero(are_onsets(changes)[0].cpu().numpy())
    strengths = changes[0].double().cpu().numpy()[onsets]
    sources, targets = _anchors(onsets + start, strengths, grid[(grid > start) & (grid < end)])
    moved = np.arange(codes.shape[1])
    edges = zip([start, *sources], [*sources, end], [start, *targets], [*targets, end], strict=True)
    for first, last, new_first, new_last in edges:
        moved[new_first:new_last] = first + _fitted(last - first, new_last - new_first)
    return codes[:, torch.from_numpy(moved).to(codes.device)]


def _anchors(onsets: Frames, strengths: npt.NDArray[np.float64], grid: Frames) -> tuple[list[int], list[int]]:
    """The strongest of the onsets that are nearest to each beat, and that beat: both strictly rising."""
    if len(grid) < 2:
        return [], []
    between = (grid[1:] + grid[:-1]) / 2
    nearest = np.searchsorted(between, onsets)
    near = np.abs(onsets - grid[nearest]) <= np.diff(grid).max() / 2
    sources, targets = [], []
    for beat in np.unique(nearest[near]):
        own = np.flatnonzero((nearest == beat) & near)
        sources.append(int(onsets[own[np.argmax(strengths[own])]]))
        targets.append(int(grid[beat]))
    return sources, targets


def _fitted(length: int, wanted: int) -> Frames:
    """Which of ``length`` frames to play to fill ``wanted``."""
    frames = np.arange(wanted)
    tail = min(length, TAIL_FRAMES)
    return np.where(frames < length, frames, length - tail + (frames - length) % tail)
