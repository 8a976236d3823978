"""Runs inside Blender: makes many files of which every tenth is broken, and hands them to the batch command.

Usage: batch_program.py EXTENSION.zip FOLDER NUMBER
"""

import importlib
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "blender" / "inside"))

import bpy
from dancers import write_bvh

PACKAGE = "bl_ext.user_default.kinetone"

BROKEN = {
    "garbage": lambda path, whole, empty: path.write_text("not a .blend file"),
    "cut": lambda path, whole, empty: path.write_bytes(whole.read_bytes()[:5000]),
    "nothing": lambda path, whole, empty: path.write_bytes(b""),
    "missing": lambda path, whole, empty: None,
    "folder": lambda path, whole, empty: path.mkdir(),
    "empty": lambda path, whole, empty: shutil.copy(empty, path),
}
"""Ways to spoil the file at ``path``, given a whole one and one without an armature."""


def main():
    extension, folder, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    bpy.ops.preferences.addon_enable(module="bl_pkg")
    bpy.ops.extensions.package_install_files(filepath=extension, repo="user_default", enable_on_install=True)
    files = make_files(folder / "files", number)
    command = importlib.import_module(f"{PACKAGE}.blender_addon.command").main
    words = ["--report", str(folder / "report"), "--range", "action", "--output", str(folder / "music")]
    code = command(["batch", *map(str, files), *words, "--name", "{file}"])
    bpy.ops.preferences.addon_disable(module=PACKAGE)
    sys.exit(code)


def make_files(folder, number):
    """Files in the order in which they are run; every tenth is broken."""
    folder.mkdir()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "without.blend"))
    bpy.context.scene.render.fps = 24
    bpy.ops.import_anim.bvh(
        filepath=str(write_bvh(folder / "dance.bvh")), global_scale=0.01, use_fps_scale=True
    )
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "whole.blend"))
    ways = list(BROKEN)
    files = []
    for each in range(number):
        way = ways[each // 10 % len(ways)] if each % 10 == 9 else "whole"
        files.append(folder / f"{each:03}_{way}.blend")
        if way == "whole":
            shutil.copy(folder / "whole.blend", files[-1])
        else:
            BROKEN[way](files[-1], folder / "whole.blend", folder / "without.blend")
    return files


if __name__ == "__main__":
    main()
