# mypy: disable-error-code="misc"
"""The Kinetone panel: settings, what will happen, and the button."""

from typing import Any

import bpy

from ..status import status
from .drawing import SidebarPanel, draw_text, settings_column
from .forecast import draw_forecast
from .notices import draw_notices


class KINETONE_PT_main(SidebarPanel, bpy.types.Panel):
    bl_label = "Kinetone"
    bl_idname = "KINETONE_PT_main"

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
        draw_notices(layout, context)
        draw_outcome(layout, context)


def draw_settings(layout: Any, settings: Any) -> None:
    """What most people set; the rest is in the panels below."""
    column = settings_column(layout)
    column.enabled = not status.running
    column.prop(settings, "genre")
    row = column.row(align=True)
    row.prop(settings, "seed")
    row.operator("kinetone.reroll_seed", text="", icon="FILE_REFRESH")
    column.prop(settings, "takes")
    column.prop(settings, "range")


def draw_progress(layout: Any) -> None:
    """Bar and Cancel button."""
    row = layout.row(align=True)
    row.progress(factor=status.fraction, text=status.progress)
    row.operator("kinetone.cancel", text="", icon="CANCEL")


def draw_outcome(layout: Any, context: Any) -> None:
    """How the last job ended."""
    if status.message and not status.running:
        draw_text(layout.column(align=True), context, status.message, "ERROR" if status.failed else "INFO")


def register() -> None:
    """Register the panel."""
    bpy.utils.register_class(KINETONE_PT_main)


def unregister() -> None:
    """Take the panel back."""
    bpy.utils.unregister_class(KINETONE_PT_main)
