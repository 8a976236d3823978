"""Who drives the jobs: a timer on the main thread, or a loop where there is no window. One at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import bpy

from ..core.errors import Cancelled, KinetoneError
from . import engine
from .job import READING_SHARE, Job
from .status import status

logger = logging.getLogger(__name__)

SLICE_S = 0.1
"""Time for reading the dance before Blender may draw again."""

BUSY = ("RENDER", "OBJECT_BAKE")
"""Blender's own jobs under which the scene must not change."""

INTERVAL_S = 0.05
"""Between two looks at the engine: progress is drawn, and Cancel heard, twenty times a second."""

Progress = Callable[[str, float], None]

MakeJob = Callable[[float], Job]
"""Makes a job that reads the dance for so many seconds at a time."""

_job: Job | None = None


def start(make_job: MakeJob) -> None:
    """Start a job and return; a timer drives it from now on."""
    global _job
    status.begin()
    _job = make_job(SLICE_S)
    # Blender drops other timers before it knows whether a file can be opened.
    bpy.app.timers.register(_tick, first_interval=0.0, persistent=True)


def run(make_job: MakeJob, progress: Progress | None = None) -> None:
    """Run a job to its end.

    Raises: KinetoneError, Cancelled.
    """
    global _job
    status.begin()
    _job = make_job(float("inf"))
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


def start_or_run(operator: Any, make_job: MakeJob) -> set[str]:
    """What an operator does with a job: starts it; without a window, runs it to its end. Reports failures."""
    try:
        if bpy.app.background:
            run(make_job)
        else:
            start(make_job)
    except KinetoneError as error:
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    except Cancelled:
        operator.report({"WARNING"}, "Cancelled")
        return {"CANCELLED"}
    return {"FINISHED"}


def cancel() -> None:
    """Ask the running job to stop; it does so within a second."""
    if _job is not None:
        _job.cancel()


def stop() -> None:
    """Stop the running job at once: another file has been opened, or the add-on is disabled."""
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
    if any(map(bpy.app.is_job_running, BUSY)):
        return INTERVAL_S
    going_on = False
    try:
        going_on = _job.step()
    except Cancelled:
        status.message = "Cancelled"
    except KinetoneError as error:
        status.failed, status.message = True, str(error)
    except Exception as error:  # the edge: a timer's exception would vanish, and with it the job
        logger.exception("The job failed")
        status.failed, status.message = True, f"Unexpected error: {error}. The console has the details."
    finally:
        if not going_on:
            _end()
    _redraw()
    if not going_on:
        return None
    return 0.0 if status.fraction < READING_SHARE else INTERVAL_S


def _redraw() -> None:
    """Sidebar and status bar alone while the job runs: drawing a heavy scene for a bar would be rude."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if not status.running:
                area.tag_redraw()
            elif area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()
        if not window.modal_operators:  # these may have a text of their own there
            window.workspace.status_text_set(None)  # draws the status bar anew


def _after_load(*_: Any) -> None:
    stop()
    status.forget()  # what it says is about the file that went


def register() -> None:
    """Stop the job whenever another file has been opened; a file that cannot be opened changes nothing."""
    bpy.app.handlers.load_post.append(bpy.app.handlers.persistent(_after_load))


def unregister() -> None:
    """Stop the job and the engine."""
    bpy.app.handlers.load_post.remove(_after_load)
    stop()
    engine.close()
