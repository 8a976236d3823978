"""The command line: one file, many files, and videos with the music in them."""

import json
import shutil

import bpy
import numpy as np
import pytest
from conftest import import_bvh, music_files, strips
from dancers import write_bvh
from sounds import RATE, lag, read_wav, write_wav


@pytest.fixture
def command(addon):
    return addon("blender_addon.command").main


def test_it_generates_and_saves(dancer, command, tmp_path, capfd):
    assert command(["generate", "--seed", "3", "--genre", "house", "--range", "action", "--save"]) == 0
    assert "house_seed3" in capfd.readouterr().out
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "dance.blend"))
    assert strips(bpy.context.scene)[0]["kinetone_genre"] == "house"


def test_every_option_counts(dancer, command, tmp_path):
    options = "--takes 2 --seed 7 --genre salsa --genre-strength 2 --energy 1.5 --temperature 0.5 --tempo 99"
    folder = tmp_path / "elsewhere"
    words = [*options.split(), "--output", str(folder), "--name", "{armature}-{take}", "--format", "flac"]
    assert command(["generate", "--armature", "dance", *words]) == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "dance-1.flac", "dance-1.json", "dance-2.flac", "dance-2.json",
    ]  # fmt: skip
    asked = json.loads((folder / "dance-2.json").read_text())["parameters"]
    wanted = {"seed": 7, "genre": "salsa", "genre_strength": 2, "energy": 1.5, "temperature": 0.5}
    assert {name: asked[name] for name in wanted} == wanted
    assert asked["tempo_bpm"] == 99


def test_what_cannot_be_done_is_said(dancer, command, capfd):
    assert command(["generate", "--armature", "Nobody"]) == 1
    assert "no armature “Nobody”. Its armatures are: dance." in capfd.readouterr().err
    assert command(["generate", "--genre", "polka"]) == 1
    assert "salsa, house" in capfd.readouterr().err
    assert command(["generate", "--pack"]) == 1
    assert "--save" in capfd.readouterr().err
    assert command(["generate", "--render", "video.txt"]) == 1
    assert "end in .mp4" in capfd.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["dance"],
        ["generate", "--seed", "-1"],
        ["generate", "--seed", str(2**31)],
        ["generate", "--seed", "many"],
        ["generate", "--takes", "9"],
        ["generate", "--energy", "nan"],
        ["batch"],
    ],
)
def test_wrong_calls_have_an_exit_code_of_their_own(dancer, command, words):
    assert command(words) == 2


@pytest.fixture
def files(fresh_scene, tmp_path):
    """Two files with dances, one without any, one that is no .blend file, and one that does not exist."""
    import_bvh(write_bvh(tmp_path / "dance.bvh", 1.0))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "one.blend"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "two.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "empty.blend"))
    (tmp_path / "broken.blend").write_text("not a .blend file")
    return [tmp_path / f"{name}.blend" for name in ("one", "empty", "broken", "missing", "two")]


def test_a_batch_goes_on_after_failures_and_reports_them(files, command, addon, tmp_path, capfd):
    report = tmp_path / "report"
    words = [str(path) for path in files]
    assert command(["batch", *words, "--report", str(report), "--takes", "2", "--name", "{file}"]) == 1
    out = capfd.readouterr().out
    content = json.loads((report / "report.json").read_text())
    states = {entry["file"].rpartition("/")[2]: entry["state"] for entry in content["files"]}
    assert states == {
        "one.blend": "done", "empty.blend": "failed", "broken.blend": "failed",
        "missing.blend": "failed", "two.blend": "done",
    }  # fmt: skip
    assert (content["done"], content["failed"], content["not_run"]) == (2, 3, 0)
    codes = [entry["error"]["code"] for entry in content["files"] if entry["state"] == "failed"]
    assert codes == ["scene.no_armature", "file.not_opened", "file.not_opened"]
    first = content["files"][0]
    assert first["duration_s"] == 1.0
    assert len(first["alignment"]) == len(first["music"]) == 2
    assert all(path.endswith(("one.wav", "one_2.wav")) for path in first["music"])
    table = (report / "report.md").read_text()
    assert table.strip() in out
    assert table.count("\n") == 2 + len(files)


def test_a_batch_reports_what_the_engine_wants_to_be_known(files, command, gpu_that_is_not_there, tmp_path):
    assert command(["batch", str(files[0]), "--report", str(tmp_path / "report")]) == 0
    [entry] = json.loads((tmp_path / "report" / "report.json").read_text())["files"]
    [note] = entry["notes"]
    assert note.startswith("The music was made on the processor, as ")
    assert note in (tmp_path / "report" / "report.md").read_text()


def test_a_batch_keeps_one_engine(files, command, addon, tmp_path, monkeypatch):
    starts = []
    process = addon("core.engine.client").WorkerProcess
    monkeypatch.setattr(
        addon("core.engine.client"), "WorkerProcess", lambda *words: starts.append(1) or process(*words)
    )
    addon("blender_addon.engine").close()
    assert command(["batch", str(files[0]), str(files[4]), "--report", str(tmp_path / "r"), "--save"]) == 0
    assert len(starts) == 1
    for path in (files[0], files[4]):
        bpy.ops.wm.open_mainfile(filepath=str(path))
        assert len(strips(bpy.context.scene)) == 1


def test_an_interrupted_batch_says_what_was_not_run(files, command, addon, tmp_path, monkeypatch):
    unattended = addon("blender_addon.unattended")
    generate = unattended.generate

    def interrupted(*words):
        if "two" in bpy.data.filepath:
            raise KeyboardInterrupt
        return generate(*words)

    monkeypatch.setattr(unattended, "generate", interrupted)
    words = [str(files[0]), str(files[4]), str(files[1])]
    assert command(["batch", *words, "--report", str(tmp_path / "r")]) == 130
    content = json.loads((tmp_path / "r" / "report.json").read_text())
    assert [entry["state"] for entry in content["files"]] == ["done", "not run", "not run"]


def still_scene(scene):
    """Something to render that needs no graphics card: a colour on the sequencer, 64 by 64 pixels."""
    scene.render.resolution_x = scene.render.resolution_y = 64
    scene.render.resolution_percentage = 100
    editor = scene.sequence_editor_create()
    collection = editor.strips if hasattr(editor, "strips") else editor.sequences
    length = {"length": 400} if bpy.app.version >= (5, 0) else {"frame_end": 400}
    collection.new_effect(name="Colour", type="COLOR", channel=20, frame_start=-20, **length)


@pytest.mark.parametrize(("fps", "fps_base"), [(24, 1.0), (30, 1.001), (60, 1.0)])
def test_a_rendered_video_holds_the_music_at_the_right_sample(
    fresh_scene, addon, command, tmp_path, fps, fps_base
):
    aud = pytest.importorskip("aud")
    fresh_scene.render.fps, fresh_scene.render.fps_base = fps, fps_base
    import_bvh(write_bvh(tmp_path / "dance.bvh", 1.0), frame_start=8)
    scene = bpy.context.scene
    still_scene(scene)
    scene.frame_start, scene.frame_end = 1, 1 + 2 * fps
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "dance.blend"))
    before = (scene.render.filepath, scene.render.image_settings.file_format)
    video = tmp_path / "out.mp4"
    assert command(["generate", "--render", str(video), "--save"]) == 0
    assert (scene.render.filepath, scene.render.image_settings.file_format) == before

    # The music of the small model is no good for finding it again: noise in its place is.
    waveform = np.random.default_rng(0).normal(0, 0.1, RATE) * np.hanning(RATE)
    (strip,) = (strip for strip in strips(scene) if strip.type == "SOUND")
    strip.sound = bpy.data.sounds.load(str(write_wav(tmp_path / "noise.wav", waveform)))
    video.unlink()
    addon("blender_addon.video").render(scene, video)
    sound = aud.Sound(str(video))
    assert sound.specs[0] == 48_000
    heard = sound.data()[::2].mean(axis=1)
    expected = (8 - 1) / (fps / scene.render.fps_base) * RATE
    found = lag(heard, read_wav(tmp_path / "noise.wav"))
    # AAC's encoder begins 1024 samples early; the MP4 says so, and the decoder leaves them out.
    assert abs(found - expected) <= 2


def test_a_video_is_never_overwritten(dancer, command, tmp_path, capfd):
    video = tmp_path / "out.mp4"
    video.write_text("mine")
    assert command(["generate", "--render", str(video)]) == 1
    assert "exists already" in capfd.readouterr().err
    assert video.read_text() == "mine"
    assert music_files(tmp_path) == []


def test_videos_of_a_batch_are_named_after_their_files(files, command, tmp_path):
    for path in (files[0], files[4]):
        bpy.ops.wm.open_mainfile(filepath=str(path))
        still_scene(bpy.context.scene)
        bpy.context.scene.frame_end = 3
        bpy.ops.wm.save_mainfile()
    words = [str(files[0]), str(files[4]), "--report", str(tmp_path / "r")]
    assert command(["batch", *words, "--render", str(tmp_path / "videos" / "{file}.mp4")]) == 0
    assert sorted(path.name for path in (tmp_path / "videos").iterdir()) == ["one.mp4", "two.mp4"]
    shutil.rmtree(tmp_path / "videos")
