"""Loudness and fades of our strips: volume and its keyframes, never the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import actions, sequencer
from . import music as musics
from .clock import SceneClock
from .stored import setting


def gain(loudness_db: float) -> float:
    """What the volume of a strip must be for a change of loudness in decibels."""
    return float(10.0 ** (loudness_db / 20.0))


def apply(scene: Any, clock: SceneClock, strips: Sequence[Any]) -> None:
    """Give strips the loudness and fades of the scene's settings, wherever they lie now.

    Where all three settings are at their defaults, a volume that the user has set is left alone.
    """
    names = ("fade_in_s", "fade_out_s", "loudness_db")
    fade_in_s, fade_out_s, loudness_db = (setting(scene.kinetone, name) for name in names)
    for strip in strips:
        faded = fade_in_s > 0 or fade_out_s > 0
        had_keys = _forget_keys(scene, strip)
        if faded or had_keys or loudness_db:
            strip.volume = gain(loudness_db)
        if faded:
            _key(strip, clock, fade_in_s, fade_out_s, strip.volume)


def apply_to_all(scene: Any, clock: SceneClock) -> None:
    """The same for every strip of ours, after a setting has changed; the default volume included."""
    strips = [strip for _, strip in sequencer.sound_strips(scene) if musics.is_ours(strip)]
    for strip in strips:
        _forget_keys(scene, strip)
        strip.volume = 1.0
    apply(scene, clock, strips)


def _key(strip: Any, clock: SceneClock, fade_in_s: float, fade_out_s: float, volume: float) -> None:
    """Keyframes from silence to full and back; fades that would overlap meet in the middle."""
    start = sequencer.start_of(strip, clock)
    length_s = musics.read(strip).duration_s
    longest_s = max(fade_in_s + fade_out_s, 1e-9)
    share = min(1.0, length_s / longest_s)
    points: list[tuple[float, float]] = []
    if fade_in_s > 0:
        points += [(0.0, 0.0), (fade_in_s * share, volume)]
    if fade_out_s > 0:
        points += [(length_s - fade_out_s * share, volume), (length_s, 0.0)]
    for seconds, value in points:
        strip.volume = value
        strip.keyframe_insert("volume", frame=start + seconds * clock.frame_rate)
    strip.volume = volume


def _forget_keys(scene: Any, strip: Any) -> bool:
    """Remove the volume's keyframes; whether there were any."""
    curve = volume_curve(scene, strip)
    if curve is None:
        return False
    for frame in sorted({point.co.x for point in curve.keyframe_points}, reverse=True):
        strip.keyframe_delete("volume", frame=frame)
    return True


def volume_curve(scene: Any, strip: Any) -> Any | None:
    """The curve of the strip's volume, if it is animated."""
    if scene.animation_data is None:
        return None
    path = strip.path_from_id("volume")
    return next((curve for curve in actions.fcurves(scene.animation_data) if curve.data_path == path), None)
