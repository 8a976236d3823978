"""Generating for the open file without anybody watching: wishes in, files out."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import KinetoneError
from . import jobs, model_card, music, preferences, video
from .generation import Generation
from .request import build_request
from .status import status


@dataclass(frozen=True)
class Wishes:
    """What the caller wants other than the file's own settings; None leaves those as they are."""

    armature: str | None = None
    range: str | None = None
    takes: int | None = None
    seed: int | None = None
    genre: str | None = None
    genre_strength: float | None = None
    energy: float | None = None
    temperature: float | None = None
    tempo: float | None = None
    output: Path | None = None
    name: str | None = None
    format: str | None = None
    pack: bool = False
    render: Path | None = None
    save: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        armature: who dances.
        seed: of the first take.
        duration_s: of the music.
        hits: for each take, the share of the dance's beats that the music hits; -1 if not known.
        files: the music files; none if they were packed.
        video: what was rendered, if anything.
        notes: what the engine wants to be known of how it made the music.
    """

    armature: str
    seed: int
    duration_s: float
    hits: list[float]
    files: list[Path]
    video: Path | None = None
    timings: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def outputs(self) -> list[Path]:
        """All files that were written."""
        return self.files + ([] if self.video is None else [self.video])


def generate(wishes: Wishes, progress: jobs.Progress) -> Outcome:
    """Generate for the open file; then render and save it, if that is wished.

    Raises: KinetoneError; RuntimeError if Blender cannot render or save.
    """
    scene = bpy.context.scene
    _apply(wishes, scene)
    goal = video.video_path(wishes.render) if wishes.render is not None else None
    if wishes.pack and not wishes.save and goal is None:
        raise KinetoneError(
            "Packed music would be lost: the file is not saved.",
            code="command.pack_unsaved",
            hint="Add --save, or leave out --pack.",
        )
    request = build_request(bpy.context)
    jobs.run(partial(Generation, request), progress)
    takes = [music.read(strip) for strip in music.own_strips(scene, request.armature, "")]
    if goal is not None:
        progress("Rendering", 1.0)
        video.render(scene, goal)
    if wishes.save:
        bpy.ops.wm.save_mainfile()
    return Outcome(
        armature=request.armature,
        seed=request.options.seed,
        duration_s=request.span.duration_s,
        hits=[take.hit for take in takes],
        files=list(status.files),
        video=goal,
        timings=dict(status.timings),
        notes=list(status.notes),
    )


def _apply(wishes: Wishes, scene: Any) -> None:
    """Put the wishes into the scene's settings, where a click on the button would find them.

    Raises: KinetoneError (scene.no_armature, generate.unknown_genre).
    """
    settings = scene.kinetone
    if wishes.armature is not None:
        bpy.context.view_layer.objects.active = _armature(scene, wishes.armature)
    if wishes.genre is not None:
        settings.genre = _known_genre(wishes.genre)
    for name in ("takes", "seed", "genre_strength", "energy", "temperature"):
        if getattr(wishes, name) is not None:
            setattr(settings, name, getattr(wishes, name))
    if wishes.tempo is not None:
        settings.tempo_from, settings.tempo_bpm = "FIXED", wishes.tempo
    if wishes.range is not None:
        settings.range = wishes.range.upper()
    if wishes.format is not None:
        settings.file_format = wishes.format.upper()
    if wishes.name is not None:
        settings.file_name = wishes.name
    if wishes.output is not None:
        settings.folder, settings.storage = str(wishes.output.absolute()), "FILE"
    if wishes.pack:
        settings.storage = "PACKED"


def _armature(scene: Any, name: str) -> Any:
    armature = scene.objects.get(name)
    if armature is None or armature.type != "ARMATURE":
        names = ", ".join(obj.name for obj in scene.objects if obj.type == "ARMATURE")
        raise KinetoneError(
            f"The scene “{scene.name}” has no armature “{name}”.",
            code="scene.no_armature",
            hint=f"Its armatures are: {names}." if names else "Add or import a character that dances.",
        )
    return armature


def _known_genre(genre: str) -> str:
    known = model_card.genres(preferences.checkpoint())
    if genre not in known:
        raise KinetoneError(
            f"The model has no genre “{genre}”.",
            code="generate.unknown_genre",
            hint=f"Choose one of: {', '.join(known)}; or leave --genre out."
            if known
            else "It has none at all: leave --genre out.",
        )
    return genre
