"""Strips: placed exactly, on free channels, replacing only their own."""

import bpy
import numpy as np
import pytest
from conftest import strips
from sounds import RATE, lag, mixdown, write_wav


@pytest.fixture
def sequencer(addon):
    return addon("blender_addon.sequencer")


@pytest.fixture
def place(addon):
    """Puts a WAV on the timeline as music of an armature; returns its strip."""
    takes, music = addon("blender_addon.takes"), addon("blender_addon.music")

    def put(scene, path, start=1, armature="Dancer", motion_frames=120):
        clock = addon("blender_addon.dance_range").scene_clock(scene)
        facts = music.Music(armature, f"id of {armature}", 0, "salsa", motion_frames, float(start))
        (strip,) = takes.place(scene, clock, [takes.Take(path, facts)])
        return strip

    return put


@pytest.fixture
def silence(tmp_path):
    """Every call writes another WAV of two seconds."""
    number = iter(range(1000))
    return lambda: write_wav(tmp_path / f"take{next(number)}.wav", np.zeros(2 * RATE))


def other_strip(scene, path, channel, frame_start, name="Other"):
    editor = scene.sequence_editor_create()
    collection = editor.strips if hasattr(editor, "strips") else editor.sequences
    return collection.new_sound(name, str(path), channel, frame_start)


def test_the_strip_is_placed_and_the_scene_set_to_play_in_step(place, silence, fresh_scene):
    path = silence()
    strip = place(fresh_scene, path, -12)
    assert strip.frame_start == -12
    assert strip.channel == 1
    assert strip.frame_final_duration == 48
    assert not strip.mute
    assert strip.show_waveform
    assert bpy.path.abspath(strip.sound.filepath) == str(path)
    assert fresh_scene.use_audio_scrub
    assert fresh_scene.sync_mode == "AUDIO_SYNC"


def test_a_free_channel_is_taken(place, silence, fresh_scene, tmp_path):
    other = write_wav(tmp_path / "other.wav", np.zeros(RATE))
    other_strip(fresh_scene, other, 1, 20)
    other_strip(fresh_scene, other, 2, -40)
    other_strip(fresh_scene, other, 3, 40)
    channel = fresh_scene.sequence_editor.channels[4]
    assert channel.name == "Channel 4"
    channel.lock = True
    strip = place(fresh_scene, silence())
    assert strip.channel == 2
    assert strip.frame_start == 1
    assert place(fresh_scene, silence(), armature="Partner").channel == 5


def test_a_full_sequencer_is_left_as_it_was(place, silence, fresh_scene, tmp_path):
    other = write_wav(tmp_path / "other.wav", np.zeros(RATE))
    for channel in range(1, 129):
        other_strip(fresh_scene, other, channel, 10)
    before = sorted(strip.name for strip in strips(fresh_scene))
    with pytest.raises(Exception, match="All 128 channels") as error:
        place(fresh_scene, silence())
    assert error.value.code == "sequencer.no_channel"
    assert sorted(strip.name for strip in strips(fresh_scene)) == before
    assert not any("take" in sound.filepath for sound in bpy.data.sounds)


def test_a_new_take_replaces_its_own_strip_only(place, silence, fresh_scene, tmp_path):
    other = other_strip(fresh_scene, write_wav(tmp_path / "other.wav", np.zeros(RATE)), 1, 1, "Not ours")
    partner = place(fresh_scene, silence(), armature="Partner")
    first = place(fresh_scene, silence())
    first.volume, first.pan, first.name = 0.5, 0.25, "My music"
    channel, first_file = first.channel, first.sound.filepath
    second = place(fresh_scene, silence(), 10)

    assert len(strips(fresh_scene)) == 3
    assert {other.name, partner.name, second.name} == {strip.name for strip in strips(fresh_scene)}
    assert second.channel == channel
    assert (second.volume, second.pan, second.name) == (0.5, 0.25, "My music")
    assert second.sound.filepath != first_file
    assert all(sound.users > 0 for sound in bpy.data.sounds)
    assert len(bpy.data.sounds) == 3


def test_a_sound_that_others_use_outlives_the_strip(place, silence, fresh_scene):
    first = place(fresh_scene, silence())
    name = first.sound.name
    speaker = bpy.data.speakers.new("Loudspeaker")
    speaker.sound = first.sound
    place(fresh_scene, silence())
    assert name in bpy.data.sounds


def test_a_strip_inside_a_meta_strip_is_replaced(place, silence, addon, sequencer, fresh_scene):
    editor = fresh_scene.sequence_editor_create()
    first = place(fresh_scene, silence())
    meta = sequencer.strips_of(editor).new_meta("Meta", 5, 1)
    first.move_to_meta(meta)
    assert len(sequencer.strips_of(meta)) == 1
    place(fresh_scene, silence())
    assert len(sequencer.strips_of(meta)) == 0
    assert len(addon("blender_addon.music").own_strips(fresh_scene, "Dancer", "")) == 1


@pytest.mark.parametrize("motion_frames", [60, 61, 62, 63, 64])
@pytest.mark.parametrize("start", [0, 10.75])
def test_the_last_sample_sounds(place, fresh_scene, tmp_path, motion_frames, start):
    fresh_scene.frame_start, fresh_scene.frame_end = 0, 72
    waveform = np.zeros(motion_frames * 400)
    waveform[-120:] = 0.5  # the last 5 ms
    path = write_wav(tmp_path / "end.wav", waveform)
    place(fresh_scene, path, start, motion_frames=motion_frames)
    heard = np.flatnonzero(np.abs(mixdown(tmp_path / "mixed.wav")) > 0.25)
    end = start / 24 * RATE + len(waveform)
    assert end - 3 <= heard[-1] <= end + 3
    assert len(heard) >= 115


@pytest.mark.parametrize("start", [1, 31, 31.5, 10.25])
@pytest.mark.parametrize(
    ("fps", "fps_base"),
    [(24, 1.001), (24, 1), (30, 1.001), (30, 1), (50, 1), (60, 1.001), (60, 1), (120, 1)],
)
def test_sample_0_sounds_at_the_start_frame(place, addon, fresh_scene, tmp_path, fps, fps_base, start):
    fresh_scene.render.fps, fresh_scene.render.fps_base = fps, fps_base
    fresh_scene.frame_start, fresh_scene.frame_end = 0, 3 * fps
    clock = addon("blender_addon.dance_range").scene_clock(fresh_scene)
    waveform = np.random.default_rng(0).normal(0, 0.1, RATE) * np.hanning(RATE)
    path = write_wav(tmp_path / "noise.wav", waveform)
    place(fresh_scene, path, start, motion_frames=60)
    heard = mixdown(tmp_path / "mixed.wav")
    found = lag(heard, waveform)
    assert abs(found - start / clock.frame_rate * RATE) <= 1.5
