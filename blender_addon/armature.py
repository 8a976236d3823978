"""Which armature dances, and which of its bones are which joints."""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any

import bpy

from ..core.errors import KinetoneError, RigError
from ..core.motion.rigs import JointMapping, joint_sources
from . import actions


def find_armature(context: Any) -> Any:
    """The armature that Generate Music means.

    The active object if it is an armature; else the one that deforms or carries the active mesh;
    else the scene's only animated armature, or its only one.

    Raises: KinetoneError (scene.no_armature, scene.ambiguous_armature).
    """
    active = context.view_layer.objects.active
    found = armature_of(active) if active is not None else None
    return found if found is not None else _only_animated(context.scene)


def armature_of(obj: Any) -> Any | None:
    """The object itself if it is an armature; else that of its armature modifier, or a parent's."""
    if obj.type == "ARMATURE":
        return obj
    for modifier in getattr(obj, "modifiers", ()):
        if modifier.type == "ARMATURE" and modifier.object is not None:
            return modifier.object
    return armature_of(obj.parent) if obj.parent is not None else None


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


def joint_mapping(armature: Any) -> JointMapping:
    """Which bones give the 24 joints; quick enough for drawing, since it is remembered.

    Raises: RigError (rig.missing_joints) that names what is missing.
    """
    bones = armature.pose.bones  # in the order in which their positions are read
    parents = tuple((bone.name, bone.parent.name if bone.parent else None) for bone in bones)
    overrides = tuple((item.name, item.bone) for item in armature.kinetone_joints if item.bone in bones)
    return _mapping(parents, overrides)


@lru_cache(maxsize=16)
def _mapping(
    parents: tuple[tuple[str, str | None], ...], overrides: tuple[tuple[str, str], ...]
) -> JointMapping:
    return joint_sources([name for name, _ in parents], dict(parents), overrides=dict(overrides))


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
    if not armature.kinetone_id:
        armature.kinetone_id = uuid.uuid4().hex
    return str(armature.kinetone_id)


def scene_and_armature(scene_name: str, armature_name: str) -> tuple[Any, Any] | None:
    """Both, looked up anew by name; None if one has gone."""
    scene = bpy.data.scenes.get(scene_name)
    armature = scene.objects.get(armature_name) if scene is not None else None
    return (scene, armature) if armature is not None else None
