"""The scene's clock: where on the timeline the model's motion frames and the music lie. Free of bpy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..core import timing

Frames = TypeVar("Frames", float, NDArray[np.float64])
"""One frame, or many at once."""

KEY_PRECISION = 2.0**-22
"""Part of a keyframe's time that rounding to 32 bits may take at both ends of a range."""


@dataclass(frozen=True)
class SceneClock:
    """Frames a second of a scene's timeline.

    Scene frames here are timeline frames, the numbers in the Timeline editor: that is what
    playback, sound strips and ``frame_set`` count in. With time remapping an animation's keys lie
    elsewhere on the timeline than in their action: see ``timeline_frame``.

    Args:
        fps: ``scene.render.fps``.
        fps_base: ``scene.render.fps_base``; 24 / 1.001 is 23.976.
        remap_old, remap_new: ``scene.render.frame_map_old`` and ``frame_map_new``.
    """

    fps: int
    fps_base: float = 1.0
    remap_old: int = 100
    remap_new: int = 100

    @property
    def frame_rate(self) -> float:
        """Timeline frames per second (Hz)."""
        return self.fps / self.fps_base

    def timeline_frame(self, key_frame: float) -> float:
        """The timeline frame on which Blender shows what is keyed at ``key_frame``."""
        return key_frame * self.remap_new / self.remap_old

    def key_frames(self, timeline_frames: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N,) what is keyed at these frames, Blender shows at timeline frames (N,); rounded as it does."""
        whole = np.floor(timeline_frames)
        shown = whole.astype(np.float32) + (timeline_frames - whole).astype(np.float32)
        stretch = np.float32(self.remap_old) / np.float32(self.remap_new)
        return (shown * stretch).astype(np.float64)

    def motion_frame(self, start: float, n: Frames) -> Frames:
        """The timeline frame n / 60 s after the timeline frame ``start``."""
        return start + n * self.frame_rate / timing.FRAME_RATE

    def motion_frame_count(self, start: float, end: float) -> int:
        """Number of motion frames from ``start`` to ``end``, both ends included.

        Blender keeps keyframes in 32 bits: a dance that is whole in motion frames must not lose
        its last one to that. Where a motion frame is shorter than what these bits can tell apart,
        the nearest number is taken.
        """
        rounding_s = KEY_PRECISION * max(abs(start), abs(end)) / self.frame_rate
        rounding_s = min(rounding_s, 0.5 / timing.FRAME_RATE)
        return timing.frame_count((end - start) / self.frame_rate + rounding_s)

    def duration_s(self, start: float, end: float) -> float:
        """Length in seconds of the music for ``start`` to ``end``: 1/60 s for every motion frame."""
        return self.motion_frame_count(start, end) / timing.FRAME_RATE

    def strip_start(self, start: float) -> tuple[int, float]:
        """A whole frame for the strip, and by how many seconds its sound lies behind it.

        Sound strips start on whole frames only; the rest, under one frame, goes into the strip's
        sound offset.
        """
        frame, subframe = split(start)
        return frame, subframe / self.frame_rate


def split(frame: float) -> tuple[int, float]:
    """A whole frame and a subframe from 0 up to, but not including, 1; also for negative frames.

    Frames within a millionth of a whole one are taken as whole: less than a thousandth of an
    audio sample at any frame rate, and Blender's 32-bit subframes cannot tell them apart.
    """
    nearest = round(frame)
    if abs(frame - nearest) < 1e-6:
        return nearest, 0.0
    whole = math.floor(frame)
    return whole, frame - whole
