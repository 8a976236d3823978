"""The poses of a plainly keyed armature by forward kinematics, without stepping through the scene.

An armature is plain if its pose follows from its F-curves alone: no constraints on the bones that count,
no drivers, no NLA strips. Everything else goes through Blender's evaluation, see `reader`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import actions, keyframes
from .stage import scripts_on_frames

Values = NDArray[np.floating[Any]]

_BONE_PATH: Final = re.compile(r'pose\.bones\["((?:[^"\\]|\\.)*)"\]\.(\w+)')

_NAMED_BONE: Final = re.compile(r'pose\.bones\["(?:[^"\\]|\\.)*"\][.\[]')

_ESCAPED: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
"""What follows a backslash in a data path, where it is not the character itself."""

_TRANSFORMS: Final = {
    "location": 3,
    "scale": 3,
    "rotation_quaternion": 4,
    "rotation_euler": 3,
    "rotation_axis_angle": 4,
}
"""The properties that move a bone or an object, and how many numbers each has."""

_ROTATIONS: Final = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}
"""By rotation mode; all others turn by rotation_euler."""

_DELTAS: Final = {
    "delta_location": (0.0, 0.0, 0.0),
    "delta_rotation_euler": (0.0, 0.0, 0.0),
    "delta_rotation_quaternion": (1.0, 0.0, 0.0, 0.0),
    "delta_scale": (1.0, 1.0, 1.0),
}

_CHAINED: Final = {"IK", "SPLINE_IK"}
"""Constraints that move other bones than their own."""


Keyed = dict[tuple[int, str], list[tuple[int, int]]]
"""By number of a bone or object and property: which of its numbers is keyed, and by which curve."""

Spaces = tuple[Values, Values]
"""Axes (B, 3, 3, T) and origins (B, 3, T) of B bones or objects in other spaces; T is N, or 1 if all stand.

Frames come last throughout: NumPy is quick where it does the same to many numbers that lie side by side.
"""


class _Channel:
    """One property of some bones or objects: as it stands, and what of it is keyed."""

    def __init__(
        self, owners: Mapping[int, Any], name: str, keyed: Keyed, dtype: type[np.floating[Any]]
    ) -> None:
        self._still = np.array([getattr(owner, name) for owner in owners.values()], dtype=dtype)
        self._keyed = [
            (row, number, curve)
            for row, owner in enumerate(owners)
            for number, curve in keyed.get((owner, name), ())
        ]

    def at(self, keyed_values: Values) -> Values:
        """(owners, size, T); T is N or, if nothing is keyed, 1."""
        if not self._keyed:
            return self._still[..., None]
        values = np.repeat(self._still[..., None], keyed_values.shape[1], axis=2)
        rows, numbers, curves = np.transpose(self._keyed)
        values[rows, numbers] = keyed_values[curves]
        return values


class _Transforms:
    """What moves B pose bones, or objects, computed in numbers of a type."""

    def __init__(self, owners: Sequence[Any], keyed: Keyed, dtype: type[np.floating[Any]]) -> None:
        everyone = dict(enumerate(owners))
        self._locations, self._scales = (
            _Channel(everyone, name, keyed, dtype) for name in ("location", "scale")
        )
        modes: dict[str, dict[int, Any]] = {}
        for number, owner in everyone.items():
            modes.setdefault(owner.rotation_mode, {})[number] = owner
        self._turns = [
            (mode, list(of_mode), _Channel(of_mode, _ROTATIONS.get(mode, "rotation_euler"), keyed, dtype))
            for mode, of_mode in modes.items()
        ]
        self._n_owners, self._dtype = len(owners), dtype

    def at(self, keyed_values: Values) -> Spaces:
        """Where they are, their axes turned and scaled, from the values of curves (C, N)."""
        quaternions = np.empty((self._n_owners, 4, keyed_values.shape[1]), dtype=self._dtype)
        for mode, owners, channel in self._turns:
            quaternions[owners] = _quaternions(mode, channel.at(keyed_values))
        axes = rotation_matrices(quaternions)
        axes *= self._scales.at(keyed_values)[:, None]
        return axes, self._locations.at(keyed_values)


class _Rest:
    """How B bones stand, in their parents' spaces or the armature's, when nothing moves them.

    Attributes:
        axes, heads, lengths: (B, 3, 3), (B, 3) and (B,).
        moves: (B,) whether a bone may leave its parent's tail.
        children: places of the children of bones without a parent, of their children, and so on, each with
            those of their parents.
    """

    def __init__(self, pose_bones: Sequence[Any]) -> None:
        """Take it from bones of which none comes before its parent."""
        place = {bone.name: number for number, bone in enumerate(pose_bones)}
        parents = [place[bone.parent.name] if bone.parent else -1 for bone in pose_bones]
        matrices = np.array([_rest_matrix(bone) for bone in pose_bones], dtype=np.float32)
        self.axes, self.heads = matrices[:, :3, :3], matrices[:, :3, 3]
        self.lengths = np.array([bone.bone.length for bone in pose_bones], dtype=np.float32)
        self.moves = np.array([bone.parent is None or not bone.bone.use_connect for bone in pose_bones])
        depths: list[int] = []
        for parent in parents:
            depths.append(depths[parent] + 1 if parent >= 0 else 0)
        levels = (np.flatnonzero(np.equal(depths, depth)) for depth in range(1, max(depths) + 1))
        self.children = [(level, np.array(parents)[level]) for level in levels]


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
        self._rest = _Rest(pose_bones)
        self._keys: list[keyframes.Keyframes] = []
        self._n_curves = 0
        owners = {bone.name: number for number, bone in enumerate(pose_bones)}
        lineage = list(actions.lineage(armature))
        keyed = [self._take_keys(obj, owners if obj is armature else {}) for obj in lineage]
        self._bones = _Transforms(pose_bones, keyed[0][0], np.float32)
        # In 64 bits, so that where the dancer stands, and how large, is taken out again to the last digit.
        self._objects = [
            _Transforms([obj], of_object, np.float64)
            for obj, (_, of_object) in zip(lineage, keyed, strict=True)
        ]
        self._inverses = [_parent_inverse(obj) for obj in lineage]

    def _take_keys(self, obj: Any, bones: Mapping[str, int]) -> tuple[Keyed, Keyed]:
        """Keeps the keys of an object's action; says what of its bones and of itself they move."""
        of_bones: Keyed = {}
        of_object: Keyed = {}
        try:
            groups = keyframes.read(_moving_curves(obj, bones))
        except keyframes.NotReadable as path:
            raise NotPlain(f"the curve {path} of “{obj.name}” is not read from its keys") from None
        for curves, keys in groups:
            for curve in curves:
                bone, prop = _target(curve)
                owner, keyed = (0, of_object) if bone is None else (bones[bone], of_bones)
                keyed.setdefault((owner, prop), []).append((curve.array_index, self._n_curves))
                self._n_curves += 1
            self._keys.append(keys)
        return of_bones, of_object

    def bone_ends(self, key_frames: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Heads and tails in the world of the bones that count, each (N, B, 3) in Blender units.

        Args: key_frames: (N,) in the animation's own frames, before time remapping.
        """
        n_frames = len(key_frames)
        keyed_values = np.concatenate(
            [np.empty((0, n_frames), dtype=np.float32), *(keys.values(key_frames) for keys in self._keys)]
        )
        rest, (axes, locations) = self._rest, self._bones.at(keyed_values)
        axes = (rest.axes @ axes.reshape(len(axes), 3, -1)).reshape(axes.shape)
        heads = rest.heads[..., None] + rest.axes @ (locations * rest.moves[:, None, None])
        heads = np.repeat(heads, n_frames // heads.shape[2], axis=2)
        for bones, parents in rest.children:
            axes[bones], heads[bones] = _inside((axes[parents], heads[parents]), (axes[bones], heads[bones]))
        tails = heads + axes[:, :, 1] * rest.lengths[:, None, None]
        ends = np.concatenate([heads[self._asked], tails[self._asked]])
        world_axes, origin = self._world(keyed_values)
        placed = _products(world_axes, ends[:, :, None])[:, :, 0] + origin
        heads, tails = np.split(placed.transpose(2, 0, 1), 2, axis=1)
        return heads, tails

    def _world(self, keyed_values: Values) -> Spaces:
        """The armature's world matrix, B = 1."""
        world: Spaces = np.eye(3)[None, ..., None], np.zeros((1, 3, 1))
        for transforms, inverse in zip(reversed(self._objects), reversed(self._inverses), strict=True):
            world = _inside(world, _inside(inverse, transforms.at(keyed_values)))
        return world


def _inside(outer: Spaces, inner: Spaces) -> Spaces:
    """The spaces of what stands at ``inner`` in ``outer``."""
    axes, origins = outer
    return _products(axes, inner[0]), _products(axes, inner[1][:, :, None])[:, :, 0] + origins


def _products(one: Values, other: Values) -> Values:
    """Matrices (B, 3, 3, T) times (B, 3, n, T); several times as fast as ``@`` on so many so small ones."""
    products = one[:, :, 0, None] * other[:, None, 0]
    products += one[:, :, 1, None] * other[:, None, 1]
    products += one[:, :, 2, None] * other[:, None, 2]
    return products


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
    if scripts_on_frames():
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


def _moving_curves(obj: Any, bones: Mapping[str, int]) -> list[Any]:
    """The curves that move the object itself or one of the bones."""
    if obj.animation_data is None:
        return []
    found = []
    for curve in actions.fcurves(obj.animation_data):
        bone, prop = _target(curve)
        silent = curve.mute or curve.is_empty or (curve.group is not None and curve.group.mute)
        moves = curve.array_index < _TRANSFORMS.get(prop, 0)
        if moves and (bone is None or bone in bones) and not silent:
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


def _rest_matrix(bone: Any) -> Any:
    """Of a pose bone, in its parent's space or the armature's."""
    above = bone.parent
    matrix = bone.bone.matrix_local
    return matrix if above is None else above.bone.matrix_local.inverted() @ matrix


def _parent_inverse(obj: Any) -> Spaces:
    matrix = np.array(obj.matrix_parent_inverse, dtype=np.float64) if obj.parent is not None else np.eye(4)
    return matrix[None, :3, :3, None], matrix[None, :3, 3:]


def _quaternions(mode: str, channel: Values) -> Values:
    """(B, 4, T) of the numbers that turn bones or objects in a rotation mode, (B, size, T)."""
    if mode == "QUATERNION":
        return channel
    if mode == "AXIS_ANGLE":
        return _of_axis_angle(channel)
    return _of_euler(mode, channel)


def _of_axis_angle(channel: Values) -> Values:
    """Quaternions of angles and axes (B, 4, T); without a direction Blender turns about Y."""
    half, axis = channel[:, :1] / 2, channel[:, 1:]
    length = np.linalg.norm(axis, axis=1, keepdims=True)
    axis = np.where(
        length == 0, np.array([[0], [1], [0]], dtype=axis.dtype), axis / np.where(length == 0, 1, length)
    )
    return np.concatenate([np.cos(half), np.sin(half) * axis], axis=1)


def _of_euler(order: str, angles: Values) -> Values:
    """Quaternions (B, 4, T) of angles (B, 3, T) about X, Y and Z, which turn in an order such as "XYZ"."""
    cosines, sines = np.cos(angles / 2), np.sin(angles / 2)
    quaternions = np.zeros((len(angles), 4, angles.shape[2]), dtype=angles.dtype)
    quaternions[:, 0] = 1.0
    for axis in map("XYZ".index, order):
        # A turn about an axis, from the left, turns these two pairs of a quaternion's numbers.
        cosine, sine = cosines[:, axis], sines[:, axis]
        for one, other in ((0, 1 + axis), (1 + (axis + 1) % 3, 1 + (axis + 2) % 3)):
            first, second = quaternions[:, one].copy(), quaternions[:, other]
            quaternions[:, one] = cosine * first - sine * second
            quaternions[:, other] = sine * first + cosine * second
    return quaternions


def rotation_matrices(quaternions: Values) -> Values:
    """(B, 3, 3, T) of quaternions (B, 4, T), w first, of any length; no rotation for one of length 0."""
    squared = np.einsum("bqt,bqt->bt", quaternions, quaternions)
    factor = np.sqrt(np.divide(2.0, squared, out=np.zeros_like(squared), where=squared != 0))
    w, *xyz = (quaternions * factor[:, None]).transpose(1, 0, 2)
    matrices = np.empty((len(quaternions), 3, 3, quaternions.shape[2]), dtype=quaternions.dtype)
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        matrices[:, i, i] = 1 - xyz[j] * xyz[j] - xyz[k] * xyz[k]
        matrices[:, j, i] = xyz[i] * xyz[j] + w * xyz[k]
        matrices[:, i, j] = xyz[i] * xyz[j] - w * xyz[k]
    return matrices
