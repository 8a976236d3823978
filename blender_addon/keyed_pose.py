"""The poses of a plainly keyed armature by forward kinematics, without stepping through the scene.

An armature is plain if its pose follows from its F-curves alone: no constraints on the bones that count,
no drivers, no NLA strips. Everything else goes through Blender's evaluation, see `reader`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.motion.rotations import Rotations, axis_angle_rotations, euler_rotations
from . import actions, keyframes

Values = NDArray[np.float64]

_BONE_PATH: Final = re.compile(r'pose\.bones\["((?:[^"\\]|\\.)*)"\]\.(\w+)')

_NAMED_BONE: Final = re.compile(r'pose\.bones\["(?:[^"\\]|\\.)*"\][.\[]')

_ESCAPED: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
"""What follows a backslash in a data path, where it is not the character itself."""

TRANSFORMS: Final = {
    "location": 3,
    "scale": 3,
    "rotation_quaternion": 4,
    "rotation_euler": 3,
    "rotation_axis_angle": 4,
}
"""The properties that move a bone or an object, and how many numbers each has."""

_DELTAS: Final = {
    "delta_location": (0.0, 0.0, 0.0),
    "delta_rotation_euler": (0.0, 0.0, 0.0),
    "delta_rotation_quaternion": (1.0, 0.0, 0.0, 0.0),
    "delta_scale": (1.0, 1.0, 1.0),
}

_CHAINED: Final = {"IK", "SPLINE_IK"}
"""Constraints that move other bones than their own."""


Place = tuple[int, int, int, int]
"""Where a curve's values belong: owner and number of a property; where they come from: group and row."""


@dataclass(frozen=True)
class _Channel:
    """One property of B bones or objects: (B, size) as it stands, and what of it is keyed."""

    still: Values
    keyed: list[Place]

    def at(self, keyed_values: list[Values], owners: Sequence[int]) -> Values:
        """(T, len(owners), size); T is N or, if nothing is keyed, 1."""
        if not self.keyed:
            return self.still[None, owners]
        values = np.tile(self.still, (keyed_values[0].shape[1], 1, 1))
        for owner, number, group, row in self.keyed:
            values[:, owner, number] = keyed_values[group][row]
        return values[:, owners]


class _Transforms:
    """What moves B pose bones, or objects."""

    def __init__(self, owners: Sequence[Any], keyed: dict[str, list[Place]]) -> None:
        self._channels = {
            name: _Channel(
                np.array([getattr(owner, name) for owner in owners], dtype=float), keyed.get(name, [])
            )
            for name in TRANSFORMS
        }
        self._modes: dict[str, list[int]] = {}
        for number, owner in enumerate(owners):
            self._modes.setdefault(owner.rotation_mode, []).append(number)
        self._all = range(len(owners))

    def at(self, keyed_values: list[Values], n_frames: int) -> tuple[Rotations, Values]:
        """Rotations with scale (N, B, 3, 3) and locations (T, B, 3); T is N or 1."""
        matrices = np.empty((n_frames, len(self._all), 3, 3))
        for mode, owners in self._modes.items():
            matrices[:, owners] = self._rotations(mode, owners, keyed_values)
        matrices *= self._channels["scale"].at(keyed_values, self._all)[..., None, :]
        return matrices, self._channels["location"].at(keyed_values, self._all)

    def _rotations(self, mode: str, owners: list[int], keyed_values: list[Values]) -> Rotations:
        if mode == "QUATERNION":
            return quaternion_rotations(self._channels["rotation_quaternion"].at(keyed_values, owners))
        if mode == "AXIS_ANGLE":
            return _axis_angle(self._channels["rotation_axis_angle"].at(keyed_values, owners))
        # Blender's XYZ turns about X first: the matrix of Z stands on the left.
        axes = ["XYZ".index(letter) for letter in reversed(mode)]
        return euler_rotations(axes, self._channels["rotation_euler"].at(keyed_values, owners)[..., axes])


@dataclass(frozen=True)
class _Rest:
    """How a bone that counts stands when nothing moves it.

    Attributes:
        parent: place of its parent in the list of bones that count, or None.
        axes, head: (3, 3) and (3,), in its parent's space or the armature's.
        moves: whether it may leave its parent's tail.
    """

    parent: int | None
    axes: Values
    head: Values
    length: float
    moves: bool


class KeyedPose:
    """What a plain armature's pose follows from, taken out of Blender: it stays when the scene changes."""

    def __init__(self, armature: Any, bones: Sequence[int]) -> None:
        """Take it from an original object; ``bones`` are the indices of the pose bones that count.

        Raises: NotPlain.
        """
        counted = with_ancestors(armature.pose.bones, bones)
        _check_plain(armature, counted)
        pose_bones = [armature.pose.bones[index] for index in counted]
        self._asked = [counted.index(bone) for bone in bones]
        self._rests = _rests(pose_bones)
        self._keys: list[keyframes.Keyframes] = []
        owners = {bone.name: number for number, bone in enumerate(pose_bones)}
        lineage = list(actions.lineage(armature))
        places = [self._take_keys(obj, owners if obj is armature else {}) for obj in lineage]
        self._bones = _Transforms(pose_bones, places[0][0])
        self._objects = [
            _Transforms([obj], of_object) for obj, (_, of_object) in zip(lineage, places, strict=True)
        ]
        self._inverses = [_parent_inverse(obj) for obj in lineage]

    def _take_keys(
        self, obj: Any, bones: dict[str, int]
    ) -> tuple[dict[str, list[Place]], dict[str, list[Place]]]:
        """Keeps the keys of an object's action; says where they belong, in its bones and in itself."""
        of_bones: dict[str, list[Place]] = {}
        of_object: dict[str, list[Place]] = {}
        try:
            groups = keyframes.read(_moving_curves(obj, bones))
        except keyframes.NotReadable as path:
            raise NotPlain(f"the curve {path} of “{obj.name}” is not read from its keys") from None
        for curves, keys in groups:
            for row, curve in enumerate(curves):
                bone, prop = _target(curve)
                target, owner = (of_object, 0) if bone is None else (of_bones, bones[bone])
                target.setdefault(prop, []).append((owner, curve.array_index, len(self._keys), row))
            self._keys.append(keys)
        return of_bones, of_object

    def bone_ends(self, key_frames: Values) -> tuple[Values, Values]:
        """Heads and tails in the world of the bones that count, each (N, B, 3) in Blender units.

        Args: key_frames: (N,) in the animation's own frames, before time remapping.
        """
        n_frames = len(key_frames)
        keyed_values = [keys.values(key_frames) for keys in self._keys]
        matrices, locations = self._bones.at(keyed_values, n_frames)
        matrices = np.stack([rest.axes for rest in self._rests]) @ matrices
        ends = np.empty((n_frames, 2, len(self._rests), 3))
        posed: list[tuple[Rotations, Values]] = []
        for number, rest in enumerate(self._rests):
            moved = locations[:, number] if rest.moves else np.zeros((1, 3))
            axes, head = matrices[:, number], moved @ rest.axes.T + rest.head
            if rest.parent is not None:
                axes, head = _inside(posed[rest.parent], (axes, head))
            posed.append((axes, head))
            ends[:, 0, number] = head
            ends[:, 1, number] = head + axes[..., 1] * rest.length
        axes, origin = self._world(keyed_values, n_frames)
        placed = ends[:, :, self._asked].reshape(n_frames, -1, 3) @ axes.swapaxes(1, 2) + origin[:, None]
        heads, tails = np.split(placed, 2, axis=1)
        return heads, tails

    def _world(self, keyed_values: list[Values], n_frames: int) -> tuple[Rotations, Values]:
        """The armature's world matrix as axes (N, 3, 3) and origin (N, 3)."""
        world = np.broadcast_to(np.eye(3), (n_frames, 3, 3)), np.zeros((n_frames, 3))
        for transforms, inverse in zip(reversed(self._objects), reversed(self._inverses), strict=True):
            matrices, locations = transforms.at(keyed_values, n_frames)
            world = _inside(world, _inside(inverse, (matrices[:, 0], locations[:, 0])))
        return world


def _inside(outer: tuple[Rotations, Values], inner: tuple[Rotations, Values]) -> tuple[Rotations, Values]:
    """Axes (T, 3, 3) and origin (T, 3) of what stands at ``inner`` in the space of ``outer``."""
    axes, origin = outer
    return axes @ inner[0], (axes @ inner[1][..., None])[..., 0] + origin


class NotPlain(Exception):  # noqa: N818  # no error: the armature is read in the other way
    """Why an armature's pose does not follow from its keys alone."""


def with_ancestors(pose_bones: Any, bones: Sequence[int]) -> list[int]:
    """The bones and all their ancestors, parents before their children."""
    index_of = {bone.name: index for index, bone in enumerate(pose_bones)}
    ordered: dict[int, None] = {}
    for index in bones:
        line = [index, *(index_of[bone.name] for bone in pose_bones[index].parent_recursive)]
        ordered.update(dict.fromkeys(reversed(line)))
    return list(ordered)


def _check_plain(armature: Any, bones: Sequence[int]) -> None:
    """Raises: NotPlain."""
    if bpy.app.handlers.frame_change_pre or bpy.app.handlers.frame_change_post:
        raise NotPlain("scripts run on every frame")
    if armature.data.animation_data is not None:
        raise NotPlain(f"the bones of “{armature.data.name}” are animated themselves")
    for obj in actions.lineage(armature):
        _check_object(obj)
    for bone in armature.pose.bones:
        if any(constraint.type in _CHAINED and not constraint.mute for constraint in bone.constraints):
            raise NotPlain(f"the bone {bone.name} has inverse kinematics")
    for index in bones:
        _check_bone(armature.pose.bones[index])


def _check_object(obj: Any) -> None:
    """Raises: NotPlain if the object's own place does not follow from its keys."""
    if any(not constraint.mute for constraint in obj.constraints):
        raise NotPlain(f"“{obj.name}” has constraints")
    if obj.parent is not None and obj.parent_type != "OBJECT":
        raise NotPlain(f"“{obj.name}” is not parented to an object as a whole")
    if obj.rigid_body is not None:
        raise NotPlain(f"“{obj.name}” is moved by physics")
    if any(tuple(getattr(obj, name)) != plain for name, plain in _DELTAS.items()):
        raise NotPlain(f"“{obj.name}” has delta transforms")
    animation = obj.animation_data
    if animation is None:
        return
    if len(animation.drivers):
        raise NotPlain(f"“{obj.name}” has drivers")
    if animation.use_tweak_mode or (animation.use_nla and len(animation.nla_tracks)):
        raise NotPlain(f"“{obj.name}” has NLA tracks")
    for path in (curve.data_path for curve in actions.fcurves(animation)):
        if path.startswith("delta_"):
            raise NotPlain(f"“{obj.name}” has delta transforms")
        by_number = path.startswith("pose") and not _NAMED_BONE.match(path)
        if by_number or path.endswith("rotation_mode"):
            raise NotPlain(f"the curve {path} of “{obj.name}” moves what its name does not tell")


def _moving_curves(obj: Any, bones: dict[str, int]) -> list[Any]:
    """The curves that move the object itself or one of the bones."""
    if obj.animation_data is None:
        return []
    found = []
    for curve in actions.fcurves(obj.animation_data):
        bone, prop = _target(curve)
        silent = curve.mute or curve.is_empty or (curve.group is not None and curve.group.mute)
        moves = curve.array_index < TRANSFORMS.get(prop, 0) and (bone is None or bone in bones)
        if moves and not silent:
            found.append(curve)
    return found


def _target(curve: Any) -> tuple[str | None, str]:
    """The bone that a curve animates, or None for the object itself, and the property."""
    path = _BONE_PATH.fullmatch(curve.data_path)
    if path is None:
        return None, curve.data_path
    return re.sub(r"\\(.)", lambda match: _ESCAPED.get(match[1], match[1]), path[1]), path[2]


def _check_bone(bone: Any) -> None:
    """Raises: NotPlain if the bone's pose does not follow from its keys and its parent's pose."""
    if any(not constraint.mute for constraint in bone.constraints):
        raise NotPlain(f"the bone {bone.name} has constraints")
    rest = bone.bone
    inherits = rest.use_inherit_rotation and rest.inherit_scale == "FULL" and not rest.use_relative_parent
    if bone.parent is not None and not inherits:
        raise NotPlain(f"the bone {bone.name} does not inherit its parent's whole motion")
    if not rest.use_local_location:
        raise NotPlain(f"the bone {bone.name} moves along the armature's axes")


def _rests(pose_bones: Sequence[Any]) -> list[_Rest]:
    place = {bone.name: number for number, bone in enumerate(pose_bones)}
    rests = []
    for bone in pose_bones:
        matrix, parent = bone.bone.matrix_local, bone.parent
        if parent is not None:
            matrix = parent.bone.matrix_local.inverted() @ matrix
        axes = np.array(matrix, dtype=np.float64)
        moves = parent is None or not bone.bone.use_connect
        above = None if parent is None else place[parent.name]
        rests.append(_Rest(above, axes[:3, :3], axes[:3, 3], bone.bone.length, moves))
    return rests


def _parent_inverse(obj: Any) -> tuple[Values, Values]:
    matrix = np.array(obj.matrix_parent_inverse, dtype=np.float64) if obj.parent is not None else np.eye(4)
    return matrix[:3, :3], matrix[:3, 3]


def _axis_angle(channel: Values) -> Rotations:
    """Rotations (..., 3, 3) of angles and axes (..., 4); without a direction Blender turns about Y."""
    angle, axis = channel[..., :1], channel[..., 1:]
    length = np.linalg.norm(axis, axis=-1, keepdims=True)
    axis = np.where(length > 0, axis / np.where(length > 0, length, 1.0), [0.0, 1.0, 0.0])
    return axis_angle_rotations(axis * angle)


def quaternion_rotations(quaternions: Values) -> Rotations:
    """Rotations (..., 3, 3) of quaternions (..., 4), w first, of any length; none for one of length 0."""
    length = np.linalg.norm(quaternions, axis=-1, keepdims=True)
    unit = np.where(length > 0, quaternions / np.where(length > 0, length, 1.0), [1.0, 0.0, 0.0, 0.0])
    w, x, y, z = np.moveaxis(unit, -1, 0)
    matrices = np.empty((*w.shape, 3, 3))
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    for row, column in np.ndindex(3, 3):
        matrices[..., row, column] = rows[row][column]
    return matrices
