# mypy: disable-error-code="misc"
"""Joints: which bone is which joint, how that is known, and where the user says otherwise."""

from typing import Any

import bpy

from ...core.errors import KinetoneError
from ...core.motion.rig_families import REQUIRED
from ...core.motion.rigs import FoundBones, Origin
from ...core.motion.skeleton import JOINT_NAMES
from .. import armature as armatures
from .. import rig_presets
from .drawing import SidebarPanel, draw_text

ICONS = {Origin.NAME: "CHECKMARK", Origin.SHAPE: "QUESTION", Origin.CHOICE: "GREASEPENCIL"}

MEANINGS = {Origin.NAME: "By name", Origin.SHAPE: "Guessed from shape", Origin.CHOICE: "By hand"}

DERIVED = "From its neighbours"


class KINETONE_PT_joints(SidebarPanel, bpy.types.Panel):
    bl_label = "Joints"
    bl_idname = "KINETONE_PT_joints"
    bl_parent_id = "KINETONE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header_preset(self, _context: Any) -> None:
        """Presets and files."""
        self.layout.menu("KINETONE_MT_rig_presets", text="", icon="PRESET")

    def draw(self, context: Any) -> None:
        """Each joint with its bone, which a click changes."""
        layout = self.layout
        try:
            armature = armatures.shown_armature(context)
        except KinetoneError:
            layout.label(text="No armature")
            return
        found = armatures.found_bones(armature)
        draw_legend(layout, context, armature, found)
        column = layout.column(align=True)
        for joint in JOINT_NAMES:
            draw_joint(column, joint, found)
        if armature.kinetone_joints:
            layout.operator("kinetone.forget_bones")


def draw_legend(layout: Any, context: Any, armature: Any, found: FoundBones) -> None:
    """Whose joints these are, and what the marks mean that are there."""
    column = layout.column(align=True)
    names = f"{armature.name}: {found.family or 'bone names unknown'}"
    draw_text(column, context, names, "ARMATURE_DATA")
    there = set(found.origins.values())
    if there != {Origin.NAME}:
        for origin in (each for each in Origin if each in there):
            column.label(text=MEANINGS[origin], icon=ICONS[origin])
    if found.missing:
        draw_text(column, context, "Choose bones for the joints that are marked red", "ERROR")


def draw_joint(column: Any, joint: str, found: FoundBones) -> None:
    """A joint with its mark, and its bone: a button to choose another."""
    split = column.split(factor=0.44, align=True)
    split.alert = joint in found.missing
    origin = found.origins.get(joint)
    icon = ICONS[origin] if origin is not None else "ERROR" if joint in REQUIRED else "DOT"
    split.label(text=joint.replace("_", " ").capitalize(), icon=icon)
    row = split.row(align=True)
    nothing = "Choose a bone" if joint in found.missing else DERIVED
    text = found.bones.get(joint, nothing)
    row.operator("kinetone.choose_bone", text=text, translate=False).joint = joint
    if origin is Origin.CHOICE:
        row.operator("kinetone.forget_bones", text="", icon="X").joint = joint


class KINETONE_MT_rig_presets(bpy.types.Menu):
    """Bones of rigs that you have set up before"""

    bl_idname = "KINETONE_MT_rig_presets"
    bl_label = "Joint Presets"

    def draw(self, _context: Any) -> None:
        """The presets, then what makes more of them."""
        layout = self.layout
        for name in rig_presets.preset_names():
            layout.operator("kinetone.apply_rig_preset", text=name, translate=False).name = name
        layout.separator()
        layout.operator("kinetone.save_rig_preset", icon="ADD", text="Save as Preset…")
        layout.menu("KINETONE_MT_remove_rig_preset")
        layout.separator()
        layout.operator("kinetone.import_rig", icon="IMPORT", text="Load Mapping…")
        layout.operator("kinetone.export_rig", icon="EXPORT", text="Save Mapping…")


class KINETONE_MT_remove_rig_preset(bpy.types.Menu):
    """Delete a preset"""

    bl_idname = "KINETONE_MT_remove_rig_preset"
    bl_label = "Remove Preset"

    def draw(self, _context: Any) -> None:
        """The presets."""
        for name in rig_presets.preset_names():
            entry = self.layout.operator(
                "kinetone.remove_rig_preset", text=name, icon="TRASH", translate=False
            )
            entry.name = name


CLASSES = (KINETONE_MT_remove_rig_preset, KINETONE_MT_rig_presets, KINETONE_PT_joints)


def register() -> None:
    """Register the panel and its menus."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take them back."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
