# mypy: disable-error-code="misc"
"""Small changes of the settings: another seed, the earlier playback."""

import secrets
from typing import Any

import bpy

from .idle import IdleOperator

LARGEST_SEED = 99_999
"""Of those drawn here: a number that can still be read out to somebody."""


class KINETONE_OT_reroll_seed(IdleOperator, bpy.types.Operator):
    """Draw another seed: the next music for this dance will be another"""

    bl_idname = "kinetone.reroll_seed"
    bl_label = "Another Seed"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: Any) -> set[str]:
        """Draw until it differs."""
        settings = context.scene.kinetone
        earlier = settings.seed
        while settings.seed == earlier:
            settings.seed = secrets.randbelow(LARGEST_SEED + 1)
        return {"FINISHED"}


class KINETONE_OT_restore_playback(bpy.types.Operator):
    """Bring back how playback was set before Kinetone's first music: its sync mode, and whether scrubbing is heard"""  # noqa: E501

    bl_idname = "kinetone.restore_playback"
    bl_label = "Restore Playback Settings"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only if they were changed."""
        if not context.scene.kinetone.earlier_sync:
            cls.poll_message_set("Kinetone has not changed them")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        """Switch Play in Sync off, which restores them."""
        context.scene.kinetone.sync_playback = False
        return {"FINISHED"}


CLASSES = (KINETONE_OT_reroll_seed, KINETONE_OT_restore_playback)


def register() -> None:
    """Register the operators."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take the operators back."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
