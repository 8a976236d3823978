"""Checks that every array of joints passes before anything is computed from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import MotionError
from .motion import Joints
from .skeleton import JOINT_NAMES, N_JOINTS

MAX_COORDINATE = 1e9
"""In any unit: a thousand kilometres in millimetres. Squares of larger numbers soon overflow."""


def checked_joints(joints: npt.ArrayLike) -> Joints:
    """The joints as float64, if they can be used.

    Args:    joints: (N, 24, 3).
    Raises:  MotionError: motion.shape; motion.too_short if N is 0; motion.not_finite naming the
             first frame and joint that is not finite or beyond MAX_COORDINATE.
    """
    array = _as_floats(joints)
    if array.ndim != 3 or array.shape[1:] != (N_JOINTS, 3):
        raise MotionError(
            f"The motion has the shape {array.shape}; it must be (frames, {N_JOINTS}, 3).",
            code="motion.shape",
            hint="Give the positions of SMPL's 24 joints for every frame.",
        )
    if len(array) == 0:
        raise MotionError("The motion has no frames.", code="motion.too_short", hint="Choose a longer range.")
    # A sum of squares is small only if everything in it is, and far quicker than looking at each number.
    if not np.vdot(array, array) < MAX_COORDINATE**2:
        _refuse_not_finite(array)
    return array


def _as_floats(joints: npt.ArrayLike) -> npt.NDArray[Any]:
    array = np.asarray(joints)
    if array.dtype.kind not in "fiu":
        raise MotionError(
            f"The motion holds {array.dtype} where numbers must be.",
            code="motion.shape",
            hint="Give positions as floating-point numbers.",
        )
    return np.asarray(array, dtype=np.float64)


def _refuse_not_finite(joints: Joints) -> None:
    bad = np.argwhere(~(np.abs(joints) < MAX_COORDINATE).all(axis=2))
    if len(bad) == 0:
        return
    frame, joint = (int(index) for index in bad[0])
    raise MotionError(
        f"The joint {JOINT_NAMES[joint]} has no valid position at frame {frame} (counted from 0).",
        code="motion.not_finite",
        hint="Look for broken keyframes or constraints there.",
    )
