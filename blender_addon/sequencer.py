"""Sound strips: find our own, find room, place, replace. Hides what differs from Blender 4.2 to 5.2."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import KinetoneError

ARMATURE_KEY = "kinetone_armature"
"""Custom property of our strips: the name of the armature whose dance they follow."""

ID_KEY = "kinetone_id"
"""Custom property of our strips: the armature's lasting id, for when it is renamed."""

SEED_KEY = "kinetone_seed"
GENRE_KEY = "kinetone_genre"

CHANNELS = 128
"""Channels of Blender's sequencer, numbered from 1."""


@dataclass(frozen=True)
class Music:
    """A finished WAV and where it belongs."""

    path: Path
    armature: str
    armature_id: str
    frame_start: int
    offset_s: float
    duration_s: float
    seed: int
    genre: str


def strips_of(owner: Any) -> Any:
    """The strips of a sequence editor or meta strip; "sequences" until Blender 4.4."""
    return owner.strips if hasattr(owner, "strips") else owner.sequences


def subframe_starts() -> bool:
    """Whether this build's sound strips can start between frames (not before Blender 4.3)."""
    sound_strip = getattr(bpy.types, "SoundStrip", None) or bpy.types.SoundSequence
    return "sound_offset" in sound_strip.bl_rna.properties


def check_sound() -> None:
    """Refuse a Blender without sound before anything is composed for it.

    Raises: KinetoneError (sequencer.no_sound).
    """
    if not bpy.app.build_options.audaspace:
        raise KinetoneError(
            "This Blender was built without sound, so it has no sound strips.",
            code="sequencer.no_sound",
            hint="Use a build from blender.org.",
        )


def own_strips(scene: Any, armature: str, armature_id: str) -> list[tuple[Any, Any]]:
    """Strips that Kinetone placed for the armature, each with the editor or meta strip that holds it."""
    editor = scene.sequence_editor
    return [
        (owner, strip)
        for owner, strip in (_walk(editor) if editor is not None else ())
        if strip.type == "SOUND" and _follows(strip, armature, armature_id, scene)
    ]


def _follows(strip: Any, armature: str, armature_id: str, scene: Any) -> bool:
    """Whether a strip is the armature's: by name; else by id, unless the name it bears still dances here.

    A copy of an armature has its id, but a name of its own.
    """
    name = strip.get(ARMATURE_KEY)
    return name == armature or (strip.get(ID_KEY) == armature_id and name not in scene.objects)


def _walk(owner: Any) -> Iterator[tuple[Any, Any]]:
    for strip in strips_of(owner):
        yield owner, strip
        if strip.type == "META":
            yield from _walk(strip)


def place(scene: Any, music: Music) -> Any:
    """Put the music on the timeline in place of what Kinetone had placed for the same armature.

    The earlier take gives its channel, volume and pan to the new one. Its WAV stays on disk, for
    undo to come back to. Scrubbing with sound and playback in step with it are switched on.

    Returns: the strip.
    Raises:  KinetoneError (sequencer.no_strip, sequencer.no_channel); nothing is changed then.
    """
    editor = scene.sequence_editor_create()
    earlier = own_strips(scene, music.armature, music.armature_id)
    strip = _new_sound(scene, music)
    try:
        channel = _free_channel(editor, strip, [old for _, old in earlier])
    except KinetoneError:
        _remove(editor, strip)
        raise
    look = {name: getattr(earlier[0][1], name) for name in ("name", "volume", "pan")} if earlier else {}
    for owner, old in earlier:
        _remove(owner, old)
    strip.channel = channel
    for name, value in look.items():
        setattr(strip, name, value)
    scene.use_audio_scrub = True
    scene.sync_mode = "AUDIO_SYNC"
    _show_in_sequencers(scene)
    return strip


def _show_in_sequencers(scene: Any) -> None:
    """From Blender 5.0 on a workspace names the scene of its sequencers; without one they stay empty."""
    for window in bpy.context.window_manager.windows:
        if getattr(window.workspace, "sequencer_scene", scene) is None:
            window.workspace.sequencer_scene = scene


def _new_sound(scene: Any, music: Music) -> Any:
    """A strip marked as ours, on whichever channel Blender finds room."""
    try:
        strip = strips_of(scene.sequence_editor).new_sound(
            name=f"Music for {music.armature}",
            filepath=str(music.path),
            channel=1,
            frame_start=music.frame_start,
        )
    except RuntimeError as error:
        raise KinetoneError(
            f"Blender could not make a sound strip: {error}.",
            code="sequencer.no_strip",
            hint="Restart Blender and generate again.",
        ) from error
    if bpy.data.is_saved and bpy.context.preferences.filepaths.use_relative_paths:
        strip.sound.filepath = relative(music.path)
    if music.offset_s:
        strip.sound_offset = music.offset_s
    _make_room(strip, music, scene.render.fps / scene.render.fps_base)
    strip[ARMATURE_KEY] = music.armature
    strip[ID_KEY] = music.armature_id
    strip[SEED_KEY] = music.seed
    strip[GENRE_KEY] = music.genre
    strip.show_waveform = True
    return strip


def _make_room(strip: Any, music: Music, frame_rate: float) -> None:
    """Let the strip end after its last sample: Blender rounds its length to the nearest frame."""
    end = music.frame_start + math.ceil((music.offset_s + music.duration_s) * frame_rate - 1e-6)
    if end > span(strip)[1]:
        setattr(strip, "right_handle" if hasattr(strip, "right_handle") else "frame_final_end", end)


def relative(path: Path) -> str:
    """The path as Blender writes it beside a saved file; absolute where the drive differs."""
    try:
        return str(bpy.path.relpath(str(path)))
    except ValueError:
        return str(path)


def _free_channel(editor: Any, strip: Any, leaving: list[Any]) -> int:
    """The earlier take's channel if the strip fits there; else the lowest on which it does."""
    start, end = span(strip)
    others = [other for other in strips_of(editor) if other != strip and other not in leaving]
    taken = {other.channel for other in others if span(other)[0] < end and span(other)[1] > start}
    locked = {number for number, channel in enumerate(editor.channels) if channel.lock}
    wanted: list[int] = [old.channel for old in leaving] + list(range(1, CHANNELS + 1))
    for channel in wanted:
        if channel not in taken and channel not in locked:
            return channel
    raise KinetoneError(
        f"All {CHANNELS} channels of the sequencer are taken from frame {start} to {end}.",
        code="sequencer.no_channel",
        hint="Free one there, then generate again.",
    )


def span(strip: Any) -> tuple[int, int]:
    """First frame of a strip and the frame after its last."""
    if hasattr(strip, "left_handle"):
        return strip.left_handle, strip.right_handle
    return strip.frame_final_start, strip.frame_final_end


def _remove(owner: Any, strip: Any) -> None:
    """Remove a strip, and its sound if nobody else plays it."""
    sound = strip.sound
    strips_of(owner).remove(strip)
    if sound is not None and sound.users == 0:
        bpy.data.sounds.remove(sound)
