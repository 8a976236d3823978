# mypy: disable-error-code="valid-type,misc"
"""What the file remembers of armatures, and what it forgets (on the window manager)."""

import bpy

from .status import status


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
    time_left_s: bpy.props.FloatProperty(
        name="Time Left",
        description="Seconds until the music is there, by how it went so far; -1 before that is known",
        get=lambda _self: status.time_left_s,
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


CLASSES = (KINETONE_PG_joint, KINETONE_PG_job)


def register() -> None:
    """Register the property groups and hang them on Blender's types."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
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
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
