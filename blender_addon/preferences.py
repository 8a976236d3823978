# mypy: disable-error-code="valid-type,misc"
"""Where the engine and the model are: what a user sets once."""

import os
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import EngineError
from .model_card import DEFAULT_CHECKPOINT

ROOT_PACKAGE = __package__.rpartition(".")[0]
"""The extension's own name, by which Blender knows its preferences."""

ENGINE_VARIABLE = "KINETONE_ENGINE_PYTHON"
"""Environment variable that overrides the engine's Python, for scripts and render farms."""


class KINETONE_AP_preferences(bpy.types.AddonPreferences):
    bl_idname = ROOT_PACKAGE

    engine_python: bpy.props.StringProperty(
        name="Engine Python",
        description="The Python interpreter of the environment in which Kinetone's engine is installed",
        subtype="FILE_PATH",
    )
    checkpoint: bpy.props.StringProperty(
        name="Model",
        description="Folder of another model, holding card.json and model.safetensors. "
        "Empty: the one that came with Kinetone",
        subtype="DIR_PATH",
    )

    def draw(self, _context: Any) -> None:
        """Draw the settings and one line about what they lead to."""
        column = self.layout.column()
        column.use_property_split = True
        column.prop(self, "engine_python")
        column.prop(self, "checkpoint")
        lines, ready = engine_status()
        for number, line in enumerate(lines):
            column.label(text=line, icon="BLANK1" if number else "CHECKMARK" if ready else "ERROR")


def preferences() -> Any:
    """Kinetone's preferences."""
    return bpy.context.preferences.addons[ROOT_PACKAGE].preferences


def engine_python() -> Path:
    """The engine's interpreter: from the environment variable, else from the preferences.

    Raises: EngineError (engine.not_set, engine.not_found).
    """
    chosen = os.environ.get(ENGINE_VARIABLE) or bpy.path.abspath(preferences().engine_python)
    if not chosen:
        raise EngineError(
            "Kinetone's engine has not been set up yet.",
            code="engine.not_set",
            hint="In Edit > Preferences > Add-ons > Kinetone, choose the Python of the engine's environment.",
        )
    path = Path(chosen).expanduser()
    if not path.is_file():
        raise EngineError(
            f"There is no engine at {path}.",
            code="engine.not_found",
            hint="Choose the Python of the engine's environment in Kinetone's preferences.",
        )
    return path


def checkpoint() -> Path | None:
    """Folder of the model that the user chose; None for the default one."""
    chosen = preferences().checkpoint
    return Path(bpy.path.abspath(chosen)) if chosen else None


def engine_status() -> tuple[list[str], bool]:
    """A line or two for the user about engine and model, and whether music can be generated."""
    try:
        python = engine_python()
    except EngineError as error:
        return [error.message, error.hint], False
    model = checkpoint() or DEFAULT_CHECKPOINT
    if not (model / "card.json").is_file():
        return [f"There is no model in {model}.", "Choose another folder in Kinetone's preferences."], False
    return [f"Ready: {python}, model {model.name}"], True


def register() -> None:
    """Register the preferences."""
    bpy.utils.register_class(KINETONE_AP_preferences)


def unregister() -> None:
    """Take the preferences back."""
    bpy.utils.unregister_class(KINETONE_AP_preferences)
