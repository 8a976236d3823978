# mypy: disable-error-code="misc"
"""Re-align: puts the music back to its dance, without making it anew."""

from typing import Any

import bpy

from .. import alignment, changes, markers, music
from ..dance_range import scene_clock
from .idle import MusicOperator


class KINETONE_OT_realign(MusicOperator, bpy.types.Operator):
    """Move the music to where its dance is now, after the animation was moved or the scene's frame rate changed. The music itself stays as it is"""  # noqa: E501

    bl_idname = "kinetone.realign"
    bl_label = "Re-align"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: Any) -> set[str]:
        """Move every take, and say so if the dance is of another length now."""
        scene, clock = context.scene, scene_clock(context.scene)
        strips = music.current_takes(context)
        facts = music.read(strips[0])
        armature = changes.armature_of(scene, facts)
        alignment.realign(scene, armature, clock, strips)
        markers.update(scene, clock, music.audible(strips))
        changes.look_soon()
        longer_s = alignment.change_of_length_s(facts, armature, clock)
        if longer_s:
            self.report(
                {"WARNING"},
                f"The music starts with its dance again, but the dance is {abs(longer_s):.2f} s "
                f"{'longer' if longer_s > 0 else 'shorter'} than when it was made. Generate anew to fit.",
            )
        return {"FINISHED"}


def register() -> None:
    """Register the operator."""
    bpy.utils.register_class(KINETONE_OT_realign)


def unregister() -> None:
    """Take the operator back."""
    bpy.utils.unregister_class(KINETONE_OT_realign)
