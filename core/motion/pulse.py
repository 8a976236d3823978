"""A steady pulse in place of the dance's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..timing import FRAME_RATE
from .beats import beat_frames

CLOSENESS_FRAMES = 3.0
"""How near to a beat of the grid a kinematic beat must be to count for its phase: a standard deviation."""

_PHASES_PER_FRAME = 2


def beat_grid(kinematic_beats: npt.NDArray[np.float32], tempo_bpm: float) -> npt.NDArray[np.float32]:
    """Marks at an even tempo, in the phase in which most kinematic beats lie near them.

    Args:    kinematic_beats: (N, 1), as beats.kinematic_beats gives them.
    Returns: (N, 1) float32, 1 at the frame nearest to each beat of the grid and 0 elsewhere.
    """
    n_frames = len(kinematic_beats)
    frames = np.rint(grid_frames(beat_frames(kinematic_beats), tempo_bpm, n_frames)).astype(np.intp)
    marks = np.zeros((n_frames, 1), dtype=np.float32)
    marks[frames[frames < n_frames]] = 1.0
    return marks


def grid_frames(beats: npt.NDArray[np.intp], tempo_bpm: float, n_frames: int) -> npt.NDArray[np.float64]:
    """Where the beats of that grid lie, in frames and parts of frames, from 0 up to ``n_frames``."""
    period = 60 * FRAME_RATE / tempo_bpm
    phases = np.arange(0, period, 1 / _PHASES_PER_FRAME)
    away = (beats[None] - phases[:, None] + period / 2) % period - period / 2
    fit = np.exp(-0.5 * np.square(away / CLOSENESS_FRAMES)).sum(1)
    return np.arange(phases[int(np.argmax(fit))], n_frames, period)
