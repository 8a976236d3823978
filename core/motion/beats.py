"""Kinematic beats: the moments at which a dancer's movement turns, stops or hits a pose.

The paper selects "frames with rapid direction changes, zero velocity, and peak angle values". All
three come together here in one curve: how slow the body is, against its surroundings, times how
much its joints change direction. Its peaks are the beats. Neither factor does as well alone: two
partners of the recorded salsa, who dance to the same music, agree on more of the product's peaks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..timing import FRAME_RATE
from .motion import Joints
from .validation import checked_joints

Curve = npt.NDArray[np.float64]
"""One number for every frame, (N,)."""

SPAN = 5
"""Frames (83 ms) over which a joint's step is taken. Between single frames at 60 Hz the direction
of a slow joint is mostly the recording's noise; over this span it is the dancer's."""

REFRACTORY_FRAMES = round(0.2 * FRAME_RATE)
"""Of two beats that are not further apart than this, the stronger stays."""

SURROUNDINGS_FRAMES = round(0.5 * FRAME_RATE)
"""How far to each side a frame is compared with its surroundings."""

THRESHOLD = 0.09
"""Weakest beat; the strongest possible one is near 1."""

SWAY_M_PER_S = 0.06
"""Mean speed of the joints up to which a body only sways, breathes, or trembles in the recording."""

STRAY_M = 0.01
"""Steps (over SPAN) that are shorter than this hardly count: such a joint stands still."""

NO_DIRECTION_M = 0.003
"""Steps (over SPAN) that are shorter than this have no direction. Coming to rest, or leaving it,
then counts as a quarter turn."""

LULL_SHARE = 0.1
"""Direction changes fade where the joints move less than this share of what they do nearby."""

_BLOCK_FRAMES = 1024
"""Frames worked on at once, so few that they stay in the processor's cache."""

_SMOOTHING = np.array([1.0, 8.0, 28.0, 56.0, 70.0, 56.0, 28.0, 8.0, 1.0]) / 256


def kinematic_beats(joints: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Frames at which the movement of the whole body turns or comes to rest.

    Args:    joints: (N, 24, 3) at 60 Hz, metres, canonical space.
    Returns: (N, 1) float32, 1 at a kinematic beat and 0 elsewhere; none for a body that stands
             still or moves without turning or stopping.
    Raises:  MotionError: motion.not_finite, motion.too_short (no frames at all), motion.shape.
    Source:  RVQ dance-to-music 2026, section 3.4.
    """
    positions = checked_joints(joints)
    marks = np.zeros((len(positions), 1), dtype=np.float32)
    marks[_peaks(beat_strength(positions))] = 1.0
    return marks


def beat_frames(kinematic_beats: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Indices of the frames that carry a kinematic beat, ascending.

    Args: kinematic_beats: (N, 1) or (N,), as kinematic_beats gives them.
    """
    return np.flatnonzero(np.asarray(kinematic_beats).ravel() > 0.5)


def beat_strength(joints: Joints) -> Curve:
    """How much every frame looks like a kinematic beat, (N,), 0 to 1.

    Args:    joints: (N, 24, 3) float64 at 60 Hz, metres, canonical space.
    """
    speed, turn = speed_and_turn(joints)
    busy = _running_maximum(speed, SURROUNDINGS_FRAMES)
    slowness = (busy - speed) * busy / (busy**2 + SWAY_M_PER_S**2)
    return np.convolve(np.pad(slowness * turn, len(_SMOOTHING) // 2, mode="edge"), _SMOOTHING, mode="valid")


def speed_and_turn(joints: Joints) -> tuple[Curve, Curve]:
    """The mean speed of all joints, and the mean change of their directions.

    The change of direction is the angle between a joint's steps before and after the frame. A
    joint counts by its step before, so that coming to rest is a beat and setting off is none.

    Args:    joints: (N, 24, 3) float64 at 60 Hz, metres.
    Returns: two (N,): metres a second; 0 for straight on to 1 for all joints turning back.
    """
    if len(joints) <= 2 * SPAN:
        return np.zeros(len(joints)), np.zeros(len(joints))
    starts = range(0, len(joints) - 2 * SPAN, _BLOCK_FRAMES)
    blocks = [_speed_turn_weight(joints[start : start + _BLOCK_FRAMES + 2 * SPAN]) for start in starts]
    speed, turned, weight = np.concatenate(blocks, axis=1)
    usual = weight + LULL_SHARE * _running_maximum(weight, SURROUNDINGS_FRAMES)
    turn = turned / np.maximum(usual, NO_DIRECTION_M)
    return np.pad(speed, SPAN, mode="edge"), np.pad(turn, SPAN, mode="edge")


def _speed_turn_weight(joints: Joints) -> npt.NDArray[np.float64]:
    """Mean speed, weighted sum of direction changes, and sum of the weights: (3, N - 2 SPAN)."""
    steps = joints[SPAN:] - joints[:-SPAN]
    squares = np.einsum("njc,njc->nj", steps, steps)
    along = np.einsum("njc,njc->nj", steps[:-SPAN], steps[SPAN:])
    lengths, before, after = np.sqrt(squares), squares[:-SPAN], squares[SPAN:]
    both = np.sqrt(np.maximum(before + after + 2 * along, 0.0))
    speed = both.mean(axis=1) * (FRAME_RATE / (2 * SPAN))
    cosine = along / (lengths[:-SPAN] * lengths[SPAN:] + NO_DIRECTION_M**2)
    angle = np.arccos(np.clip(cosine, -1.0, 1.0)) / np.pi
    weight = lengths[:-SPAN] * before / (before + STRAY_M**2)
    return np.stack([speed, np.einsum("nj,nj->n", angle, weight), weight.sum(axis=1)])


def _running_maximum(curve: Curve, reach: int) -> Curve:
    """The largest value within ``reach`` frames to each side."""
    window = 2 * reach + 1
    padded = np.pad(curve, reach, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, window).max(axis=1))


def _peaks(strength: Curve) -> npt.NDArray[np.intp]:
    """The frames that are stronger than the threshold and than all within the refractory distance."""
    highest = _running_maximum(strength, REFRACTORY_FRAMES)
    found = np.flatnonzero((strength >= highest) & (strength > THRESHOLD))
    inner = found[(found >= SPAN) & (found < len(strength) - SPAN)]
    # Of equals, which only an exact repetition gives, the first.
    return inner[np.diff(inner, prepend=-len(strength)) > REFRACTORY_FRAMES]
