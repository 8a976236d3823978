# mypy: disable-error-code="misc"
"""The Kinetone tab of the 3D view's sidebar: says what will happen, or what is missing. Only draws."""

import textwrap
from typing import Any

import bpy

from ..core.errors import KinetoneError
from ..core.motion.skeleton import JOINT_NAMES
from . import armature as armatures
from . import destination, preferences
from .dance_range import dance_range
from .status import status

CATEGORY = "Kinetone"


class KINETONE_PT_main(bpy.types.Panel):
    bl_label = "Kinetone"
    bl_idname = "KINETONE_PT_main"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = CATEGORY

    def draw(self, context: Any) -> None:
        """Settings, what will happen, and the button; while a job runs, its progress."""
        layout = self.layout
        draw_settings(layout, context.scene.kinetone)
        ready = draw_forecast(layout, context)
        if status.running:
            draw_progress(layout)
        else:
            row = layout.row()
            row.scale_y = 1.4
            row.enabled = ready
            row.operator("kinetone.generate", icon="PLAY_SOUND")
        draw_outcome(layout, context)


class KINETONE_PT_joints(bpy.types.Panel):
    bl_label = "Joints"
    bl_idname = "KINETONE_PT_joints"
    bl_parent_id = "KINETONE_PT_main"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = CATEGORY
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """The bones chosen by hand, for rigs whose bones are not found by name."""
        layout = self.layout
        try:
            armature = armatures.find_armature(context)
        except KinetoneError:
            layout.label(text="No armature")
            return
        joints = armature.kinetone_joints
        if not joints:
            layout.label(text="All joints are found by name")
            layout.operator("kinetone.choose_bones")
            return
        column = layout.column(align=True)
        column.use_property_split = True
        for joint in joints:
            text = joint.name.replace("_", " ").capitalize()
            column.prop_search(joint, "bone", armature.pose, "bones", text=text)
        layout.operator("kinetone.forget_bones")


def draw_settings(layout: Any, settings: Any) -> None:
    """The four settings that the file remembers."""
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.enabled = not status.running
    for name in ("genre", "seed", "range", "folder"):
        column.prop(settings, name)


def draw_forecast(layout: Any, context: Any) -> bool:
    """One line for each thing that Generate Music needs; whether all are there."""
    box = layout.box().column(align=True)
    lines = [*dance_lines(context), destination_line(context), engine_line()]
    for ready, text, icon in lines:
        draw_text(box, context, text, icon if ready else "ERROR")
    if not lines[-1][0]:
        box.operator("preferences.addon_show", text="Open Preferences").module = preferences.ROOT_PACKAGE
    return all(ready for ready, _, _ in lines)


def draw_progress(layout: Any) -> None:
    """Bar and Cancel button."""
    row = layout.row(align=True)
    row.progress(factor=status.fraction, text=f"{status.stage} {status.fraction:.0%}")
    row.operator("kinetone.cancel", text="", icon="CANCEL")


def draw_outcome(layout: Any, context: Any) -> None:
    """How the last job ended."""
    if status.message and not status.running:
        draw_text(layout.column(align=True), context, status.message, "ERROR" if status.failed else "INFO")


Line = tuple[bool, str, str]
"""Whether it is in order, what to say, and the icon if it is in order."""


def dance_lines(context: Any) -> list[Line]:
    """Who dances, with how many joints, and when; or the first reason why that is not known."""
    try:
        armature = armatures.find_armature(context)
        armatures.check_readable(armature)
        armatures.view_layer_with(context.scene, armature)
        named = armatures.joint_mapping(armature).named
        dancer = True, f"{armature.name}: {len(named)} of {len(JOINT_NAMES)} joints found", "ARMATURE_DATA"
    except KinetoneError as error:
        return [(False, str(error), "")]
    try:
        span = dance_range(context.scene, armature, context.scene.kinetone.range)
    except KinetoneError as error:
        return [dancer, (False, str(error), "")]
    return [dancer, (True, f"Frames {span.start:g} to {span.end:g}, {span.duration_s:.1f} s", "TIME")]


def destination_line(context: Any) -> Line:
    """The folder for the music."""
    try:
        return True, str(destination.music_folder(context.scene.kinetone.folder)), "FILE_FOLDER"
    except KinetoneError as error:
        return False, str(error), ""


def engine_line() -> Line:
    """Whether engine and model are there."""
    lines, ready = preferences.engine_status()
    return ready, "Engine ready" if ready else " ".join(lines), "CHECKMARK"


def draw_text(column: Any, context: Any, text: str, icon: str) -> None:
    """Text broken into as many lines as the sidebar's width asks for; Blender would cut it off."""
    width = context.region.width if context.region is not None else 280
    characters = max(16, int(width / (7.5 * context.preferences.system.ui_scale)) - 6)
    lines = textwrap.wrap(text, characters) or [""]
    for number, line in enumerate(lines):
        column.label(text=line, icon="BLANK1" if number else icon)


def register() -> None:
    """Register the panels."""
    bpy.utils.register_class(KINETONE_PT_main)
    bpy.utils.register_class(KINETONE_PT_joints)


def unregister() -> None:
    """Take the panels back."""
    bpy.utils.unregister_class(KINETONE_PT_joints)
    bpy.utils.unregister_class(KINETONE_PT_main)
