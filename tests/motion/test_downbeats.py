"""Where bars and phrases of dances begin."""

import numpy as np
import pytest
from kinetone.core.motion.downbeats import N_CURVES, first_counts, half_beats
from kinetone.core.motion.features import motion_features
from kinetone.core.motion.pulse import CYCLES
from kinetone.core.motion.skeleton import MIRROR
from kinetone.training.corpus.choreography import choreograph
from kinetone.training.corpus.grid import BEATS_PER_BAR, steady_grid

PERIOD = 32
NO_ACCENTS = (np.zeros(0, int), np.zeros(0))


def mirrored(movement):
    return movement[:, list(MIRROR)] * np.array((-1, 1, 1))


def danced(half_beats):
    """Displacements (N, 72) of a dance, half-beat by half-beat (H, 24, 3), which stays where it is."""
    steps = np.repeat(half_beats - half_beats.mean(axis=0), PERIOD // 2, axis=0) / PERIOD
    return steps.reshape(len(steps), 72).astype(np.float32)


def phrases(rng, count):
    """(16, 24, 3) each: movements of 8 beats, every other one the one before to the other side."""
    for _ in range(count // 2):
        phrase = rng.normal(0, 0.2, (16, 24, 3))
        yield phrase
        yield mirrored(phrase)


def beats_of(displacements):
    return np.arange(0.0, len(displacements) + 1, PERIOD)


def test_half_beats_are_compared_with_earlier_ones_and_with_their_mirror_images():
    moves = danced(np.concatenate(list(phrases(np.random.default_rng(1), 8))))
    seen = half_beats(beats_of(moves), NO_ACCENTS, moves)
    assert seen.shape == (128, N_CURVES)
    eight_beats_before = seen[:, -1]
    again = np.arange(128) // 16 % 2 == 1
    assert eight_beats_before[again].max() < eight_beats_before[16:][~again[16:]].min()
    assert not eight_beats_before[:16].any()


def test_which_way_a_dancer_faces_does_not_matter():
    joints = choreograph(
        "pop", 100, steady_grid(100.0, 20.0, np.random.default_rng(0)), np.random.default_rng(0)
    )
    turned = joints @ np.array([[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1]])
    one, other = (motion_features(each).pulse for each in (joints, turned))
    assert np.allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("genre", ["house", "krump", "pop", "salsa", "street_jazz", "waack"])
def test_bars_and_phrases_of_choreographies_are_found_most_of_the_time(genre):
    assert found(genre, 4) > 0.7
    assert found(genre, 8) > 0.6


def test_bars_of_waltzes_are_found():
    assert found("waltz", 3) > 0.8


def found(genre, beats):
    """Share of twelve dances whose cycles of so many beats begin where they do."""
    hits = []
    for number in range(100, 112):
        rng = np.random.default_rng(number)
        grid = steady_grid(100.0, 30.0, rng, BEATS_PER_BAR[genre])
        hands = motion_features(choreograph(genre, number, grid, rng)).pulse[:, 3:]
        cycle = CYCLES.index(beats)
        turned = np.arctan2(hands[:, len(CYCLES) + cycle], hands[:, cycle]) / (2 * np.pi) * beats
        begins = (np.arange(len(grid)) + grid.phase) % beats == 0
        frames = np.rint(grid.times_s[begins] * 60).astype(int)
        hits.append(np.median(np.abs(turned[frames[frames < len(turned)]])) < 0.5)
    return np.mean(hits)


@pytest.mark.parametrize("frames", [1, 2, 40, 100])
def test_dances_that_tell_nothing_have_a_first_beat_too(frames):
    still = np.zeros((frames, 72), np.float32)
    in_four, in_three = first_counts(np.array([3.0, 40.0]), NO_ACCENTS, still)
    assert in_four in range(8)
    assert in_three in range(3)
