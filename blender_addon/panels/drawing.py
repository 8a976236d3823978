"""What the panels share: where they stand, and text that fits the sidebar."""

import textwrap
from typing import Any


class SidebarPanel:
    """Where Kinetone's panels stand: its own tab of the 3D view's sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Kinetone"


def settings_column(layout: Any) -> Any:
    """A column for properties: names on the left, values on the right, no dots to key them by."""
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    return column


def draw_text(column: Any, context: Any, text: str, icon: str) -> None:
    """Text broken into as many lines as the sidebar's width asks for; Blender would cut it off."""
    width = context.region.width if context.region is not None else 280
    characters = max(16, int(width / (7.5 * context.preferences.system.ui_scale)) - 6)
    text = text.encode(errors="replace").decode()  # the path of a file may be no text
    lines = textwrap.wrap(text, characters) or [""]
    for number, line in enumerate(lines):
        column.label(text=line, icon="BLANK1" if number else icon)
