"""The space that the model sees: where the dancer stands, faces and how tall they are is taken out."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..errors import MotionError
from .motion import Joints
from .skeleton import JOINT_INDEX, REST_JOINTS
from .validation import checked_joints

_HEIGHT_BONES = tuple(
    (JOINT_INDEX[start], JOINT_INDEX[end])
    for start, end in (
        ("pelvis", "spine1"),
        ("spine1", "spine2"),
        ("spine2", "spine3"),
        ("spine3", "neck"),
        ("left_hip", "left_knee"),
        ("right_hip", "right_knee"),
        ("left_knee", "left_ankle"),
        ("right_knee", "right_ankle"),
    )
)
"""The bones that make a person tall; arms, feet and heads differ too much from rig to rig."""

_FRAMES_MEASURED = 4096
"""Bones keep their lengths, so that a long dance need not be measured in every frame."""

_SMALLEST_BODY = 1e-12
"""In any unit: what is smaller is no body but rounding, and cannot be scaled up."""

_UPRIGHT_SHARE = 0.1
"""A direction whose part in the ground plane is smaller than this says nothing about the heading."""


_ROWS_TURNED = 8192
"""Positions turned at a time."""


def canonical(joints: npt.ArrayLike) -> Joints:
    """The motion with its place, heading and size taken out.

    The first frame's pelvis becomes the origin; the motion is turned about Z so that the dancer
    **faces -Y** in the first frame; and scaled about the origin so that the legs and the spine
    are as long as those of ``REST_JOINTS``. Moving, turning about Z or scaling the input changes
    the result by rounding only.

    Args:    joints: (N, 24, 3), any unit, Z up.
    Returns: (N, 24, 3) float64, metres, Z up.
    Raises:  MotionError: those of validation.checked_joints; motion.no_body if the legs and the
             spine have no length.
    """
    positions = checked_joints(joints)
    scale = body_size(REST_JOINTS[None]) / body_size(positions)
    angle = -heading(positions[0])
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    turn_and_scale = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, scale]])
    # Flat products, as a stack of 24 x 3 matrices would take three times as long; and in blocks, since one
    # product of them all wakes every processor for work that takes longer to share out than to do.
    flat, moved = positions.reshape(-1, 3), np.empty((positions.size // 3, 3))
    for start in range(0, len(flat), _ROWS_TURNED):
        block = slice(start, start + _ROWS_TURNED)
        np.matmul(flat[block] - flat[0], turn_and_scale, out=moved[block])
    return moved.reshape(positions.shape)


def body_size(joints: Joints) -> float:
    """Length of both legs and the spine, in the unit of the joints.

    Every bone counts with its median over the frames (over some thousands of them in a long
    dance), which a few broken frames do not move.

    Args:    joints: (N, 24, 3).
    Raises:  MotionError (motion.no_body) if there is none.
    """
    starts, ends = np.array(_HEIGHT_BONES).T
    some = joints[:: 1 + len(joints) // _FRAMES_MEASURED]
    bones = some[:, ends] - some[:, starts]
    lengths = np.sqrt(np.einsum("nbc,nbc->bn", bones, bones))
    size = float(np.median(lengths, axis=1).sum())
    if not size > _SMALLEST_BODY:
        raise MotionError(
            "All joints of the legs and the spine are in one place.",
            code="motion.no_body",
            hint="Check that the motion holds the positions of a body's joints.",
        )
    return size


def heading(pose: Joints) -> float:
    """The angle about Z, in radians, by which a pose is turned from facing -Y.

    Taken from the line through the hips and the one through the shoulders in the ground plane;
    for a dancer who lies on one side, where these stand upright, from the spine.

    Args:    pose: (24, 3), any unit, Z up.
    """

    left = to_left(pose)
    if math.hypot(left[0], left[1]) > _UPRIGHT_SHARE * np.linalg.norm(left):
        return math.atan2(left[1], left[0])
    spine = pose[JOINT_INDEX["neck"]] - pose[JOINT_INDEX["pelvis"]]
    return math.atan2(spine[1], spine[0])


def to_left(poses: Joints) -> Joints:
    """The lines through the hips and through the shoulders, added: (..., 3) of poses (..., 24, 3)."""
    hips = poses[..., JOINT_INDEX["left_hip"], :] - poses[..., JOINT_INDEX["right_hip"], :]
    shoulders = poses[..., JOINT_INDEX["left_shoulder"], :] - poses[..., JOINT_INDEX["right_shoulder"], :]
    return np.asarray(hips + shoulders)
