"""What every job does: reads the dance slice by slice, asks the engine, cleans up.

A job is a generator that hands control back to Blender at every ``yield``; see jobs.py for who
drives it. It holds names and numbers, never Blender's data, which undo replaces under its feet.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..core.audio import sidecar_path
from ..core.errors import Cancelled, FileFormatError, KinetoneError, RigError
from ..core.unfinished import unfinished_path
from . import alignment, destination, engine
from . import armature as armatures
from .fingerprint import FingerprintReader
from .reader import DanceReader, Joints
from .request import Dancer, Request
from .status import status

READING_SHARE = 0.1
"""Part of the progress bar for reading the dance; the engine has the rest."""


class Job(ABC):
    """One request on its way. Drive it with ``step`` until that returns False."""

    def __init__(self, request: Request, slice_s: float) -> None:
        self._request = request
        self._slice_s = slice_s
        self._cancelled = False
        self._fingerprint: tuple[float, ...] = ()
        self._anchored: dict[str, Any] = {}
        self._steps: Generator[None, None, None] = self._run()

    def step(self) -> bool:
        """Go on for a moment; False once all is done.

        Raises: KinetoneError, Cancelled; nothing is left behind then.
        """
        try:
            next(self._steps)
        except StopIteration:
            return False
        return True

    def cancel(self) -> None:
        """Stop at the next chance."""
        self._cancelled = True
        status.stage = "Cancelling"

    def stop(self) -> None:
        """Stop now, with the engine if it is at work, and clean up."""
        self._steps.close()

    @abstractmethod
    def _method(
        self, folder: Path, joints: Sequence[Path], output: Sequence[Path]
    ) -> tuple[str, dict[str, Any]]:
        """What to ask of the engine: a method and its parameters."""

    @abstractmethod
    def _place(self, folder: Path, result: dict[str, Any]) -> None:
        """Put what the engine made on the timeline."""

    def _run(self) -> Generator[None, None, None]:
        request = self._request
        client = engine.start(request.engine_python)  # loads while the dance is being read
        with job_folder() as folder, output_folder(request, folder) as goal:
            with timed("Reading the dance"):
                # First of all, so that an edit shows as a change though it was made while the dance was read.
                self._anchored = self._anchor()
                self._fingerprint = yield from self._read_fingerprint()
                dances = yield from self._read()
            joints = write_joints(folder, dances)
            with output_files(request, goal) as output:
                method, parameters = self._method(folder, joints, output)
                result = yield from self._await(engine.Task(client, method, parameters))
                with timed("Placing the strip"):
                    self._place(folder, result)

    def _anchor(self) -> dict[str, Any]:
        """Where the dance lies: fields of Music."""
        _, (armature, *_) = self._scene_and_dancers()
        return alignment.facts(armature, self._request.span.clock, self._request.span.start)

    def _read_fingerprint(self) -> Generator[None, None, tuple[float, ...]]:
        """The fingerprint of the animation that is about to be read."""
        span = self._request.span
        reader = FingerprintReader(span.clock, span.start, span.motion_frames)
        done = False
        while not done:
            self._check_cancelled()
            _, dancers = self._scene_and_dancers()
            done = reader.read_slice(dancers, self._slice_s)
            yield
        return reader.numbers()

    def _read(self) -> Generator[None, None, list[Joints]]:
        """Read the dance; returns everybody's joints, (N, 24, 3) metres at 60 Hz."""
        names: list[str] = []
        done = False
        while not done:
            self._check_cancelled()
            scene, dancers = self._scene_and_dancers()
            for armature, known in zip(dancers, self._request.dancers, strict=True):
                armatures.check_readable(armature)
                check_same_bones(armature, known)
            if names != [armature.name for armature in dancers]:  # the reader goes by them: begin anew
                names = [armature.name for armature in dancers]
                mappings = [known.mapping for known in self._request.dancers]
                reader = DanceReader(self._request.span, dict(zip(names, mappings, strict=True)))
            layers = {armature.name: armatures.view_layer_with(scene, armature) for armature in dancers}
            done = reader.read_slice(scene, layers, self._slice_s)
            status.show("Reading the dance", reader.fraction * READING_SHARE)
            yield
        return reader.joints()

    def _await(self, task: engine.Task) -> Generator[None, None, dict[str, Any]]:
        """Follow the engine until the music is there; returns its reply."""
        began = time.perf_counter()
        with task:
            while not task.poll(self._show_engine):
                if self._cancelled:
                    task.cancel()
                self._scene_and_armature()
                yield
        self._check_cancelled()
        result = task.result or {}
        stages: dict[str, float] = result["timings"]
        waited = time.perf_counter() - began - sum(stages.values())
        status.timings |= {"Starting the engine": max(waited, 0.0), **stages}
        return result

    def _show_engine(self, stage: str, fraction: float) -> None:
        if not self._cancelled:
            status.show(stage, READING_SHARE + fraction * (1 - READING_SHARE))

    def _check_cancelled(self) -> None:
        if self._cancelled:
            raise Cancelled

    def _scene_and_armature(self) -> tuple[Any, Any]:
        """The scene, and the armature that the music belongs to, whatever they are called by now.

        Raises: KinetoneError (scene.vanished).
        """
        scene = self._request.scene.among(bpy.data.scenes)
        return scene, self._in_scene(scene, self._request.dancers[0])

    def _scene_and_dancers(self) -> tuple[Any, list[Any]]:
        """The same with everybody who dances."""
        scene = self._request.scene.among(bpy.data.scenes)
        return scene, [self._in_scene(scene, dancer) for dancer in self._request.dancers]

    def _in_scene(self, scene: Any | None, dancer: Dancer) -> Any:
        armature = dancer.among(scene.objects) if scene is not None else None
        if armature is None:
            raise KinetoneError(
                f"The armature “{dancer.name}” is no longer in the scene “{self._request.scene.name}”.",
                code="scene.vanished",
                hint="Undo its removal, or generate for another.",
            )
        return armature

    def _partners(self, scene: Any) -> str:
        """Who else dances, as Music has it."""
        partners = [(dancer, dancer.among(scene.objects)) for dancer in self._request.dancers[1:]]
        return "\n".join(dancer.name if now is None else now.name for dancer, now in partners)


def engine_parameters(request: Request, joints: Sequence[Path], output: Sequence[Path]) -> dict[str, Any]:
    """The parameters that all of the engine's ways to make music share."""
    options = request.options
    optional = {
        "genre": options.genre,
        "tempo_bpm": options.tempo_bpm,
        "checkpoint": None if request.checkpoint is None else str(request.checkpoint),
    }
    return {
        "joints": str(joints[0]) if len(joints) == 1 else [str(path) for path in joints],
        "output": [str(path) for path in output],
        "seed": options.seed,
        "genre_strength": options.genre_strength,
        "energy": options.energy,
        "temperature": options.temperature,
        "device": request.device,
        **{name: value for name, value in optional.items() if value is not None},
    }


def check_same_bones(armature: Any, known: Dancer) -> None:
    """Refuse bones that are no longer those of the click: half of the dance would be another body's.

    Raises: RigError (rig.changed; those of joint_mapping).
    """
    if not np.array_equal(armatures.joint_mapping(armature).weights, known.mapping.weights):
        raise RigError(
            f"The bones of “{armature.name}”, or which of them are its joints, changed while it was read.",
            code="rig.changed",
            hint="Generate again.",
        )


def write_joints(folder: Path, dances: Sequence[Joints]) -> list[Path]:
    """Files with everybody's joints, for the engine.

    Raises: FileFormatError (file.temporary).
    """
    paths = [folder / f"joints_{number}.npy" for number in range(len(dances))]
    for path, dance in zip(paths, dances, strict=True):
        with temporary_files():
            np.save(path, dance)
    return paths


def push_undo(message: str) -> None:
    """Let undo come back to before this; without a window there may be no undo."""
    if bpy.ops.ed.undo_push.poll():
        bpy.ops.ed.undo_push(message=message)


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Note how long a stage took, pauses for Blender's own work included."""
    began = time.perf_counter()
    yield
    status.timings[stage] = time.perf_counter() - began


@contextmanager
def job_folder() -> Iterator[Path]:
    """A folder for the job's arrays, inside Blender's own temporary folder; gone afterwards."""
    with temporary_files():
        folder = Path(tempfile.mkdtemp(prefix="kinetone-", dir=bpy.app.tempdir))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_files() -> Iterator[None]:
    """Says what to do where Blender's temporary folder is full, or has been cleared away under it.

    Raises: FileFormatError (file.temporary).
    """
    try:
        yield
    except OSError as error:
        raise FileFormatError(
            f"Blender's temporary folder {bpy.app.tempdir} cannot be written to: {error.strerror or error}.",
            code="file.temporary",
            hint="Free some space on its drive. If it is gone, save your work and restart Blender.",
        ) from error


@contextmanager
def output_folder(request: Request, job_folder: Path) -> Iterator[Path]:
    """The folder for the music, made if need be; a failed job takes back what it made.

    Raises: AudioError (audio.not_writable).
    """
    goal = request.destination.folder
    folder = goal if goal is not None else job_folder
    made = destination.make_folder(folder)
    try:
        yield folder
    except BaseException:  # GeneratorExit too: a stopped job
        destination.remove_empty(made)
        raise


_OTHERS = ("audio.exists", "audio.busy")
"""Errors after which what has the name is somebody else's."""


@contextmanager
def output_files(request: Request, folder: Path) -> Iterator[list[Path]]:
    """Free names for the takes; nothing of them is left behind by a failed job.

    Raises: AudioError (audio.name_pattern, audio.not_writable).
    """
    goal = request.destination
    paths: list[Path] = []
    try:
        for take in range(1, request.takes + 1):
            values = {**goal.values, "take": take}
            paths.append(destination.claim(folder, goal.pattern, values, goal.suffix))
        yield paths
    except BaseException as error:
        if getattr(error, "code", "") in _OTHERS:
            paths = []
        files = [file for path in paths for file in (path, sidecar_path(path))]
        for leftover in (*files, *map(unfinished_path, files)):  # an engine that was killed leaves the latter
            with suppress(OSError):  # the folder may be what has gone
                leftover.unlink()
        raise
