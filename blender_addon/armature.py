"""Which armature dances, and which of its bones are which joints."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..core.errors import KinetoneError, RigError
from ..core.motion.rig_shape import RestPose
from ..core.motion.rigs import FoundBones, JointMapping, find_bones, joint_sources
from ..core.motion.skeleton import JOINT_NAMES
from . import actions
from .stored import setting

MAX_DANCERS = 8
"""The engine combines so many."""


def find_armature(context: Any) -> Any:
    """The armature that Generate Music means; of several dancers the first, whose the music is.

    The first of the scene's list of dancers; without a list the active object if it is an armature;
    else the one that deforms or carries the active mesh; else the scene's only animated armature, or
    its only one.

    Raises: KinetoneError (scene.no_armature, scene.ambiguous_armature).
    """
    listed = listed_dancers(context.scene)
    if listed:
        return listed[0]
    active = context.view_layer.objects.active
    found = armature_of(active) if active is not None else None
    return found if found is not None else _only_animated(context.scene)


def find_dancers(context: Any) -> list[Any]:
    """All armatures that the music is to follow; the first is that of ``find_armature``.

    Raises: as find_armature.
    """
    return listed_dancers(context.scene) or [find_armature(context)]


def listed_dancers(scene: Any) -> list[Any]:
    """The armatures of the scene's list of dancers that are still there; [] if there is no list."""
    chosen = [item.armature for item in scene.kinetone_dancers]
    armatures = [obj for obj in chosen if obj is not None and obj.type == "ARMATURE"]
    there = [obj for obj in armatures if scene.objects.get(obj.name) == obj]
    return list(dict.fromkeys(there))[:MAX_DANCERS]


def shown_armature(context: Any) -> Any:
    """The armature whose joints the panel shows: the active one, so that all dancers' can be looked at.

    Raises: as find_armature.
    """
    active = context.view_layer.objects.active
    found = armature_of(active) if active is not None else None
    return found if found is not None else find_armature(context)


def armature_of(obj: Any) -> Any | None:
    """The object itself if it is an armature; else that of its armature modifier, or a parent's."""
    for each in actions.lineage(obj):
        if each.type == "ARMATURE":
            return each
        for modifier in each.modifiers:
            if modifier.type == "ARMATURE" and modifier.object is not None:
                return modifier.object
    return None


def _only_animated(scene: Any) -> Any:
    armatures = [obj for obj in scene.objects if obj.type == "ARMATURE"]
    if not armatures:
        raise KinetoneError(
            "The scene has no armature.",
            code="scene.no_armature",
            hint="Add or import a character that dances, such as a BVH file, and select it.",
        )
    animated = [obj for obj in armatures if actions.is_animated(obj)]
    if len(animated or armatures) == 1:
        return (animated or armatures)[0]
    names = ", ".join(f"“{obj.name}”" for obj in animated or armatures)
    if animated:
        message = f"Several armatures of the scene are animated: {names}."
    else:
        message = f"No armature of the scene is animated: {names}."
    raise KinetoneError(message, code="scene.ambiguous_armature", hint="Select the one that dances.")


def check_readable(armature: Any) -> None:
    """Refuse an armature whose pose cannot be read as it stands.

    Raises: RigError (rig.edit_mode, rig.rest_position).
    """
    name = armature.name
    if armature.data.is_editmode:  # also by way of another object that shares the armature
        raise RigError(
            f"The armature “{name}” is in Edit Mode, where its pose is not evaluated.",
            code="rig.edit_mode",
            hint="Leave Edit Mode first.",
        )
    if armature.data.pose_position == "REST":
        raise RigError(
            f"The armature “{name}” is shown in its rest position.",
            code="rig.rest_position",
            hint="Choose Pose Position instead of Rest Position in the properties of its armature.",
        )


@dataclass(frozen=True)
class _Rig:
    """All that decides which bone is which joint."""

    parents: tuple[tuple[str, str | None], ...]
    overrides: tuple[tuple[str, str], ...]
    rest: bytes
    """Heads and tails at rest, (2, B, 3) in 32 bits; empty where names are enough."""

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.parents]

    @property
    def rest_pose(self) -> RestPose | None:
        if not self.rest:
            return None
        heads, tails = np.frombuffer(self.rest, dtype=np.float32).reshape(2, -1, 3).astype(np.float64)
        return RestPose(heads, tails)


def joint_mapping(armature: Any) -> JointMapping:
    """Which bones give the 24 joints; quick enough for drawing, since it is remembered.

    Raises: RigError (rig.missing_joints) that names what is missing.
    """
    rig = _rig(armature)
    return _mapping(_with_rest(rig, armature) if _found(rig).missing else rig)


def found_bones(armature: Any) -> FoundBones:
    """Which bones are joints, be they enough or not."""
    rig = _rig(armature)
    return _found(_with_rest(rig, armature)) if _found(rig).missing else _found(rig)


def pose_bones(armature: Any) -> Any:
    """The bones in the order in which their positions are read; none before Blender first evaluates them."""
    return armature.pose.bones if armature.pose is not None else ()


def _rig(armature: Any) -> _Rig:
    bones = pose_bones(armature)
    names = {bone.name for bone in bones}
    parents = tuple((bone.name, bone.parent.name if bone.parent else None) for bone in bones)
    chosen = [(setting(item, "name"), setting(item, "bone")) for item in armature.kinetone_joints]
    overrides = tuple((joint, bone) for joint, bone in chosen if joint in JOINT_NAMES and bone in names)
    return _Rig(parents, overrides, b"")


def _with_rest(rig: _Rig, armature: Any) -> _Rig:
    bones = [bone.bone for bone in pose_bones(armature)]
    ends = [[bone.head_local for bone in bones], [bone.tail_local for bone in bones]]
    return _Rig(rig.parents, rig.overrides, np.array(ends, dtype=np.float32).tobytes())


@lru_cache(maxsize=16)
def _found(rig: _Rig) -> FoundBones:
    return find_bones(rig.names, dict(rig.parents), dict(rig.overrides), rig.rest_pose)


@lru_cache(maxsize=16)
def _mapping(rig: _Rig) -> JointMapping:
    return joint_sources(rig.names, dict(rig.parents), overrides=dict(rig.overrides), rest=rig.rest_pose)


def view_layer_with(scene: Any, armature: Any) -> Any:
    """A view layer of the scene in which the armature takes part; all show the same dance.

    Raises: RigError (rig.hidden) if there is none.
    """
    for layer in scene.view_layers:
        if armature.name in layer.objects:
            return layer
    raise RigError(
        f"The armature “{armature.name}” is in no view layer of the scene “{scene.name}”.",
        code="rig.hidden",
        hint="Link it to the scene, or select the armature that dances here.",
    )


def lasting_id(armature: Any) -> str:
    """What the armature's music is known by when its name changes; given to it when first asked for."""
    if not setting(armature, "kinetone_id"):
        armature.kinetone_id = uuid.uuid4().hex
    return str(armature.kinetone_id)
