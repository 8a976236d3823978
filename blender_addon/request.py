"""One click, checked and written down: names and numbers, no Blender data."""

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
class Partner:
    """One who dances with the armature that the music belongs to."""

    armature: str
    mapping: JointMapping


@dataclass(frozen=True)
class Request:
    """What to generate, from what, and where it goes."""

    scene: str
    armature: str
    mapping: JointMapping
    span: DanceRange
    options: Options
    takes: int
    destination: Destination
    engine_python: Path
    checkpoint: Path | None
    partners: tuple[Partner, ...] = ()

    @property
    def mappings(self) -> dict[str, JointMapping]:
        """Everybody's joints by armature, in the order in which the engine gets them."""
        others = {partner.armature: partner.mapping for partner in self.partners}
        return {self.armature: self.mapping, **others}


def build_request(context: Any, span: DanceRange | None = None) -> Request:
    """Everything that Generate Music needs, or the first reason why it cannot start.

    Args: span: of the dance; by default what the scene's settings choose.
    Raises: KinetoneError of many codes; each message says what to do.
    """
    sequencer.check_sound()
    scene, settings = context.scene, context.scene.kinetone
    armature, *others = dancers = armatures.find_dancers(context)
    for dancer in dancers:
        armatures.check_readable(dancer)
        layer = armatures.view_layer_with(scene, dancer)
        if dancer.pose is None:  # made by a script a moment ago
            layer.update()
    return Request(
        scene=scene.name,
        armature=armature.name,
        mapping=armatures.joint_mapping(armature),
        span=span if span is not None else dance_range(scene, armature, setting(settings, "range")),
        options=options(settings),
        takes=setting(settings, "takes"),
        destination=build_destination(scene, armature),
        engine_python=preferences.engine_python(),
        checkpoint=preferences.checkpoint(),
        partners=tuple(Partner(other.name, armatures.joint_mapping(other)) for other in others),
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
    span = request.span
    return {
        "armature": request.armature,
        "scene": request.scene,
        "mapping": dict(request.mapping.named),
        "partners": {partner.armature: dict(partner.mapping.named) for partner in request.partners},
        "range": {"start": span.start, "end": span.end},
        "fps": span.clock.frame_rate,
        "time_remapping": {"old": span.clock.remap_old, "new": span.clock.remap_new},
        "blender": bpy.app.version_string,
        "kinetone": VERSION,
    }
