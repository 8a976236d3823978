# mypy: disable-error-code="misc"
"""Files: where the music is kept, and as what."""

from typing import Any

import bpy

from ..status import status
from .drawing import SidebarPanel, settings_column


class KINETONE_PT_output(SidebarPanel, bpy.types.Panel):
    bl_label = "Files"
    bl_idname = "KINETONE_PT_output"
    bl_parent_id = "KINETONE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Files or .blend, format, folder and names."""
        settings = context.scene.kinetone
        column = settings_column(self.layout)
        column.enabled = not status.running
        column.prop(settings, "storage")
        column.prop(settings, "file_format")
        if settings.storage == "FILE":
            column.prop(settings, "folder")
        column.prop(settings, "file_name")


def register() -> None:
    """Register the panel."""
    bpy.utils.register_class(KINETONE_PT_output)


def unregister() -> None:
    """Take the panel back."""
    bpy.utils.unregister_class(KINETONE_PT_output)
