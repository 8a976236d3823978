"""The 24 joints of SMPL, in SMPL's order, and an average adult's body made of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from .motion import Joints

JOINT_NAMES: Final = (
    "pelvis",
    "left_hip",
    "right_hip",
    "spine1",
    "left_knee",
    "right_knee",
    "spine2",
    "left_ankle",
    "right_ankle",
    "spine3",
    "left_foot",
    "right_foot",
    "neck",
    "left_collar",
    "right_collar",
    "head",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hand",
    "right_hand",
)
"""SMPL's joints (Loper et al. 2015). The feet are the balls of the feet, the hands the knuckles."""

N_JOINTS: Final = len(JOINT_NAMES)

JOINT_INDEX: Final = {name: index for index, name in enumerate(JOINT_NAMES)}
"""Index of each joint by its name."""

PARENTS: Final = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)
"""Each joint's parent; the pelvis has none (-1). Parents come before their children."""

MIRROR: Final = tuple(
    JOINT_INDEX[name.replace("left", "right") if name.startswith("left") else name.replace("right", "left")]
    for name in JOINT_NAMES
)
"""Each joint's counterpart on the body's other side; a central joint is its own."""

REFERENCE_HEIGHT: Final = 1.70
"""Metres from the soles to the top of the head of the body that every dancer is scaled to."""

# Shares of the body's height: across (to the left), forward, up. The heights and the lengths of
# limbs follow the segment proportions of Drillis and Contini (1966); the arms begin at the centre
# of the shoulder joint, which lies inside of the acromion that they measured from.
_CENTRE: Final = {
    "pelvis": (0.0, 0.0, 0.565),
    "spine1": (0.0, -0.010, 0.632),
    "spine2": (0.0, -0.012, 0.708),
    "spine3": (0.0, -0.008, 0.742),
    "neck": (0.0, -0.012, 0.862),
    "head": (0.0, 0.012, 0.912),
}
_LEFT: Final = {
    "hip": (0.052, 0.0, 0.530),
    "knee": (0.056, 0.004, 0.285),
    "ankle": (0.052, -0.016, 0.046),
    "foot": (0.060, 0.064, 0.012),
    "collar": (0.045, -0.008, 0.812),
    "shoulder": (0.107, -0.014, 0.822),
    "elbow": (0.272, -0.018, 0.822),
    "wrist": (0.420, -0.012, 0.822),
    "hand": (0.470, -0.012, 0.820),
}


def _rest_joints() -> Joints:
    rest = np.empty((N_JOINTS, 3))
    for index, name in enumerate(JOINT_NAMES):
        side, _, part = name.partition("_")
        across, forward, up = _LEFT[part] if part else _CENTRE[name]
        rest[index] = (-across if side == "right" else across, -forward, up)
    rest *= REFERENCE_HEIGHT
    rest.flags.writeable = False
    return rest


REST_JOINTS: Final = _rest_joints()
"""(24, 3) metres: an average adult in a T-pose, Z up, soles at Z = 0, **facing -Y** as Blender's
characters do, so that the body's left is at +X. Read-only."""


def mirror_image(joints: Joints) -> Joints:
    """Left and right changed: ``(..., 24, 3)`` of places or movements, with the body's left at +X."""
    return np.asarray(joints[..., MIRROR, :] * (-1.0, 1.0, 1.0))
