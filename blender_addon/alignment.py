"""Where music belongs on the timeline after the scene's frame rate or the animation's place has changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core import timing
from ..core.sidecar import MAX_FRAMES
from . import actions, mix, sequencer
from . import music as musics
from .clock import SceneClock
from .dance_range import LAST_FRAME
from .music import Music


@dataclass(frozen=True)
class Anchor:
    """Where an animation lies: what the music's start is held against.

    Attributes:
        start: timeline frame of the first key.
        keys_s: seconds from the first key to the last.
    """

    start: float
    keys_s: float


def anchor(armature: Any | None, clock: SceneClock) -> Anchor | None:
    """The anchor of an armature's own animation; None if it has none."""
    keyed = actions.key_range(armature) if armature is not None else None
    if keyed is None or not all(map(math.isfinite, keyed)):
        return None
    first, last = (clock.timeline_frame(frame) for frame in keyed)
    return Anchor(first, (last - first) / clock.frame_rate)


def facts(armature: Any, clock: SceneClock, start: float) -> dict[str, Any]:
    """What music that starts at a timeline frame must remember of the animation: fields of Music."""
    found = anchor(armature, clock)
    if found is None:
        return {"animated": False}
    lead_s = (start - found.start) / clock.frame_rate
    return {"animated": True, "lead_s": lead_s, "keys_s": found.keys_s}


def true_start(music: Music, armature: Any | None, clock: SceneClock) -> float:
    """The timeline frame at which sample 0 belongs now; as it was if nothing of the armature is keyed."""
    found = anchor(armature, clock)
    if found is None or not music.animated:
        return _on_timeline(music.start)
    start = _on_timeline(found.start + music.lead_s * clock.frame_rate)
    return start if sequencer.subframe_starts() else float(round(start))


def _on_timeline(frame: float) -> float:
    return max(-LAST_FRAME, min(LAST_FRAME, frame))


def drift_frames(strip: Any, armature: Any | None, clock: SceneClock) -> float:
    """By how many frames the music comes too late; below zero: too early. 0 for less than a sample."""
    late = sequencer.start_of(strip, clock) - true_start(musics.read(strip), armature, clock)
    return late if abs(late) > clock.frame_rate / timing.SAMPLE_RATE else 0.0


def change_of_length_s(music: Music, armature: Any | None, clock: SceneClock) -> float:
    """By how many seconds the animation is longer than when the music was made; below zero: shorter.

    A new frame rate, too, makes a dance longer or shorter whose keys stay on their frames.
    """
    found = anchor(armature, clock)
    if found is None or not music.animated:
        return 0.0
    change_s = found.keys_s - music.keys_s
    return change_s if abs(change_s) >= 1 / timing.FRAME_RATE else 0.0


def motion_frames(music: Music, armature: Any | None, clock: SceneClock) -> int:
    """How many motion frames the dance has now: more or fewer where its music ended with the animation."""
    ended_with_it = abs(music.lead_s + music.duration_s - music.keys_s) <= 2 / timing.FRAME_RATE
    change_s = change_of_length_s(music, armature, clock) if ended_with_it else 0.0
    return max(1, min(MAX_FRAMES, music.motion_frames + round(change_s * timing.FRAME_RATE)))


def realign(scene: Any, armature: Any | None, clock: SceneClock, strips: Sequence[Any]) -> None:
    """Put strips where their music belongs now, fades and all. Blender gives a strip another
    channel where it would come to lie on another strip.
    """
    for strip in strips:
        music = musics.read(strip)
        sequencer.set_start(strip, clock, true_start(music, armature, clock), music.duration_s)
        mix.apply(scene, clock, [strip])
