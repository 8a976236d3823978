"""What the model reads of a dance: how every joint moves, where that marks a beat, and a pulse for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .accents import accents
from .beats import kinematic_beats
from .canonical import canonical
from .downbeats import first_counts
from .felt_beats import felt_beats
from .pulse import N_PULSE, pulse
from .validation import checked_joints

N_DISPLACEMENTS = 72
"""24 joints times three coordinates, equation (5)."""

N_FEATURES = N_DISPLACEMENTS + 1 + N_PULSE
"""Displacements, kinematic beat, and pulse."""

READABLE = (N_DISPLACEMENTS, N_DISPLACEMENTS + 1, N_DISPLACEMENTS + 4, N_FEATURES)
"""How many of the features, from the first on, a model can read: with or without kinematic beats; with the
place in the beat; with all of the pulse."""

Movement = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""What is seen of a dance: displacements (N, 72) and kinematic beats (N, 1), as MotionFeatures has them."""


@dataclass(frozen=True)
class MotionFeatures:
    """The model's input, one row for every motion frame.

    Attributes:
        displacements: ``(N, 72)`` float32, metres per frame in canonical space.
        kinematic_beats: ``(N, 1)`` float32, 1 at a kinematic beat and 0 elsewhere.
        pulse: ``(N, 19)`` float32, the place of the frame in the music's beat and bars: see pulse.pulse.
    """

    displacements: npt.NDArray[np.float32]
    kinematic_beats: npt.NDArray[np.float32]
    pulse: npt.NDArray[np.float32]

    def stacked(self) -> npt.NDArray[np.float32]:
        """All side by side, (N, 92), as the predictor reads them."""
        return np.concatenate([self.displacements, self.kinematic_beats, self.pulse], axis=1)


def motion_features(joints: npt.ArrayLike) -> MotionFeatures:
    """Displacements, kinematic beats and felt pulse of a dance, wherever it is danced and by whom.

    Args:    joints: (N, 24, 3) at 60 Hz, any unit, Z up.
    Raises:  MotionError: motion.not_finite naming the first bad frame and joint; motion.too_short;
             motion.shape; motion.no_body.
    Source:  RVQ dance-to-music 2026, sections 3.2 and 3.4; the pulse is ours.
    """
    return with_felt_pulse(*movement(joints))


def movement(joints: npt.ArrayLike) -> Movement:
    """The features of a dance but for its pulse.

    Args:    joints: (N, 24, 3) at 60 Hz, any unit, Z up.
    Raises:  as motion_features.
    """
    positions = canonical(joints)
    return displacements(positions), kinematic_beats(positions)


def with_felt_pulse(
    displacements: npt.NDArray[np.float32], kinematic_beats: npt.NDArray[np.float32]
) -> MotionFeatures:
    """The features of a dance that moves and turns so: with the pulse that it can be danced to."""
    accented = accents(kinematic_beats, displacements)
    beats = felt_beats(accented, displacements)
    told = pulse(beats, len(displacements), first_counts(beats, accented, displacements))
    return MotionFeatures(displacements, kinematic_beats, told)


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
