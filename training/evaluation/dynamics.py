"""Whether music is loud where its dance is lively."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...core.timing import FRAME_RATE

WINDOW_S = 2.0
"""About a bar: shorter, and the beats themselves are compared."""

Curve = npt.NDArray[np.floating]
"""(N,) a value for every frame of 1/60 s."""


def dynamics(level: Curve, speed: Curve) -> float:
    """Correlation of music's level with the speed of its dance, over windows of two seconds.

    1 where the music is loud exactly as far as the dance is lively; about 0 where they have nothing to do
    with each other. 0, too, where either is the same throughout, or lasts for less than two windows.
    """
    frames = round(WINDOW_S * FRAME_RATE)
    windows = min(len(level), len(speed)) // frames
    if windows < 2:
        return 0.0
    curves = [curve[: windows * frames].reshape(windows, frames).mean(1) for curve in (level, speed)]
    if any(np.allclose(curve, curve[0]) for curve in curves):
        return 0.0
    return float(np.corrcoef(curves)[0, 1])
