"""What has happened to the dance since its music was made, with the button that mends it."""

from typing import Any

from .. import alignment, changes, music
from ..dance_range import scene_clock
from ..status import status
from .drawing import draw_text


def draw_notices(layout: Any, context: Any) -> None:
    """A line and a button for music that starts elsewhere, or was made for another dance."""
    strip = music.audible(music.current_takes(context))
    if strip is None or status.running:
        return
    scene, clock, facts = context.scene, scene_clock(context.scene), music.read(strip)
    armature = changes.armature_of(scene, facts)
    late = alignment.drift_frames(strip, armature, clock)
    if late:
        text = f"The music starts {abs(late):.4g} frames {'after' if late > 0 else 'before'} its dance"
        box = layout.box().column(align=True)
        draw_text(box, context, text, "ERROR")
        box.operator("kinetone.realign", icon="SNAP_ON")
    change = changes.change_of(scene, strip)
    longer_s = alignment.change_of_length_s(facts, armature, clock)
    if change is not None or longer_s:
        box = layout.box().column(align=True)
        if longer_s:
            words = (
                f"The dance is {abs(longer_s):.2f} s {'longer' if longer_s > 0 else 'shorter'} than its music"
            )
            draw_text(box, context, words + ": generate anew to fit", "INFO")
        if change is not None:
            text = f"The dance has changed from frame {change.start:.0f} to {change.end:.0f}"
            draw_text(box, context, text, "INFO")
            box.operator("kinetone.regenerate", icon="FILE_REFRESH")
