"""The tempo that dances are danced at."""

import numpy as np
import pytest
from kinetone.core.motion.accents import accents
from kinetone.core.motion.features import movement
from kinetone.core.motion.tempo import USUAL_BPM, felt_periods
from kinetone.training.corpus.choreography import choreograph
from kinetone.training.corpus.grid import steady_grid
from kinetone.training.data.ballroom import ballroom_joints
from recorded_dances import BALLROOM, needs_ballroom


def hips(bpm, beats_per_bar, rises, seconds=40):
    """Displacements (N, 72) of someone who goes round in bars, and whose hips rise so often in each."""
    bar = np.arange(60 * seconds) / 3600 * bpm / beats_per_bar
    place = np.zeros((len(bar), 24, 3))
    place[..., 0] = 0.3 * np.sin(2 * np.pi * bar)[:, None]
    place[..., 2] = 0.03 * np.sin(2 * np.pi * rises * bar)[:, None]
    moved = np.diff(place, axis=0, prepend=place[:1]) + np.random.default_rng(0).normal(0, 5e-4, place.shape)
    return moved.reshape(-1, 72).astype(np.float32)


def bpm_of(displacements, kinematic_beats=None):
    marks = np.zeros((len(displacements), 1)) if kinematic_beats is None else kinematic_beats
    return 3600 / felt_periods(accents(marks, displacements), displacements)


@pytest.mark.parametrize("bpm", [82, 88, 95])
def test_hips_that_rise_once_a_bar_are_a_waltz_s(bpm):
    assert np.allclose(bpm_of(hips(bpm, 3, 1)), bpm, rtol=0.03)


@pytest.mark.parametrize("bpm", [85, 100, 120])
@pytest.mark.parametrize("rises", [2, 4])
def test_hips_that_rise_twice_a_bar_or_more_often_dance_in_four(bpm, rises):
    assert np.allclose(bpm_of(hips(bpm, 4, rises)), bpm, rtol=0.03)


@pytest.mark.parametrize(("genre", "bpm"), [("pop", 90), ("house", 125), ("krump", 80), ("waltz", 110)])
def test_choreographies_have_the_tempo_that_they_are_danced_at(genre, bpm):
    rng = np.random.default_rng(bpm)
    grid = steady_grid(bpm, 25.0, rng, 3 if genre == "waltz" else 4)
    assert np.allclose(bpm_of(*movement(choreograph(genre, 100, grid, rng))), bpm, rtol=0.03)


def test_a_dance_changes_its_tempo_with_the_song():
    rng = np.random.default_rng(2)
    one, other = (choreograph("pop", 100, steady_grid(bpm, 40.0, rng), rng) for bpm in (90, 115))
    tempi = bpm_of(*movement(np.concatenate([one, other + one[-1, 0] - other[0, 0]])))
    assert np.allclose(tempi[: 28 * 60], 90, rtol=0.03)
    assert np.allclose(tempi[52 * 60 :], 115, rtol=0.03)


@pytest.mark.parametrize("frames", [1, 2, 30, 500])
def test_who_stands_still_has_the_usual_tempo(frames):
    tempi = bpm_of(np.zeros((frames, 72), np.float32))
    assert tempi.shape == (frames,)
    assert np.allclose(tempi, USUAL_BPM, rtol=0.03)


@needs_ballroom
def test_recorded_waltzes_have_a_waltz_s_tempo():
    dances = sorted(BALLROOM.glob("waltz_*.npz"))[::3]
    tempi = [np.median(bpm_of(*movement(ballroom_joints(path)))) for path in dances]
    assert np.mean([80 < tempo < 94 for tempo in tempi]) > 0.8
