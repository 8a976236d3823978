"""Sound strips as Blender keeps them: find room, insert, move, remove. Hides what differs from 4.2 to 5.2."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import KinetoneError
from .clock import SceneClock

CHANNELS = 128
"""Channels of Blender's sequencer, numbered from 1."""


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


def check_editable(scene: Any) -> None:
    """Refuse a scene that is linked from another file: its strips would be lost on closing this one.

    Raises: KinetoneError (scene.linked).
    """
    if not scene.is_editable:
        raise KinetoneError(
            f"The scene “{scene.name}” is linked from another file, so nothing that is added to it is saved.",
            code="scene.linked",
            hint="Open that file and generate there, or make the scene local.",
        )


def _walk(owner: Any) -> Iterator[tuple[Any, Any]]:
    for strip in strips_of(owner):
        yield owner, strip
        if strip.type == "META":
            yield from _walk(strip)


def sound_strips(scene: Any) -> list[tuple[Any, Any]]:
    """All sound strips of the scene, each with the editor or meta strip that holds it."""
    editor = scene.sequence_editor
    return [pair for pair in (_walk(editor) if editor is not None else ()) if pair[1].type == "SOUND"]


def show_in_sequencers(scene: Any) -> None:
    """From Blender 5.0 on a workspace names the scene of its sequencers; without one they stay empty."""
    for window in bpy.context.window_manager.windows:
        if getattr(window.workspace, "sequencer_scene", scene) is None:
            window.workspace.sequencer_scene = scene


def new_sound(scene: Any, name: str, path: Path, frame: int) -> Any:
    """A sound strip at a whole frame, on whichever channel Blender finds room.

    Raises: KinetoneError (sequencer.no_strip).
    """
    try:
        return strips_of(scene.sequence_editor_create()).new_sound(
            name=name, filepath=str(path), channel=1, frame_start=frame
        )
    except RuntimeError as error:
        raise KinetoneError(
            f"Blender could not make a sound strip: {error}.",
            code="sequencer.no_strip",
            hint="Restart Blender and generate again.",
        ) from error


def load_sound(path: Path) -> Any:
    """A sound that no strip plays yet.

    Raises: KinetoneError (sequencer.no_strip).
    """
    try:
        return bpy.data.sounds.load(str(path))
    except RuntimeError as error:
        raise KinetoneError(
            f"Blender could not load {path.name}: {error}.",
            code="sequencer.no_strip",
            hint="Generate again.",
        ) from error


def use_file(sound: Any, path: Path) -> None:
    """Let the sound name its file as the preferences want it: relative to a saved file, or absolute."""
    if bpy.data.is_saved and bpy.context.preferences.filepaths.use_relative_paths:
        sound.filepath = relative(path)


def measure_sounds(scene: Any) -> None:
    """Let strips take the length of their sounds; Blender sees to that only when the frame rate is set."""
    scene.render.fps = scene.render.fps


def start_of(strip: Any, clock: SceneClock) -> float:
    """The timeline frame, which may lie between two whole ones, at which the strip's sample 0 sounds."""
    frame = strip.content_start if hasattr(strip, "content_start") else strip.frame_start
    return float(frame) + getattr(strip, "sound_offset", 0.0) * clock.frame_rate


def frames_of(clock: SceneClock, start: float, duration_s: float) -> tuple[int, int]:
    """First frame of a strip whose sample 0 sounds at a timeline frame, and the frame after its last."""
    frame, offset_s = clock.strip_start(start)
    return frame, frame + math.ceil((offset_s + duration_s) * clock.frame_rate - 1e-6)


def set_start(strip: Any, clock: SceneClock, start: float, duration_s: float) -> None:
    """Let sample 0 sound at a timeline frame, and the strip reach to the end of its last sample.

    Blender cuts a strip's start to whole frames and rounds its length to the nearest one: the part
    of a frame goes into the sound offset.
    """
    frame, end = frames_of(clock, start, duration_s)
    setattr(strip, "content_start" if hasattr(strip, "content_start") else "frame_start", frame)
    if subframe_starts():
        strip.sound_offset = clock.strip_start(start)[1]
    if 0 < end - span(strip)[1] <= 2:  # what is cut off further is so by the user's wish
        setattr(strip, "right_handle" if hasattr(strip, "right_handle") else "frame_final_end", end)


def relative(path: Path) -> str:
    """The path as Blender writes it beside a saved file; absolute where the drive differs."""
    try:
        return str(bpy.path.relpath(str(path)))
    except ValueError:
        return str(path)


def free_channels(scene: Any, frames: tuple[int, int], count: int, leaving: Sequence[Any]) -> list[int]:
    """So many channels that are free from one frame up to another: those that others leave, then the lowest.

    Raises: KinetoneError (sequencer.no_channel).
    """
    start, end = frames
    editor = scene.sequence_editor_create()
    others = [other for other in strips_of(editor) if other not in leaving]
    taken = {other.channel for other in others if span(other)[0] < end and span(other)[1] > start}
    taken |= {number for number, channel in enumerate(editor.channels) if channel.lock}
    wanted = dict.fromkeys([old.channel for old in leaving] + list(range(1, CHANNELS + 1)))
    free = [channel for channel in wanted if channel not in taken]
    if len(free) >= count:
        return free[:count]
    raise KinetoneError(
        f"All {CHANNELS} channels of the sequencer are taken from frame {start} to {end}.",
        code="sequencer.no_channel",
        hint=f"Free {count} there, then generate again.",
    )


def span(strip: Any) -> tuple[int, int]:
    """First frame of a strip and the frame after its last."""
    if hasattr(strip, "left_handle"):
        return strip.left_handle, strip.right_handle
    return strip.frame_final_start, strip.frame_final_end


def remove(owner: Any, strip: Any) -> None:
    """Remove a strip, and its sound if nobody else plays it."""
    sound = strip.sound
    strips_of(owner).remove(strip)
    forget_unused(sound)


def forget_unused(sound: Any) -> None:
    """Remove a sound that nobody plays any more."""
    if sound is not None and sound.users == 0:
        bpy.data.sounds.remove(sound)
