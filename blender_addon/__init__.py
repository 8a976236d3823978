"""The Blender side of Kinetone: reads the dance, asks the engine, places the strip.

Nothing here is imported before ``register``, so that the modules free of bpy can be used anywhere.
"""

from __future__ import annotations

import importlib
from types import ModuleType

MODULES = (
    "preferences",
    "scene_settings",
    "properties",
    "dancers",
    "jobs",
    "installing",
    "changes",
    "operators",
    "keymap",
    "panels",
    "command",
)
"""The modules with something to register, in this order; undone in reverse."""


def _modules() -> list[ModuleType]:
    return [importlib.import_module(f".{name}", __package__) for name in MODULES]


def register() -> None:
    """Register everything; a failure half-way leaves nothing registered."""
    done: list[ModuleType] = []
    try:
        for module in _modules():
            module.register()
            done.append(module)
    except Exception:
        for module in reversed(done):
            module.unregister()
        raise


def unregister() -> None:
    """Stop a running job, close the engine, and take everything back."""
    for module in reversed(_modules()):
        module.unregister()
