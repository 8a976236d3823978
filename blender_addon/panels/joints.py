# mypy: disable-error-code="misc"
"""Joints: the bones chosen by hand."""

from typing import Any

import bpy

from ...core.errors import KinetoneError
from .. import armature as armatures
from .drawing import SidebarPanel


class KINETONE_PT_joints(SidebarPanel, bpy.types.Panel):
    bl_label = "Joints"
    bl_idname = "KINETONE_PT_joints"
    bl_parent_id = "KINETONE_PT_main"
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


def register() -> None:
    """Register the panel."""
    bpy.utils.register_class(KINETONE_PT_joints)


def unregister() -> None:
    """Take the panel back."""
    bpy.utils.unregister_class(KINETONE_PT_joints)
