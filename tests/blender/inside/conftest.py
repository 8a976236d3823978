"""The extension installed and enabled in this Blender, and a fresh scene for every test."""

import importlib
import os
import sys
import tempfile
from pathlib import Path

import pytest

os.environ.setdefault("BLENDER_USER_RESOURCES", tempfile.mkdtemp(prefix="kinetone-test-"))

import bpy
from dancers import write_bvh

PACKAGE = "bl_ext.user_default.kinetone"


def pytest_sessionfinish(session, exitstatus):
    """Ends the process once all has been told.

    Python does not always free bpy on its way out, and then Blender does not stop its thread for sound: a
    destructor in Blender 4.5 has been seen to wait for that thread for ever.
    """

    def end():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(exitstatus))

    session.config.add_cleanup(end)


@pytest.fixture(scope="session", autouse=True)
def installed():
    """Install the zip as a user would."""
    bpy.ops.preferences.addon_enable(module="bl_pkg")
    extension = os.environ["KINETONE_TEST_EXTENSION"]
    bpy.ops.extensions.package_install_files(filepath=extension, repo="user_default", enable_on_install=True)
    yield
    bpy.ops.preferences.addon_disable(module=PACKAGE)


@pytest.fixture(scope="session")
def addon():
    """A module of the installed add-on by its name."""
    return lambda name: importlib.import_module(f"{PACKAGE}.{name}")


def preferences():
    """The add-on's preferences; looked up anew each time, since disabling the add-on frees them."""
    return bpy.context.preferences.addons[PACKAGE].preferences


@pytest.fixture(autouse=True)
def fresh_scene():
    """An empty, unsaved file, and the small model."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    preferences().engine_python = ""
    preferences().device = "CPU"
    preferences().checkpoint = os.environ["KINETONE_TEST_CHECKPOINT"]
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 24, 1.0
    return scene


def import_bvh(path, frame_start=1):
    """Import a BVH file at its true speed; returns its armature."""
    bpy.ops.import_anim.bvh(filepath=str(path), global_scale=0.01, use_fps_scale=True)
    for curve in fcurves(bpy.context.object):
        for point in curve.keyframe_points:
            point.co.x += frame_start - 1
        curve.update()
    return bpy.context.object


def fcurves(obj):
    """The curves of the object's action, in whichever way this Blender stores them."""
    action = obj.animation_data.action
    if hasattr(action, "layers"):
        return action.layers[0].strips[0].channelbag(obj.animation_data.action_slot).fcurves
    return action.fcurves


@pytest.fixture
def gpu_that_is_not_there(fresh_scene, addon, monkeypatch):
    """Asked for in the preferences, and hidden from the engine that the test starts."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    addon("blender_addon.engine").close()
    preferences().device = "GPU"
    yield
    addon("blender_addon.engine").close()


@pytest.fixture
def dancer(fresh_scene, tmp_path):
    """A two-second dance in a file saved at ``tmp_path / "dance.blend"``."""
    armature = import_bvh(write_bvh(tmp_path / "dance.bvh"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "dance.blend"))
    return armature


@pytest.fixture
def click(fresh_scene, addon, monkeypatch, tmp_path):
    """A click on a second of dance that Blender must step through, in a saved file to undo back to."""
    from clicks import EVERYTHING, FRAMES, Click
    from standin import StandIn

    if bpy.app.version < (5, 0) and not EVERYTHING:
        pytest.skip("make test-soak runs it in the other Blenders, too")

    dancer = import_bvh(write_bvh(tmp_path / "dance.bvh", FRAMES / 60))
    dancer.pose.bones["LeftArm"].constraints.new("LIMIT_ROTATION")
    fresh_scene.kinetone.sync_playback = False
    fresh_scene.frame_set(7, subframe=0.25)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "dance.blend"))
    bpy.ops.ed.undo_push(message="A dance")
    (tmp_path / "engine").mkdir()
    engine = StandIn(tmp_path / "engine")
    monkeypatch.setenv("KINETONE_ENGINE_PYTHON", str(engine.python))
    monkeypatch.setattr(addon("blender_addon.jobs"), "SLICE_S", 0.0)
    click = Click(addon, engine, tmp_path)
    yield click
    engine.go_on()
    click.jobs.stop()
    addon("blender_addon.engine").close()


def strips(scene):
    """The strips of the scene's sequencer."""
    editor = scene.sequence_editor
    if editor is None:
        return []
    return list(editor.strips if hasattr(editor, "strips") else editor.sequences)


def state(scene):
    """What the user sees and must find again: frame, selection, active object, mode, strips."""
    layer = bpy.context.view_layer
    return (
        scene.frame_current,
        scene.frame_subframe,
        sorted(obj.name for obj in layer.objects if obj.select_get()),
        layer.objects.active.name if layer.objects.active else None,
        bpy.context.mode,
        [(strip.name, strip.channel, strip.frame_start) for strip in strips(scene)],
        scene.use_audio_scrub,
        scene.sync_mode,
    )


def music_files(folder: Path):
    """All WAV files below a folder."""
    return sorted(folder.rglob("*.wav"))
