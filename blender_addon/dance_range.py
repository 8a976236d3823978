"""The span of the timeline that gets music."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ..core.errors import KinetoneError, MotionError
from ..core.sidecar import MAX_FRAMES
from ..core.timing import FRAME_RATE
from . import actions, sequencer
from .clock import SceneClock

LAST_FRAME = 1_048_574
"""Blender's timeline reaches so far to both sides: beyond, it shows this frame."""


@dataclass(frozen=True)
class DanceRange:
    """A span of timeline frames, both ends included, that may begin and end between whole frames."""

    clock: SceneClock
    start: float
    end: float

    @property
    def motion_frames(self) -> int:
        """Frames of motion at 60 Hz."""
        return self.clock.motion_frame_count(self.start, self.end)

    @property
    def duration_s(self) -> float:
        """Length of the music in seconds."""
        return self.clock.duration_s(self.start, self.end)


def scene_clock(scene: Any) -> SceneClock:
    """The clock of the scene as it is set now."""
    render = scene.render
    return SceneClock(render.fps, render.fps_base, render.frame_map_old, render.frame_map_new)


def dance_range(scene: Any, armature: Any, kind: str) -> DanceRange:
    """The range that the user chose.

    Args:
        kind: "ACTION" (the armature's keys and NLA strips), "SCENE" or "PREVIEW".

    Raises: KinetoneError (scene.no_animation, scene.no_preview_range), MotionError (motion.not_finite,
        motion.off_timeline, motion.too_short, motion.too_long).
    """
    clock = scene_clock(scene)
    if kind == "ACTION":
        start, end = (clock.timeline_frame(frame) for frame in _keyed(armature))
    elif kind == "PREVIEW" and scene.use_preview_range:
        start, end = scene.frame_preview_start, scene.frame_preview_end
    elif kind == "PREVIEW":
        raise KinetoneError(
            "The scene's preview range is off.",
            code="scene.no_preview_range",
            hint="Press P in the Timeline and draw one, or choose another range.",
        )
    else:
        start, end = scene.frame_start, scene.frame_end
    if not sequencer.subframe_starts():
        start = math.ceil(start - 1e-6)
    return checked(DanceRange(clock, start, end))


def _keyed(armature: Any) -> tuple[float, float]:
    keyed = actions.key_range(armature)
    if keyed is None:
        raise KinetoneError(
            f"The armature “{armature.name}” has no animation of its own.",
            code="scene.no_animation",
            hint="Give it an action, or set Range to Scene if something else moves it.",
        )
    if not all(math.isfinite(frame) for frame in keyed):
        raise MotionError(
            f"A keyframe of “{armature.name}” lies at no valid frame (not a number).",
            code="motion.not_finite",
            hint="Delete the broken keyframe in the Graph Editor.",
        )
    return keyed


def checked(span: DanceRange) -> DanceRange:
    """The span, if Blender can show all of it, and it is neither too short nor too long.

    Raises: MotionError (motion.off_timeline, motion.too_short, motion.too_long).
    """
    if max(abs(span.start), abs(span.end)) > LAST_FRAME:
        raise MotionError(
            f"The range, frames {span.start:g} to {span.end:g}, reaches beyond Blender's timeline.",
            code="motion.off_timeline",
            hint=f"Move the keys to between frame {-LAST_FRAME} and {LAST_FRAME}, or choose another range.",
        )
    if span.end - span.start < 1:
        raise MotionError(
            f"The range is a single frame, {span.start:g}: there is no dance in it.",
            code="motion.too_short",
            hint="Choose a longer range, or give the armature more than one keyframe.",
        )
    if span.motion_frames > MAX_FRAMES:
        raise MotionError(
            f"The range, frames {span.start:g} to {span.end:g}, lasts {span.duration_s / 60:.0f} minutes "
            f"at {span.clock.frame_rate:g} frames a second.",
            code="motion.too_long",
            hint=f"Choose a range of up to {MAX_FRAMES // FRAME_RATE // 60} minutes, or another frame rate.",
        )
    return span
