"""The music goes where its dance is, after the animation was moved or the clock of the scene was changed."""

import bpy
import numpy as np
import pytest
from conftest import fcurves, import_bvh, music_files, strips
from dancers import write_bvh
from sounds import RATE, lag, mixdown, read_wav, write_wav

RATES = [(24, 1.001), (24, 1), (25, 1), (30, 1.001), (30, 1), (50, 1), (60, 1.001), (60, 1), (120, 1)]


@pytest.fixture
def scene(fresh_scene, tmp_path):
    """A dance of a second from frame 11 on, at 24 fps, with its music."""
    import_bvh(write_bvh(tmp_path / "dance.bvh", 1.0), frame_start=11)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "dance.blend"))
    bpy.ops.kinetone.generate()
    return bpy.context.scene


def retime(scene, factor=1.0, offset=0.0):
    """Scale and move every key of the dancer."""
    for curve in fcurves(bpy.context.view_layer.objects.active):
        for point in curve.keyframe_points:
            point.co.x = point.co.x * factor + offset
        curve.update()


def start_s(scene, addon):
    """Seconds on the timeline at which the strip's sample 0 sounds, frame 0 being 0."""
    clock = addon("blender_addon.dance_range").scene_clock(scene)
    (strip,) = strips(scene)
    return addon("blender_addon.sequencer").start_of(strip, clock) / clock.frame_rate


@pytest.mark.parametrize("offset", [37, -60, 0.25])
def test_it_follows_a_dance_that_was_moved(scene, addon, offset):
    retime(scene, offset=offset)
    assert bpy.ops.kinetone.realign() == {"FINISHED"}
    assert start_s(scene, addon) == pytest.approx((11 + offset) / 24, abs=1e-6)


@pytest.mark.parametrize(("fps", "fps_base"), RATES)
def test_it_follows_a_dance_that_was_scaled_to_another_frame_rate(scene, addon, tmp_path, fps, fps_base):
    (path,) = music_files(tmp_path)
    waveform = np.random.default_rng(0).normal(0, 0.1, RATE) * np.hanning(RATE)
    (strip,) = strips(scene)
    strip.sound = bpy.data.sounds.load(str(write_wav(tmp_path / "noise.wav", waveform)))
    scene.render.fps, scene.render.fps_base = fps, fps_base
    rate = fps / scene.render.fps_base
    retime(scene, rate / 24)
    assert bpy.ops.kinetone.realign() == {"FINISHED"}
    assert start_s(scene, addon) == pytest.approx(11 / 24, abs=1e-5)
    scene.frame_start, scene.frame_end = 0, 3 * fps
    heard = mixdown(tmp_path / "mixed.wav")
    assert abs(lag(heard, read_wav(tmp_path / "noise.wav")) - 11 / 24 * RATE) <= 1.5
    assert len(music_files(tmp_path)) == 3, "the music, the noise and the mix: nothing was made anew"
    assert path.exists()


def test_time_remapping_counts(scene, addon):
    scene.render.frame_map_new = 200
    bpy.ops.kinetone.realign()
    assert start_s(scene, addon) == pytest.approx(22 / 24)


def test_it_says_when_the_dance_is_of_another_length(scene, addon):
    alignment, music = addon("blender_addon.alignment"), addon("blender_addon.music")
    clock = addon("blender_addon.dance_range").scene_clock
    dancer = bpy.context.view_layer.objects.active
    facts = music.read(strips(scene)[0])
    assert alignment.change_of_length_s(facts, dancer, clock(scene)) == 0
    scene.render.fps = 48  # with the keys where they are, it is over in half the time
    assert alignment.change_of_length_s(facts, dancer, clock(scene)) == pytest.approx(-59 / 120, abs=1e-3)
    assert bpy.ops.kinetone.realign() == {"FINISHED"}
    assert start_s(scene, addon) == pytest.approx(11 / 48)


def test_the_panel_knows_by_how_much_it_is_off(scene, addon):
    alignment = addon("blender_addon.alignment")
    clock = addon("blender_addon.dance_range").scene_clock(scene)
    dancer, (strip,) = bpy.context.view_layer.objects.active, strips(scene)
    assert alignment.drift_frames(strip, dancer, clock) == 0
    retime(scene, offset=5)
    assert alignment.drift_frames(strip, dancer, clock) == pytest.approx(-5)
    bpy.ops.kinetone.realign()
    assert alignment.drift_frames(strip, dancer, clock) == 0


def test_what_was_trimmed_by_hand_stays_trimmed(scene):
    (strip,) = strips(scene)
    strip.frame_final_start += 3
    strip.frame_final_end -= 5
    start, end = strip.frame_final_start, strip.frame_final_end
    retime(scene, offset=40)
    bpy.ops.kinetone.realign()
    assert (strip.frame_final_start, strip.frame_final_end) == (start + 40, end + 40)


def test_all_takes_are_moved_and_a_strip_in_the_way_is_not(scene, addon, tmp_path):
    scene.kinetone.takes = 2
    bpy.ops.kinetone.generate()
    editor = scene.sequence_editor
    collection = editor.strips if hasattr(editor, "strips") else editor.sequences
    other = collection.new_sound("Other", str(music_files(tmp_path)[0]), 1, 200)
    retime(scene, offset=190)
    bpy.ops.kinetone.realign()
    ours = [strip for strip in strips(scene) if strip != other]
    assert {strip.frame_start for strip in ours} == {201}
    assert other.frame_start == 200
    assert len({strip.channel for strip in strips(scene)}) == 3


def test_undo_moves_it_back(scene, addon):
    bpy.ops.ed.undo_push(message="before")
    retime(scene, offset=40)
    bpy.ops.ed.undo_push(message="moved")
    bpy.ops.kinetone.realign()
    bpy.ops.ed.undo_push(message="re-aligned")
    bpy.ops.ed.undo()
    assert start_s(bpy.context.scene, addon) == pytest.approx(11 / 24)
