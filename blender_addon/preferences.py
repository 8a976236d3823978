# mypy: disable-error-code="valid-type,misc"
"""Where the engine and the model are: what a user sets once."""

import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import EngineError
from . import installing
from .engine_environment import Build, State, builds, chosen_build, read_record
from .model_card import DEFAULT_CHECKPOINT

ROOT_PACKAGE = __package__.rpartition(".")[0]
"""The extension's own name, by which Blender knows its preferences."""

ENGINE_VARIABLE = "KINETONE_ENGINE_PYTHON"
"""Environment variable that overrides the engine's Python, for scripts and render farms."""


def _keep_absolute(name: str) -> Callable[[Any, Any], None]:
    """Preferences outlast files: what is relative to one would lead into the folder of another."""

    def update(settings: Any, _context: Any) -> None:
        if getattr(settings, name).startswith("//"):
            setattr(settings, name, bpy.path.abspath(getattr(settings, name)))

    return update


class KINETONE_AP_preferences(bpy.types.AddonPreferences):
    bl_idname = ROOT_PACKAGE

    engine_python: bpy.props.StringProperty(
        name="Engine Python",
        description="An interpreter that has all that the engine needs, to use instead of the installed "
        "engine. Empty: the installed engine",
        subtype="FILE_PATH",
        update=_keep_absolute("engine_python"),
    )
    checkpoint: bpy.props.StringProperty(
        name="Model",
        description="Folder of another model, holding card.json and model.safetensors. "
        "Empty: the one that came with Kinetone",
        subtype="DIR_PATH",
        update=_keep_absolute("checkpoint"),
    )

    engine_build: bpy.props.EnumProperty(
        name="PyTorch Build",
        description="Which build of PyTorch is downloaded. Those for graphics cards know processors, too",
        items=[
            (
                "AUTO",
                "Automatic",
                "For the processor; for an NVIDIA card if there is one and Compute On is Graphics Card",
            ),
            *((build.key, build.name, "") for build in builds()),
        ],
    )

    device: bpy.props.EnumProperty(
        name="Compute On",
        description="What makes the music",
        items=[
            ("CPU", "Processor", "Any computer"),
            (
                "GPU",
                "Graphics Card",
                "One of NVIDIA or AMD that the engine was installed for. Not tried on one yet. "
                "Where there is none, or it fails, the processor makes the music, and the panel says so",
            ),
        ],
    )

    def draw(self, _context: Any) -> None:
        """The engine's state and its one button, then what few users need."""
        draw_engine(self.layout.box().column(), self)
        column = self.layout.column()
        column.use_property_split = True
        column.prop(self, "device")
        column.prop(self, "checkpoint")
        if not model_found():
            column.label(text=f"There is no model in {checkpoint()}.", icon="ERROR")
        column.prop(self, "engine_python")


def draw_engine(column: Any, settings: Any) -> None:
    """One line about the engine, and the button that is right for it."""
    if installing.status.running:
        row = column.row(align=True)
        status = installing.status
        row.progress(factor=status.fraction, text=f"{status.stage}: {status.fraction:.0%}")
        row.operator("kinetone.cancel_install", text="", icon="CANCEL")
        return
    ready, line = engine_line()
    row = column.row()
    row.label(text=line, icon="CHECKMARK" if ready else "INFO")
    state = installing.state()
    if state is not State.READY and not named_python():
        text = "Install Engine" if state is State.MISSING else "Go On Installing"
        if state is State.OUTDATED:
            text = "Update Engine"
        row.operator("kinetone.install_engine", text=text, icon="IMPORT")
    if state is not State.MISSING:
        row.operator("kinetone.uninstall_engine", text="", icon="TRASH")
    if installing.log_path().is_file():
        row.operator("kinetone.open_install_log", text="", icon="TEXT")
    if installing.status.message and not ready:
        draw_paragraph(column, installing.status.message, 90, "ERROR" if installing.status.failed else "NONE")
    if state is not State.READY and not named_python():
        column.use_property_split = True
        column.prop(settings, "engine_build")


def draw_paragraph(column: Any, text: str, characters: int, icon: str) -> None:
    """Text in as many lines as it needs; Blender would cut it off."""
    lines = textwrap.wrap(text, characters) or [""]
    rows = column.column(align=True)
    for number, line in enumerate(lines):
        rows.label(text=line, icon="BLANK1" if number and icon != "NONE" else icon)


def preferences() -> Any:
    """Kinetone's preferences."""
    return bpy.context.preferences.addons[ROOT_PACKAGE].preferences


def named_python() -> Path | None:
    """The interpreter that the environment variable or the preferences name; None if neither does."""
    chosen = os.environ.get(ENGINE_VARIABLE) or preferences().engine_python
    return Path(chosen).expanduser() if chosen else None


def engine_python() -> Path:
    """The engine's interpreter: the one that is named, else that of the installed engine.

    Raises: EngineError (engine.not_set, engine.not_found).
    """
    named = named_python()
    python = named or installing.installed_python()
    if python is None:
        raise EngineError(
            "Kinetone's engine is not installed yet.",
            code="engine.not_set",
            hint="Click Install Engine in Edit > Preferences > Add-ons > Kinetone.",
        )
    if not python.is_file():
        raise EngineError(
            f"There is no engine at {python}.",
            code="engine.not_found",
            hint="Clear or correct Engine Python in Kinetone's preferences.",
        )
    return python


def engine_build() -> Build:
    """The build of PyTorch to install: the one that was chosen, or the one that suits the computer."""
    return chosen_build(preferences().engine_build, preferences().device == "GPU")


def checkpoint() -> Path | None:
    """Folder of the model that the user chose; None for the default one."""
    chosen = preferences().checkpoint
    return Path(chosen) if chosen else None


def device() -> str:
    """What the user wants the engine to compute on, as it calls it."""
    return str(preferences().device).lower()


def model_found() -> bool:
    """Whether there is a model where it should be."""
    return ((checkpoint() or DEFAULT_CHECKPOINT) / "card.json").is_file()


def engine_line() -> tuple[bool, str]:
    """Whether there is an engine, and one line about it for the user."""
    if installing.status.running:
        return False, "The engine is being installed"
    try:
        python = engine_python()
    except EngineError as error:
        unfinished = error.code == "engine.not_set" and installing.state() is State.UNFINISHED
        return False, "The engine is installed only in part" if unfinished else error.message
    if named_python() is not None:
        return True, f"Engine: {python}"
    record = read_record(installing.engine_folder()) or {}
    names = {build.key: build.name for build in builds()}
    torch = f"PyTorch {record.get('torch', '')}, {names.get(str(record.get('build')), '')}"
    if installing.state() is State.OUTDATED:
        return True, f"Engine installed, for an earlier Kinetone ({torch})"
    return True, f"Engine installed ({torch})"


def register() -> None:
    """Register the preferences."""
    bpy.utils.register_class(KINETONE_AP_preferences)


def unregister() -> None:
    """Take the preferences back."""
    bpy.utils.unregister_class(KINETONE_AP_preferences)
