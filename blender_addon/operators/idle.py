"""What the operators share that must not get in the way of a running job, or that need music."""

from typing import Any

from .. import music
from ..status import status


class IdleOperator:
    """Only while no job runs."""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """One thing at a time."""
        del context
        if status.running:
            cls.poll_message_set("Music is being generated: wait for it, or cancel it")  # type: ignore[attr-defined]
            return False
        return True


class MusicOperator(IdleOperator):
    """Only while no job runs, and for a dancer that has music."""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Needs strips that Kinetone placed."""
        if not super().poll(context):
            return False
        if not music.current_takes(context):
            cls.poll_message_set("This dancer has no music of Kinetone's yet")  # type: ignore[attr-defined]
            return False
        return True
