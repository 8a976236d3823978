"""What the model reads of a dance: how every joint moves, and where the movement marks a beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .beats import kinematic_beats
from .canonical import canonical
from .validation import checked_joints

N_DISPLACEMENTS = 72
"""24 joints times three coordinates, equation (5)."""


@dataclass(frozen=True)
class MotionFeatures:
    """The model's input, one row for every motion frame.

    Attributes:
        displacements: ``(N, 72)`` float32, metres per frame in canonical space.
        kinematic_beats: ``(N, 1)`` float32, 1 at a kinematic beat and 0 elsewhere.
    """

    displacements: npt.NDArray[np.float32]
    kinematic_beats: npt.NDArray[np.float32]

    def stacked(self) -> npt.NDArray[np.float32]:
        """Both side by side, (N, 73), as the predictor reads them."""
        return np.concatenate([self.displacements, self.kinematic_beats], axis=1)


def motion_features(joints: npt.ArrayLike) -> MotionFeatures:
    """Displacements and kinematic beats of a dance, wherever it is danced and by whom.

    Args:    joints: (N, 24, 3) at 60 Hz, any unit, Z up.
    Raises:  MotionError: motion.not_finite naming the first bad frame and joint; motion.too_short;
             motion.shape; motion.no_body.
    Source:  RVQ dance-to-music 2026, sections 3.2 and 3.4.
    """
    positions = canonical(joints)
    return MotionFeatures(displacements(positions), kinematic_beats(positions))


def displacements(joints: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Frame-to-frame movement of every joint; the first row is zero, so N stays N.

    Args:    joints: (N, 24, 3) at 60 Hz, metres, canonical space.
    Returns: (N, 72) float32, metres per frame; joint by joint, each x, y, z.
    Raises:  MotionError: motion.not_finite naming the first bad frame and joint; motion.too_short;
             motion.shape.
    Source:  RVQ dance-to-music 2026, section 3.2, equations (1) to (5).
    """
    positions = checked_joints(joints).reshape(-1, N_DISPLACEMENTS)
    moved = np.zeros(positions.shape, dtype=np.float32)
    np.subtract(positions[1:], positions[:-1], out=moved[1:], casting="same_kind")
    return moved
