"""The beats that a dance can be danced to, even ones, and the pulse that the model is told."""

import numpy as np
import pytest
from kinetone.core.motion.accents import accents
from kinetone.core.motion.banded import solve_pentadiagonal
from kinetone.core.motion.downbeats import first_counts
from kinetone.core.motion.features import motion_features
from kinetone.core.motion.felt_beats import felt_beats
from kinetone.core.motion.pulse import CYCLES, N_PULSE, even_beats, frames_before, pulse, pulse_beats
from kinetone.core.motion.skeleton import REST_JOINTS
from motion_samples import dancing_body


def marks(frames, n_frames=600):
    beats = np.zeros((n_frames, 1), np.float32)
    beats[list(frames)] = 1
    return beats


def swaying(beats, n_frames):
    """Displacements (N, 72) of a body whose joints all slow down around each beat."""
    speed = 0.02 * np.abs(np.sin(np.pi * np.interp(np.arange(n_frames), beats, np.arange(len(beats)))))
    return np.tile((speed / np.sqrt(3)).astype(np.float32)[:, None], (1, 72))


def felt(kinematic_beats, displacements):
    return felt_beats(accents(kinematic_beats, displacements), displacements)


def away(frames, others):
    return np.abs(np.asarray(frames)[:, None] - np.asarray(others)[None]).min(1)


@pytest.mark.parametrize("bpm", [82, 97.5, 123])
def test_beats_are_felt_where_most_movements_end(bpm):
    beats = np.arange(20, 1800, 3600 / bpm)
    turns = np.rint(beats).astype(int)
    rng = np.random.default_rng(1)
    missing = rng.choice(len(turns), len(turns) // 4, replace=False)
    extra = rng.choice(1800, 8, replace=False)
    found = felt(marks([*np.delete(turns, missing), *extra], 1800), swaying(beats, 1800))
    inner = found[(found > 20) & (found < beats[-1])]
    assert np.mean(away(beats, found) < 3) > 0.9
    assert 3600 / np.diff(inner).mean() == pytest.approx(bpm, rel=0.02)


def test_felt_beats_bend_with_the_dancer():
    count = np.arange(45)
    beats = 30 + 36 * (count + 0.3 * np.sin(count / 4))
    found = felt(marks(np.rint(beats).astype(int), 1700), swaying(beats, 1700))
    assert away(beats, found).max() < 4
    assert np.abs(np.diff(found, 2)).max() < 6


@pytest.mark.parametrize("frames", [1, 2, 25, 51, 200])
def test_short_and_still_dances_have_beats_too(frames):
    still = np.zeros((frames, 72), np.float32)
    for beats in (felt(marks([], frames), still), felt(marks([frames - 1], frames), still)):
        assert len(beats) >= 2
        assert np.diff(beats).min() > 20
        assert beats[0] < 50
        assert beats[-1] > frames - 50


def test_long_dances_are_felt_as_their_parts_are():
    beats = np.arange(15, 12_000, 33.0)
    turns = np.rint(beats).astype(int)
    whole = felt(marks(turns, 12_000), swaying(beats, 12_000))
    part = felt(marks(turns[turns < 3000], 3000), swaying(beats, 12_000)[:3000])
    assert away(part[2:-2], whole).max() < 0.5


def test_the_pulse_points_to_one_on_every_beat_and_away_between():
    hand = pulse(np.array([30.0, 60.0, 100.0]), 160)
    assert hand.shape == (160, N_PULSE)
    assert hand.dtype == np.float32
    assert np.allclose(hand[[0, 30, 60, 100, 140], :3], (1, 0, 1), atol=1e-6)
    assert np.allclose(hand[[15, 45, 80, 120], :3], (-1, 0, 0.5), atol=1e-6)
    assert np.allclose(hand[[70, 110], :3], (0, 1, 0.25), atol=1e-6)
    assert np.allclose(np.square(hand[:, :2]).sum(1), 1)
    assert np.count_nonzero(hand[:, 2]) == 18
    assert pulse_beats(hand).tolist() == [0, 30, 60, 100, 140]


@pytest.mark.parametrize("first", [(0, 0), (5, 5), (7, 2)])
def test_slower_hands_tell_which_beat_of_which_bar_it_is(first):
    hands = pulse(np.arange(20.0, 2000, 30), 2000, first)[:, 3:]
    for cycle, (cosine, sine) in zip(CYCLES, hands.T.reshape(2, len(CYCLES), -1).swapaxes(0, 1), strict=True):
        passed = (np.arange(2000) - 20) / 30 + first[cycle % 3 == 0]
        assert np.allclose(np.exp(2j * np.pi * passed / cycle), cosine + 1j * sine, atol=1e-5)


def test_marks_of_beats_between_frames_are_at_the_nearest_ones():
    hand = pulse(np.array([10.4, 40.6, 70.8]), 80)
    assert pulse_beats(hand).tolist() == [10, 41, 71]
    assert np.flatnonzero(hand[:, 2] == 0.5).tolist() == [26, 56]


def test_a_dance_s_pulse_is_that_of_its_felt_beats():
    features = motion_features(dancing_body(400))
    accented = accents(features.kinematic_beats, features.displacements)
    beats = felt_beats(accented, features.displacements)
    assert np.array_equal(
        features.pulse, pulse(beats, 400, first_counts(beats, accented, features.displacements))
    )


def test_someone_who_stands_still_has_a_pulse():
    features = motion_features(np.repeat(REST_JOINTS[None], 300, axis=0))
    assert np.allclose(np.square(features.pulse[:, :2]).sum(1), 1)


@pytest.mark.parametrize("bpm", [75, 97.5, 120])
def test_even_beats_are_even_and_lie_on_beats_that_are(bpm):
    period = 3600 / bpm
    even = np.rint(np.arange(period / 3, 600, period)).astype(int)
    beats = even_beats(marks(even[even < 600]), bpm)
    assert np.allclose(np.diff(beats), period)
    assert away(even, beats).max() <= 1


def test_even_beats_are_in_phase_with_most_beats():
    on, off = range(10, 600, 40), (95, 337)
    assert away(np.arange(10, 600, 40), even_beats(marks([*on, *off]), 90)).max() <= 1


@pytest.mark.parametrize(
    ("asked", "tapped"), [(30, 120), (60, 120), (160, 80), (300, 75), (140, 140), (70, 70)]
)
def test_tempi_that_nobody_taps_are_halved_or_doubled(asked, tapped):
    assert np.diff(even_beats(marks([]), asked))[0] == pytest.approx(3600 / tapped)


def test_a_dance_without_beats_or_shorter_than_one_has_even_beats_too():
    assert even_beats(marks([]), 120).tolist() == list(range(0, 600, 30))
    assert len(even_beats(marks([3], 5), 90)) == 2


def test_systems_of_neighbours_are_solved():
    rng = np.random.default_rng(0)
    for count in (3, 4, 30):
        bands = rng.normal(size=(3, count))
        bands[0] = np.abs(bands[0]) + 6
        full = sum(np.diag(bands[k, : count - k], k) for k in range(3))
        full = full + np.triu(full, 1).T
        right = rng.normal(size=count)
        assert np.allclose(solve_pentadiagonal(bands, right), np.linalg.solve(full, right))


def test_the_same_place_some_beats_ago():
    told = pulse(np.arange(4.0, 600, 36), 600)
    earlier = frames_before(told, (4, 8))
    now = np.arange(600)
    assert np.array_equal(earlier[0, 160:], now[160:] - 4 * 36)
    assert np.array_equal(earlier[1, 310:], now[310:] - 8 * 36)
    assert (earlier[0, :140] == -1).all()
    assert (earlier < now).all()


def test_places_are_found_by_their_sixteenth_where_the_tempo_changes():
    beats = np.cumsum([3.0, *[30] * 8, *[40] * 8])
    (earlier,) = frames_before(pulse(beats, 563), (8,))
    for place in (0, 0.25, 0.5, 0.75):
        at = np.rint(beats[:-1] + place * np.diff(beats)).astype(int)
        assert np.array_equal(earlier[at[8:]], at[:-8])


@pytest.mark.parametrize("told", [pulse(np.array([0.0, 30]), 20), np.zeros((20, N_PULSE), np.float32)])
def test_what_was_before_the_dance_has_no_frames(told):
    assert frames_before(told, (4, 16)).tolist() == [[-1] * 20] * 2
    assert frames_before(told, ()).shape == (0, 20)
