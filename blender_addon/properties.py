# mypy: disable-error-code="valid-type,misc"
"""What the file remembers (on scenes and armatures) and what it forgets (on the window manager)."""

import zlib
from typing import Any

import bpy

from . import model_card, preferences
from .model_card import AUTO
from .status import status

# From 4.5 on, Blender marks paths that begin with // as wrong where a property does not allow them.
BLEND_RELATIVE = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5) else set()

_genre_items: list[tuple[str, str, str, int]] = []
"""Blender does not keep the strings of a dynamic enum alive: this does."""


def genre_items(_settings: Any, _context: Any) -> list[tuple[str, str, str, int]]:
    """The genres of the chosen model.

    Each has a number of its own that it keeps in every model, since files store the number.
    """
    items = [(AUTO, "Any", "Leave the genre to the dance", 0)]
    for genre in model_card.genres(preferences.checkpoint()):
        number = zlib.crc32(genre.encode()) & 0x7FFFFFFF
        items.append((genre, genre.replace("_", " ").title(), f"Music in the style of {genre}", number))
    if items != _genre_items:
        _genre_items[:] = items
    return _genre_items


class KINETONE_PG_scene(bpy.types.PropertyGroup):
    """Settings of Generate Music, saved with the file."""

    genre: bpy.props.EnumProperty(
        name="Genre",
        description="Style of the music, out of those that the model knows",
        items=genre_items,
    )
    seed: bpy.props.IntProperty(
        name="Seed",
        description="Another number gives another piece of music for the same dance",
        min=0,
    )
    range: bpy.props.EnumProperty(
        name="Range",
        description="The part of the timeline that gets music",
        items=[
            ("ACTION", "Action", "From the armature's first keyframe or NLA strip to its last"),
            ("SCENE", "Scene", "From the scene's start frame to its end frame"),
            ("PREVIEW", "Preview", "The preview range of the timeline"),
        ],
    )
    folder: bpy.props.StringProperty(
        name="Folder",
        description="Where the music is written, every take to a file of its own. "
        "// stands for the folder of the saved file",
        subtype="DIR_PATH",
        default="//kinetone/",
        options=BLEND_RELATIVE,
    )


class KINETONE_PG_joint(bpy.types.PropertyGroup):
    """One joint (its ``name``) and the bone that the user chose for it."""

    bone: bpy.props.StringProperty(
        name="Bone",
        description="The bone whose head is this joint; empty to find it by name",
        override={"LIBRARY_OVERRIDABLE"},
    )


class KINETONE_PG_job(bpy.types.PropertyGroup):
    """The running job, for panels and scripts to look at. Nothing of it is stored anywhere."""

    running: bpy.props.BoolProperty(
        name="Running",
        description="Whether music is being generated",
        get=lambda _self: status.running,
    )
    stage: bpy.props.StringProperty(
        name="Stage",
        description="What is being done now",
        get=lambda _self: status.stage,
    )
    fraction: bpy.props.FloatProperty(
        name="Progress",
        description="Part of the work that is done",
        subtype="FACTOR",
        min=0.0,
        max=1.0,
        get=lambda _self: status.fraction,
    )
    message: bpy.props.StringProperty(
        name="Message",
        description="How the last job ended",
        get=lambda _self: status.message,
    )
    failed: bpy.props.BoolProperty(
        name="Failed",
        description="Whether the last job failed",
        get=lambda _self: status.failed,
    )


CLASSES = (KINETONE_PG_scene, KINETONE_PG_joint, KINETONE_PG_job)


def register() -> None:
    """Register the property groups and hang them on Blender's types."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.kinetone = bpy.props.PointerProperty(type=KINETONE_PG_scene)
    # Not in a group of its own: Blender 5.0 loses groups that a library override adds.
    bpy.types.Object.kinetone_joints = bpy.props.CollectionProperty(
        name="Joints",
        description="Bones chosen by hand for joints that are not found by name",
        type=KINETONE_PG_joint,
        override={"LIBRARY_OVERRIDABLE", "USE_INSERTION"},
    )
    bpy.types.Object.kinetone_id = bpy.props.StringProperty(
        name="Dancer",
        description="By this Kinetone knows an armature's music again after the armature was renamed",
        options={"HIDDEN"},
        override={"LIBRARY_OVERRIDABLE"},
    )
    bpy.types.WindowManager.kinetone = bpy.props.PointerProperty(type=KINETONE_PG_job)


def unregister() -> None:
    """Take the properties back; what files stored stays in them."""
    del bpy.types.WindowManager.kinetone
    del bpy.types.Object.kinetone_id
    del bpy.types.Object.kinetone_joints
    del bpy.types.Scene.kinetone
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
