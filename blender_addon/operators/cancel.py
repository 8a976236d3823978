# mypy: disable-error-code="misc"
"""Cancel: stops the job that Generate Music started."""

from typing import Any

import bpy

from .. import jobs
from ..status import status


class KINETONE_OT_cancel(bpy.types.Operator):
    """Stop generating music; the file stays as it is"""

    bl_idname = "kinetone.cancel"
    bl_label = "Cancel"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """Only while a job runs."""
        if not status.running:
            cls.poll_message_set("No music is being generated")
            return False
        return True

    def execute(self, _context: Any) -> set[str]:
        """Ask the job to stop; it does within a second."""
        jobs.cancel()
        return {"FINISHED"}


def register() -> None:
    """Register the operator."""
    bpy.utils.register_class(KINETONE_OT_cancel)


def unregister() -> None:
    """Take the operator back."""
    bpy.utils.unregister_class(KINETONE_OT_cancel)
