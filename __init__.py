"""Kinetone: music for a dance. Blender calls these two functions; everything else lives in the folders beside."""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from . import blender_addon

    blender_addon.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled."""
    from . import blender_addon

    blender_addon.unregister()
