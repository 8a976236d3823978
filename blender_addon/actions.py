"""What animates an object, across Blender's versions: actions, slots and NLA strips."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any


def fcurves(animation_data: Any) -> list[Any]:
    """The curves of the assigned action; from Blender 4.4 on only those of the assigned slot."""
    action = animation_data.action
    if action is None:
        return []
    return _curves(action, getattr(animation_data, "action_slot", None))


def strip_fcurves(strip: Any) -> list[Any]:
    """The curves of an NLA strip's action, likewise; none for a strip without an action."""
    return _curves(strip.action, getattr(strip, "action_slot", None)) if strip.action is not None else []


def _curves(action: Any, slot: Any | None) -> list[Any]:
    if not hasattr(action, "layers"):
        return list(action.fcurves)
    if slot is None:
        return []
    bags = (strip.channelbag(slot) for layer in action.layers for strip in layer.strips)
    return [curve for bag in bags if bag is not None for curve in bag.fcurves]


def nla_strips(animation_data: Any) -> Iterator[Any]:
    """The NLA strips that count: unmuted, on unmuted tracks; or those of the solo track alone."""
    if not animation_data.use_nla:
        return
    solo = solo_track(animation_data)
    for track in [solo] if solo is not None else animation_data.nla_tracks:
        if track is solo or not track.mute:
            yield from (strip for strip in track.strips if not strip.mute)


def solo_track(animation_data: Any) -> Any | None:
    """The NLA track that plays alone, without the others and without the action."""
    if not animation_data.use_nla:
        return None
    return next((track for track in animation_data.nla_tracks if track.is_solo), None)


def key_range(obj: Any) -> tuple[float, float] | None:
    """First and last keyed frame of the object's action and NLA strips together; None if there is none.

    Frames are the animation's own, before time remapping. Not-a-number comes through.
    """
    spans = list(_spans(obj.animation_data)) if obj.animation_data is not None else []
    if not spans:
        return None
    if any(not math.isfinite(frame) for span in spans for frame in span):
        return math.nan, math.nan
    return min(start for start, _ in spans), max(end for _, end in spans)


def _spans(animation_data: Any) -> Iterator[tuple[float, float]]:
    """Frames covered by the action, unless the NLA takes its place, then by every NLA strip."""
    action = animation_data.action
    silent = animation_data.use_tweak_mode or solo_track(animation_data) is not None
    if action is not None and not silent:
        if action.use_frame_range:
            yield action.frame_start, action.frame_end
        else:
            for curve in fcurves(animation_data):
                if not curve.is_empty:
                    yield tuple(curve.range())
    for strip in nla_strips(animation_data):
        yield strip.frame_start, strip.frame_end


def is_animated(obj: Any) -> bool:
    """Whether the object has an action with keys, or NLA strips, of its own."""
    return key_range(obj) is not None


def lineage(obj: Any) -> Iterator[Any]:
    """An object, its parent, and so on."""
    while obj is not None:
        yield obj
        obj = obj.parent


def movers(armature: Any) -> Iterator[Any]:
    """The other objects whose animation moves an armature: its parents, the targets of its constraints and
    drivers, and what moves those in turn."""
    seen, waiting = {armature.name_full}, [armature]
    while waiting:
        for other in _moved_by(waiting.pop()):
            if other is not None and other.name_full not in seen:
                seen.add(other.name_full)
                waiting.append(other)
                yield other


def _moved_by(obj: Any) -> Iterator[Any | None]:
    """What an object depends on directly; None for targets that are not chosen."""
    yield obj.parent
    bones = obj.pose.bones if obj.pose is not None else ()
    for owner in (obj, *bones):
        for constraint in owner.constraints:
            if not constraint.mute:
                yield getattr(constraint, "target", None)
                yield getattr(constraint, "pole_target", None)
                yield from (each.target for each in getattr(constraint, "targets", ()))
    for owner in (obj, obj.data):
        animation = owner.animation_data if owner is not None else None
        for curve in animation.drivers if animation is not None else ():
            for variable in curve.driver.variables:
                ids = (target.id for target in variable.targets)
                yield from (each for each in ids if getattr(each, "id_type", "") == "OBJECT")
