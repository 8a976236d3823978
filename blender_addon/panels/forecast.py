"""What a click on Generate Music will do, or what it lacks."""

from typing import Any

from ...core.errors import KinetoneError
from ...core.motion.rigs import Origin
from ...core.motion.skeleton import JOINT_NAMES
from .. import armature as armatures
from .. import destination, installing, preferences
from ..dance_range import dance_range
from ..stored import setting
from .drawing import draw_text

Line = tuple[bool, str, str]
"""Whether it is in order, what to say, and the icon if it is in order."""


def draw_forecast(layout: Any, context: Any) -> bool:
    """One line for each thing that Generate Music needs; whether all are there."""
    box = layout.box().column(align=True)
    lines = [*dance_lines(context), destination_line(context), engine_line()]
    for ready, text, icon in lines:
        draw_text(box, context, text, icon if ready else "ERROR")
    if not lines[-1][0]:
        draw_engine_buttons(box)
    return all(ready for ready, _, _ in lines)


def draw_engine_buttons(column: Any) -> None:
    """What brings the engine: its progress, or the button and the way to the preferences."""
    status = installing.status
    if status.running:
        row = column.row(align=True)
        row.progress(factor=status.fraction, text=f"{status.stage} {status.fraction:.0%}")
        row.operator("kinetone.cancel_install", text="", icon="CANCEL")
        return
    row = column.row(align=True)
    if preferences.named_python() is None:
        row.operator("kinetone.install_engine", icon="IMPORT")
    row.operator("preferences.addon_show", text="Preferences").module = preferences.ROOT_PACKAGE


def dance_lines(context: Any) -> list[Line]:
    """Who dances, with how many joints, and when; or the first reason why that is not known."""
    try:
        dancers = armatures.find_dancers(context)
    except KinetoneError as error:
        return [(False, str(error), "")]
    lines = [dancer_line(context, dancer) for dancer in dancers]
    if not all(ready for ready, _, _ in lines):
        return lines
    try:
        span = dance_range(context.scene, dancers[0], setting(context.scene.kinetone, "range"))
    except KinetoneError as error:
        return [*lines, (False, str(error), "")]
    frames = f"Frames {span.start:g} to {span.end:g}, {span.duration_s:.1f} s"
    return [*lines, (True, frames, "TIME")]


def dancer_line(context: Any, armature: Any) -> Line:
    """The armature, how many of its joints have bones, and how these were found; or what is wrong with it."""
    try:
        armatures.check_readable(armature)
        armatures.view_layer_with(context.scene, armature)
        mapping = armatures.joint_mapping(armature)
    except KinetoneError as error:
        return False, f"{armature.name}: {error}" if armature.name not in str(error) else str(error), ""
    guessed = any(origin is Origin.SHAPE for origin in mapping.origins.values())
    rig = mapping.family or "chosen by hand"
    how = "guessed, look under Joints" if guessed else rig
    count = f"{len(mapping.named)} of {len(JOINT_NAMES)} joints"
    return True, f"{armature.name}: {count} ({how})", "QUESTION" if guessed else "ARMATURE_DATA"


def destination_line(context: Any) -> Line:
    """The folder for the music, or that it will lie in the .blend."""
    settings = context.scene.kinetone
    try:
        destination.check_pattern(setting(settings, "file_name"))
        if settings.storage == "PACKED":
            return True, "Into the .blend file", "PACKAGE"
        return True, str(destination.music_folder(setting(settings, "folder"))), "FILE_FOLDER"
    except KinetoneError as error:
        return False, str(error), ""


def engine_line() -> Line:
    """Whether engine and model are there."""
    ready, text = preferences.engine_line()
    if ready and not preferences.model_found():
        return False, f"There is no model in {preferences.checkpoint()}.", ""
    return ready, "Engine ready" if ready else text, "CHECKMARK"
