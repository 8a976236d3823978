"""The scene's clock against exact fractions, at every frame rate that users have."""

import math
from fractions import Fraction

import numpy as np
import pytest
from kinetone.blender_addon.clock import SceneClock, split
from kinetone.core import timing

RATES = {
    "23.976": (24, 1.001, Fraction(24000, 1001)),
    "24": (24, 1.0, Fraction(24)),
    "29.97": (30, 1.001, Fraction(30000, 1001)),
    "30": (30, 1.0, Fraction(30)),
    "50": (50, 1.0, Fraction(50)),
    "59.94": (60, 1.001, Fraction(60000, 1001)),
    "60": (60, 1.0, Fraction(60)),
    "120": (120, 1.0, Fraction(120)),
}


@pytest.mark.parametrize("start", [1, 0, -250, 86400, 10.25])
@pytest.mark.parametrize(("fps", "fps_base", "exact"), RATES.values(), ids=RATES.keys())
def test_a_minute_of_motion_frames_is_right_to_less_than_a_sample(fps, fps_base, exact, start):
    clock = SceneClock(fps, float(np.float32(fps_base)))  # Blender keeps fps_base in 32 bits
    for minutes in (1, 10):
        n = minutes * 60 * timing.FRAME_RATE
        seconds = (Fraction(clock.motion_frame(start, n)) - Fraction(start)) / exact
        error_samples = abs(seconds - Fraction(n, timing.FRAME_RATE)) * timing.SAMPLE_RATE
        assert error_samples < minutes


@pytest.mark.parametrize(("fps", "fps_base", "exact"), RATES.values(), ids=RATES.keys())
def test_motion_frames_follow_one_another_evenly(fps, fps_base, exact):
    clock = SceneClock(fps, fps_base)
    frames = np.array([clock.motion_frame(-7, n) for n in range(3601)])
    assert np.abs(np.diff(frames) - float(exact) / 60).max() < 1e-6


@pytest.mark.parametrize(("fps", "fps_base", "exact"), RATES.values(), ids=RATES.keys())
def test_the_last_motion_frame_is_inside_the_range(fps, fps_base, exact):
    clock = SceneClock(fps, fps_base)
    for end in (2, 3, 25, 311, 1247):
        n = clock.motion_frame_count(1, end)
        assert clock.motion_frame(1, n - 1) <= end + 1e-4
        assert clock.motion_frame(1, n) > end - 1e-4


@pytest.mark.parametrize("start", [1, 1000, 50_000])
def test_keys_in_32_bits_lose_no_frame(start):
    clock = SceneClock(24)
    for n in range(60, 660):
        end = float(np.float32(start + n * 24 / 60))
        assert clock.motion_frame_count(start, end) == n + 1


def test_music_lasts_a_sixtieth_of_a_second_a_motion_frame():
    clock = SceneClock(24)
    assert clock.motion_frame_count(1, 25) == 61
    assert clock.duration_s(1, 25) * timing.SAMPLE_RATE == pytest.approx(61 * timing.HOP_LENGTH)


def test_remapped_keys_are_found_on_the_timeline():
    assert SceneClock(24, 1.0, 100, 200).timeline_frame(10) == 20
    assert SceneClock(24, 1.0, 200, 100).timeline_frame(-10) == -5


@pytest.mark.parametrize("frame", [0.0, 1.0, -3.0, 10.25, -10.25, 0.999999999, -1e-9, 123456.75])
def test_split_gives_a_whole_frame_and_a_subframe_below_one(frame):
    whole, subframe = split(frame)
    assert isinstance(whole, int)
    assert 0 <= subframe < 1
    assert float(np.float32(subframe)) < 1
    assert math.isclose(whole + subframe, frame, abs_tol=1e-6)


def test_the_strip_starts_on_a_whole_frame_and_the_offset_is_positive():
    frame, offset_s = SceneClock(25).strip_start(-10.25)
    assert frame == -11
    assert offset_s == pytest.approx(0.75 / 25)
