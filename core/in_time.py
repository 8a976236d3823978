"""Music brought to an even tempo by moving its onsets, as a sequencer's "quantise" does, but among codes.

What the predictor is told of a tempo moves its music hardly at all: it goes on with the pulse of what it
has played. Codes can be moved, since a frame's sound depends on little but its own codes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .codec.quantizer import ResidualVectorQuantizer

COARSE_CODEBOOKS = 4
"""In the finer ones, a held note changes as much as an onset."""

APART_FRAMES = 4
"""An onset is the largest change within this many frames to each side."""

PROMINENCE = 1.0
"""By how many standard deviations an onset's change is above the mean one."""

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
    onsets, changes = _onsets(codes[:, start:end], quantizer)
    sources, targets = _anchors(onsets + start, changes, grid[(grid > start) & (grid < end)])
    moved = np.arange(codes.shape[1])
    edges = zip([start, *sources], [*sources, end], [start, *targets], [*targets, end], strict=True)
    for first, last, new_first, new_last in edges:
        moved[new_first:new_last] = first + _fitted(last - first, new_last - new_first)
    return codes[:, torch.from_numpy(moved).to(codes.device)]


def _onsets(codes: Tensor, quantizer: ResidualVectorQuantizer) -> tuple[Frames, npt.NDArray[np.float64]]:
    """Frames at which the sound changes most, and how much it does."""
    coarse = zip(quantizer.codebooks[:COARSE_CODEBOOKS], codes, strict=False)
    latents = torch.stack([codebook[code] for codebook, code in coarse]).sum(0)
    change = np.zeros(len(latents))
    change[1:] = (latents[1:] - latents[:-1]).norm(dim=1).double().cpu().numpy()
    around = np.lib.stride_tricks.sliding_window_view(np.pad(change, APART_FRAMES), 2 * APART_FRAMES + 1)
    found = (change >= around.max(1)) & (change > change.mean() + PROMINENCE * change.std())
    onsets = np.flatnonzero(found)
    return onsets, change[onsets]


def _anchors(
    onsets: Frames, changes: npt.NDArray[np.float64], grid: Frames
) -> tuple[list[int], list[int]]:
    """The strongest of the onsets that are nearest to each beat, and that beat: both strictly rising."""
    if not len(grid) or not len(onsets):
        return [], []
    between = (grid[1:] + grid[:-1]) / 2
    nearest = np.searchsorted(between, onsets)
    sources, targets = [], []
    for beat in np.unique(nearest):
        own = np.flatnonzero(nearest == beat)
        sources.append(int(onsets[own[np.argmax(changes[own])]]))
        targets.append(int(grid[beat]))
    return sources, targets


def _fitted(length: int, wanted: int) -> Frames:
    """Which of ``length`` frames to play to fill ``wanted``."""
    frames = np.arange(wanted)
    tail = min(length, TAIL_FRAMES)
    return np.where(frames < length, frames, length - tail + (frames - length) % tail)
