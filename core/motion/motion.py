"""A recorded dance as joint positions over time, wherever it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Joints: TypeAlias = npt.NDArray[np.float64]
"""Positions, (..., 24, 3) float64; metres, Z up and right-handed where nothing else is said."""


@dataclass(frozen=True)
class Motion:
    """A dance as it was recorded, at its own frame rate.

    Attributes:
        joints: ``(T, 24, 3)`` float64, metres, Z up, right-handed, SMPL's joints in SMPL's order.
        frame_rate: frames per second.
        source: what the dance was read from, for messages.
    """

    joints: Joints
    frame_rate: float
    source: str

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame to the last."""
        return (len(self.joints) - 1) / self.frame_rate
