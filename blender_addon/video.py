"""Renders the scene with its music to an MP4 file: H.264 and AAC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import KinetoneError

AUDIO_RATE = 48_000
"""Samples a second of the sound track: twice the music's, and what video players expect."""

AUDIO_KBIT = 256
VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov")


def video_path(wish: Path) -> Path:
    """The absolute path of the video; {file} in it stands for the .blend file's name.

    Raises: KinetoneError (video.suffix, video.exists).
    """
    path = Path(str(wish).replace("{file}", Path(bpy.data.filepath).stem)).absolute()
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        raise KinetoneError(
            f"{path.name} is no name for an MP4 file.", code="video.suffix", hint="Let it end in .mp4."
        )
    if path.exists():
        raise KinetoneError(
            f"{path} exists already.",
            code="video.exists",
            hint="Remove it or name another file; with several .blend files, let {file} stand in the name.",
        )
    return path


def render(scene: Any, path: Path) -> None:
    """Render the scene's frame range with its sound; the scene's own settings are as before afterwards.

    Raises: KinetoneError (video.not_rendered) with Blender's reason.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _video_settings(scene, path):
        try:
            bpy.ops.render.render(animation=True, scene=scene.name)
        except RuntimeError as error:
            raise _not_rendered(path, str(error).strip()) from error
    if not path.is_file():
        raise _not_rendered(path, "Blender wrote no file")


def _not_rendered(path: Path, reason: str) -> KinetoneError:
    return KinetoneError(
        f"{path} could not be rendered: {reason}.",
        code="video.not_rendered",
        hint="Look whether the scene has a camera, and render it in Blender's window to see more.",
    )


@contextmanager
def _video_settings(scene: Any, path: Path) -> Iterator[None]:
    """The scene set to write an MP4, and back again."""
    render, image, video = scene.render, scene.render.image_settings, scene.render.ffmpeg
    wanted = [
        (render, "filepath", str(path)),
        (render, "use_file_extension", False),
        (render, "use_overwrite", True),
        (render, "use_sequencer", True),
        # From 5.0 on a medium is chosen before the format.
        *([(image, "media_type", "VIDEO")] if hasattr(image, "media_type") else []),
        (image, "file_format", "FFMPEG"),
        (video, "format", "MPEG4"),
        (video, "codec", "H264"),
        (video, "use_autosplit", False),
        (video, "audio_codec", "AAC"),
        (video, "audio_bitrate", AUDIO_KBIT),
        (video, "audio_mixrate", AUDIO_RATE),
        (video, "audio_channels", "STEREO"),
    ]
    earlier = [(owner, name, getattr(owner, name)) for owner, name, _ in wanted]
    try:
        for owner, name, value in wanted:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in earlier:
            setattr(owner, name, value)
