"""One click, checked and written down: names and numbers, no Blender data, which undo replaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..core.motion.rigs import JointMapping
from ..core.version import VERSION
from . import armature as armatures
from . import destination, preferences, sequencer
from .dance_range import DanceRange, dance_range
from .model_card import AUTO
from .stored import setting


@dataclass(frozen=True)
class Options:
    """How the music is to be; the names are the engine's."""

    genre: str | None
    genre_strength: float
    energy: float
    temperature: float
    tempo_bpm: float | None
    seed: int


@dataclass(frozen=True)
class Destination:
    """Where the files go.

    Attributes:
        folder: for the files; None where the music lives in the .blend alone.
        pattern: of their names.
        values: what the pattern's fields stand for, all but the take.
        suffix: ".wav" or ".flac".
    """

    folder: Path | None
    pattern: str
    values: Mapping[str, Any]
    suffix: str

    @property
    def packed(self) -> bool:
        """Whether the music lives in the .blend alone."""
        return self.folder is None


@dataclass(frozen=True)
class Known:
    """A scene or object that is found again after it was renamed, and after undo has replaced it.

    Attributes:
        name: when the button was clicked.
        uid: Blender's own number for it, which lasts until another file is opened.
    """

    name: str
    uid: int

    def among(self, blocks: Any) -> Any | None:
        """Which of them it is; None if it has gone."""
        named = blocks.get(self.name)
        if named is not None and named.session_uid == self.uid:
            return named
        return next((block for block in blocks if block.session_uid == self.uid), None)


@dataclass(frozen=True)
class Dancer(Known):
    """One of the armatures that the music follows.

    Attributes:
        mapping: which of its bones are which joints.
    """

    mapping: JointMapping


@dataclass(frozen=True)
class Request:
    """What to generate, from what, and where it goes.

    Attributes:
        dancers: the first is the one that the music belongs to.
        device: to compute on, as the engine calls it.
    """

    scene: Known
    dancers: tuple[Dancer, ...]
    span: DanceRange
    options: Options
    takes: int
    destination: Destination
    engine_python: Path
    checkpoint: Path | None
    device: str

    @property
    def armature(self) -> str:
        """The name, at the click, of the armature that the music belongs to."""
        return self.dancers[0].name

    @property
    def mappings(self) -> dict[str, JointMapping]:
        """Everybody's joints by armature, in the order in which the engine gets them."""
        return {dancer.name: dancer.mapping for dancer in self.dancers}


def build_request(context: Any, span: DanceRange | None = None) -> Request:
    """Everything that Generate Music needs, or the first reason why it cannot start.

    Args: span: of the dance; by default what the scene's settings choose.
    Raises: KinetoneError of many codes; each message says what to do.
    """
    sequencer.check_sound()
    scene, settings = context.scene, context.scene.kinetone
    sequencer.check_editable(scene)
    dancers = armatures.find_dancers(context)
    armature = dancers[0]
    for dancer in dancers:
        armatures.check_readable(dancer)
        layer = armatures.view_layer_with(scene, dancer)
        if dancer.pose is None:  # made by a script a moment ago
            layer.update()
    return Request(
        scene=Known(scene.name, scene.session_uid),
        dancers=tuple(
            Dancer(dancer.name, dancer.session_uid, armatures.joint_mapping(dancer)) for dancer in dancers
        ),
        span=span if span is not None else dance_range(scene, armature, setting(settings, "range")),
        options=options(settings),
        takes=setting(settings, "takes"),
        destination=build_destination(scene, armature),
        engine_python=preferences.engine_python(),
        checkpoint=preferences.checkpoint(),
        device=preferences.device(),
    )


def options(settings: Any) -> Options:
    """How the scene's settings want the music."""
    return Options(
        genre=None if settings.genre in ("", AUTO) else settings.genre,
        genre_strength=_decimal(setting(settings, "genre_strength")),
        energy=_decimal(setting(settings, "energy")),
        temperature=_decimal(setting(settings, "temperature")),
        tempo_bpm=_decimal(setting(settings, "tempo_bpm")) if settings.tempo_from == "FIXED" else None,
        seed=setting(settings, "seed"),
    )


def _decimal(value: float) -> float:
    """The number that the user typed: Blender keeps it in 32 bits, where 0.7 is 0.699999988."""
    return float(f"{value:.6g}")


def build_destination(scene: Any, armature: Any) -> Destination:
    """Where the scene's settings want the files.

    Raises: AudioError of several codes.
    """
    settings = scene.kinetone
    pattern, packed = setting(settings, "file_name"), settings.storage == "PACKED"
    destination.check_pattern(pattern)
    return Destination(
        folder=None if packed else destination.music_folder(setting(settings, "folder")),
        pattern=pattern,
        values={
            "armature": armature.name,
            "scene": scene.name,
            "file": Path(bpy.data.filepath).stem,
            "genre": "" if settings.genre == AUTO else settings.genre,
            "seed": setting(settings, "seed"),
        },
        suffix=f".{setting(settings, 'file_format').lower()}",
    )


def about(request: Request) -> dict[str, Any]:
    """What the sidecar tells of the Blender side of a request."""
    span, (first, *partners) = request.span, request.dancers
    return {
        "armature": first.name,
        "scene": request.scene.name,
        "mapping": dict(first.mapping.named),
        "partners": {partner.name: dict(partner.mapping.named) for partner in partners},
        "range": {"start": span.start, "end": span.end},
        "fps": span.clock.frame_rate,
        "time_remapping": {"old": span.clock.remap_old, "new": span.clock.remap_new},
        "blender": bpy.app.version_string,
        "kinetone": VERSION,
    }
