"""Where frames are shown to be read: in a scene of the dancers' own wherever that looks the same.

Such a scene holds nothing but the dancers; Blender evaluates them and what moves them, and nothing else. It
is there only while Blender waits for it, so nobody sees it and no file or undo step holds it. The
user's scene stays as it is, with its frame, with poses that have no keys yet, and with simulations' caches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import bpy

from . import actions
from .clock import split
from .unkeyed import unkeyed_kept

Stage = tuple[Any, Mapping[str, Any]]
"""A scene to show frames in, and a view layer of it by armature name."""

_OF_THE_SCENE: Final = {"CAMERA_SOLVER", "FOLLOW_TRACK", "OBJECT_SOLVER", "TRANSFORM_CACHE"}
"""Constraints that follow the scene's camera, clip or frame rate."""


@contextmanager
def stage(scene: Any, view_layers: Mapping[str, Any]) -> Iterator[Stage]:
    """A stage for the armatures of ``view_layers``, by whose names it gives one in the user's scene.

    That scene itself is it if the dancers may look different elsewhere; then it shows its frame again after.
    """
    dancers = [scene.objects[name] for name in view_layers]
    if any(_needs_its_scene(dancer) for dancer in dancers):
        with unkeyed_kept(scene), _user_frame_kept(scene):
            yield scene, view_layers
        return
    own = bpy.data.scenes.new("Kinetone")
    try:
        for name in ("frame_map_old", "frame_map_new"):
            setattr(own.render, name, getattr(scene.render, name))
        for dancer in dancers:
            own.collection.objects.link(dancer)
        yield own, dict.fromkeys(view_layers, own.view_layers[0])
    finally:
        bpy.data.scenes.remove(own)


def show_frame(scene: Any, frame: float) -> None:
    """Evaluate the scene at a timeline frame, which may lie between two whole ones."""
    whole, subframe = split(frame)
    scene.frame_set(whole, subframe=subframe)


@contextmanager
def _user_frame_kept(scene: Any) -> Iterator[None]:
    """Shows the frame and subframe again that were current before."""
    # Blender gives a frame below zero a negative subframe; frame_float would round to 32 bits.
    frame = scene.frame_current + scene.frame_subframe
    try:
        yield
    finally:
        show_frame(scene, frame)


def _needs_its_scene(armature: Any) -> bool:
    """Whether anything that moves the armature may depend on more of its scene than the frame."""
    if scripts_on_frames() or bpy.app.is_job_running("RENDER"):  # which must not find other scenes on its way
        return True
    return any(_is_bound(obj) for obj in (armature, *actions.movers(armature)))


def scripts_on_frames() -> bool:
    """Whether scripts run whenever a frame is shown, which may do anything."""
    return bool(bpy.app.handlers.frame_change_pre or bpy.app.handlers.frame_change_post)


def _is_bound(obj: Any) -> bool:
    """Whether physics, deformation, the scene's camera or scripts may have a hand in an object's place."""
    if obj.rigid_body is not None or len(obj.modifiers) or getattr(obj.data, "shape_keys", None) is not None:
        return True
    bones: Sequence[Any] = obj.pose.bones if obj.pose is not None else ()
    constraints = (constraint for owner in (obj, *bones) for constraint in owner.constraints)
    return any(constraint.type in _OF_THE_SCENE for constraint in constraints) or any(
        _is_free(curve.driver, obj) for owner in (obj, obj.data) for curve in _drivers(owner)
    )


def _drivers(owner: Any | None) -> Sequence[Any]:
    animation = owner.animation_data if owner is not None else None
    return animation.drivers if animation is not None else ()


def _is_free(driver: Any, obj: Any) -> bool:
    """Whether a driver of an object or its data may look at more than objects and that data."""
    if driver.type == "SCRIPTED" and not driver.is_simple_expression:
        return True
    if any(variable.type == "CONTEXT_PROP" for variable in driver.variables):
        return True
    seen = (target.id for variable in driver.variables for target in variable.targets)
    return any(each is not None and each.id_type != "OBJECT" and each != obj.data for each in seen)
