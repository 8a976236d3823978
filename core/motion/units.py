"""Units that a motion file does not state: how long its unit is, and how fast it really runs."""

from __future__ import annotations

from .canonical import body_size
from .motion import Joints
from .skeleton import REFERENCE_HEIGHT, REST_JOINTS

_METRES = (1.0, 0.01, 0.001, 0.0254, 0.0254 / 0.45)
"""Units that files come in: metres, centimetres, millimetres, inches, and CMU's own (inches / 0.45)."""

_HEIGHTS = (1.4, 2.1)
"""Metres between which a dancer's height is believed."""


def metres_per_unit(joints: Joints) -> float:
    """The length of a file's unit, from the size of the body.

    The first common unit that makes the body as tall as people are; if none does, the one that
    makes it as tall as the reference body.

    Args:   joints: (T, 24, 3) in the file's unit.
    Raises: MotionError (motion.no_body).
    """
    height = REFERENCE_HEIGHT * body_size(joints) / body_size(REST_JOINTS[None])
    shortest, tallest = _HEIGHTS
    fitting = (unit for unit in _METRES if shortest <= height * unit <= tallest)
    return next(fitting, REFERENCE_HEIGHT / height)


def true_frame_rate(frame_time_s: float, decimals: int) -> float:
    """The frame rate that a rounded or cut frame time stands for.

    Files say 0.016666 and mean 60 frames a second; taken literally, a minute of dance would be off
    by 2.4 ms. A whole rate, or one of television's (1000/1001 of a whole rate), is taken if the
    frame time could have been made from it.

    Args: frame_time_s: as written, in seconds; decimals: how many digits follow its point.
    """
    rate = 1.0 / frame_time_s
    tolerance_s = min(1.001 * 10.0**-decimals, 0.0015 * frame_time_s)
    for candidate in (float(round(rate)), round(rate * 1.001) * 1000 / 1001):
        if candidate > 0 and abs(1.0 / candidate - frame_time_s) <= tolerance_s:
            return candidate
    return rate
