"""Times reading a plainly keyed armature from its keys, and by showing frame after frame.

    .venv-bpy45/bin/python benchmarks/reading.py dist/kinetone-0.1.0.zip [--repeats 9]

Runs in Blender's Python module. Prints JSON: by what was read and how, each round's seconds on the clock and
of processor time.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

PACKAGE = "bl_ext.user_default.kinetone"
SAMPLE = Path(__file__).resolve().parents[1] / "assets" / "sample" / "salsa.blend"
WAYS = ("keys", "frames, dancer alone", "frames, whole scene")
CROWD = 100
"""Animated, subdivided balls that make a scene heavy."""


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("extension", type=Path, help="the extension's zip")
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as user_folder:
        os.environ["BLENDER_USER_RESOURCES"] = user_folder  # read when bpy is imported
        sys.stdout.flush()
        report = os.dup(1)
        os.dup2(2, 1)  # what Blender prints is no part of the JSON
        measured = measure(options.extension.absolute(), options.repeats)
        os.write(report, (json.dumps(measured) + "\n").encode())


def measure(extension: Path, repeats: int) -> dict[str, list[tuple[float, float]]]:
    """The sample dance in several scenes; all ways in turn, round after round."""
    import bpy

    bpy.ops.preferences.addon_enable(module="bl_pkg")
    bpy.ops.extensions.package_install_files(
        filepath=str(extension), repo="user_default", enable_on_install=True
    )
    scenes: dict[str, Callable[[], None]] = {
        "sample scene": lambda: None,
        "armature alone": remove_others,
        "armature alone, Bezier keys": curve_keys,
        "heavy scene": add_crowd,
    }
    seconds: dict[str, list[tuple[float, float]]] = {}
    for name, prepare in scenes.items():
        bpy.ops.wm.open_mainfile(filepath=str(SAMPLE))
        prepare()
        bpy.context.view_layer.update()
        for _ in range((max(3, repeats // 3) if name == "heavy scene" else repeats) + 1):
            for way in WAYS:
                seconds.setdefault(f"{name}: {way}", []).append(read(way))
    return {name: rounds[1:] for name, rounds in seconds.items()}


def remove_others() -> None:
    """Leave nothing but the armature."""
    import bpy

    bpy.data.batch_remove([obj for obj in bpy.data.objects if obj.name != "Dancer"])


def curve_keys() -> None:
    """Nothing but the armature, with keys as Blender makes them, not as a recording has them."""
    import bpy

    remove_others()
    armature = bpy.data.objects["Dancer"]
    for curve in addon_module("actions").fcurves(armature.animation_data):
        for point in curve.keyframe_points:
            point.interpolation = "BEZIER"
            point.handle_left_type = point.handle_right_type = "AUTO_CLAMPED"
        curve.update()


def add_crowd() -> None:
    """Balls that have to be computed anew for every frame."""
    import bpy

    for number in range(CROWD):
        bpy.ops.mesh.primitive_uv_sphere_add(location=(number % 10, number // 10, 0))
        ball = bpy.context.object
        wave = ball.modifiers.new("Wave", "WAVE")
        wave.speed = 0.1 + number / CROWD
        ball.modifiers.new("Subdivision", "SUBSURF").levels = 2


def read(way: str) -> tuple[float, float]:
    """Seconds on the clock and of processor time for the whole dance, read in one of the WAYS."""
    import bpy

    scene, armature = bpy.context.scene, bpy.data.objects["Dancer"]
    span = addon_module("dance_range").dance_range(scene, armature, "ACTION")
    mappings = {armature.name: addon_module("armature").joint_mapping(armature)}
    reader = addon_module("reader").DanceReader(span, mappings)
    if way != "keys":
        reader._keyed_poses = lambda *_: None
    layers = dict.fromkeys(mappings, bpy.context.view_layer)
    in_its_scene = mock.patch.object(addon_module("stage"), "_needs_its_scene", return_value=True)
    with in_its_scene if way == "frames, whole scene" else nullcontext():
        wall, processor = time.perf_counter(), time.process_time()
        done = reader.read_slice(scene, layers, float("inf"))
        took = time.perf_counter() - wall, time.process_time() - processor
    assert done
    assert (reader._keyed is not None) == (way == "keys")
    return took


def addon_module(name: str) -> Any:
    """A module of the installed add-on."""
    return importlib.import_module(f"{PACKAGE}.blender_addon.{name}")


if __name__ == "__main__":
    main()
