"""What is asked of the engine, and what becomes of the music: names, formats, sidecars, packing."""

import json

import bpy
import numpy as np
import pytest
from conftest import import_bvh, music_files, strips
from dancers import write_bvh
from sounds import read_wav


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.suffix in (".wav", ".flac"))


def sidecars(folder):
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.json"))]


def test_all_controls_reach_the_engine(dancer, tmp_path):
    settings = bpy.context.scene.kinetone
    settings.genre, settings.genre_strength, settings.energy = "salsa", 1.5, 0.8
    settings.temperature, settings.seed = 0.9, 11
    settings.tempo_from, settings.tempo_bpm = "FIXED", 104.0
    bpy.ops.kinetone.generate()
    (sidecar,) = sidecars(tmp_path)
    asked = sidecar["parameters"]
    wanted = {"genre": "salsa", "genre_strength": 1.5, "energy": 0.8, "temperature": 0.9, "seed": 11}
    assert {name: asked[name] for name in wanted} == wanted
    assert asked["tempo_bpm"] == 104.0
    settings.tempo_from = "DANCE"
    bpy.ops.kinetone.generate()
    assert sorted(str(each["parameters"]["tempo_bpm"]) for each in sidecars(tmp_path)) == ["104.0", "None"]


def test_controls_stay_within_what_makes_sense(dancer):
    settings = bpy.context.scene.kinetone
    settings.energy = 100
    settings.genre_strength = -1
    settings.tempo_bpm = 5000
    settings.temperature = -3
    assert settings.energy == 2
    assert settings.genre_strength == 0
    assert settings.tempo_bpm == 300
    assert settings.temperature == 0


def test_every_setting_has_a_description(fresh_scene):
    for group in (fresh_scene.kinetone, bpy.context.window_manager.kinetone):
        for prop in group.bl_rna.properties:
            if prop.identifier not in ("rna_type", "name"):
                assert prop.description, prop.identifier


def test_every_operator_says_what_it_does():
    for name in dir(bpy.ops.kinetone):
        assert getattr(bpy.ops.kinetone, name).get_rna_type().description, name


def test_another_seed_is_drawn(fresh_scene):
    seeds = set()
    for _ in range(5):
        before = fresh_scene.kinetone.seed
        assert bpy.ops.kinetone.reroll_seed() == {"FINISHED"}
        assert fresh_scene.kinetone.seed != before
        seeds.add(fresh_scene.kinetone.seed)
    assert len(seeds) > 2


def test_the_sidecar_tells_where_the_music_came_from(dancer, tmp_path):
    bpy.ops.kinetone.generate()
    (sidecar,) = sidecars(tmp_path)
    about = sidecar["about"]
    assert about["armature"] == "dance"
    assert about["mapping"]["left_elbow"] == "LeftForeArm"
    assert about["range"]["start"] == 1
    assert about["fps"] == 24
    assert about["blender"] == bpy.app.version_string
    assert about["kinetone"]


def test_names_follow_the_pattern_and_never_overwrite(dancer, tmp_path):
    scene = bpy.context.scene
    scene.kinetone.seed, scene.kinetone.genre, scene.kinetone.takes = 7, "house", 2
    bpy.ops.kinetone.generate()
    assert names(tmp_path) == ["dance_house_seed7_take1.wav", "dance_house_seed7_take2.wav"]
    scene.kinetone.takes = 1
    bpy.ops.kinetone.generate()
    assert "dance_house_seed7_take1_2.wav" in names(tmp_path)
    scene.kinetone.file_name = "{file} {scene}: tête à tête"
    scene.kinetone.takes = 2
    bpy.ops.kinetone.generate()
    assert {"dance_Scene_tête_à_tête.wav", "dance_Scene_tête_à_tête_2.wav"} <= set(names(tmp_path))


def test_a_sidecar_alone_keeps_its_name(dancer, tmp_path):
    (tmp_path / "kinetone").mkdir()
    (tmp_path / "kinetone" / "mine.json").write_text("not yours")
    bpy.context.scene.kinetone.file_name = "mine"
    bpy.ops.kinetone.generate()
    assert names(tmp_path) == ["mine_2.wav"]
    assert (tmp_path / "kinetone" / "mine.json").read_text() == "not yours"


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("{dancer}", "no {dancer}.*{armature}"),
        ("{armature", "expected '}'"),
        ("{seed:>99999}", "plain names"),
        ("{armature.name}", "no {armature.name}"),
    ],
)
def test_patterns_that_cannot_be_used_are_explained(dancer, tmp_path, pattern, fault):
    bpy.context.scene.kinetone.file_name = pattern
    with pytest.raises(RuntimeError, match=fault):
        bpy.ops.kinetone.generate()
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("armature", "stem"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("CON", "_CON"),
        ("…", "music"),
        ("舞者", "舞者"),
        ("x" * 63, "x" * 63),
    ],
)
def test_names_of_armatures_make_names_of_files(dancer, addon, tmp_path, armature, stem):
    values = {"armature": armature, "scene": "", "file": "", "genre": "", "seed": 0, "take": 1}
    path = addon("blender_addon.destination").claim(tmp_path, "{armature}", values, ".wav")
    assert path == tmp_path / f"{stem}.wav"


def test_flac_sounds_like_wav(dancer, tmp_path):
    scene = bpy.context.scene
    bpy.ops.kinetone.generate()
    scene.kinetone.file_format = "FLAC"
    bpy.ops.kinetone.generate()
    (strip,) = strips(scene)
    assert strip.sound.filepath.endswith(".flac")
    assert strip.frame_final_duration == 48
    (flac,) = tmp_path.rglob("*.flac")
    aud = pytest.importorskip("aud")
    heard = aud.Sound(str(flac)).data()[:, 0]
    assert np.abs(heard - read_wav(music_files(tmp_path)[0])).max() < 1e-4


def test_packed_music_needs_no_files(fresh_scene, tmp_path):
    import_bvh(write_bvh(tmp_path / "dance.bvh"))
    fresh_scene.kinetone.storage = "PACKED"
    bpy.ops.kinetone.generate()  # in a file that has never been saved
    (strip,) = strips(bpy.context.scene)
    assert strip.sound.packed_file
    assert names(tmp_path) == []
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "dance.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "dance.blend"))
    (strip,) = strips(bpy.context.scene)
    assert strip.frame_final_duration == 48
    assert len(strip.sound.packed_file.data) == 44 + 2 * 120 * 400
    assert json.loads(strip["kinetone_sidecar"])["about"]["armature"] == "dance"
    bpy.ops.kinetone.drop_take(delete_files=True)
    assert strips(bpy.context.scene) == []


def test_the_file_may_move_with_its_music(dancer, tmp_path):
    bpy.ops.kinetone.generate()
    bpy.ops.wm.save_mainfile()
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in (tmp_path / "dance.blend", tmp_path / "kinetone"):
        path.rename(moved / path.name)
    bpy.ops.wm.open_mainfile(filepath=str(moved / "dance.blend"))
    assert bpy.ops.kinetone.regenerate(start=10, end=20) == {"FINISHED"}
    assert len(music_files(moved)) == 2
