"""The model's clock: the one home of 60 Hz, 24 kHz and 400 samples."""

from __future__ import annotations

import math

FRAME_RATE = 60
"""Motion frames and code frames per second (Hz)."""

SAMPLE_RATE = 24_000
"""Audio samples per second (Hz)."""

HOP_LENGTH = SAMPLE_RATE // FRAME_RATE
"""Audio samples per motion frame: 400, the product of the codec's strides 2, 4, 5 and 10."""

MAX_DURATION_S = 60 * 60
"""Of the longest dance: an hour."""


def frame_count(duration_s: float) -> int:
    """Number of motion frames that sample a span of ``duration_s`` seconds, both ends included.

    Frames lie at n / 60 s. A millionth of a frame of slack keeps a span that is whole in
    frames from losing its last one to rounding.
    """
    return math.floor(duration_s * FRAME_RATE + 1e-6) + 1
