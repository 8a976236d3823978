"""Where kinematic beats fall."""

import numpy as np
import pytest
from kinetone.core.motion.beats import REFRACTORY_FRAMES, beat_frames, kinematic_beats
from kinetone.core.motion.canonical import canonical
from kinetone.core.motion.features import motion_features
from kinetone.core.motion.read import joints_at_60hz, read_motion
from kinetone.core.motion.resample import resample
from motion_samples import dancing_body, still_body, turned, waving_body
from recorded_dances import CMU_DANCES, needs_dances


def beats(joints):
    return beat_frames(kinematic_beats(joints))


def stroke(frames):
    """From 0 to 1, setting off and arriving softly."""
    return (1 - np.cos(np.pi * np.arange(1, frames + 1) / frames)) / 2


def test_a_limb_that_turns_every_half_second():
    found = beats(waving_body(0.15 * np.cos(2 * np.pi * np.arange(600) / 60)))
    expected = np.arange(30, 600, 30)
    assert len(found) == len(expected)
    assert np.abs(found - expected).max() <= 1


@pytest.mark.parametrize("period", [30, 60, 100])
def test_a_limb_that_arrives_and_waits(period):
    height = [np.zeros(20)]
    arrivals = 20 + 20 + period * np.arange(8) - 1
    for n in range(8):
        level = n % 2
        height += [0.3 * abs(level - stroke(20)), np.full(period - 20, 0.3 * (1 - level))]
    found = beats(waving_body(np.concatenate(height)))
    assert len(found) == len(arrivals), "once for each arrival, not for setting off"
    assert np.abs(found - arrivals).max() <= 3


def test_noise_of_the_recording_adds_no_beats():
    rng = np.random.default_rng(1)
    clean = waving_body(0.15 * np.cos(2 * np.pi * np.arange(600) / 60))
    noisy = clean + rng.normal(0, 0.001, clean.shape)
    assert len(beats(noisy)) == len(beats(clean))
    assert np.abs(beats(noisy) - beats(clean)).max() <= 2
    assert len(beats(still_body(600) + rng.normal(0, 0.001, (600, 24, 3)))) == 0


def test_no_beats_without_stops_and_turns():
    slide = np.arange(300)[:, None, None] / 60 * np.array([1.2, 0.3, 0.0])
    assert len(beats(still_body(300))) == 0
    assert len(beats(still_body(300) + slide)) == 0
    assert len(beats(turned(still_body(300), np.arange(300) / 60))) == 0


@pytest.mark.parametrize("frames", [1, 2, 5, 10, 11, 12, 30])
def test_short_dances(frames):
    marks = kinematic_beats(dancing_body(frames))
    assert marks.shape == (frames, 1)
    assert set(np.unique(marks)) <= {0.0, 1.0}
    assert marks.dtype == np.float32


def test_beats_keep_their_distance():
    assert np.diff(beats(dancing_body(3000))).min() > REFRACTORY_FRAMES


def test_blocks_leave_no_seams():
    """Working in blocks gives what one block gives, wherever the dance is cut."""
    joints = dancing_body(3000)
    whole = kinematic_beats(joints)
    later = kinematic_beats(joints[700:])
    assert np.array_equal(whole[800:2900], later[100:2200])


def test_beat_frames_takes_one_or_two_dimensions():
    marks = np.array([0, 1, 0, 0, 1.0])
    assert beat_frames(marks).tolist() == beat_frames(marks[:, None]).tolist() == [1, 4]


@pytest.mark.parametrize("speed", [0.8, 1.25])
@needs_dances
def test_a_dance_at_another_speed_has_its_beats_there(speed):
    joints = canonical(read_motion(CMU_DANCES / "60_02_salsa.bvh").joints[3:])
    at_speed = canonical(resample(joints, 60 * speed))
    plain_s, there_s = beats(joints) / 60, beats(at_speed) / 60 * speed
    close = np.abs(plain_s[:, None] - there_s).min(axis=1) < 0.06
    assert close.mean() > 0.8
    assert len(there_s) == pytest.approx(len(plain_s), rel=0.2)


@needs_dances
def test_real_dances_have_about_one_to_four_beats_a_second():
    rates = {}
    for path in sorted(CMU_DANCES.glob("*_salsa.bvh")):
        joints = joints_at_60hz(read_motion(path))
        rates[path.stem] = 60 * motion_features(joints).kinematic_beats.sum() / len(joints)
    assert min(rates.values()) > 0.9, rates
    assert max(rates.values()) < 4, rates


@needs_dances
def test_partners_share_their_beats():
    """Two who dance with each other to the same music: their beats meet far more often than by chance."""

    def shared(first, second):
        return (np.abs(first[:, None] - second).min(axis=1) <= 5).mean()

    together, apart = [], []
    for path in sorted(CMU_DANCES.glob("60_*.bvh")):
        partner = path.with_name(path.name.replace("60_", "61_"))
        if not partner.exists():
            continue
        one, other = (canonical(read_motion(who).joints[3:]) for who in (path, partner))
        first, second = beats(one), beats(other)
        together.append(shared(first, second))
        apart += [
            shared(first, np.sort((second + shift) % len(one))) for shift in range(20, len(one) - 20, 13)
        ]
    assert np.mean(together) > 2 * np.mean(apart)
