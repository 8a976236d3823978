# mypy: disable-error-code="misc"
"""Generate Music: from the armature's dance to sound strips."""

from functools import partial
from typing import Any

import bpy

from ...core.errors import KinetoneError
from .. import jobs
from ..generation import Generation
from ..request import build_request
from .idle import IdleOperator


class KINETONE_OT_generate(IdleOperator, bpy.types.Operator):
    """Generate music that follows the armature's dance, and put it on the sequencer's timeline"""

    bl_idname = "kinetone.generate"
    bl_label = "Generate Music"
    # No UNDO here: the strip comes later, and the job then makes the one undo step itself.
    bl_options = {"REGISTER"}

    def execute(self, context: Any) -> set[str]:
        """Start the job and return; without a window, return when it has ended."""
        try:
            request = build_request(context)
        except KinetoneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return jobs.start_or_run(self, partial(Generation, request))


def register() -> None:
    """Register the operator."""
    bpy.utils.register_class(KINETONE_OT_generate)


def unregister() -> None:
    """Take the operator back."""
    bpy.utils.unregister_class(KINETONE_OT_generate)
