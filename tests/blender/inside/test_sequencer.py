"""Strips: placed exactly, on free channels, replacing only their own."""

import time
import wave

import bpy
import numpy as np
import pytest
from conftest import strips

RATE = 24_000


@pytest.fixture
def sequencer(addon):
    return addon("blender_addon.sequencer")


@pytest.fixture
def clock(addon):
    return addon("blender_addon.clock")


def write_wav(path, waveform):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.asarray(waveform) * 32767).astype("<i2").tobytes())
    return path


def read_wav(path):
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
    return samples[:, 0] / 32768


@pytest.fixture
def music(sequencer, tmp_path):
    """Makes the music of an armature; every call writes another WAV of two seconds."""
    number = iter(range(1000))

    def make(armature="Dancer", frame_start=1, offset_s=0.0):
        path = write_wav(tmp_path / f"take{next(number)}.wav", np.zeros(2 * RATE))
        return sequencer.Music(
            path, armature, f"id of {armature}", frame_start, offset_s, duration_s=2.0, seed=0, genre="salsa"
        )

    return make


def other_strip(scene, path, channel, frame_start, name="Other"):
    editor = scene.sequence_editor_create()
    collection = editor.strips if hasattr(editor, "strips") else editor.sequences
    return collection.new_sound(name, str(path), channel, frame_start)


def test_the_strip_is_placed_and_the_scene_set_to_play_in_step(sequencer, music, fresh_scene):
    made = music(frame_start=-12)
    strip = sequencer.place(fresh_scene, made)
    assert strip.frame_start == -12
    assert strip.channel == 1
    assert strip.frame_final_duration == 48
    assert not strip.mute
    assert bpy.path.abspath(strip.sound.filepath) == str(made.path)
    assert fresh_scene.use_audio_scrub
    assert fresh_scene.sync_mode == "AUDIO_SYNC"


def test_a_free_channel_is_taken(sequencer, music, fresh_scene, tmp_path):
    silence = write_wav(tmp_path / "other.wav", np.zeros(RATE))
    other_strip(fresh_scene, silence, 1, 20)
    other_strip(fresh_scene, silence, 2, -40)
    other_strip(fresh_scene, silence, 3, 40)
    channel = fresh_scene.sequence_editor.channels[4]
    assert channel.name == "Channel 4"
    channel.lock = True
    strip = sequencer.place(fresh_scene, music(frame_start=1))
    assert strip.channel == 2
    assert strip.frame_start == 1
    assert sequencer.place(fresh_scene, music("Partner", 1)).channel == 5


def test_a_full_sequencer_is_left_as_it_was(sequencer, music, fresh_scene, tmp_path):
    silence = write_wav(tmp_path / "other.wav", np.zeros(RATE))
    for channel in range(1, 129):
        other_strip(fresh_scene, silence, channel, 10)
    before = sorted(strip.name for strip in strips(fresh_scene))
    with pytest.raises(Exception, match="All 128 channels") as error:
        sequencer.place(fresh_scene, music())
    assert error.value.code == "sequencer.no_channel"
    assert sorted(strip.name for strip in strips(fresh_scene)) == before
    assert not any("take" in sound.filepath for sound in bpy.data.sounds)


def test_a_new_take_replaces_its_own_strip_only(sequencer, music, fresh_scene, tmp_path):
    silence = write_wav(tmp_path / "other.wav", np.zeros(RATE))
    other = other_strip(fresh_scene, silence, 1, 1, "Not ours")
    partner = sequencer.place(fresh_scene, music("Partner"))
    first = sequencer.place(fresh_scene, music("Dancer"))
    first.volume, first.pan, first.name = 0.5, 0.25, "My music"
    channel, first_file = first.channel, first.sound.filepath
    second = sequencer.place(fresh_scene, music("Dancer", frame_start=10))

    assert len(strips(fresh_scene)) == 3
    assert {other.name, partner.name, second.name} == {strip.name for strip in strips(fresh_scene)}
    assert second.channel == channel
    assert (second.volume, second.pan, second.name) == (0.5, 0.25, "My music")
    assert second.sound.filepath != first_file
    assert all(sound.users > 0 for sound in bpy.data.sounds)
    assert len(bpy.data.sounds) == 3


def test_a_sound_that_others_use_outlives_the_strip(sequencer, music, fresh_scene):
    first = sequencer.place(fresh_scene, music())
    name = first.sound.name
    speaker = bpy.data.speakers.new("Loudspeaker")
    speaker.sound = first.sound
    sequencer.place(fresh_scene, music())
    assert name in bpy.data.sounds


def test_a_strip_inside_a_meta_strip_is_replaced(sequencer, music, fresh_scene):
    editor = fresh_scene.sequence_editor_create()
    first = sequencer.place(fresh_scene, music())
    meta = sequencer.strips_of(editor).new_meta("Meta", 5, 1)
    first.move_to_meta(meta)
    assert len(sequencer.strips_of(meta)) == 1
    sequencer.place(fresh_scene, music())
    assert len(sequencer.strips_of(meta)) == 0
    assert len(sequencer.own_strips(fresh_scene, "Dancer", "")) == 1


def mixdown(path):
    """What the timeline sounds like. Blender 5.2 returns before the file is whole: wait until it rests."""
    bpy.ops.sound.mixdown(filepath=str(path), container="WAV", codec="PCM", format="S16", mixrate=RATE)
    while bpy.app.version >= (5, 2) and (not path.exists() or time.time() - path.stat().st_mtime < 0.3):
        time.sleep(0.05)
    return read_wav(path)


@pytest.mark.parametrize("motion_frames", [60, 61, 62, 63, 64])
@pytest.mark.parametrize("start", [0, 10.75])
def test_the_last_sample_sounds(sequencer, clock, fresh_scene, tmp_path, motion_frames, start):
    fresh_scene.frame_start, fresh_scene.frame_end = 0, 72
    waveform = np.zeros(motion_frames * 400)
    waveform[-120:] = 0.5  # the last 5 ms
    path = write_wav(tmp_path / "end.wav", waveform)
    frame, offset_s = clock.SceneClock(24).strip_start(start)
    music = sequencer.Music(path, "Dancer", "", frame, offset_s, motion_frames / 60, 0, "")
    sequencer.place(fresh_scene, music)
    heard = np.flatnonzero(np.abs(mixdown(tmp_path / "mixed.wav")) > 0.25)
    end = start / 24 * RATE + len(waveform)
    assert end - 3 <= heard[-1] <= end + 3
    assert len(heard) >= 115


@pytest.mark.parametrize("start", [1, 31, 31.5, 10.25])
@pytest.mark.parametrize(
    ("fps", "fps_base"),
    [(24, 1.001), (24, 1), (30, 1.001), (30, 1), (50, 1), (60, 1.001), (60, 1), (120, 1)],
)
def test_sample_0_sounds_at_the_start_frame(sequencer, clock, fresh_scene, tmp_path, fps, fps_base, start):
    fresh_scene.render.fps, fresh_scene.render.fps_base = fps, fps_base
    fresh_scene.frame_start, fresh_scene.frame_end = 0, 3 * fps
    scene_clock = clock.SceneClock(fps, fresh_scene.render.fps_base)
    waveform = np.random.default_rng(0).normal(0, 0.1, RATE) * np.hanning(RATE)
    path = write_wav(tmp_path / "noise.wav", waveform)
    frame, offset_s = scene_clock.strip_start(start)
    sequencer.place(fresh_scene, sequencer.Music(path, "Dancer", "", frame, offset_s, 1.0, 0, ""))
    heard = mixdown(tmp_path / "mixed.wav")
    size = 2 ** int(np.ceil(np.log2(len(heard) + len(waveform))))
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(waveform, size)), size)
    found = int(np.argmax(match))
    assert abs(found - start / scene_clock.frame_rate * RATE) <= 1.5
