"""A user's way through Kinetone, by mouse and keys, in Blender's window. Started by test_window.py.

blender --python journey.py -- --extension ZIP --engine-python PYTHON --dance BVH --folder DIR
"""

import sys
import time
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
from window import Window, drive, options, prepare, strips, until, xdotool

SECONDS = 120
"""For the music of a short dance, on a busy machine."""


def main():
    given = options()
    window = Window(given.folder / "shots")
    drive(journey(given, window), window)


def journey(given, window):
    yield from prepare(given, window)
    job = bpy.context.window_manager.kinetone
    yield from cancel_by_mouse(window, job)
    yield from cancel_by_escape(window, job)
    yield from takes(window, job)
    yield from change_a_part(window, job)
    yield from move_the_dance(window)


def cancel_by_mouse(window, job):
    yield from window.click("bpy.ops.kinetone.generate(")
    yield from until(lambda: job.running, 5, "a job")
    yield from until(lambda: job.stage == "Composing" and job.time_left_s > 0, SECONDS, "any composing")
    yield 0.3
    window.screenshot("2 progress")
    yield from window.click("bpy.ops.kinetone.cancel(", across=0.835, near=True)
    yield from stopped(window, job, "3 cancelled", "the button")


def cancel_by_escape(window, job):
    yield from window.click("bpy.ops.kinetone.generate(")
    yield from until(lambda: job.running and job.stage == "Composing", SECONDS, "any composing")
    yield from window.press("Escape")
    yield from stopped(window, job, "4 escaped", "Escape")


def stopped(window, job, shot, by):
    yield from until(lambda: not job.running, 5, "a stop")
    sys.stdout.write(f"cancelled {time.monotonic() - window.acted_at_s:.2f} s after {by}\n")
    assert job.message == "Cancelled", job.message
    assert strips() == []
    assert not (Path(bpy.data.filepath).parent / "kinetone").exists()
    yield 0.3
    window.screenshot(shot)


def takes(window, job):
    scene = bpy.context.scene
    shorten(scene)
    scene.kinetone.takes = 2
    bpy.ops.ed.undo_push(message="Two takes")
    yield from generated(window, job)
    assert len(strips()) == 2
    window.screenshot("5 takes")
    (first,) = heard()
    other = 3 - first
    yield from window.click(f"bpy.ops.kinetone.switch_take(take={other}")
    yield from until(lambda: heard() == [other], 5, "the other take")
    yield from window.press("ctrl+z")
    yield from until(lambda: heard() == [first], 5, "undo of the switch")
    yield from window.press("ctrl+z")
    yield from until(lambda: strips() == [], 5, "undo of the music")
    yield from window.press("ctrl+shift+z")
    yield from until(lambda: heard() == [first], 5, "redo of the music")
    yield from window.press("ctrl+shift+z")
    yield from until(lambda: heard() == [other], 5, "redo of the switch")
    yield 0.5
    window.screenshot("6 switched and redone")


def shorten(scene):
    """Leave only the first few seconds of the dance, so that the rest goes quickly."""
    scene.frame_end = 24 * 4
    scene.kinetone.range = "SCENE"


def generated(window, job):
    yield from window.click("bpy.ops.kinetone.generate(")
    yield from until(lambda: job.running, 5, "a job")
    yield from until(lambda: not job.running, SECONDS, "any music")
    assert not job.failed, job.message
    yield 0.8


def change_a_part(window, job):
    """Turn an arm for a second: the panel notices, and the range it proposes is made anew."""
    for curve in curves(bpy.context.object):
        if "LeftArm" in curve.data_path or "lShldr" in curve.data_path:
            for point in curve.keyframe_points:
                if 40 <= point.co.x <= 60:
                    point.co.y += 0.6
            curve.update()
    bpy.context.view_layer.update()
    before = playing().sound.filepath
    yield 3.0
    window.screenshot("7 changed")
    yield from window.click("bpy.ops.kinetone.regenerate(")
    yield 0.7
    window.screenshot("8 range")
    xdotool("key", "Return")
    yield from until(lambda: not job.running and playing().sound.filepath != before, SECONDS, "a new part")
    assert not job.failed, job.message
    assert len(strips()) == 2
    yield 1.5
    window.screenshot("9 renewed")


def move_the_dance(window):
    """Move every key: the panel notices, and a click puts the music back to its dance."""
    for curve in curves(bpy.context.object):
        for point in curve.keyframe_points:
            point.co.x += 24
        curve.update()
    bpy.context.view_layer.update()
    window.redraw()
    yield 1.0
    window.screenshot("10 moved")
    yield from window.click("bpy.ops.kinetone.realign(")
    yield from until(lambda: {strip.frame_final_start for strip in strips()} == {25}, 5, "a move")
    yield 0.5
    window.screenshot("11 re-aligned")


def heard():
    return [strip["kinetone_take"] for strip in strips() if not strip.mute]


def playing():
    return next(strip for strip in strips() if not strip.mute)


def curves(obj):
    """The curves of the object's action, in whichever way this Blender stores them."""
    action = obj.animation_data.action
    if hasattr(action, "layers"):
        return action.layers[0].strips[0].channelbag(obj.animation_data.action_slot).fcurves
    return action.fcurves


main()
