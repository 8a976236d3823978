"""What only a window shows of trouble during a generation: undo, reload, render, playback, quitting. Started
by test_window.py, with an engine that waits where it is told to.

blender --python faults.py -- --extension ZIP --engine-python PYTHON --brakes DIR --dance BVH --folder DIR
"""

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
from window import Window, drive, options, prepare, strips, until

PATIENCE_S = 60


def main():
    given = options("brakes")
    window = Window(given.folder / "shots")
    drive(journey(given, window), window)


def journey(given, window):
    yield from prepare(given, window)
    job = bpy.context.window_manager.kinetone
    engine = Engine(given.brakes, window, job)
    yield from undo_meanwhile(window, engine)
    yield from play_meanwhile(engine)
    yield from render_meanwhile(given, engine)
    yield from fail_to_open_meanwhile(given, engine)
    yield from revert_meanwhile(window, engine)
    yield from edit_mode_meanwhile(window, engine)
    yield from quit_meanwhile(window, engine)


class Engine:
    """A click, and an engine that stays in a stage."""

    def __init__(self, brakes, window, job):
        self.brakes, self.window, self.job = brakes, window, job

    def compose(self):
        """Click, and wait until it composes."""
        (self.brakes / "Composing").touch()
        yield 1.5  # for the panel to say what has changed, which moves its buttons
        yield from self.window.click("bpy.ops.kinetone.generate(")
        yield from until(lambda: self.job.stage == "Composing", PATIENCE_S, "composing")

    def go_on(self):
        (self.brakes / "Composing").unlink()

    def finish(self):
        self.go_on()
        yield from until(lambda: not self.job.running, PATIENCE_S, "an end")
        assert not self.job.failed, self.job.message
        yield 0.3


def undo_meanwhile(window, engine):
    """Undo and redo swap all of Blender's data while the job runs."""
    bpy.ops.ed.undo_push(message="A dance")
    bpy.context.scene.frame_end = 50
    bpy.ops.ed.undo_push(message="An edit before")
    yield from engine.compose()
    bpy.context.object.name = "Ballerina"
    bpy.ops.ed.undo_push(message="A name")
    for keys, name in (("ctrl+z", "dance"), ("ctrl+z", "dance"), ("ctrl+shift+z", "dance")):
        yield from window.press(keys)
        yield from until(lambda name=name: name in bpy.data.objects, 5, keys)
        yield 0.3
    yield from window.press("ctrl+shift+z")
    yield from until(lambda: "Ballerina" in bpy.data.objects, 5, "the name")
    yield from engine.finish()
    (strip,) = strips()
    assert strip["kinetone_armature"] == "Ballerina"
    yield from window.press("ctrl+z")
    yield from until(lambda: strips() == [], 5, "undo of the music")
    assert "Ballerina" in bpy.data.objects
    yield from window.press("ctrl+z")
    yield from until(lambda: "dance" in bpy.data.objects, 5, "undo of the name")


def play_meanwhile(engine):
    yield from engine.compose()
    bpy.ops.screen.animation_play()
    yield 0.5
    yield from engine.finish()
    assert len(strips()) == 1
    bpy.ops.screen.animation_cancel()
    yield from until(lambda: not bpy.context.screen.is_animation_playing, 5, "a stop")
    bpy.ops.ed.undo()
    yield 0.3


def render_meanwhile(given, engine):
    """Nothing is placed under a render, and all of it afterwards."""
    scene = bpy.context.scene
    scene.render.resolution_x = scene.render.resolution_y = 64
    scene.render.filepath = str(given.folder / "frames") + "/"
    scene.frame_start, scene.frame_end = 1, 60
    bpy.context.preferences.view.render_display_type = "NONE"
    editor = scene.sequence_editor_create()
    collection = editor.strips if hasattr(editor, "strips") else editor.sequences
    length = {"length": 400} if bpy.app.version >= (5, 0) else {"frame_end": 400}
    collection.new_effect(name="Colour", type="COLOR", channel=20, frame_start=-20, **length)
    yield from engine.compose()
    bpy.ops.render.render("INVOKE_DEFAULT", animation=True)
    yield from until(lambda: bpy.app.is_job_running("RENDER"), 5, "a render")
    engine.go_on()
    placed_under_it = False
    while bpy.app.is_job_running("RENDER"):
        placed_under_it |= len(strips()) > 1
        yield 0.02
    assert not placed_under_it
    yield from until(lambda: not engine.job.running, PATIENCE_S, "an end")
    assert not engine.job.failed, engine.job.message
    assert len(strips()) == 2
    assert len(list((given.folder / "frames").iterdir())) == 60
    yield 0.3


def fail_to_open_meanwhile(given, engine):
    """What cannot be opened takes nothing away: not even the timer that drives the job."""
    (given.folder / "broken.blend").write_bytes(b"BLENDER-v405" + bytes(1000))
    for name in ("broken.blend", "missing.blend"):
        yield from engine.compose()
        try:
            bpy.ops.wm.open_mainfile(filepath=str(given.folder / name))
        except RuntimeError as error:
            sys.stdout.write(f"{error}\n")
        else:
            raise AssertionError(f"{name} was opened")
        yield from engine.finish()
        assert len(strips()) == 2
        bpy.ops.ed.undo()
        yield 0.3


def revert_meanwhile(window, engine):
    yield from engine.compose()
    bpy.ops.wm.revert_mainfile()
    yield 1.0
    assert not engine.job.running
    assert strips() == []
    engine.go_on()
    yield from window.show_sidebar("Kinetone")


def edit_mode_meanwhile(window, engine):
    """The music comes; leaving Edit Mode and undoing give the scene back without harm."""
    bpy.ops.ed.undo_push(message="Before")
    yield from engine.compose()
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.ed.undo_push(message="Edit Mode")
    yield from engine.finish()
    assert len(strips()) == 1
    assert bpy.context.mode == "EDIT_ARMATURE"
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.ed.undo_push(message="Object Mode")
    for keys, expected in (("ctrl+z", [1, 0]), ("ctrl+shift+z", [0, 1])):
        counts = []
        for _ in range(3):
            yield from window.press(keys)
            yield 0.4
            counts.append(len(strips()))
        assert sorted(set(counts), key=counts.index) == expected, (keys, counts)
    bpy.ops.wm.revert_mainfile()
    yield 1.0
    yield from window.show_sidebar("Kinetone")


def quit_meanwhile(window, engine):
    """With unsaved changes, which Blender asks about; they are thrown away."""
    bpy.context.scene.frame_end = 99
    bpy.ops.ed.undo_push(message="Unsaved")
    yield from engine.compose()
    sys.stdout.write("quitting while it composes\n")
    sys.stdout.flush()
    bpy.context.preferences.view.use_save_prompt = False
    yield from window.press("ctrl+q")
    yield 10.0
    raise TimeoutError("Blender did not quit")


main()
