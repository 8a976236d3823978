"""Reads dances from BVH (Biovision Hierarchy) files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from .axes import Z_UP_FROM_Y_UP
from .bvh_parser import Bone, parse_bvh
from .files import read_bytes
from .kinematics import forward_kinematics
from .motion import Joints, Motion
from .rig_shape import RestPose
from .rigs import joint_sources
from .rotations import euler_rotations
from .skeleton import JOINT_INDEX
from .units import metres_per_unit, true_frame_rate

_PLACES_AT_ONCE = 1 << 18
"""Frames times bones: bounds the memory that the rotations of all bones take."""


def read_bvh(path: str | Path) -> Motion:
    """The dance in a BVH file.

    The file's unit is guessed from the size of the body, its up axis from the rest pose. The bones
    must have names that joint_sources knows, or a body's shape.

    Raises: FileFormatError: motion.file_format naming the line, motion.missing_file,
        motion.unreadable_file; RigError (rig.missing_joints); MotionError (motion.no_body).
    Source: Meredith and Maddock, "Motion Capture File Formats Explained", 2001.
    """
    path = Path(path)
    file = parse_bvh(path.name, read_bytes(path).decode("utf-8", errors="replace"))
    named = _of_different_names(file.bones)
    names = list(named.values())
    parents = {name: named.get(file.bones[bone].parent) for bone, name in named.items()}
    offsets = np.array([[bone.offset for bone in file.bones]], dtype=np.float64)
    heads, tails = _ends(file.bones, _at_rest(file.bones, offsets))
    mapping = joint_sources(names, parents, rest=RestPose(heads[0], tails[0]))
    rest = mapping.joints(heads, tails)[0]
    chunks = np.array_split(file.channels, -(-len(file.channels) * len(file.bones) // _PLACES_AT_ONCE))
    joints = np.concatenate(
        [mapping.joints(*_ends(file.bones, _posed(file.bones, offsets, chunk))) for chunk in chunks]
    )
    if not _is_z_up(rest):
        joints = joints @ Z_UP_FROM_Y_UP.T
    frame_rate = true_frame_rate(file.frame_time_s, file.frame_time_decimals)
    return Motion(joints * metres_per_unit(joints), frame_rate, path.name)


def _of_different_names(bones: list[Bone]) -> dict[int, str]:
    """The named bones by index; a name that is there already gets a number, for a tree has no loops."""
    named: dict[int, str] = {}
    taken: set[str] = set()
    for index, bone in enumerate(bones):
        if bone.name is not None:
            name = bone.name
            while name in taken:
                name += f" [{index}]"
            taken.add(name)
            named[index] = name
    return named


def _at_rest(bones: list[Bone], offsets: Joints) -> Joints:
    return forward_kinematics(
        [bone.parent for bone in bones], offsets, np.eye(3)[None, None].repeat(len(bones), 1)
    )


def _posed(bones: list[Bone], offsets: Joints, channels: npt.NDArray[np.float64]) -> Joints:
    """Positions of all joints and End Sites, (T, B, 3)."""
    translations = np.repeat(offsets, len(channels), axis=0)
    rotations = np.empty((len(channels), len(bones), 3, 3))
    for index, bone in enumerate(bones):
        # As in Blender, position channels stand for the whole way from the parent, offset included.
        translations[:, index, list(bone.positions.values())] = channels[:, list(bone.positions)]
        angles = np.deg2rad(channels[:, list(bone.rotations)])
        rotations[:, index] = euler_rotations(list(bone.rotations.values()), angles)
    return forward_kinematics([bone.parent for bone in bones], translations, rotations)


def _ends(bones: list[Bone], positions: Joints) -> tuple[Joints, Joints]:
    """Heads and tails (T, B, 3) of the named bones; a tail is the middle of what the bone carries."""
    carried: dict[int, list[int]] = {index: [] for index, bone in enumerate(bones) if bone.name is not None}
    for index, bone in enumerate(bones):
        if bone.parent in carried:
            carried[bone.parent].append(index)
    heads = positions[:, list(carried)]
    tails = [positions[:, children or [index]].mean(axis=1) for index, children in carried.items()]
    return heads, np.stack(tails, axis=1)


def _is_z_up(rest: Joints) -> bool:
    """Whether the body at rest stands along Z, as in Blender's own exports, rather than along Y."""
    knees = rest[JOINT_INDEX["left_knee"]] + rest[JOINT_INDEX["right_knee"]]
    up = rest[JOINT_INDEX["left_shoulder"]] + rest[JOINT_INDEX["right_shoulder"]] - knees
    return bool(abs(up[2]) > abs(up[1]))
