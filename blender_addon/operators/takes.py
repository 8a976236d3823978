# mypy: disable-error-code="valid-type,misc"
"""Switch, Keep and Drop: which of the takes plays, and which stay."""

import logging
from collections.abc import Sequence
from typing import Any

import bpy

from .. import changes, markers, music, takes
from ..dance_range import scene_clock
from ..status import status
from .idle import MusicOperator

logger = logging.getLogger(__name__)


class _TakeOperator(MusicOperator):
    bl_options = {"REGISTER", "UNDO"}

    take: bpy.props.IntProperty(
        name="Take",
        description="Number of the take; 0 for the one that plays",
        min=0,
        options={"SKIP_SAVE"},
    )

    def _meant(self, context: Any) -> Any | None:
        """The strip of the take; reports when there is none."""
        strips = music.current_takes(context)
        if self.take == 0:
            found = music.audible(strips)
        else:
            found = next((strip for strip in strips if music.read(strip).take == self.take), None)
        if found is None:
            numbers = ", ".join(str(music.read(strip).take) for strip in strips)
            self.report({"ERROR"}, f"There is no such take. The takes are: {numbers}.")  # type: ignore[attr-defined]
        return found


class KINETONE_OT_switch_take(_TakeOperator, bpy.types.Operator):
    """Let this take play, and mute the others"""

    bl_idname = "kinetone.switch_take"
    bl_label = "Switch Take"

    def execute(self, context: Any) -> set[str]:
        """Mute all but one; the markers show its beats."""
        strip = self._meant(context)
        if strip is None:
            return {"CANCELLED"}
        takes.switch(music.current_takes(context), music.read(strip).take)
        status.message = ""  # that another take plays is no longer true
        markers.update(context.scene, scene_clock(context.scene), strip)
        return {"FINISHED"}


class _DroppingOperator(_TakeOperator):
    delete_files: bpy.props.BoolProperty(
        name="Delete Their Files Too",
        description="Also delete the files of what goes from disk. Undo brings back the strips, "
        "but never the files",
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Ask about the files."""
        return set(context.window_manager.invoke_props_dialog(self))

    def _drop(self, context: Any, strips: Sequence[Any]) -> None:
        scene = context.scene
        files = takes.drop(scene, strips)
        status.message = ""
        kept = 0
        for path in files if self.delete_files else ():
            try:
                path.unlink(missing_ok=True)
            except OSError:
                logger.exception("%s could not be deleted", path)
                kept += 1
        if kept:
            self.report({"WARNING"}, f"{kept} files could not be deleted; the console has the details.")  # type: ignore[attr-defined]
        left = music.current_takes(context)
        if left and music.audible(left) is None:
            takes.switch(left, music.read(left[0]).take)
        markers.update(scene, scene_clock(scene), music.audible(left))
        changes.look_soon()


class KINETONE_OT_keep_take(_DroppingOperator, bpy.types.Operator):
    """Keep this take and take the others off the timeline. Undo brings them back, unless their files were deleted too"""  # noqa: E501

    bl_idname = "kinetone.keep_take"
    bl_label = "Keep Take, Drop the Rest"

    def execute(self, context: Any) -> set[str]:
        """Drop all but one."""
        strip = self._meant(context)
        if strip is None:
            return {"CANCELLED"}
        strip.mute = False
        self._drop(context, [other for other in music.current_takes(context) if other != strip])
        return {"FINISHED"}


class KINETONE_OT_drop_take(_DroppingOperator, bpy.types.Operator):
    """Take this take off the timeline. Undo brings it back, unless its files were deleted too"""

    bl_idname = "kinetone.drop_take"
    bl_label = "Drop Take"

    def execute(self, context: Any) -> set[str]:
        """Drop one; if it played, the first of those that are left plays now."""
        strip = self._meant(context)
        if strip is None:
            return {"CANCELLED"}
        self._drop(context, [strip])
        return {"FINISHED"}


CLASSES = (KINETONE_OT_switch_take, KINETONE_OT_keep_take, KINETONE_OT_drop_take)


def register() -> None:
    """Register the operators."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take the operators back."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
