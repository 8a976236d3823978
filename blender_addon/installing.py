"""The installer inside Blender: where the engine's environment lies, and the run that makes it."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import bpy

from ..core.errors import Cancelled, EngineError
from . import engine, engine_environment
from .engine_environment import Build, Source, State
from .engine_installation import Installation
from .status import Status

logger = logging.getLogger(__name__)

INTERVAL_S = 0.1
"""Between two looks at the installer; Cancel is heard that soon."""

EXTENSION = __package__.rpartition(".")[0]

status = Status()
"""How far the installation is, or how the last one ended."""

_installation: Installation | None = None


def user_folder() -> Path:
    """The folder that Blender gives the extension for its own files."""
    try:
        folder = bpy.utils.extension_path_user(EXTENSION)
    except ValueError:  # run from a checkout rather than installed as an extension
        folder = bpy.utils.user_resource("CONFIG", path="kinetone")
    return Path(folder)


def engine_folder() -> Path:
    """Where the engine's environment lies."""
    return user_folder() / "engine"


def log_path() -> Path:
    """What the last installation said."""
    return engine_folder().with_name("engine_install.log")


def state() -> State:
    """Whether the engine is installed."""
    return engine_environment.environment_state(engine_folder())


def installed_python() -> Path | None:
    """The interpreter of the installed engine; None if there is none that works."""
    usable = state() in (State.READY, State.OUTDATED) and not status.running
    return engine_environment.environment_python(engine_folder()) if usable else None


def check_online(source: Source) -> None:
    """Refuse to use the network where the user has not allowed it.

    Raises: EngineError (engine.offline).
    """
    if source.wheels is None and not bpy.app.online_access:
        raise EngineError(
            "Blender is not allowed to go online, and the engine must be downloaded.",
            code="engine.offline",
            hint="Switch on Allow Online Access in Edit > Preferences > System, then install again.",
        )


def begin(build: Build) -> None:
    """Start to install, and return at once; ``step`` goes on.

    Raises: EngineError (engine.offline).
    """
    global _installation
    source = engine_environment.source_from_environment()
    check_online(source)
    engine.close()  # it would hold files that are about to change
    status.begin()
    pythons = engine_environment.candidate_pythons()
    _installation = Installation(engine_folder(), build, source, pythons, log_path())


def start(build: Build) -> None:
    """Install while Blender stays usable.

    Raises: EngineError (engine.offline).
    """
    begin(build)
    bpy.app.timers.register(_tick, first_interval=0.0, persistent=True)


def run(build: Build) -> None:
    """Install, and return when all is there.

    Raises: EngineError as Installation.step, Cancelled.
    """
    begin(build)
    try:
        while step():
            time.sleep(INTERVAL_S)
    except BaseException:
        stop()
        raise


def step() -> bool:
    """Go on with the installation; False once it has ended.

    Raises: EngineError, Cancelled, as Installation.step.
    """
    assert _installation is not None, "it has begun"
    going_on = False
    try:
        going_on = _installation.step()
        status.show(_installation.stage, _installation.fraction)
    except Cancelled:
        status.message = "The installation was cancelled. Install again to go on."
        raise
    except EngineError as error:
        status.failed, status.message = True, str(error)
        raise
    finally:
        if not going_on:
            _end()
    if not going_on:
        status.message = "The engine is installed"
    return going_on


def cancel() -> None:
    """Ask the installation to stop; it does within a second."""
    if _installation is not None:
        _installation.cancel()


def stop() -> None:
    """End the installation at once: Blender quits, or the add-on is disabled."""
    if _installation is not None:
        _installation.stop()
        _end()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)


def uninstall() -> None:
    """Remove the engine's environment.

    Raises: EngineError (engine.in_use).
    """
    engine.close()
    engine_environment.remove(engine_folder())
    log_path().unlink(missing_ok=True)
    status.forget()
    _redraw()


def _end() -> None:
    global _installation
    _installation = None
    status.running = False


def _tick() -> float | None:
    """The timer: one step. Returns the seconds until the next, None at the end."""
    if _installation is None:
        return None
    going_on = False
    try:
        going_on = step()
    except (EngineError, Cancelled):
        pass  # the status says it
    except Exception as error:  # the edge: a timer's exception would vanish
        logger.exception("Installing the engine failed")
        status.failed, status.message = True, f"Unexpected error: {error}. The console has the details."
    _redraw()
    return INTERVAL_S if going_on else None


def _redraw() -> None:
    """The preferences, and the panel that waits for the engine."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"PREFERENCES", "VIEW_3D"}:
                area.tag_redraw()


def register() -> None:
    """Nothing to register; the module has an end."""


def unregister() -> None:
    """End a running installation."""
    stop()


def describe(build: Build) -> str:
    """A build and its size, for the user."""
    return f"{build.name}: about {size(build.download_mb)} to download, {size(build.disk_mb)} on disk"


def size(megabytes: int) -> str:
    """Megabytes in words."""
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes} MB"


def offline_reason() -> str:
    """Why the engine cannot be downloaded now; empty if it can be."""
    try:
        check_online(engine_environment.source_from_environment())
    except EngineError as error:
        return str(error)
    return ""
