"""Joints from SMPL's pose parameters, on Kinetone's own average body."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .axes import Z_UP_FROM_Y_UP
from .kinematics import forward_kinematics
from .motion import Joints
from .rotations import axis_angle_rotations
from .skeleton import N_JOINTS, PARENTS, REST_JOINTS

N_BODY_PARAMETERS = 66
"""The pelvis and the 21 joints that SMPL, SMPL-H and SMPL-X share, three numbers each."""

_FRAMES_AT_ONCE = 4096
"""Bounds the memory that the rotations of all joints take."""

_REST_Y_UP = REST_JOINTS @ Z_UP_FROM_Y_UP
_OFFSETS = _REST_Y_UP - np.where(np.array(PARENTS)[:, None] < 0, _REST_Y_UP, _REST_Y_UP[list(PARENTS)])


def smpl_joints(poses: npt.ArrayLike, translations: npt.ArrayLike) -> Joints:
    """Joints of a body in the poses of SMPL, SMPL-H or SMPL-X.

    The body's bones are those of ``REST_JOINTS``, not those of a licensed SMPL model: its
    rotations mean the same on any body that rests in a T-pose. The pelvis is put at the
    translation, from which SMPL's own is off by a constant.

    Args:
        poses: (T, 66 or more) axis-angle vectors in radians, joint by joint; parameters after the
            first 66 turn hands and faces, which moves none of the 24 joints.
        translations: (T, 3) metres.
    Returns: (T, 24, 3) float64, metres, in the axes of the poses' world.
    Source:  Loper et al., "SMPL: A Skinned Multi-Person Linear Model", 2015, equations (2) to (4).
    """
    poses, translations = np.asarray(poses), np.asarray(translations, dtype=np.float64)
    starts = range(0, len(poses), _FRAMES_AT_ONCE)
    spans = [slice(start, start + _FRAMES_AT_ONCE) for start in starts] or [slice(0)]
    return np.concatenate([_posed(poses[span], translations[span]) for span in spans])


def _posed(poses: npt.NDArray[np.generic], translations: npt.NDArray[np.float64]) -> Joints:
    vectors = poses[:, :N_BODY_PARAMETERS].astype(np.float64).reshape(-1, 22, 3)
    rotations = np.empty((len(vectors), N_JOINTS, 3, 3))
    rotations[:, :22] = axis_angle_rotations(vectors)
    rotations[:, 22:] = np.eye(3)
    local = np.repeat(_OFFSETS[None], len(vectors), axis=0)
    local[:, 0] = translations
    return forward_kinematics(PARENTS, local, rotations)
