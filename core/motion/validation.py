"""Checks that every array of joints passes before anything is computed from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import MotionError
from .motion import Joints
from .skeleton import JOINT_NAMES, N_JOINTS


def checked_joints(joints: npt.ArrayLike) -> Joints:
    """The joints as float64, if they can be used.

    Args:    joints: (N, 24, 3).
    Raises:  MotionError: motion.shape; motion.too_short if N is 0; motion.not_finite naming the
             first bad frame and joint.
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
    # A sum is finite only if everything in it is, and is far quicker than looking at each number.
    if not np.isfinite(array.sum()):
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
    bad = np.argwhere(~np.isfinite(joints).all(axis=2))
    if len(bad) == 0:  # all finite, but so large that their sum was not
        bad = np.argwhere(np.abs(joints).max(axis=2) > 1e100)
    frame, joint = (int(index) for index in bad[0])
    raise MotionError(
        f"The joint {JOINT_NAMES[joint]} has no valid position at frame {frame} (counted from 0).",
        code="motion.not_finite",
        hint="Look for broken keyframes or constraints there.",
    )
