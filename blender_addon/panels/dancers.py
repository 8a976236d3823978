# mypy: disable-error-code="misc"
"""Dancers: whom the music follows."""

from typing import Any

import bpy

from .drawing import SidebarPanel, draw_text


class KINETONE_PT_dancers(SidebarPanel, bpy.types.Panel):
    bl_label = "Dancers"
    bl_idname = "KINETONE_PT_dancers"
    bl_parent_id = "KINETONE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """The list, and how to fill and empty it."""
        layout = self.layout
        dancers = context.scene.kinetone_dancers
        if not dancers:
            draw_text(layout.column(align=True), context, "The music follows the active character", "INFO")
        for index, dancer in enumerate(dancers):
            row = layout.row(align=True)
            row.prop(dancer, "armature", text="", icon="ARMATURE_DATA")
            row.operator("kinetone.forget_dancers", text="", icon="REMOVE").index = index
        layout.operator("kinetone.choose_dancers", icon="RESTRICT_SELECT_OFF")
        if dancers:
            layout.operator("kinetone.forget_dancers", text="Follow One Alone").index = -1


def register() -> None:
    """Register the panel."""
    bpy.utils.register_class(KINETONE_PT_dancers)


def unregister() -> None:
    """Take the panel back."""
    bpy.utils.unregister_class(KINETONE_PT_dancers)
