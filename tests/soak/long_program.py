"""Runs inside Blender: gives a dance that goes round and round for many minutes its music.

Usage: long_program.py EXTENSION.zip CHECKPOINT FOLDER FRAMES, of 1/24 s each. Writes report.json: what
Blender held before and after, and where the strip lies.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "blender" / "inside"))

import bpy
from dancers import write_bvh
from process import Held

PACKAGE = "bl_ext.user_default.kinetone"


def main():
    extension, checkpoint, folder, frames = *sys.argv[1:3], Path(sys.argv[3]), int(sys.argv[4])
    bpy.ops.preferences.addon_enable(module="bl_pkg")
    bpy.ops.extensions.package_install_files(filepath=extension, repo="user_default", enable_on_install=True)
    bpy.context.preferences.addons[PACKAGE].preferences.checkpoint = checkpoint
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene = bpy.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 24, 1, 1 + frames
    bpy.ops.import_anim.bvh(
        filepath=str(write_bvh(folder / "dance.bvh")), global_scale=0.01, use_fps_scale=True
    )
    repeat(bpy.context.object)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "long.blend"))
    before = Held.by("self")
    scene.kinetone.range = "SCENE"
    bpy.ops.kinetone.generate()
    editor = scene.sequence_editor
    (strip,) = editor.strips if hasattr(editor, "strips") else editor.sequences
    held = {"before": asdict(before), "after": asdict(Held.by("self"))}
    span = {"start": strip.frame_final_start, "end": strip.frame_final_end}
    (folder / "report.json").write_text(json.dumps({**held, **span}))
    bpy.ops.wm.save_mainfile()
    bpy.ops.preferences.addon_disable(module=PACKAGE)


def repeat(armature):
    """Let the armature's action go on for ever."""
    action = armature.animation_data.action
    if hasattr(action, "layers"):
        action = action.layers[0].strips[0].channelbag(armature.animation_data.action_slot)
    for curve in action.fcurves:
        curve.modifiers.new("CYCLES")


if __name__ == "__main__":
    main()
