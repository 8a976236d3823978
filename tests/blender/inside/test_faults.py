"""Whatever happens while music is being made: Blender lives, the scene is as before or as asked, files are
whole or absent, nothing is left behind, the message says what to do, and the next click works."""

import os
import re
import signal
import time
from functools import partial
from pathlib import Path

import bpy
import pytest
from clicks import (
    COMPOSING,
    EARLY,
    EVERYTHING,
    FRAMES,
    PLACING,
    READING,
    WRITING,
    dancer,
    everything,
    next_click_works,
    settled,
    stages,
    wait_until_gone,
)
from conftest import PACKAGE, fcurves, preferences, strips
from standin import STAGES


def kill(click, number):
    os.kill(click.pid(), number)


def speak(click, words):
    """Write into the pipe through which the engine speaks."""
    pid = click.pid()
    descriptor = click.client()._process._popen.stdout.fileno()
    stdout = Path(f"/proc/self/fd/{descriptor}").readlink()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        if file.readlink() == stdout and "w" in _mode(pid, file.name):
            file.write_bytes(words)
            return
    raise AssertionError("the engine has no stdout")


def _mode(pid, descriptor):
    flags = re.search(r"flags:\s*(\d+)", Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text())[1]
    return "w" if int(flags, 8) & (os.O_WRONLY | os.O_RDWR) else "r"


GARBAGE = [b"\x00\xff garbage \xfe\n", b'{"type": "progress"}\n', b"x" * 3_000_000 + b"\n"]

ENGINE_FAULTS = {
    "killed": (partial(kill, number=signal.SIGKILL), "(died|ended by signal 9).*"),
    "segfault": (partial(kill, number=signal.SIGSEGV), "(died|ended by signal 11).*"),
    "garbage": (partial(speak, words=GARBAGE[0]), "engine"),
    "half a message": (partial(speak, words=GARBAGE[1]), "engine"),
    "a flood": (partial(speak, words=GARBAGE[2]), "engine"),
}


@pytest.mark.parametrize("stage", stages(COMPOSING))
@pytest.mark.parametrize("fault", ENGINE_FAULTS)
def test_the_engine_fails(click, fault, stage):
    act, message = ENGINE_FAULTS[fault]
    before = everything()
    click.start(stage)
    act(click)
    said = click.finish()
    settled(click.folder)
    if stage in STAGES:
        assert click.jobs.status.failed
        assert re.search(message, said), said
        assert everything() == before
        assert not (click.folder / "kinetone").exists()
        next_click_works(click)
    else:  # it was not at work yet, and has been started anew
        assert not click.jobs.status.failed, said
        assert len(strips(bpy.context.scene)) == 1


@pytest.mark.parametrize("stage", stages(WRITING))
def test_the_engine_hangs(click, stage):
    before = everything()
    click.start(stage)
    pid = click.pid()
    os.kill(pid, signal.SIGSTOP)
    click.drive(lambda: click.jobs.status.fraction >= 0.1)
    for _ in range(20):
        click.jobs._tick()
    assert click.jobs.status.running
    began = time.monotonic()
    click.jobs.cancel()
    said = click.finish()
    assert time.monotonic() - began < 5
    assert said == "Cancelled"
    assert everything() == before
    settled(click.folder)
    wait_until_gone(pid)
    next_click_works(click)


def remove_the_armature(click):
    bpy.data.objects.remove(dancer())
    bpy.context.view_layer.update()


def unlink_the_armature(click):
    bpy.context.scene.collection.objects.unlink(dancer())


def remove_the_scene(click):
    bpy.data.scenes.new("Another")
    bpy.data.scenes.remove(bpy.context.scene)


@pytest.mark.parametrize("stage", stages(PLACING))
@pytest.mark.parametrize("remove", [remove_the_armature, unlink_the_armature, remove_the_scene])
def test_what_the_music_is_for_goes(click, remove, stage):
    click.start(stage)
    remove(click)
    after = everything()
    said = click.finish()
    assert click.jobs.status.failed
    assert re.search("no longer in the scene.*Undo its removal", said), said
    assert everything() == after
    assert not (click.folder / "kinetone").exists()
    settled(click.folder)
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    next_click_works(click)


def rename_the_armature(click):
    dancer().name = "Ballerina"


def swap_names(click):
    """Another armature takes the name that the dancer has given up."""
    dancer().name = "Ballerina"
    other = bpy.data.objects.new("dance", bpy.data.armatures.new("Other"))
    bpy.context.scene.collection.objects.link(other)


def rename_the_scene(click):
    bpy.context.scene.name = "Ballroom"


def clear_the_sequencer(click):
    bpy.context.scene.sequence_editor_create()
    bpy.context.scene.sequence_editor_clear()


def delete_the_action(click):
    bpy.data.actions.remove(dancer().animation_data.action)


def another_action(click):
    dancer().animation_data.action = bpy.data.actions.new("Another")


def remove_the_nla_track(click):
    animation = dancer().animation_data
    track = animation.nla_tracks.new()
    track.strips.new("Dance", 1, animation.action)
    animation.action = None
    animation.nla_tracks.remove(track)


EMPTYING = (delete_the_action, another_action, remove_the_nla_track)


def forget_the_mapping(click):
    dancer().kinetone_joints.clear()


def set_the_frame_range(click):
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 5, 8


def set_the_frame_rate(click):
    bpy.context.scene.render.fps = 60


def pose_mode(click):
    bpy.ops.object.mode_set(mode="POSE")


def undo_and_redo(click):
    bpy.context.scene.frame_end = 99
    bpy.ops.ed.undo_push(message="A change")
    bpy.ops.ed.undo()
    bpy.ops.ed.redo()
    bpy.ops.ed.undo()


def show_another_scene(click):
    bpy.context.window.scene = bpy.data.scenes.new("Another")


def play_on(click):
    bpy.context.scene.frame_set(3)


def fail_to_open(click):
    with pytest.raises(RuntimeError):
        bpy.ops.wm.open_mainfile(filepath=str(click.folder / "nothing.blend"))
    (click.folder / "broken.blend").write_bytes(b"BLENDER-v405" + bytes(1000))
    with pytest.raises(RuntimeError):
        bpy.ops.wm.open_mainfile(filepath=str(click.folder / "broken.blend"))


def save_elsewhere(click):
    (click.folder / "elsewhere").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(click.folder / "elsewhere" / "dance.blend"))


DISTURBANCES = [
    rename_the_armature, swap_names, rename_the_scene, clear_the_sequencer, delete_the_action, another_action,
    remove_the_nla_track, forget_the_mapping, set_the_frame_range, set_the_frame_rate, pose_mode,
    undo_and_redo, show_another_scene, play_on, fail_to_open, save_elsewhere,
]  # fmt: skip


WHEN = [(disturb, stage) for disturb in DISTURBANCES for stage in stages(PLACING)]
if not EVERYTHING:
    WHEN += [(rename_the_armature, READING), (undo_and_redo, READING)]


@pytest.mark.parametrize(("disturb", "stage"), WHEN)
def test_the_user_goes_on_working(click, disturb, stage):
    """The music comes all the same, and all else is as the user has made it."""
    if stage == EARLY and disturb in EMPTYING:
        pytest.skip("there is no dance left to read: the next test")
    if disturb is forget_the_mapping:
        bpy.ops.kinetone.choose_bone(joint="left_elbow", bone="LeftForeArm")
    scene_uid = bpy.context.scene.session_uid
    click.start(stage)
    disturb(click)
    (look, *_), *after = everything()
    said = click.finish()
    assert not click.jobs.status.failed, said
    scene = next(scene for scene in bpy.data.scenes if scene.session_uid == scene_uid)
    (strip,) = strips(scene)
    (look_now, *_), counts, times = everything()
    counts["sounds"] -= 1
    assert [look_now, counts, times] == [look, *after]
    assert strip["kinetone_armature"] == dancer().name or disturb is swap_names
    assert strip.frame_final_start == 1
    assert strip.frame_final_duration == round(FRAMES / 60 * scene.render.fps)
    assert Path(bpy.path.abspath(strip.sound.filepath)).is_file()
    settled(click.folder)


def fails_and_leaves(click, message):
    """The job fails with this message, having changed nothing since now."""
    after = everything()
    said = click.finish()
    assert click.jobs.status.failed
    assert re.search(message, said), said
    assert everything() == after
    settled(click.folder)


@pytest.mark.parametrize("empty", EMPTYING)
def test_the_animation_goes_before_it_is_read(click, empty):
    click.start(EARLY)
    empty(click)
    fails_and_leaves(click, "does not move.*Choose the range")


def edit_mode(click):
    bpy.ops.object.mode_set(mode="EDIT")


def rest_position(click):
    dancer().data.pose_position = "REST"


def remove_a_bone(click):
    bpy.ops.object.mode_set(mode="EDIT")
    bones = dancer().data.edit_bones
    bones.remove(bones["Neck"])
    bpy.ops.object.mode_set(mode="OBJECT")


def rename_the_joints(click):
    left, right = (dancer().data.bones[f"{side}ForeArm"] for side in ("Left", "Right"))
    left.name = "x"
    right.name, left.name = "LeftForeArm", "RightForeArm"


@pytest.mark.parametrize(
    ("disturb", "message"),
    [
        (edit_mode, "Edit Mode.*Leave"),
        (rest_position, "rest position.*Pose Position"),
        (remove_a_bone, "changed while it was read.*Generate again"),
        (rename_the_joints, "changed while it was read.*Generate again"),
    ],
)
def test_what_cannot_be_read_on_is_said(click, disturb, message):
    click.start(READING)
    disturb(click)
    fails_and_leaves(click, message)


@pytest.mark.parametrize("disturb", [edit_mode, rest_position, remove_a_bone, rename_the_joints])
def test_once_it_is_read_the_body_may_change(click, disturb):
    click.start(COMPOSING)
    disturb(click)
    said = click.finish()
    assert not click.jobs.status.failed, said
    assert len(strips(bpy.context.scene)) == 1
    settled(click.folder)


@pytest.mark.parametrize("stage", [READING, COMPOSING, PLACING])
def test_a_dance_that_is_moved_meanwhile_is_noticed(click, addon, stage):
    alignment, music = addon("blender_addon.alignment"), addon("blender_addon.music")
    click.start(stage)
    for curve in fcurves(dancer()):
        for point in curve.keyframe_points:
            point.co.x += 10
        curve.update()
    click.finish()
    (strip,) = strips(bpy.context.scene)
    clock = addon("blender_addon.dance_range").scene_clock(bpy.context.scene)
    assert alignment.drift_frames(strip, dancer(), clock) == pytest.approx(-10, abs=1e-3)
    assert bpy.ops.kinetone.realign() == {"FINISHED"}
    assert strip.frame_final_start == 11
    assert music.read(strip).start == 1


@pytest.mark.parametrize("stage", [READING, COMPOSING])
@pytest.mark.parametrize("frame", [3, 22])
def test_a_dance_that_is_edited_meanwhile_is_noticed(click, addon, stage, frame):
    """Also a part that had been read already, or was about to be."""
    click.start(stage)
    for curve in fcurves(dancer()):
        if "LeftArm" in curve.data_path:
            for point in curve.keyframe_points:
                point.co.y += 0.3 * (abs(point.co.x - frame) < 1)
            curve.update()
    click.finish()
    change = addon("blender_addon.changes").find_change(bpy.context.scene, strips(bpy.context.scene)[0])
    assert change.start - 5 < frame < change.end + 5


def open_another(click):
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(click.folder / "another.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(click.folder / "another.blend"))


def start_a_new_file(click):
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


def revert(click):
    bpy.ops.wm.revert_mainfile()


@pytest.mark.parametrize("stage", stages(WRITING))
@pytest.mark.parametrize("load", [open_another, start_a_new_file, revert])
def test_another_file_takes_the_place_of_this_one(click, load, stage):
    path = bpy.data.filepath
    click.start(stage)
    pid = click.pid() if stage in STAGES else None
    load(click)
    assert not click.jobs.status.running
    assert click.jobs.status.message == ""
    assert not bpy.app.timers.is_registered(click.jobs._tick)
    assert strips(bpy.context.scene) == []
    assert not (click.folder / "kinetone").exists()
    settled(click.folder)
    if pid is not None:
        wait_until_gone(pid)
    click.engine.go_on()
    bpy.ops.wm.open_mainfile(filepath=path)
    next_click_works(click)


@pytest.mark.parametrize("stage", stages(COMPOSING))
def test_the_addon_is_updated(click, addon, stage):
    before = everything()
    click.start(stage)
    pid = click.pid() if stage in STAGES else None
    bpy.ops.extensions.package_install_files(
        filepath=os.environ["KINETONE_TEST_EXTENSION"], repo="user_default", enable_on_install=True
    )
    assert everything() == before
    settled(click.folder)
    if pid is not None:
        wait_until_gone(pid)
    preferences().checkpoint = os.environ["KINETONE_TEST_CHECKPOINT"]
    click.engine.go_on()
    assert bpy.ops.kinetone.generate() == {"FINISHED"}
    assert len(strips(bpy.context.scene)) == 1
    assert PACKAGE in bpy.context.preferences.addons


@pytest.mark.parametrize("stage", stages(READING))
def test_a_pose_without_a_key_is_kept(click, stage):
    """Blender forgets it at every change of frame, of which reading a dance takes many."""
    cube = bpy.data.objects.new("Cube", None)
    bpy.context.scene.collection.objects.link(cube)
    cube.keyframe_insert("location", frame=1)
    arm = dancer().pose.bones["LeftArm"]
    arm.rotation_euler = 0.5, 0.25, -0.5
    dancer().location.x, cube.location.z = 0.125, 3.0
    click.start(stage)
    assert tuple(arm.rotation_euler) == (0.5, 0.25, -0.5)
    click.finish()
    assert tuple(dancer().pose.bones["LeftArm"].rotation_euler) == (0.5, 0.25, -0.5)
    assert (dancer().location.x, cube.location.z) == (0.125, 3.0)
    assert len(strips(bpy.context.scene)) == 1


def test_ctrl_c_in_the_terminal_ends_the_job(click, monkeypatch):
    """Blender's window goes on after it, and so must the next click."""
    before = everything()
    click.start(COMPOSING)
    client = click.client()
    monkeypatch.setattr(client, "poll", lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        click.jobs._tick()
    assert not click.jobs.status.running
    assert everything() == before
    settled(click.folder)
    click.engine.go_on()
    next_click_works(click)
