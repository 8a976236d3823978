"""Escape cancels a running job, wherever the mouse is; while none runs, the key means what it always does."""

from __future__ import annotations

from typing import Any

import bpy

_items: list[tuple[Any, Any]] = []


def register() -> None:
    """Add the key; the operator's poll lets it through while no job runs."""
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is None:  # without a window
        return
    keymap = configuration.keymaps.new(name="Window", space_type="EMPTY")
    _items.append((keymap, keymap.keymap_items.new("kinetone.cancel", "ESC", "PRESS")))


def unregister() -> None:
    """Take the key back."""
    while _items:
        keymap, item = _items.pop()
        keymap.keymap_items.remove(item)
