"""One click on Generate Music, checked and written down: names and numbers, no Blender data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import RigError
from ..core.motion.rigs import JointMapping
from . import armature as armatures
from . import destination, preferences
from .dance_range import DanceRange, dance_range
from .properties import AUTO


@dataclass(frozen=True)
class Request:
    """What to generate, from what, and where it goes."""

    scene: str
    view_layer: str
    armature: str
    mapping: JointMapping
    span: DanceRange
    genre: str | None
    seed: int
    folder: Path
    engine_python: Path
    checkpoint: Path | None


def build_request(context: Any) -> Request:
    """Everything that Generate Music needs, or the first reason why it cannot start.

    Raises: KinetoneError of many codes; each message says what to do.
    """
    scene, settings = context.scene, context.scene.kinetone
    armature = armatures.find_armature(context)
    armatures.check_readable(armature)
    layer = context.view_layer
    if armature.name not in layer.objects:
        layer = armatures.view_layer_with(scene, armature.name)
    if layer is None:
        raise RigError(
            f"The armature “{armature.name}” is not in the scene “{scene.name}”.",
            code="rig.hidden",
            hint="Link it to the scene, or select the armature that dances here.",
        )
    return Request(
        scene=scene.name,
        view_layer=layer.name,
        armature=armature.name,
        mapping=armatures.joint_mapping(armature),
        span=dance_range(scene, armature, settings.range),
        genre=None if settings.genre in ("", AUTO) else settings.genre,
        seed=settings.seed,
        folder=destination.music_folder(settings.folder),
        engine_python=preferences.engine_python(),
        checkpoint=preferences.checkpoint(),
    )
