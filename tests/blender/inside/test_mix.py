"""Loudness and fades: on the strip, never in the file, and still there after the music has changed."""

import bpy
import numpy as np
import pytest
from conftest import fcurves, strips
from sounds import RATE, mixdown, write_wav


@pytest.fixture
def strip(dancer):
    bpy.ops.kinetone.generate()
    return strips(bpy.context.scene)[0]


def volume_keys(scene):
    """Frame and value of every key of the volume of the scene's strips."""
    animation = scene.animation_data
    if animation is None or animation.action is None:
        return []
    curves = [curve for curve in fcurves(scene) if curve.data_path.endswith(".volume")]
    return [
        tuple(round(value, 3) for value in point.co) for curve in curves for point in curve.keyframe_points
    ]


def test_loudness_is_the_volume_of_the_strip(strip):
    settings = bpy.context.scene.kinetone
    settings.loudness_db = -6.0206
    assert strip.volume == pytest.approx(0.5, abs=1e-3)
    settings.loudness_db = 0
    assert strip.volume == 1


def test_fades_are_keyframes_that_go_without_a_trace(strip):
    scene = bpy.context.scene
    settings = scene.kinetone
    settings.fade_in_s, settings.fade_out_s = 0.5, 1.0
    assert volume_keys(scene) == [(1, 0), (13, 1), (25, 1), (49, 0)]
    settings.loudness_db = 6.0206
    assert [value for _, value in volume_keys(scene)] == [0, 2, 2, 0]
    settings.loudness_db = settings.fade_in_s = settings.fade_out_s = 0
    assert volume_keys(scene) == []
    assert strip.volume == 1


def test_fades_longer_than_the_music_meet_in_it(strip):
    scene = bpy.context.scene
    scene.kinetone.fade_in_s = scene.kinetone.fade_out_s = 5.0
    assert volume_keys(scene) == [(1, 0), (25, 1), (49, 0)]


def test_fades_are_heard(strip, tmp_path):
    scene = bpy.context.scene
    rng = np.random.default_rng(0)
    path = write_wav(tmp_path / "noise.wav", rng.uniform(-0.3, 0.3, 2 * RATE))
    strip.sound = bpy.data.sounds.load(str(path))
    scene.kinetone.fade_in_s = 1.0
    scene.frame_start, scene.frame_end = 1, 48
    heard = mixdown(tmp_path / "mixed.wav")
    tenths = np.sqrt(np.mean(heard[: 2 * RATE].reshape(20, -1) ** 2, axis=1))
    assert tenths[0] < 0.1 * tenths[15]
    assert 0.3 * tenths[15] < tenths[5] < 0.8 * tenths[15]
    assert tenths[12] == pytest.approx(tenths[15], rel=0.1)


def test_they_survive_generating_again_and_moving(strip, dancer):
    scene = bpy.context.scene
    scene.kinetone.fade_in_s, scene.kinetone.loudness_db = 0.5, -6.0206
    bpy.ops.kinetone.generate()
    assert volume_keys(scene) == [(1, 0), (13, 0.5)]
    for curve in fcurves(dancer):
        for point in curve.keyframe_points:
            point.co.x += 100
        curve.update()
    bpy.ops.kinetone.realign()
    assert volume_keys(scene) == [(101, 0), (113, 0.5)]


def test_a_volume_that_the_user_set_is_left_alone(strip, dancer):
    strip.volume = 0.3
    bpy.ops.kinetone.generate()
    (strip,) = strips(bpy.context.scene)
    assert strip.volume == pytest.approx(0.3)
    bpy.ops.kinetone.realign()
    assert strip.volume == pytest.approx(0.3)


def test_all_takes_get_them(dancer):
    scene = bpy.context.scene
    scene.kinetone.takes = 2
    scene.kinetone.loudness_db = -20
    bpy.ops.kinetone.generate()
    assert [strip.volume for strip in strips(scene)] == pytest.approx([0.1, 0.1])
    scene.kinetone.loudness_db = 0
    assert [strip.volume for strip in strips(scene)] == [1, 1]
