# mypy: disable-error-code="misc"
"""Style: what most people leave as it is."""

from typing import Any

import bpy

from ..model_card import AUTO
from ..status import status
from .drawing import SidebarPanel, settings_column


class KINETONE_PT_advanced(SidebarPanel, bpy.types.Panel):
    bl_label = "Advanced"
    bl_idname = "KINETONE_PT_advanced"
    bl_parent_id = "KINETONE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Strength of the genre, energy, tempo and temperature."""
        settings = context.scene.kinetone
        column = settings_column(self.layout)
        column.enabled = not status.running
        strength = column.row()
        strength.enabled = settings.genre not in ("", AUTO)
        strength.prop(settings, "genre_strength", text="Genre Strength")
        column.prop(settings, "energy")
        column.prop(settings, "tempo_from")
        if settings.tempo_from == "FIXED":
            column.prop(settings, "tempo_bpm")
        column.prop(settings, "temperature")


def register() -> None:
    """Register the panel."""
    bpy.utils.register_class(KINETONE_PT_advanced)


def unregister() -> None:
    """Take the panel back."""
    bpy.utils.unregister_class(KINETONE_PT_advanced)
