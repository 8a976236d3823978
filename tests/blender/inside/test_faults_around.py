"""What happens around a running job: full and vanishing folders, other Blenders, killed ones, undo,
regenerating, files linked from elsewhere."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import bpy
import pytest
from clicks import (
    COMPOSING,
    EARLY,
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
from conftest import import_bvh, music_files, strips
from dancers import write_bvh
from standin import StandIn


@pytest.fixture
def disk(tmp_path):
    """A drive of its own, with less room than the music takes; ``disk("ro")`` makes it read-only."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(*words):
        return subprocess.run(["mount", *words, str(folder)], capture_output=True).returncode == 0

    if not mount("-t", "tmpfs", "-o", "size=32k", "kinetone"):
        pytest.skip("only root may mount a drive")
    yield lambda how="rw": mount("-o", f"remount,{how}") and folder
    subprocess.run(["umount", str(folder)], check=True)


def fails(click, message):
    said = click.finish()
    assert click.jobs.status.failed
    assert re.search(message, said), said


def test_the_disk_is_full(click, disk):
    folder = disk()
    bpy.context.scene.kinetone.folder = str(folder)
    before = everything()
    click.start(READING)
    fails(click, "no space left.*Free some space, or choose another folder")
    assert everything() == before
    assert list(folder.iterdir()) == []
    settled(click.folder)
    bpy.context.scene.kinetone.folder = "//"
    next_click_works(click)


def test_the_drive_becomes_read_only(click, disk):
    """As one does with errors, or that somebody else locks."""
    folder = disk()
    bpy.context.scene.kinetone.folder = str(folder / "music")
    before = everything()
    click.start(READING)
    disk("ro")
    fails(click, "cannot be written.*Choose a folder")
    assert everything() == before
    disk("rw")


def test_a_read_only_folder_is_refused_at_once(click, disk):
    folder = disk("ro")
    bpy.context.scene.kinetone.folder = str(folder)
    click.jobs.start(click.generation())
    click.jobs._tick()
    assert not click.jobs.status.running
    assert "cannot be made or written to" in click.jobs.status.message


def vanish(folder):
    shutil.rmtree(folder)


def be_a_file(folder):
    shutil.rmtree(folder)
    folder.write_text("in the way")


@pytest.mark.parametrize("stage", stages(READING, PLACING))
@pytest.mark.parametrize("happen", [vanish, be_a_file])
def test_the_folder_vanishes(click, happen, stage):
    before = everything()
    click.start(stage)
    wait_for((click.folder / "kinetone").exists)
    happen(click.folder / "kinetone")
    fails(click, "(cannot be written|has gone again).*[Cc]hoose")
    assert everything() == before
    settled(click.folder)
    if happen is be_a_file:
        (click.folder / "kinetone").unlink()
    next_click_works(click)


@pytest.mark.parametrize("stage", [EARLY, READING])
def test_blenders_temporary_folder_vanishes(click, stage):
    """As it does under systems that clear away what is old."""
    before = everything()
    click.start(stage)
    shutil.rmtree(bpy.app.tempdir)
    try:
        fails(click, "temporary folder.*restart Blender")
        assert everything() == before
        click.jobs.start(click.generation())
        fails(click, "temporary folder.*restart Blender")
    finally:
        Path(bpy.app.tempdir).mkdir()
    next_click_works(click)


@pytest.mark.parametrize("takes", [1, 3])
def test_there_is_no_room_any_more_when_the_music_is_there(click, takes):
    scene = bpy.context.scene
    scene.kinetone.takes = takes
    click.start(PLACING)
    editor = scene.sequence_editor_create()
    strips_ = editor.strips if hasattr(editor, "strips") else editor.sequences
    length = {"length": 40} if bpy.app.version >= (5, 0) else {"frame_end": 40}
    for channel in range(1, 130 - takes):
        strips_.new_effect(name="Colour", type="COLOR", channel=channel, frame_start=1, **length)
    if takes == 1:
        after = everything()
        fails(click, "All 128 channels")
        assert everything() == after
    else:
        strips_.remove(strips_[0])
        strips_.remove(strips_[0])
        click.finish()
        assert len([strip for strip in strips(scene) if strip.type == "SOUND"]) == takes
    settled(click.folder)


def test_of_several_takes_none_is_placed_if_one_cannot_be(click, addon, monkeypatch):
    """Packing the last of them fails: the others must not stay."""
    scene = bpy.context.scene
    scene.kinetone.takes, scene.kinetone.storage = 3, "PACKED"
    before = everything()
    click.start(PLACING)
    (last,) = Path(bpy.app.tempdir).glob("kinetone-*/*take3.json")
    last.unlink()
    click.finish()
    assert click.jobs.status.failed
    assert everything() == before
    settled(click.folder)


@pytest.mark.parametrize("stage", stages(READING, PLACING))
def test_one_undo_takes_back_one_generation(click, stage):
    click.start(stage)
    bpy.context.scene.frame_end = 77
    bpy.ops.ed.undo_push(message="An edit meanwhile")
    click.finish()
    assert len(strips(bpy.context.scene)) == 1
    bpy.ops.ed.undo()
    assert strips(bpy.context.scene) == []
    assert bpy.context.scene.frame_end == 77
    bpy.ops.ed.undo()
    assert bpy.context.scene.frame_end != 77
    bpy.ops.ed.redo()
    bpy.ops.ed.redo()
    (strip,) = strips(bpy.context.scene)
    assert Path(bpy.path.abspath(strip.sound.filepath)).is_file()


def test_a_failed_job_leaves_no_step_to_undo(click):
    bpy.context.scene.frame_end = 77
    bpy.ops.ed.undo_push(message="An edit before")
    click.start(COMPOSING)
    click.jobs.cancel()
    click.finish()
    bpy.ops.ed.undo()
    assert bpy.context.scene.frame_end != 77


def test_a_second_click_is_refused(click):
    click.start(COMPOSING)
    for operator in ("generate", "regenerate", "realign", "switch_take", "keep_take", "drop_take"):
        assert not getattr(bpy.ops.kinetone, operator).poll()
    for operator in ("install_engine", "uninstall_engine"):
        assert not getattr(bpy.ops.kinetone, operator).poll()
    with pytest.raises(RuntimeError, match="Music is being generated"):
        bpy.ops.kinetone.generate()
    click.finish()
    assert not click.jobs.status.failed
    assert len(strips(bpy.context.scene)) == len(music_files(click.folder)) == 1


@pytest.fixture
def renewal(click, addon):
    """Music whose dance has changed, and a click that makes it anew from frame 10 on."""
    click.start(EARLY)
    click.finish()
    bpy.ops.ed.undo_push(message="Music")
    module, regenerate = addon("blender_addon.regeneration"), addon("blender_addon.operators.regenerate")

    def make_job():
        strip = regenerate._heard(bpy.context)
        span = module.dance_of(strip, bpy.context.scene, dancer())
        request = addon("blender_addon.request").build_request(bpy.context, span)
        return partial(module.Regeneration, request, part=module.renewal(strip, span, 10, 20))

    return make_job


def rename_the_strip(strip):
    strip.name = "My favourite"


def copy_the_strip(strip):
    path = bpy.path.abspath(strip.sound.filepath)
    copied = strips_of(strip.id_data).new_sound("A copy", path, channel=5, frame_start=40)
    for name, value in strip.items():
        copied[name] = value


def strips_of(scene):
    editor = scene.sequence_editor
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def rename_the_dancer(strip):
    dancer().name = "Ballerina"


def move_the_strip(strip):
    strip.channel = 9


@pytest.mark.parametrize("stage", stages(PLACING))
@pytest.mark.parametrize("happen", [rename_the_strip, copy_the_strip, rename_the_dancer, move_the_strip])
def test_regenerating_follows_its_strip(click, renewal, happen, stage):
    click.start(stage, renewal())
    strip = next(strip for strip in strips(bpy.context.scene) if "kinetone_take" in strip)
    happen(strip)
    name, channel, earlier = strip.name, strip.channel, strip.sound.filepath
    said = click.finish()
    assert not click.jobs.status.failed, said
    strip = strips_of(bpy.context.scene)[name]
    assert strip.channel == channel
    assert strip.sound.filepath != earlier
    assert strip["kinetone_armature"] == dancer().name
    settled(click.folder)


@pytest.mark.parametrize("stage", stages(READING, PLACING))
def test_regenerating_says_that_its_strip_has_gone(click, renewal, stage):
    click.start(stage, renewal())
    strips_of(bpy.context.scene).remove(strips(bpy.context.scene)[0])
    fails(click, "no longer on the timeline.*undo its removal")
    assert strips(bpy.context.scene) == []
    (earlier,) = music_files(click.folder)
    bpy.ops.ed.undo_push(message="Remove the strip")
    bpy.ops.ed.undo()
    assert bpy.path.abspath(strips(bpy.context.scene)[0].sound.filepath) == str(earlier)


def test_regenerating_says_what_has_changed_though_a_partner_has_gone(click, addon):
    """Without one of them it is another dance; nothing breaks."""
    other = import_bvh(write_bvh(click.folder / "partner.bvh", 1.0))
    scene = bpy.context.scene
    for armature in (bpy.data.objects["dance"], other):
        scene.kinetone_dancers.add().armature = armature
    click.start(EARLY)
    click.finish()
    assert addon("blender_addon.changes").find_change(scene, strips(scene)[0]) is None
    bpy.data.objects.remove(other)
    assert addon("blender_addon.changes").find_change(scene, strips(scene)[0]) is not None
    assert bpy.ops.kinetone.regenerate(start=5, end=15) == {"FINISHED"}


class OtherBlender:
    """Another Blender with the same settings, its own engine, and the file as it was saved."""

    def __init__(self, folder, blend):
        (folder / "other").mkdir()
        self.engine = StandIn(folder / "other")
        script = Path(__file__).with_name("other_blender.py")
        self.temporary = folder / "other temporary"
        self.temporary.mkdir()
        own = {"KINETONE_ENGINE_PYTHON": str(self.engine.python), "TMPDIR": str(self.temporary)}
        self.process = subprocess.Popen(
            [sys.executable, script, blend],
            env=os.environ | own,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def engine_pid(self):
        """Of its engine, which has begun to write a file."""
        for process in Path("/proc").glob("[0-9]*"):
            words = self._words(process)
            if words and str(self.engine.python) in words:
                return int(process.name)
        raise AssertionError("it has no engine")

    def _words(self, process):
        try:
            return (process / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            return []


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def other(click):
    """It composes, and has begun to write."""
    blender = OtherBlender(click.folder, bpy.data.filepath)
    blender.engine.stop_in(WRITING)
    wait_for(lambda: [path.stat().st_size for path in click.folder.rglob("*.part")] not in ([], [0]))
    yield blender
    blender.process.kill()
    blender.process.wait()


def test_two_blenders_with_the_same_folder(click, other):
    click.start(PLACING)
    other.engine.go_on()
    assert other.process.wait(60) == 0
    said = click.finish()
    assert not click.jobs.status.failed, said
    ours = Path(bpy.path.abspath(strips(bpy.context.scene)[0].sound.filepath))
    assert len(music_files(click.folder)) == 2
    assert ours in music_files(click.folder)
    settled(click.folder)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_blender_is_killed(click, other, number):
    engine = other.engine_pid()
    other.process.send_signal(number)
    assert other.process.wait(30) != 0
    wait_until_gone(engine)
    wait_for(lambda: not list(click.folder.rglob("*.part")), 5)
    assert music_files(click.folder) == []
    left = [path.parts[0] for path in other.temporary.iterdir()]
    assert number == signal.SIGINT or left, "Blender's own folder stays, which only Blender removes"
    next_click_works(click)


def test_a_linked_scene_is_refused(click, addon):
    library = bpy.data.filepath
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(library, link=True) as (there, here):
        here.scenes = there.scenes
    bpy.context.window.scene = here.scenes[0]
    bpy.context.scene.kinetone.folder = str(click.folder)
    with pytest.raises(RuntimeError, match=r"linked from another file.*make the scene local"):
        bpy.ops.kinetone.generate()
    assert strips(bpy.context.scene) == []
    assert music_files(click.folder) == []


@pytest.mark.parametrize("override", [False, True], ids=["linked", "overridden"])
def test_a_linked_armature_gets_its_music(click, override):
    library = bpy.data.filepath
    dancer().users_collection[0].objects.unlink(dancer())
    character = bpy.data.collections.new("Character")
    character.objects.link(bpy.data.objects["dance"])
    bpy.context.scene.collection.children.link(character)
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(library, link=True) as (_, here):
        here.collections = ["Character"]
    scene = bpy.context.scene
    if override:
        here.collections[0].override_hierarchy_create(scene, bpy.context.view_layer)
    else:
        scene.collection.children.link(here.collections[0])
    scene.kinetone.folder = str(click.folder)
    click.start(COMPOSING)
    said = click.finish()
    assert not click.jobs.status.failed, said
    shot = click.folder / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(shot))
    bpy.ops.wm.open_mainfile(filepath=str(shot))
    assert len(strips(bpy.context.scene)) == 1
    assert bpy.ops.kinetone.generate() == {"FINISHED"}
    assert len(strips(bpy.context.scene)) == 1


def test_a_batch_goes_on_with_another_engine(click, addon, tmp_path):
    batch, wishes = addon("blender_addon.batch"), addon("blender_addon.unattended").Wishes()
    files = [tmp_path / f"{name}.blend" for name in ("one", "two", "three")]
    for path in files:
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
    click.engine.stop_in(COMPOSING)
    killed = []

    def progress(stage, fraction):
        if stage == COMPOSING and not killed:
            killed.append(click.pid())
            os.kill(killed[0], signal.SIGKILL)
            click.engine.go_on()

    assert batch.run(files, tmp_path / "report", wishes, progress) == 1
    content = json.loads((tmp_path / "report" / "report.json").read_text())
    assert [entry["state"] for entry in content["files"]] == ["failed", "done", "done"]
    assert content["files"][0]["error"]["code"] == "engine.died"
    settled(tmp_path)


def test_a_report_that_cannot_be_written_is_told_before_the_work(click, addon, tmp_path, capfd):
    batch, wishes = addon("blender_addon.batch"), addon("blender_addon.unattended").Wishes()
    (tmp_path / "report").write_text("in the way")
    assert batch.run([Path(bpy.data.filepath)], tmp_path / "report", wishes, lambda *_: None) == 1
    assert "report" in capfd.readouterr().err
    assert music_files(tmp_path) == []


def test_a_report_whose_disk_fills_up_does_not_end_the_batch(click, addon, disk, capfd):
    batch, wishes = addon("blender_addon.batch"), addon("blender_addon.unattended").Wishes()
    folder = disk()
    progress = lambda *_: (folder / "much").exists() or (folder / "much").write_bytes(bytes(20_000))  # noqa: E731
    files = [Path(bpy.data.filepath)] * 2
    (folder / "more").write_bytes(bytes(4000))
    assert batch.run(files, folder / "report", wishes, progress) == 1
    assert "cannot be written" in capfd.readouterr().err
    assert len(music_files(click.folder)) == 2
    json.loads((folder / "report" / "report.json").read_text())
