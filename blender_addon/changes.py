"""Notices when a dance differs from what its music was made for, without slowing Blender down.

Blender tells after every edit what it touched. Where that may have been the dance, a timer takes the
animation's fingerprint anew, a few milliseconds at a time, once the user has paused.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import bpy

from . import actions, alignment, dance_range, sequencer
from . import music as musics
from .fingerprint import FingerprintReader, difference
from .stored import setting

PAUSE_S = 0.4
"""After the last edit, before the animation is looked at."""

SLICE_S = 0.008
"""For looking, before Blender has its turn again."""


@dataclass(frozen=True)
class Change:
    """From where to where a dance differs from what its music was made for, in timeline frames."""

    start: float
    end: float


_changes: dict[tuple[str, str], Change] = {}
"""What was found last, by scene and strip; nothing for a dance that is as it was."""

_tokens: dict[str, object] = {}
_search: Generator[None, None, None] | None = None


def change_of(scene: Any, strip: Any) -> Change | None:
    """What the last look found; None if the dance is as it was, or has not been looked at."""
    return _changes.get((scene.name, strip.name))


def look(scene: Any) -> None:
    """Look at once, however long it takes."""
    for _ in _looking(scene.name, float("inf")):
        pass


def find_change(scene: Any, strip: Any) -> Change | None:
    """Look at once, and say what was found for one strip."""
    look(scene)
    return change_of(scene, strip)


def _looking(scene_name: str, slice_s: float) -> Generator[None, None, None]:
    """Holds names, never Blender's data, over a yield; ends early if something has gone meanwhile."""
    scene = bpy.data.scenes[scene_name]
    clock = dance_range.scene_clock(scene)
    found: dict[tuple[str, str], Change] = {}
    known: dict[object, tuple[float, ...]] = {}
    remembered = [
        (strip.name, musics.read(strip), musics.fingerprint_of(strip)) for strip in our_strips(scene)
    ]
    for strip_name, music, earlier in remembered:
        armature = armature_of(bpy.data.scenes[scene_name], music)
        if armature is None or not earlier:
            continue
        start = alignment.true_start(music, armature, clock)
        frames = alignment.motion_frames(music, armature, clock)
        key = armature.name, music.partners, start, frames  # takes of one click share all
        if key not in known:
            reader = FingerprintReader(clock, start, frames)
            objects = bpy.data.scenes[scene_name].objects
            partners = [name for name in music.partners.split("\n") if name in objects]
            names = [armature.name, *partners]  # without one who has gone it is another dance
            while not reader.read_slice([bpy.data.objects[name] for name in names], slice_s):
                yield
            known[key] = reader.numbers()
        span = difference(earlier, known[key])
        if span is not None:
            first, last = span[0], min(span[1], max(frames, music.motion_frames) - 1)
            change = Change(clock.motion_frame(start, first), clock.motion_frame(start, last))
            found[scene_name, strip_name] = change
    for place in [place for place in _changes if place[0] == scene_name]:
        del _changes[place]
    _changes.update(found)


def our_strips(scene: Any) -> list[Any]:
    """All strips of the scene that Kinetone placed."""
    return [strip for _, strip in sequencer.sound_strips(scene) if musics.is_ours(strip)]


def armature_of(scene: Any, music: musics.Music) -> Any | None:
    """The armature that the music follows, whatever it is called by now; None if it has gone."""
    named = scene.objects.get(music.armature)
    if named is not None:
        return named
    return next(
        (
            obj
            for obj in scene.objects
            if music.armature_id and setting(obj, "kinetone_id") == music.armature_id
        ),
        None,
    )


def _token(scene: Any) -> object:
    """What changes when another animation is chosen, or the clock set otherwise; cheap."""
    token: list[object] = [dance_range.scene_clock(scene)]
    for strip in our_strips(scene):
        music = musics.read(strip)
        token.append(strip.name)
        for name in (music.armature, *music.partners.split("\n")):
            token += _animation_token(scene.objects.get(name))
    return tuple(token)


def _animation_token(armature: Any | None) -> list[object]:
    animation = armature.animation_data if armature is not None else None
    if animation is None:
        return []
    return [
        animation.action.name if animation.action is not None else "",
        getattr(animation, "action_slot_handle", 0),
        *((part.name, part.frame_start, part.frame_end) for part in actions.nla_strips(animation)),
    ]


def _after_edit(scene: Any, depsgraph: Any) -> None:
    """After every edit and at every frame of a playback: must be quick."""
    if threading.current_thread() is not threading.main_thread():
        return  # a render's own copy of the scene; and timers belong to the main thread
    if any(isinstance(update.id, bpy.types.Action) for update in depsgraph.updates):
        look_soon()
    elif any(isinstance(update.id, bpy.types.Scene | bpy.types.Object) for update in depsgraph.updates):
        token = _token(scene)
        if token != _tokens.get(scene.name):
            _tokens[scene.name] = token
            look_soon()


def _after_undo_or_load(*_: Any) -> None:
    _changes.clear()
    _tokens.clear()
    look_soon()


def look_soon() -> None:
    """Look once the user has paused."""
    global _search
    _search = None  # what was under way is about an earlier state
    if bpy.app.timers.is_registered(_timer):
        bpy.app.timers.unregister(_timer)
    bpy.app.timers.register(_timer, first_interval=PAUSE_S)


def _timer() -> float | None:
    """A slice of the look; returns the seconds until the next, None at its end."""
    global _search
    if any(window.screen.is_animation_playing for window in bpy.context.window_manager.windows):
        return PAUSE_S
    if _search is None:
        _search = _looking(bpy.context.scene.name, SLICE_S)
    try:
        next(_search)
    except StopIteration:
        _search = None
        _redraw()
        return None
    except KeyError:  # removed or renamed meanwhile, which asks for another look
        _search = None
        return None
    return 0.02


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


_HANDLERS = (
    ("depsgraph_update_post", _after_edit),
    ("undo_post", _after_undo_or_load),
    ("redo_post", _after_undo_or_load),
    ("load_post", _after_undo_or_load),
)


def register() -> None:
    """Listen to edits."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(bpy.app.handlers.persistent(handler))


def unregister() -> None:
    """Stop listening."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)
    if bpy.app.timers.is_registered(_timer):
        bpy.app.timers.unregister(_timer)
    _changes.clear()
    _tokens.clear()
