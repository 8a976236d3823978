"""Kinematic beats: the moments at which a dancer's movement turns, stops or hits a pose."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..timing import FRAME_RATE
from .motion import Joints
from .validation import checked_joints

Curve = npt.NDArray[np.float64]
"""One number for every frame, (N,)."""

SPAN = 4
"""Frames (67 ms) over which a velocity is taken. Between single frames at 60 Hz the direction of a
slow joint is mostly noise of the recording; over this span it is the dancer's."""

REFRACTORY_FRAMES = round(0.2 * FRAME_RATE)
"""Two beats are at least this far apart."""

SURROUNDINGS_FRAMES = round(0.5 * FRAME_RATE)
"""How far to each side a frame's speed is compared with."""

STANDING_M_PER_S = 0.05
"""A body whose joints move slower than this on average only sways and breathes."""


def kinematic_beats(joints: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Frames at which the whole body turns, all but stops, or both.

    Args:    joints: (N, 24, 3) at 60 Hz, metres, canonical space.
    Returns: (N, 1) float32, 1 at a kinematic beat and 0 elsewhere.
    Raises:  MotionError: motion.not_finite, motion.too_short, motion.shape.
    Source:  RVQ dance-to-music 2026, section 3.4.
    """
    positions = checked_joints(joints)
    marks = np.zeros((len(positions), 1), dtype=np.float32)
    marks[_beats(beat_strength(positions))] = 1.0
    return marks


def beat_frames(kinematic_beats: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Indices of the frames that carry a kinematic beat: (K,), ascending.

    Args:    kinematic_beats: (N, 1) or (N,).
    """
    return np.flatnonzero(np.asarray(kinematic_beats).ravel() > 0.5)


def beat_strength(joints: Joints) -> Curve:
    """How much every frame looks like a kinematic beat, 0 to 1.

    Args:    joints: (N, 24, 3) at 60 Hz, metres, canonical space.
    """
    speed, turn = speed_and_turn(joints)
    busy = _running_maximum(speed, SURROUNDINGS_FRAMES)
    slowness = np.where(busy > STANDING_M_PER_S, 1.0 - speed / np.maximum(busy, STANDING_M_PER_S), 0.0)
    return _smooth(slowness * turn)


def speed_and_turn(joints: Joints) -> tuple[Curve, Curve]:
    """Mean speed of the joints in metres a second, and mean direction change, 0 to 1 for half a turn."""
    n_frames = len(joints)
    if n_frames <= 2 * SPAN:
        return np.zeros(n_frames), np.zeros(n_frames)
    steps = joints[SPAN:] - joints[:-SPAN]
    squares = np.einsum("njc,njc->nj", steps, steps)
    before, after = squares[:-SPAN], squares[SPAN:]
    dot = np.einsum("njc,njc->nj", steps[:-SPAN], steps[SPAN:])
    speed = np.sqrt(np.maximum(before + after + 2 * dot, 0)).mean(axis=1) * (FRAME_RATE / (2 * SPAN))
    weight = np.sqrt(before * after)
    # A joint counts by how far it moved: what hardly moves has no direction.
    cosine = dot / np.maximum(weight, 1e-12)
    angle = np.arccos(np.clip(cosine, -1, 1)) / np.pi
    weight = np.sqrt(weight)
    total = weight.sum(axis=1)
    turn = np.einsum("nj,nj->n", angle, weight) / np.maximum(total, 1e-9)
    return np.pad(speed, SPAN, mode="edge"), np.pad(turn, SPAN, mode="edge")


def _running_maximum(curve: Curve, reach: int) -> Curve:
    """The largest value within ``reach`` frames to each side."""
    padded = np.pad(curve, reach, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1))


def _smooth(curve: Curve) -> Curve:
    """Without its quickest wiggles, and not shifted in time."""
    kernel = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    return np.convolve(np.pad(curve, 2, mode="edge"), kernel, mode="valid")


def _beats(strength: Curve) -> npt.NDArray[np.intp]:
    """Frames that are the strongest within the refractory distance, and strong enough."""
    highest = _running_maximum(strength, REFRACTORY_FRAMES)
    found = np.flatnonzero((strength >= highest) & (strength > 0.12))
    inner = found[(found >= SPAN) & (found < len(strength) - SPAN)]
    # Of equals, which only an exact plateau has, the first.
    first = np.diff(inner, prepend=-REFRACTORY_FRAMES - 1) > REFRACTORY_FRAMES
    return inner[first]
