# mypy: disable-error-code="valid-type,misc"
"""Regenerate Range: makes a part of the music anew after a part of the dance has changed."""

from dataclasses import replace
from functools import partial
from typing import Any

import bpy

from ...core.errors import KinetoneError
from .. import armature as armatures
from .. import changes, jobs, music
from ..regeneration import Regeneration, Renewal, check_music, dance_of, renewal
from ..request import Request, build_request
from .idle import MusicOperator


class KINETONE_OT_regenerate(MusicOperator, bpy.types.Operator):
    """Make the music anew from one frame to another, where the dance has changed; what sounds before and after it stays as it is"""  # noqa: E501

    bl_idname = "kinetone.regenerate"
    bl_label = "Regenerate Range"
    bl_options = {"REGISTER"}

    start: bpy.props.FloatProperty(
        name="From Frame",
        description="Timeline frame from which on the music is made anew",
        options={"SKIP_SAVE"},
        precision=0,
    )
    end: bpy.props.FloatProperty(
        name="To Frame",
        description="Timeline frame up to which the music is made anew",
        options={"SKIP_SAVE"},
        precision=0,
    )

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Propose the range in which the dance differs, and let the user edit it."""
        try:
            self._propose(context)
        except KinetoneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return set(context.window_manager.invoke_props_dialog(self))

    def execute(self, context: Any) -> set[str]:
        """Start the job; without a range, for where the dance differs."""
        try:
            self._propose(context)
            request, part = self._request(context)
        except KinetoneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return jobs.start_or_run(self, partial(Regeneration, request, part=part))

    def _propose(self, context: Any) -> None:
        if self.properties.is_property_set("start") and self.properties.is_property_set("end"):
            return
        strip = _heard(context)
        change = changes.find_change(context.scene, strip)
        if change is None:
            raise KinetoneError(
                "The dance is as it was when its music was made.",
                code="scene.no_change",
                hint="Give the frames from and to which it should be made anew.",
            )
        self.start, self.end = change.start, change.end

    def _request(self, context: Any) -> tuple[Request, Renewal]:
        strip = _heard(context)
        armature = armatures.find_armature(context)
        span = dance_of(strip, context.scene, armature)
        part = renewal(strip, span, self.start, self.end)
        check_music(strip)
        return replace(build_request(context, span), takes=1), part


def _heard(context: Any) -> Any:
    """The take that plays.

    Raises: KinetoneError (sequencer.all_muted).
    """
    strip = music.audible(music.current_takes(context))
    if strip is None:
        raise KinetoneError(
            "All takes are muted, so it is not clear which one to change.",
            code="sequencer.all_muted",
            hint="Choose the take that should play.",
        )
    return strip


def register() -> None:
    """Register the operator."""
    bpy.utils.register_class(KINETONE_OT_regenerate)


def unregister() -> None:
    """Take the operator back."""
    bpy.utils.unregister_class(KINETONE_OT_regenerate)
