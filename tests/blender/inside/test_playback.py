"""Scrubbing and sync are switched on with the first music; what the user had comes back when asked."""

import bpy
import pytest


@pytest.fixture
def scene(dancer):
    scene = bpy.context.scene
    scene.sync_mode, scene.use_audio_scrub = "FRAME_DROP", False
    return scene


def playback(scene):
    return scene.sync_mode, scene.use_audio_scrub


def test_the_earlier_settings_come_back(scene):
    assert not bpy.ops.kinetone.restore_playback.poll()
    bpy.ops.kinetone.generate()
    bpy.ops.kinetone.generate()  # must not take its own settings for the user's
    assert playback(scene) == ("AUDIO_SYNC", True)
    assert bpy.ops.kinetone.restore_playback() == {"FINISHED"}
    assert playback(scene) == ("FRAME_DROP", False)
    assert not bpy.ops.kinetone.restore_playback.poll()


def test_who_does_not_want_it_is_left_alone(scene):
    scene.kinetone.sync_playback = False
    bpy.ops.kinetone.generate()
    assert playback(scene) == ("FRAME_DROP", False)
    scene.kinetone.sync_playback = True
    assert playback(scene) == ("AUDIO_SYNC", True)
    scene.kinetone.sync_playback = False
    assert playback(scene) == ("FRAME_DROP", False)


def test_it_is_remembered_with_the_file(scene, tmp_path):
    bpy.ops.kinetone.generate()
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    bpy.ops.kinetone.restore_playback()
    assert playback(bpy.context.scene) == ("FRAME_DROP", False)
