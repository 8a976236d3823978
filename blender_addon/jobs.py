"""The job behind Generate Music: reads the dance, asks the engine, places the strip.

A job is a generator that hands control back to Blender at every ``yield``; a timer on the main
thread drives it. It holds names, never Blender's data, which undo replaces under its feet.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..core.audio import unfinished_path
from ..core.errors import Cancelled, KinetoneError
from . import armature as armatures
from . import destination, engine, sequencer
from .reader import DanceReader, Joints
from .request import Request
from .status import status

logger = logging.getLogger(__name__)

SLICE_S = 0.1
"""Time for reading the dance before Blender may draw again."""

INTERVAL_S = 0.05
"""Between two looks at the engine: progress is drawn, and Cancel heard, twenty times a second."""

READING_SHARE = 0.1
"""Part of the progress bar for reading the dance; the engine has the rest."""

Progress = Callable[[str, float], None]


class Job:
    """One request on its way. Drive it with ``step`` until that returns False."""

    def __init__(self, request: Request, slice_s: float) -> None:
        self._request = request
        self._slice_s = slice_s
        self._cancelled = False
        self._steps: Generator[None, None, None] = self._run()

    def step(self) -> bool:
        """Go on for a moment; False once the strip lies in its place.

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

    def _run(self) -> Generator[None, None, None]:
        request = self._request
        client = engine.start(request.engine_python)  # loads while the dance is being read
        with job_folder() as folder, music_path(request) as path:
            with timed("Reading the dance"):
                joints = yield from self._read()
            np.save(folder / "joints.npy", joints)
            task = engine.Task(client, "generate", generate_parameters(request, folder / "joints.npy", path))
            yield from self._await(task)
            with timed("Placing the strip"):
                self._place(path)

    def _read(self) -> Generator[None, None, Joints]:
        """Read the dance; returns its joints, (N, 24, 3) metres at 60 Hz."""
        reader = DanceReader(self._request.span, self._request.mapping)
        done = False
        while not done:
            self._check_cancelled()
            scene, armature = self._scene_and_armature()
            armatures.check_readable(armature)
            layer = armatures.view_layer_with(scene, armature)
            done = reader.read_slice(scene, layer, armature.name, self._slice_s)
            status.show("Reading the dance", reader.fraction * READING_SHARE)
            yield
        return reader.joints()

    def _await(self, task: engine.Task) -> Iterator[None]:
        """Follow the engine until the WAV is there."""
        began = time.perf_counter()
        with task:
            while not task.poll(self._show_engine):
                if self._cancelled:
                    task.cancel()
                self._scene_and_armature()
                yield
        self._check_cancelled()
        stages: dict[str, float] = task.result["timings"] if task.result else {}
        waited = time.perf_counter() - began - sum(stages.values())
        status.timings |= {"Starting the engine": max(waited, 0.0), **stages}

    def _show_engine(self, stage: str, fraction: float) -> None:
        if not self._cancelled:
            status.show(stage, READING_SHARE + fraction * (1 - READING_SHARE))

    def _check_cancelled(self) -> None:
        if self._cancelled:
            raise Cancelled

    def _scene_and_armature(self) -> tuple[Any, Any]:
        found = armatures.scene_and_armature(self._request.scene, self._request.armature)
        if found is None:
            raise KinetoneError(
                f"The armature “{self._request.armature}” is no longer in the scene “{self._request.scene}”.",
                code="scene.vanished",
                hint="Generate again.",
            )
        return found

    def _place(self, path: Path) -> None:
        request = self._request
        scene, armature = self._scene_and_armature()
        frame_start, offset_s = request.span.clock.strip_start(request.span.start)
        music = sequencer.Music(
            path=path,
            armature=request.armature,
            armature_id=armatures.lasting_id(armature),
            frame_start=frame_start,
            offset_s=offset_s,
            duration_s=request.span.duration_s,
            seed=request.seed,
            genre=request.genre or "",
        )
        strip = sequencer.place(scene, music)
        if bpy.ops.ed.undo_push.poll():  # without a window there may be no undo
            bpy.ops.ed.undo_push(message="Generate Music")
        status.music = path
        status.message = f"{path.name} plays from frame {request.span.start:g} on channel {strip.channel}"


def generate_parameters(request: Request, joints: Path, music: Path) -> dict[str, Any]:
    """The engine's parameters for a request."""
    parameters: dict[str, Any] = {
        "joints": str(joints),
        "output": [str(music)],
        "seed": request.seed,
        "takes": 1,
    }
    if request.genre is not None:
        parameters["genre"] = request.genre
    if request.checkpoint is not None:
        parameters["checkpoint"] = str(request.checkpoint)
    return parameters


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
def music_path(request: Request) -> Iterator[Path]:
    """A free name for the WAV in a folder that exists; neither is left behind by a failed job."""
    made = destination.make_folder(request.folder)
    path = destination.free_path(request.folder, request.armature, request.seed, request.genre)
    try:
        yield path
    except BaseException:  # GeneratorExit too: a stopped job
        path.unlink(missing_ok=True)
        unfinished_path(path).unlink(missing_ok=True)  # an engine that was killed leaves it
        destination.remove_empty(made)
        raise


_job: Job | None = None


def start(request: Request) -> None:
    """Start a job and return; a timer drives it from now on."""
    global _job
    status.begin()
    _job = Job(request, SLICE_S)
    bpy.app.timers.register(_tick, first_interval=0.0)


def run(request: Request, progress: Progress | None = None) -> None:
    """Run a job to its end.

    Raises: KinetoneError, Cancelled.
    """
    global _job
    status.begin()
    _job = Job(request, float("inf"))
    try:
        while _job.step():
            if progress is not None:
                progress(status.stage, status.fraction)
            time.sleep(INTERVAL_S)
    except BaseException:
        _job.stop()
        raise
    finally:
        _end()


def cancel() -> None:
    """Ask the running job to stop; it does so within a second."""
    if _job is not None:
        _job.cancel()


def stop() -> None:
    """Stop the running job at once: the file is being replaced, or the add-on disabled."""
    if _job is not None:
        _job.stop()
        _end()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)


def _end() -> None:
    global _job
    _job = None
    status.running = False


def _tick() -> float | None:
    """The timer: one step of the job. Returns the seconds until the next, None at the end."""
    if _job is None:
        return None
    if bpy.app.is_job_running("RENDER"):  # the scene must not change under a render
        return INTERVAL_S
    going_on = False
    try:
        going_on = _job.step()
    except Cancelled:
        status.message = "Cancelled"
    except KinetoneError as error:
        status.failed, status.message = True, str(error)
    except Exception as error:  # the edge: a timer's exception would vanish, and with it the job
        logger.exception("Generate Music failed")
        status.failed, status.message = True, f"Unexpected error: {error}. The console has the details."
    if not going_on:
        _end()
    _redraw()
    if not going_on:
        return None
    return 0.0 if status.fraction < READING_SHARE else INTERVAL_S


def _redraw() -> None:
    """The sidebar alone while the job runs: drawing a heavy scene for a progress bar would be rude."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if not status.running:
                area.tag_redraw()
            elif area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


def _before_load(*_: Any) -> None:
    stop()
    status.forget()  # what it says is about the file that goes


def register() -> None:
    """Stop the job whenever another file is opened."""
    bpy.app.handlers.load_pre.append(bpy.app.handlers.persistent(_before_load))


def unregister() -> None:
    """Stop the job and the engine."""
    bpy.app.handlers.load_pre.remove(_before_load)
    stop()
    engine.close()
