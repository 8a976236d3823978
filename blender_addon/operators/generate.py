# mypy: disable-error-code="misc"
"""Generate Music: from the armature's dance to a sound strip."""

from typing import Any

import bpy

from ...core.errors import Cancelled, KinetoneError
from .. import jobs
from ..request import build_request
from ..status import status


class KINETONE_OT_generate(bpy.types.Operator):
    """Generate music that follows the armature's dance, and put it on the sequencer's timeline"""

    bl_idname = "kinetone.generate"
    bl_label = "Generate Music"
    # No UNDO here: the strip comes later, and the job then makes the one undo step itself.
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """One job at a time."""
        if status.running:
            cls.poll_message_set("Music is being generated already: wait for it, or cancel it")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        """Start the job and return; without a window, return when it has ended."""
        try:
            request = build_request(context)
            if bpy.app.background:
                jobs.run(request)
            else:
                jobs.start(request)
        except KinetoneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        except Cancelled:
            self.report({"WARNING"}, "Cancelled")
            return {"CANCELLED"}
        return {"FINISHED"}


def register() -> None:
    """Register the operator."""
    bpy.utils.register_class(KINETONE_OT_generate)


def unregister() -> None:
    """Take the operator back."""
    bpy.utils.unregister_class(KINETONE_OT_generate)
