"""A dance's accents: its kinematic beats, and how strong each is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..timing import FRAME_RATE
from .beats import beat_frames

Curve = npt.NDArray[np.float64]
"""One number for every frame, or for every beat."""

Accents = tuple[npt.NDArray[np.intp], Curve]
"""(K,) frame and (K,) weight of each kinematic beat."""

STILL_M_S = 0.12
"""A dance whose median speed is lower stands still all the time."""

_REACH = round(0.3 * FRAME_RATE)
_SPEED_SMOOTHING = 0.03 * FRAME_RATE


def accents(kinematic_beats: npt.ArrayLike, displacements: npt.ArrayLike) -> Accents:
    """Frame and weight of each kinematic beat: how much faster the body is around it.

    Args:
        kinematic_beats: (N, 1), as beats.kinematic_beats gives them.
        displacements: (N, 72), metres per frame.
    """
    speed = joint_speed(displacements)
    frames = beat_frames(kinematic_beats)
    padded = np.pad(speed, _REACH, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _REACH + 1)[frames]
    before, after = around[:, :_REACH], around[:, _REACH:]
    swing = np.minimum(before.max(axis=1), after.max(axis=1)) - speed[frames]
    typical = max(float(np.median(speed)), STILL_M_S)
    return frames, np.clip(0.35 + swing / typical, 0.1, 1.5)


def joint_speed(displacements: npt.ArrayLike) -> Curve:
    """(N,) mean speed of the joints in metres a second, lightly smoothed, of displacements (N, 72)."""
    moved = np.asarray(displacements)
    steps = moved.reshape(len(moved), -1, 3)
    lengths = np.sqrt(np.einsum("njc,njc->nj", steps, steps))
    return smoothed(lengths.mean(axis=1, dtype=np.float64) * FRAME_RATE, _SPEED_SMOOTHING)


def smoothed(values: Curve, sd_frames: float) -> Curve:
    """Values along frames, smoothed with a Gaussian; the ends are held."""
    radius = int(np.ceil(3 * sd_frames))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sd_frames) ** 2)
    return np.convolve(np.pad(values, radius, mode="edge"), kernel / kernel.sum(), mode="valid")
