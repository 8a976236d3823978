"""Takes on the timeline: each on a channel of its own, one of them to be heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..core.audio import sidecar_path
from ..core.errors import FileFormatError, KinetoneError
from ..core.sidecar import read_sidecar
from . import mix, playback, sequencer
from . import music as musics
from .clock import SceneClock
from .music import Music


@dataclass(frozen=True)
class Take:
    """A finished music file with what is known about it.

    Attributes:
        path: the WAV or FLAC file.
        fingerprint: of the animation that it was made for.
        packed: whether the file is to live in the .blend alone, and its sidecar with it.
    """

    path: Path
    music: Music
    fingerprint: tuple[float, ...] = ()
    packed: bool = False


def place(scene: Any, clock: SceneClock, takes: Sequence[Take]) -> list[Any]:
    """Put the takes on the timeline instead of what Kinetone had placed for the same armature.

    They get the channels, volume and pan of the earlier ones; the best on the beat is heard, the
    others are muted. Earlier files stay on disk, for undo to come back to.

    Returns: the strips.
    Raises:  KinetoneError (sequencer.no_strip, sequencer.no_channel, sequencer.no_file); nothing is
        changed then.
    """
    for take in takes:
        _check_there(take.path)
    first = takes[0].music
    earlier = musics.own_strips_and_owners(scene, first.armature, first.armature_id)
    leaving = [strip for owner, strip in earlier if owner == scene.sequence_editor]
    frames = sequencer.frames_of(clock, first.start, first.duration_s)
    channels = sequencer.free_channels(scene, frames, len(takes), leaving)
    placed: list[Any] = []
    try:
        for take in takes:
            placed.append(sequencer.new_sound(scene, _name(take.music), take.path, frames[0]))
            _fill(placed[-1], take)
    except Exception:
        for strip in placed:
            sequencer.remove(scene.sequence_editor, strip)
        raise
    look = _look(musics.audible([strip for _, strip in earlier]), len(takes))
    for owner, strip in earlier:
        sequencer.remove(owner, strip)
    for strip in placed:
        for name, value in look.items():
            setattr(strip, name, value)
    _put_on(placed, channels, clock, first)
    switch(placed, _best(takes))
    mix.apply(scene, clock, placed)
    playback.follow(scene)
    sequencer.show_in_sequencers(scene)
    return placed


def _check_there(path: Path) -> None:
    """Refuse a file that has vanished, of which Blender would make a strip that is silent."""
    if not path.is_file():
        raise KinetoneError(
            f"{path} was written, but has gone again.",
            code="sequencer.no_file",
            hint="See who empties that folder, or choose another, and generate again.",
        )


def _name(music: Music) -> str:
    return f"Music for {music.armature}" + (f", take {music.take}" if music.takes > 1 else "")


def _fill(strip: Any, take: Take) -> None:
    own_file(strip.sound, take)
    _write_facts(strip, take)
    strip.show_waveform = True


def _write_facts(strip: Any, take: Take) -> None:
    sidecar = sidecar_path(take.path).read_text(encoding="utf-8") if take.packed else ""
    musics.write(strip, take.music)
    musics.write_large(strip, take.fingerprint, sidecar)


def _put_on(strips: Sequence[Any], channels: Sequence[int], clock: SceneClock, music: Music) -> None:
    """Put each strip on its channel, at its frame.

    Where a place is taken, Blender moves a strip on, to another channel or in time: a round for each
    strip, and one more, frees what the others had come to hold.
    """
    for _ in range(len(strips) + 1):
        for strip, channel in zip(strips, channels, strict=True):
            strip.channel = channel
            sequencer.set_start(strip, clock, music.start, music.duration_s)


def own_file(sound: Any, take: Take) -> None:
    """Let the sound play the take's file, or a copy of it inside the .blend."""
    if take.packed:
        sound.pack()
        sound.filepath = f"//{take.path.name}"  # where unpacking would put it
    else:
        sequencer.use_file(sound, take.path)


def _look(earlier: Any | None, count: int) -> dict[str, Any]:
    """What the user has set on the earlier strip; its name only where one strip follows one."""
    if earlier is None:
        return {}
    single = count == 1 and musics.read(earlier).takes == 1
    return {name: getattr(earlier, name) for name in ("volume", "pan", *(("name",) if single else ()))}


def _best(takes: Sequence[Take]) -> int:
    """The take that hits most beats; of equals the first."""
    return max(takes, key=lambda take: (take.music.hit, -take.music.take)).music.take


def switch(strips: Sequence[Any], number: int) -> None:
    """Let one take be heard and mute the others."""
    for strip in strips:
        strip.mute = musics.read(strip).take != number


def renew(scene: Any, clock: SceneClock, strip: Any, take: Take) -> None:
    """Let a strip play another file in place of its own; channel, trims, fades and modifiers stay. A file
    of another length makes the strip longer or shorter at its end.

    Raises: KinetoneError (sequencer.no_strip, sequencer.no_file); nothing is changed then.
    """
    _check_there(take.path)
    sound = sequencer.load_sound(take.path)
    try:
        own_file(sound, take)
        _write_facts(strip, take)
    except Exception:
        sequencer.forget_unused(sound)
        raise
    earlier, strip.sound = strip.sound, sound
    sequencer.measure_sounds(scene)
    sequencer.forget_unused(earlier)
    mix.apply(scene, clock, [strip])


def drop(scene: Any, strips: Sequence[Any]) -> list[Path]:
    """Take strips off the timeline; returns their files that nothing in this .blend plays any more."""
    files: list[Path] = []
    for owner, strip in sequencer.sound_strips(scene):
        if strip not in strips:
            continue
        own = files_of(strip)
        shared = strip.sound is not None and strip.sound.users > 1
        sequencer.remove(owner, strip)
        files += [] if shared else own
    return files


def files_of(strip: Any) -> list[Path]:
    """The strip's music file and the sidecar beside it, as far as they exist outside the .blend.

    Only music with Kinetone's sidecar: a stranger's .blend may name any file of this computer.
    """
    if strip.sound is None or strip.sound.packed_file:
        return []
    music = sound_path(strip.sound)
    try:
        sidecar = sidecar_path(music)
        read_sidecar(sidecar)
    except (FileFormatError, OSError, ValueError):  # no path, or one longer than can be
        return []
    return [path for path in (music, sidecar) if path.is_file()]


def sound_path(sound: Any) -> Path:
    """The absolute path of a sound's file."""
    return Path(bpy.path.abspath(sound.filepath, library=sound.library))
