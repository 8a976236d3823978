"""Brings a motion to the model's 60 frames a second."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..errors import MotionError
from ..timing import FRAME_RATE, MAX_DURATION_S, frame_count
from .motion import Joints


def resample(joints: npt.ArrayLike, frame_rate: float) -> Joints:
    """Positions at n / 60 s, from the first sample to the last.

    Interpolates with cubic Hermite curves (Catmull-Rom). Straight lines would make the velocity
    jump at every recorded frame, and those jumps would look like kinematic beats; the cubic keeps
    it continuous, passes through every recorded frame and needs only four neighbours.

    Args:    joints: (T, J, 3); frame_rate: frames per second of ``joints``.
    Returns: (N, J, 3) float64 at 60 Hz with N = timing.frame_count((T - 1) / frame_rate).
    Raises:  MotionError: motion.too_short if T is 0; motion.too_long; motion.frame_rate.
    """
    samples = np.asarray(joints, dtype=np.float64)
    if not (math.isfinite(frame_rate) and frame_rate > 0):
        raise MotionError(
            f"The frame rate {frame_rate} is not a positive number.",
            code="motion.frame_rate",
            hint="Give the frames per second of the motion.",
        )
    if len(samples) == 0:
        raise MotionError("The motion has no frames.", code="motion.too_short", hint="Choose a longer range.")
    duration_s = (len(samples) - 1) / frame_rate
    if duration_s > MAX_DURATION_S:
        raise MotionError(
            f"The dance lasts {duration_s / 60:.3g} minutes.",
            code="motion.too_long",
            hint=f"Choose a range of up to {MAX_DURATION_S // 60} minutes.",
        )
    n_frames = frame_count(duration_s)
    if frame_rate == FRAME_RATE:
        return samples[:n_frames].copy()
    position = np.minimum(np.arange(n_frames) * (frame_rate / FRAME_RATE), len(samples) - 1)
    return _interpolate(samples, position)


def _interpolate(samples: Joints, position: npt.NDArray[np.float64]) -> Joints:
    """Catmull-Rom through the samples at fractional indices, the ends extended in a straight line."""
    before = np.floor(position).astype(np.intp)
    u = (position - before)[:, None, None]
    last = len(samples) - 1
    after = np.minimum(before + 1, last)
    start, end = samples[before], samples[after]
    # Beyond an end, the neighbour that is missing continues the line of the last two samples.
    previous = np.where((before == 0)[:, None, None], 2 * start - end, samples[np.maximum(before - 1, 0)])
    following = np.where(
        (after == last)[:, None, None], 2 * end - start, samples[np.minimum(after + 1, last)]
    )
    leaving, arriving = (end - previous) / 2, (following - start) / 2
    chord = end - start
    bend = (leaving + arriving - 2 * chord) * u + (3 * chord - 2 * leaving - arriving)
    return np.asarray(start + u * (leaving + u * bend))
