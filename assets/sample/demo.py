"""What `make demo` runs: the extension, installed as a user installs it, gives the sample dance its music.

    .venv-bpy45/bin/python assets/sample/demo.py --extension dist/kinetone-0.1.0.zip \\
        --engine-python .venv/bin/python [--output demo]

Runs in Blender's Python module. The alignment of music and dance is then measured in the engine's
environment, by ``kinetone-train align``.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
PACKAGE = "bl_ext.user_default.kinetone"


def main() -> None:
    """Install, open, generate, save, measure."""
    options = parse_arguments()
    output = options.output.absolute()
    for suffix in (".wav", ".json"):
        for earlier in (output / "kinetone").glob(f"*{suffix}"):
            earlier.unlink()
    output.mkdir(parents=True, exist_ok=True)
    os.environ["KINETONE_ENGINE_PYTHON"] = str(options.engine_python.absolute())
    times: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="kinetone-demo-") as user_folder:
        os.environ["BLENDER_USER_RESOURCES"] = user_folder  # read when bpy is imported
        with timed(times, "Start Blender and install the extension"):
            install(options.extension.absolute())
        blend, music, dance = generate(output, options.genre, times)
    picture = output / "alignment.png"
    with timed(times, "Measure the alignment"):
        report = measure_alignment(options.engine_python, music, dance, picture)
    say("", "Time of each stage:")
    say(*(f"  {stage:<42}{seconds:7.2f} s" for stage, seconds in times.items()))
    say("", report.strip(), "")
    say(f"Scene:     {blend}", f"Music:     {music}", f"Dance:     {dance}", f"Picture:   {picture}")


def parse_arguments() -> argparse.Namespace:
    """Where everything is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--extension", type=Path, required=True, help="the extension's zip")
    parser.add_argument("--engine-python", type=Path, required=True, help="the engine environment's Python")
    parser.add_argument("--genre", default="salsa", help="used if the model knows it")
    parser.add_argument("--output", type=Path, default=Path("demo"), help="folder for what is made")
    return parser.parse_args()


def say(*lines: str) -> None:
    """Tell the user."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


@contextmanager
def timed(times: dict[str, float], stage: str) -> Iterator[None]:
    """Note how long a stage took."""
    say(f"{stage}…")
    began = time.perf_counter()
    yield
    times[stage] = time.perf_counter() - began


def install(extension: Path) -> None:
    """Install and enable the zip, as the user's click on Install from Disk does."""
    import bpy

    bpy.ops.preferences.addon_enable(module="bl_pkg")
    bpy.ops.extensions.package_install_files(
        filepath=str(extension), repo="user_default", enable_on_install=True
    )


def addon_module(name: str) -> Any:
    """A module of the installed add-on."""
    return importlib.import_module(f"{PACKAGE}.blender_addon.{name}")


def generate(output: Path, genre: str, times: dict[str, float]) -> tuple[Path, Path, Path]:
    """Click Generate Music on the sample; returns the files with the scene, the music and the joints."""
    import bpy

    blend = output / "kinetone_demo.blend"
    bpy.context.preferences.filepaths.save_version = 0  # no .blend1 beside it
    bpy.ops.wm.open_mainfile(filepath=str(HERE / "salsa.blend"))
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))
    if genre in addon_module("model_card").genres(None):
        bpy.context.scene.kinetone.genre = genre
    with timed(times, "Generate Music"):
        bpy.ops.kinetone.generate()
    status = addon_module("status").status
    times.update({f"  of it: {stage}": seconds for stage, seconds in status.timings.items()})
    with timed(times, "Save the scene"):
        bpy.ops.wm.save_mainfile()
    (strip,) = bpy.context.scene.sequence_editor.strips
    say(f"The music starts at frame {strip.frame_start:g} on channel {strip.channel}.")
    dance = output / "dance.npz"
    np.savez_compressed(dance, joints=read_dance(bpy.context), fps=60.0)
    return blend, Path(bpy.path.abspath(strip.sound.filepath)), dance


def read_dance(context: Any) -> np.ndarray:
    """The joints (N, 24, 3) that the extension read."""
    request = addon_module("request").build_request(context)
    reader = addon_module("reader").DanceReader(request.span, request.mappings)
    layers = dict.fromkeys(request.mappings, context.view_layer)
    reader.read_slice(context.scene, layers, budget_s=float("inf"))
    (joints,) = reader.joints()
    return joints


def measure_alignment(engine_python: Path, music: Path, dance: Path, picture: Path) -> str:
    """What ``kinetone-train align`` has to say, in the engine's environment."""
    align = "from kinetone.training.cli import main; main()"
    command = [engine_python.absolute(), "-c", align, "align", music, dance, "--picture", picture]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
