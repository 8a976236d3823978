"""The running job at the bottom of Blender's window, to be seen from every workspace."""

from typing import Any

import bpy

from ..status import status


def draw(header: Any, _context: Any) -> None:
    """Bar and Cancel button, while a job runs."""
    if status.running:
        row = header.layout.row(align=True)
        row.ui_units_x = 16
        row.progress(factor=status.fraction, text=f"Kinetone: {status.progress}")
        row.operator("kinetone.cancel", text="", icon="CANCEL")


def register() -> None:
    """Draw at the end of the status bar."""
    bpy.types.STATUSBAR_HT_header.append(draw)


def unregister() -> None:
    """Leave the status bar as it was."""
    bpy.types.STATUSBAR_HT_header.remove(draw)
