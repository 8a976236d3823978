"""Everything that can be wrong: a message that says what and what to do, and an untouched scene."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import bpy
import pytest
from conftest import PACKAGE, fcurves, import_bvh, music_files, preferences, state, strips
from dancers import write_bvh


def fails(match):
    """Generate must fail with this message and leave everything as it was."""
    scene = bpy.context.scene
    before = state(scene)
    with pytest.raises(RuntimeError, match=match):
        bpy.ops.kinetone.generate()
    assert state(scene) == before
    assert len(bpy.data.sounds) == 0


def test_no_armature(fresh_scene):
    fails("no armature.*Add or import")


def test_no_animation(dancer):
    dancer.animation_data_clear()
    fails("no animation of its own.*Range to Scene")
    bpy.context.scene.kinetone.range = "SCENE"
    fails("does not move from frame")


def test_several_dancers_none_selected(dancer, tmp_path):
    import_bvh(write_bvh(tmp_path / "other.bvh", 1.0))
    bpy.context.view_layer.objects.active = None
    fails("Several armatures.*“dance”, “other”.*Select the one")


def test_the_only_animated_armature_is_found(dancer, tmp_path, addon):
    bpy.context.view_layer.objects.active = None
    assert addon("blender_addon.armature").find_armature(bpy.context) == dancer
    mesh = bpy.data.objects.new("Body", bpy.data.meshes.new("Body"))
    bpy.context.scene.collection.objects.link(mesh)
    other = import_bvh(write_bvh(tmp_path / "other.bvh", 1.0))
    mesh.modifiers.new("Rig", "ARMATURE").object = other
    bpy.context.view_layer.objects.active = mesh
    assert addon("blender_addon.armature").find_armature(bpy.context) == other


def test_missing_joints_are_all_named(fresh_scene, tmp_path):
    gone = ("LeftUpLeg", "LeftLeg", "LeftFoot", "LeftToeBase", "RightForeArm", "RightHand")
    import_bvh(write_bvh(tmp_path / "dance.bvh", 1.0, left_out=gone))
    fresh_scene.kinetone.folder = str(tmp_path)
    fails("(?s)(?=.*left.hip)(?=.*left.knee)(?=.*right.elbow)")


def test_bones_chosen_by_hand(fresh_scene, tmp_path):
    gone = ("RightForeArm", "RightHand")
    dancer = import_bvh(write_bvh(tmp_path / "dance.bvh", 1.0, left_out=gone))
    fresh_scene.kinetone.folder = str(tmp_path)
    fails("right.elbow")
    bpy.ops.kinetone.choose_bone(joint="right_elbow", bone="RightShoulder")
    assert bpy.ops.kinetone.generate() == {"FINISHED"}
    bpy.ops.kinetone.forget_bones()
    assert len(dancer.kinetone_joints) == 0


def test_a_bone_of_an_unknown_name_is_found_by_its_place(dancer, addon):
    dancer.data.bones["LeftForeArm"].name = "Left Tentacle"
    dancer.data.bones["LeftHand"].name = "Left Sucker"
    mapping = addon("blender_addon.armature").joint_mapping(dancer)
    assert mapping.named["left_elbow"] == "Left Tentacle"
    assert mapping.origins["left_elbow"].value == "shape"
    assert mapping.origins["right_elbow"].value == "name"


def test_one_frame(dancer):
    scene = bpy.context.scene
    scene.kinetone.range = "SCENE"
    scene.frame_start = scene.frame_end = 12
    fails("single frame, 12")


@pytest.mark.parametrize("coordinate", [0, 1], ids=["frame", "value"])
def test_not_a_number_in_the_keys(dancer, coordinate):
    curve = fcurves(dancer).find('pose.bones["Hips"].location', index=1)
    curve.keyframe_points[-1 if coordinate == 0 else 20].co[coordinate] = float("nan")
    fails("not a number")


def test_unsaved_file(fresh_scene, tmp_path):
    import_bvh(write_bvh(tmp_path / "dance.bvh", 1.0))
    fails("not been saved.*Save the file first")
    fresh_scene.kinetone.folder = ""
    fails("No folder is set")
    fresh_scene.kinetone.folder = "music"
    fails("not clear where.*//music")


def test_a_folder_that_cannot_be_made(dancer, tmp_path):
    (tmp_path / "file").write_text("in the way")
    bpy.context.scene.kinetone.folder = str(tmp_path / "file" / "music")
    fails("cannot be made")


def test_edit_mode_and_rest_position(dancer):
    bpy.ops.object.mode_set(mode="EDIT")
    fails("Edit Mode")
    twin = bpy.data.objects.new("Twin", dancer.data)
    bpy.context.scene.collection.objects.link(twin)
    bpy.context.view_layer.objects.active = twin
    assert twin.mode == "OBJECT"
    fails("“Twin” is in Edit Mode")
    bpy.context.view_layer.objects.active = dancer
    bpy.ops.object.mode_set(mode="OBJECT")
    dancer.data.pose_position = "REST"
    fails("rest position")


def test_no_engine(dancer, monkeypatch):
    monkeypatch.delenv("KINETONE_ENGINE_PYTHON")
    preferences().engine_python = ""
    fails("engine is not installed yet.*Install Engine")
    preferences().engine_python = "/nowhere/python"
    fails("no engine at /nowhere/python")


def test_an_interpreter_without_torch(dancer, monkeypatch, tmp_path, addon):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ModuleNotFoundError: torch' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setenv("KINETONE_ENGINE_PYTHON", str(python))
    fails("(?i)engine")
    assert music_files(tmp_path) == []
    assert not (tmp_path / "kinetone").exists()


def test_an_unreadable_model(dancer, tmp_path):
    preferences().checkpoint = str(tmp_path / "no model")
    fails("no checkpoint")
    assert not (tmp_path / "kinetone").exists()


@pytest.fixture
def timer_job(addon, monkeypatch):
    """Starts the job as a click does, without a timer: the test calls ``tick`` in its stead."""
    jobs = addon("blender_addon.jobs")
    monkeypatch.setattr(jobs, "SLICE_S", 0.005)

    def start():
        request = addon("blender_addon.request").build_request(bpy.context)
        jobs.start(partial(addon("blender_addon.generation").Generation, request))
        return jobs

    yield start
    jobs.stop()


def drive(jobs, until=lambda: False, seconds=60):
    """Tick until the job ends or the condition holds."""
    end = time.monotonic() + seconds
    while jobs.status.running and not until() and time.monotonic() < end:
        jobs._tick()
        time.sleep(0.005)
    assert time.monotonic() < end, "the job hangs"


def test_a_click_returns_at_once_and_the_job_goes_on(dancer, timer_job):
    scene = bpy.context.scene
    began = time.perf_counter()
    jobs = timer_job()
    assert time.perf_counter() - began < 0.5
    manager = bpy.context.window_manager.kinetone
    assert manager.running
    assert not bpy.ops.kinetone.generate.poll()
    assert bpy.ops.kinetone.cancel.poll()
    longest, fractions = 0.0, []
    while jobs.status.running:
        began = time.perf_counter()
        jobs._tick()
        longest = max(longest, time.perf_counter() - began)
        fractions.append(manager.fraction)
        time.sleep(0.005)
    assert not manager.failed, manager.message
    assert fractions == sorted(fractions)
    assert longest < 0.5
    assert len(strips(scene)) == 1


@pytest.mark.parametrize("stage", [0.02, 0.1])
def test_cancel(dancer, timer_job, tmp_path, stage):
    before = state(bpy.context.scene)
    jobs = timer_job()
    drive(jobs, until=lambda: jobs.status.fraction >= stage)
    began = time.monotonic()
    assert bpy.ops.kinetone.cancel() == {"FINISHED"}
    drive(jobs)
    assert time.monotonic() - began < 1.5
    assert jobs.status.message == "Cancelled"
    assert state(bpy.context.scene) == before
    assert music_files(tmp_path) == []
    assert not (tmp_path / "kinetone").exists()


def test_the_engine_is_killed(dancer, timer_job, addon, tmp_path):
    before = state(bpy.context.scene)
    jobs = timer_job()
    drive(jobs, until=lambda: jobs.status.fraction >= 0.1)
    client = addon("blender_addon.engine")._client
    while client.hello is None:
        jobs._tick()
    os.kill(client.hello.pid, signal.SIGKILL)
    drive(jobs)
    assert jobs.status.failed
    assert "The engine has died" in jobs.status.message
    assert "generate again" in jobs.status.message.lower()
    assert state(bpy.context.scene) == before
    assert not (tmp_path / "kinetone").exists()
    assert bpy.ops.kinetone.generate() == {"FINISHED"}


def test_disabling_the_addon_stops_job_and_engine(dancer, timer_job, addon, tmp_path):
    jobs = timer_job()
    drive(jobs, until=lambda: jobs.status.fraction >= 0.1)
    client = addon("blender_addon.engine")._client
    while client.hello is None:
        jobs._tick()
    pid = client.hello.pid
    bpy.ops.preferences.addon_disable(module=PACKAGE)
    try:
        assert not Path(f"/proc/{pid}").exists()
        assert not jobs.status.running
        assert not (tmp_path / "kinetone").exists()
        assert not hasattr(bpy.types.Scene, "kinetone")
    finally:
        bpy.ops.preferences.addon_enable(module=PACKAGE)
        bpy.context.preferences.addons[PACKAGE].preferences.checkpoint = os.environ[
            "KINETONE_TEST_CHECKPOINT"
        ]


def test_the_armature_vanishes(dancer, timer_job, tmp_path):
    jobs = timer_job()
    drive(jobs, until=lambda: jobs.status.fraction >= 0.1)
    bpy.data.objects.remove(dancer)
    drive(jobs)
    assert jobs.status.failed
    assert "no longer in the scene" in jobs.status.message
    assert music_files(tmp_path) == []


def test_another_file_is_opened(dancer, timer_job, tmp_path):
    jobs = timer_job()
    drive(jobs, until=lambda: jobs.status.fraction >= 0.1)
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    assert not jobs.status.running
    assert strips(bpy.context.scene) == []
    assert music_files(tmp_path) == []
    assert not list(Path(bpy.app.tempdir).glob("kinetone-*"))
    assert bpy.ops.kinetone.generate() == {"FINISHED"}
    assert "plays from frame 1" in jobs.status.message
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    assert jobs.status.message == "", "what was said of another file"
