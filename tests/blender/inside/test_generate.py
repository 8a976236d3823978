"""Generate Music from the operator to the strip in the saved file, with the real engine."""

import wave

import bpy
import numpy as np
import pytest
from conftest import import_bvh, music_files, preferences, state, strips
from dancers import write_bvh


def test_a_dance_gets_its_music(dancer, tmp_path):
    scene = bpy.context.scene
    scene.frame_set(9, subframe=0.25)
    before = state(scene)[:5]
    assert bpy.ops.kinetone.generate() == {"FINISHED"}

    (strip,) = strips(scene)
    (file,) = music_files(tmp_path)
    assert file.parent == tmp_path / "kinetone"
    assert strip.frame_start == 1
    assert strip.sound.filepath == f"//kinetone/{file.name}"
    assert not strip.mute
    assert scene.use_audio_scrub
    assert scene.sync_mode == "AUDIO_SYNC"
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (24_000, 1, 2)
        assert sound.getnframes() == 120 * 400
    assert state(scene)[:5] == before

    blend = bpy.data.filepath
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=blend)
    (strip,) = strips(bpy.context.scene)
    assert (strip.frame_start, strip.channel, strip.mute) == (1, 1, False)
    assert strip["kinetone_armature"] == dancer_name()
    assert bpy.path.abspath(strip.sound.filepath) == str(file)


def test_the_model_that_comes_with_kinetone_makes_itself_heard(dancer, addon, tmp_path):
    if not (addon("blender_addon.model_card").DEFAULT_CHECKPOINT / "card.json").exists():
        pytest.skip("the extension was built without its default model")
    preferences().checkpoint = ""
    bpy.ops.kinetone.generate()
    with wave.open(str(music_files(tmp_path)[0])) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768
    assert len(samples) == 120 * 400
    assert np.sqrt(np.mean(samples**2)) > 0.01
    assert np.abs(samples).max() < 1


def test_a_graphics_card_that_is_not_there_is_told(dancer, addon, gpu_that_is_not_there, tmp_path):
    bpy.context.scene.kinetone.takes = 2
    assert bpy.ops.kinetone.generate() == {"FINISHED"}
    assert len(music_files(tmp_path)) == 2
    message = addon("blender_addon.status").status.message
    said, note = message.split(". ", 1)
    assert "plays from frame 1 on channel " in said
    assert note.startswith("The music was made on the processor, as ")


def dancer_name():
    return next(obj.name for obj in bpy.context.scene.objects if obj.type == "ARMATURE")


@pytest.mark.parametrize("start", [-30, 101])
def test_the_strip_starts_with_the_dance(fresh_scene, tmp_path, start):
    fresh_scene.render.fps, fresh_scene.render.fps_base = 30, 1.001
    import_bvh(write_bvh(tmp_path / "dance.bvh", 1.0), frame_start=start)
    fresh_scene.kinetone.folder = str(tmp_path / "music")
    bpy.ops.kinetone.generate()
    assert strips(fresh_scene)[0].frame_start == start


def test_generating_again_replaces_the_strip_and_undo_brings_it_back(dancer, tmp_path):
    scene = bpy.context.scene
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.kinetone.generate()
    first = strips(scene)[0].sound.filepath
    scene.kinetone.seed = 7
    bpy.ops.ed.undo_push(message="seed")
    bpy.ops.kinetone.generate()
    (strip,) = strips(bpy.context.scene)
    assert strip.sound.filepath != first
    assert strip["kinetone_seed"] == 7
    assert len(bpy.data.sounds) == 1

    bpy.ops.ed.undo()
    (strip,) = strips(bpy.context.scene)
    assert strip.sound.filepath == first
    assert len(music_files(tmp_path)) == 2, "the earlier take must be there for undo"
    bpy.ops.ed.undo()  # the seed
    bpy.ops.ed.undo()  # the first take
    assert strips(bpy.context.scene) == []
    bpy.ops.ed.redo()
    assert strips(bpy.context.scene)[0].sound.filepath == first


def test_a_renamed_dancer_keeps_one_strip_and_a_copy_gets_its_own(dancer):
    scene = bpy.context.scene
    bpy.ops.kinetone.generate()
    dancer.name = "Carmen"
    bpy.ops.kinetone.generate()
    (strip,) = strips(scene)
    assert strip["kinetone_armature"] == "Carmen"

    copy = dancer.copy()
    scene.collection.objects.link(copy)
    bpy.context.view_layer.objects.active = copy
    bpy.ops.kinetone.generate()
    bpy.ops.kinetone.generate()
    assert sorted(strip["kinetone_armature"] for strip in strips(scene)) == ["Carmen", copy.name]


def test_the_same_seed_gives_the_same_music_wherever_the_dancer_stands(dancer, tmp_path):
    bpy.ops.kinetone.generate()
    dancer.location = (40.0, 7.0, 0.0)
    dancer.rotation_euler.z += 1.0
    dancer.scale = (1.7, 1.7, 1.7)
    bpy.ops.kinetone.generate()
    first, second = music_files(tmp_path)
    assert first.read_bytes() == second.read_bytes()


def test_genres_are_those_of_the_model(dancer, tmp_path):
    settings = bpy.context.scene.kinetone
    settings.genre = "salsa"
    bpy.ops.kinetone.generate()
    assert "salsa" in music_files(tmp_path)[0].name
    with pytest.raises(TypeError):
        settings.genre = "polka"


def test_each_scene_has_its_own_music(dancer):
    bpy.ops.kinetone.generate()
    first = bpy.context.scene
    second = first.copy()
    assert len(strips(second)) == 1, "a copied scene copies its strips"
    window = bpy.context.window_manager.windows[0] if bpy.context.window_manager.windows else None
    with bpy.context.temp_override(scene=second, view_layer=second.view_layers[0], window=window):
        second.view_layers[0].objects.active = dancer
        bpy.ops.kinetone.generate()
    assert len(strips(first)) == len(strips(second)) == 1
    assert strips(first)[0].sound.filepath != strips(second)[0].sound.filepath
