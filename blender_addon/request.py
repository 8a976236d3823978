"""One click on Generate Music, checked and written down: names and numbers, no Blender data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.motion.rigs import JointMapping
from . import armature as armatures
from . import destination, preferences, sequencer
from .dance_range import DanceRange, dance_range
from .model_card import AUTO


@dataclass(frozen=True)
class Request:
    """What to generate, from what, and where it goes."""

    scene: str
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
    sequencer.check_sound()
    scene, settings = context.scene, context.scene.kinetone
    armature = armatures.find_armature(context)
    armatures.check_readable(armature)
    armatures.view_layer_with(scene, armature)
    return Request(
        scene=scene.name,
        armature=armature.name,
        mapping=armatures.joint_mapping(armature),
        span=dance_range(scene, armature, settings.range),
        genre=None if settings.genre in ("", AUTO) else settings.genre,
        seed=settings.seed,
        folder=destination.music_folder(settings.folder),
        engine_python=preferences.engine_python(),
        checkpoint=preferences.checkpoint(),
    )
