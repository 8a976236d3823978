"""What every job does: reads the dance slice by slice, asks the engine, cleans up.

A job is a generator that hands control back to Blender at every ``yield``; see jobs.py for who
drives it. It holds names, never Blender's data, which undo replaces under its feet.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..core.audio import sidecar_path, unfinished_path
from ..core.errors import Cancelled, KinetoneError
from . import armature as armatures
from . import destination, engine
from .fingerprint import FingerprintReader
from .reader import DanceReader, Joints
from .request import Request
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
        with job_folder() as folder, output_files(request, folder) as output:
            with timed("Reading the dance"):
                dances = yield from self._read()
                self._fingerprint = yield from self._read_fingerprint()
            joints = [folder / f"joints_{number}.npy" for number in range(len(dances))]
            for path, dance in zip(joints, dances, strict=True):
                np.save(path, dance)
            method, parameters = self._method(folder, joints, output)
            result = yield from self._await(engine.Task(client, method, parameters))
            with timed("Placing the strip"):
                self._place(folder, result)

    def _read(self) -> Generator[None, None, list[Joints]]:
        """Read the dance; returns everybody's joints, (N, 24, 3) metres at 60 Hz."""
        reader = DanceReader(self._request.span, self._request.mappings)
        done = False
        while not done:
            self._check_cancelled()
            scene, _ = self._scene_and_armature()
            layers = {}
            for name in self._request.mappings:
                _, armature = self._scene_and(name)
                armatures.check_readable(armature)
                layers[name] = armatures.view_layer_with(scene, armature)
            done = reader.read_slice(scene, layers, self._slice_s)
            status.show("Reading the dance", reader.fraction * READING_SHARE)
            yield
        return reader.joints()

    def _read_fingerprint(self) -> Generator[None, None, tuple[float, ...]]:
        """The fingerprint of what was read, so that an edit made from now on shows as a change."""
        span = self._request.span
        reader = FingerprintReader(span.clock, span.start, span.motion_frames)
        done = False
        while not done:
            self._check_cancelled()
            dancers = [self._scene_and(name)[1] for name in self._request.mappings]
            done = reader.read_slice(dancers, self._slice_s)
            yield
        return reader.numbers()

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
        """The scene, and the armature that the music belongs to."""
        return self._scene_and(self._request.armature)

    def _scene_and(self, name: str) -> tuple[Any, Any]:
        found = armatures.scene_and_armature(self._request.scene, name)
        if found is None:
            raise KinetoneError(
                f"The armature “{name}” is no longer in the scene “{self._request.scene}”.",
                code="scene.vanished",
                hint="Generate again.",
            )
        return found


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
        **{name: value for name, value in optional.items() if value is not None},
    }


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
    folder = Path(tempfile.mkdtemp(prefix="kinetone-", dir=bpy.app.tempdir))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def output_files(request: Request, job_folder: Path) -> Iterator[list[Path]]:
    """Free names for the takes in a folder that exists; nothing of them is left behind by a failed job."""
    goal = request.destination
    folder = goal.folder if goal.folder is not None else job_folder
    made = destination.make_folder(folder)
    paths: list[Path] = []
    try:
        paths = destination.free_paths(folder, goal.pattern, goal.values, request.takes, goal.suffix)
        yield paths
    except BaseException:  # GeneratorExit too: a stopped job
        for path in paths:
            for leftover in (path, sidecar_path(path)):
                leftover.unlink(missing_ok=True)
                unfinished_path(leftover).unlink(missing_ok=True)  # an engine that was killed leaves it
        destination.remove_empty(made)
        raise
