# mypy: disable-error-code="misc"
"""Sound and markers: loudness and fades, playback, beats on the timeline."""

from typing import Any

import bpy

from .drawing import SidebarPanel, settings_column


class KINETONE_PT_sound(SidebarPanel, bpy.types.Panel):
    bl_label = "Sound and Markers"
    bl_idname = "KINETONE_PT_sound"
    bl_parent_id = "KINETONE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Settings that act on the music at once, without making it anew."""
        settings = context.scene.kinetone
        column = settings_column(self.layout)
        for name in ("fade_in_s", "fade_out_s", "loudness_db"):
            column.prop(settings, name)
        beats = column.column(heading="Markers", align=True)
        beats.prop(settings, "mark_dance_beats")
        beats.prop(settings, "mark_music_beats")
        column.column(heading="Playback").prop(settings, "sync_playback")


def register() -> None:
    """Register the panel."""
    bpy.utils.register_class(KINETONE_PT_sound)


def unregister() -> None:
    """Take the panel back."""
    bpy.utils.unregister_class(KINETONE_PT_sound)
