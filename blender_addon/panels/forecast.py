"""What a click on Generate Music will do, or what it lacks."""

from typing import Any

from ...core.errors import KinetoneError
from ...core.motion.skeleton import JOINT_NAMES
from .. import armature as armatures
from .. import destination, preferences
from ..dance_range import dance_range
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
        box.operator("preferences.addon_show", text="Open Preferences").module = preferences.ROOT_PACKAGE
    return all(ready for ready, _, _ in lines)


def dance_lines(context: Any) -> list[Line]:
    """Who dances, with how many joints, and when; or the first reason why that is not known."""
    try:
        armature = armatures.find_armature(context)
        armatures.check_readable(armature)
        armatures.view_layer_with(context.scene, armature)
        named = armatures.joint_mapping(armature).named
        dancer = True, f"{armature.name}: {len(named)} of {len(JOINT_NAMES)} joints found", "ARMATURE_DATA"
    except KinetoneError as error:
        return [(False, str(error), "")]
    try:
        span = dance_range(context.scene, armature, context.scene.kinetone.range)
    except KinetoneError as error:
        return [dancer, (False, str(error), "")]
    return [dancer, (True, f"Frames {span.start:g} to {span.end:g}, {span.duration_s:.1f} s", "TIME")]


def destination_line(context: Any) -> Line:
    """The folder for the music, or that it will lie in the .blend."""
    settings = context.scene.kinetone
    try:
        destination.check_pattern(settings.file_name)
        if settings.storage == "PACKED":
            return True, "Into the .blend file", "PACKAGE"
        return True, str(destination.music_folder(settings.folder)), "FILE_FOLDER"
    except KinetoneError as error:
        return False, str(error), ""


def engine_line() -> Line:
    """Whether engine and model are there."""
    ready, text = preferences.engine_line()
    if ready and not preferences.model_found():
        return False, f"There is no model in {preferences.checkpoint()}.", ""
    return ready, "Engine ready" if ready else text, "CHECKMARK"
