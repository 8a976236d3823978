"""Beats of dance and music as timeline markers. Ours are known by their names; all others are the user's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import music as musics
from . import sequencer
from .clock import SceneClock
from .dance_range import LAST_FRAME

DANCE_BEAT = "Kinetone ●"
MUSIC_BEAT = "Kinetone ♪"


def update(scene: Any, clock: SceneClock, strip: Any | None) -> None:
    """Show the beats that the settings ask for, of the strip's music and of no other.

    A marker lies on the whole frame next to its beat.
    """
    wanted: set[tuple[str, int]] = set()
    if strip is not None:
        music = musics.read(strip)
        start = sequencer.start_of(strip, clock)
        for name, seconds in _shown(scene.kinetone, music):
            frames = (round(start + second * clock.frame_rate) for second in seconds)
            wanted |= {(name, frame) for frame in frames if abs(frame) <= LAST_FRAME}
    for marker in ours(scene):
        place = marker.name, marker.frame
        if place in wanted:
            wanted.remove(place)
        else:
            scene.timeline_markers.remove(marker)
    for name, frame in sorted(wanted):
        scene.timeline_markers.new(name, frame=frame)


def _shown(settings: Any, music: musics.Music) -> list[tuple[str, Sequence[float]]]:
    shown: list[tuple[str, Sequence[float]]] = []
    if settings.mark_dance_beats:
        shown.append((DANCE_BEAT, music.dance_beats_s))
    if settings.mark_music_beats:
        shown.append((MUSIC_BEAT, music.music_beats_s))
    return shown


def ours(scene: Any) -> list[Any]:
    """The markers that Kinetone made."""
    return [marker for marker in scene.timeline_markers if marker.name in (DANCE_BEAT, MUSIC_BEAT)]
