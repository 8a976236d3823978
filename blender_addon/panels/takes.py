# mypy: disable-error-code="misc"
"""Takes: which one plays, and how well each is on the beat."""

from typing import Any

import bpy

from .. import music
from .drawing import SidebarPanel


class KINETONE_PT_takes(SidebarPanel, bpy.types.Panel):
    bl_label = "Takes"
    bl_idname = "KINETONE_PT_takes"
    bl_parent_id = "KINETONE_PT_main"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only for a dancer that has music."""
        return bool(music.current_takes(context))

    def draw(self, context: Any) -> None:
        """A row for each take: a click on it lets it play."""
        strips = music.current_takes(context)
        heard = music.audible(strips)
        column = self.layout.column(align=True)
        for strip in strips:
            facts, plays = music.read(strip), strip == heard
            row = column.row(align=True)
            icon = "PLAY_SOUND" if plays else "MUTE_IPO_OFF"
            switch = row.operator("kinetone.switch_take", text=facts.title, icon=icon, depress=plays)
            switch.take = facts.take
            row.operator("kinetone.drop_take", text="", icon="X").take = facts.take
        if len(strips) > 1 and heard is not None:
            number = music.read(heard).take
            text = f"Keep Take {number}, Drop the Rest"
            self.layout.operator("kinetone.keep_take", text=text, icon="CHECKMARK").take = number


def register() -> None:
    """Register the panel."""
    bpy.utils.register_class(KINETONE_PT_takes)


def unregister() -> None:
    """Take the panel back."""
    bpy.utils.unregister_class(KINETONE_PT_takes)
