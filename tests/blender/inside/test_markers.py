"""Beats as timeline markers: ours come and go, the user's stay."""

import bpy
import pytest
from conftest import fcurves, strips


@pytest.fixture
def scene(dancer):
    scene = bpy.context.scene
    scene.timeline_markers.new("Chorus", frame=7)
    bpy.ops.kinetone.generate()
    return scene


def frames(scene, name):
    return sorted(marker.frame for marker in scene.timeline_markers if marker.name == name)


def expected(scene, key):
    strip = next(strip for strip in strips(scene) if not strip.mute)
    rate = scene.render.fps / scene.render.fps_base
    return sorted({round(strip["kinetone_start"] + second * rate) for second in strip.get(key, ())})


def test_a_toggle_shows_the_beats_of_the_dance_and_takes_them_away_again(scene):
    scene.kinetone.mark_dance_beats = True
    shown = frames(scene, "Kinetone ●")
    assert shown == expected(scene, "kinetone_dance_beats_s")
    assert len(shown) >= 2
    scene.kinetone.mark_dance_beats = False
    assert [(marker.name, marker.frame) for marker in scene.timeline_markers] == [("Chorus", 7)]


def test_the_beats_of_the_music_are_marks_of_their_own(scene):
    strip = strips(scene)[0]
    strip["kinetone_music_beats_s"] = [0.0, 0.5, 1.0]
    scene.kinetone.mark_music_beats = True
    assert frames(scene, "Kinetone ♪") == [1, 13, 25]
    assert frames(scene, "Kinetone ●") == []
    scene.kinetone.mark_dance_beats = True
    scene.kinetone.mark_music_beats = False
    assert frames(scene, "Kinetone ♪") == []
    assert frames(scene, "Kinetone ●")


def test_markers_follow_the_take_that_plays(dancer):
    scene = bpy.context.scene
    scene.kinetone.takes = 2
    bpy.ops.kinetone.generate()
    for strip in strips(scene):
        strip["kinetone_music_beats_s"] = [0.0 if strip["kinetone_take"] == 1 else 1.0]
    scene.kinetone.mark_music_beats = True
    bpy.ops.kinetone.switch_take(take=1)
    assert frames(scene, "Kinetone ♪") == [1]
    bpy.ops.kinetone.switch_take(take=2)
    assert frames(scene, "Kinetone ♪") == [25]
    bpy.ops.kinetone.keep_take(take=1)
    assert frames(scene, "Kinetone ♪") == [1]
    bpy.ops.kinetone.drop_take(take=1)
    assert frames(scene, "Kinetone ♪") == []


def test_markers_follow_the_music(scene, dancer):
    scene.kinetone.mark_dance_beats = True
    before = frames(scene, "Kinetone ●")
    for curve in fcurves(dancer):
        for point in curve.keyframe_points:
            point.co.x += 50
        curve.update()
    bpy.ops.kinetone.realign()
    assert frames(scene, "Kinetone ●") == [frame + 50 for frame in before]
    assert frames(scene, "Chorus") == [7]


def test_a_marker_of_the_users_with_a_camera_is_kept(scene):
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    mark = scene.timeline_markers.new("Cut", frame=20)
    mark.camera = camera
    scene.kinetone.mark_dance_beats = True
    scene.kinetone.mark_dance_beats = False
    assert scene.timeline_markers["Cut"].camera == camera
