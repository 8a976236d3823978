"""The pulse of recorded dances: found where the dance hits, nearly steady, still where the dancer is."""

import numpy as np
import pytest
from kinetone.core.errors import FileFormatError
from kinetone.core.motion.beats import beat_frames, kinematic_beats
from kinetone.core.motion.canonical import canonical
from kinetone.core.motion.features import motion_features
from kinetone.core.motion.pulse import CYCLES, pulse
from kinetone.core.motion.skeleton import REST_JOINTS
from kinetone.training.corpus.choreography import choreograph
from kinetone.training.corpus.grid import BeatGrid
from kinetone.training.corpus.mocap import dance_files, grid_from_dance, load_dances, without_rest_pose
from recorded_dances import CMU_DANCES, needs_dances


def _danced(tempo_bpm, wobble=0.0, energy=None, n_beats=40):
    """(grid, joints) of a choreographed dance whose tempo sways around a mean."""
    beats = np.arange(n_beats)
    times_s = 0.25 + 60.0 / tempo_bpm * (beats + wobble * np.sin(2 * np.pi * beats / 16))
    energy = np.full(n_beats, 0.7) if energy is None else energy
    grid = BeatGrid(times_s, 4, energy, float(times_s[-1]) + 0.3)
    return grid, choreograph("middle_hiphop", 0, grid, np.random.default_rng(3))


def _near(times_s, others_s, tolerance_s):
    return np.mean(np.abs(times_s[:, None] - others_s).min(axis=1) <= tolerance_s)


@pytest.mark.parametrize("tempo_bpm", [85.0, 100.0, 118.0])
def test_finds_the_beats_that_a_dance_was_made_on(tempo_bpm):
    truth, joints = _danced(tempo_bpm)
    grid = grid_from_dance(joints)
    assert 60 / np.median(np.diff(grid.times_s)) == pytest.approx(tempo_bpm, rel=0.03)
    assert _near(truth.times_s, grid.times_s, 0.05) > 0.9


def test_bends_with_a_dance_whose_tempo_sways():
    truth, joints = _danced(100.0, wobble=0.35)
    assert _near(truth.times_s, grid_from_dance(joints).times_s, 0.06) > 0.85


def test_the_pulse_stays_smooth():
    _, joints = _danced(95.0)
    periods = np.diff(grid_from_dance(joints).times_s)
    assert np.abs(np.diff(periods)).max() < 0.2 * periods.mean()


def test_energy_is_near_nothing_where_the_dancer_stands():
    energy = np.full(40, 0.7)
    energy[16:26] = 0.0
    truth, joints = _danced(100.0, energy=energy)
    grid = grid_from_dance(joints)
    still = (grid.times_s > truth.times_s[16] + 0.7) & (grid.times_s < truth.times_s[25] - 0.7)
    assert still.sum() >= 3
    assert grid.energy[still].max() < 0.15
    assert np.median(grid.energy[~still]) > 0.4


def test_place_heading_and_size_do_not_matter():
    _, joints = _danced(100.0)
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    here, there = grid_from_dance(joints), grid_from_dance(40.0 * joints @ turn + (3.0, -2.0, 0.0))
    np.testing.assert_allclose(there.times_s, here.times_s, atol=1e-6)
    np.testing.assert_allclose(there.energy, here.energy, atol=1e-6)


def test_someone_who_never_moves_gets_a_pulse_without_energy():
    grid = grid_from_dance(np.repeat(REST_JOINTS[None], 300, axis=0))
    assert np.all(np.diff(grid.times_s) > 0.4)
    assert grid.energy.max() == 0.0


def test_beats_cover_the_dance():
    _, joints = _danced(100.0)
    grid = grid_from_dance(joints)
    assert grid.duration_s == len(joints) / 60
    assert 0 <= grid.times_s[0] < 0.8
    assert grid.duration_s - 0.8 < grid.times_s[-1] < grid.duration_s


def test_less_than_a_second_is_refused():
    with pytest.raises(ValueError, match="59 frames"):
        grid_from_dance(np.repeat(REST_JOINTS[None], 59, axis=0))


def test_a_pose_of_rest_before_the_dance_is_left_out():
    _, joints = _danced(100.0)
    first = np.repeat(REST_JOINTS[None] + (1.0, 0.0, 0.0), 2, axis=0)
    assert np.array_equal(without_rest_pose(np.concatenate([first, joints])), joints)
    assert np.array_equal(without_rest_pose(joints), joints)


def test_a_folder_without_dances_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(FileFormatError) as caught:
            dance_files(folder)
        assert caught.value.code == "corpus.no_dances"


@needs_dances
def test_real_dances_hit_their_grid_far_more_than_a_shifted_one():
    rng = np.random.default_rng(0)
    shares, shifted, changes = [], [], []
    for dance in load_dances(CMU_DANCES):
        found = beat_frames(kinematic_beats(canonical(dance.joints))) / 60
        grid = dance.grid
        shares.append(_near(found, grid.times_s, 0.05))
        moves = rng.uniform(0, grid.duration_s, 20)
        shifted.append(np.mean([_near(found, (grid.times_s + s) % grid.duration_s, 0.05) for s in moves]))
        periods = np.diff(grid.times_s)
        changes.append(np.abs(np.diff(periods)).mean() / periods.mean())
    assert len(shares) == 28
    assert np.mean(shares) > 0.55
    assert np.mean(shifted) < 0.2
    assert np.mean(changes) < 0.02


@needs_dances
def test_music_for_a_real_dance_has_the_beats_bars_and_phrases_that_are_told_in_use():
    in_four = np.flatnonzero(np.array(CYCLES) % 3)
    columns = np.concatenate([[0, 1, 2], 3 + in_four, 3 + len(CYCLES) + in_four])
    for dance in load_dances(CMU_DANCES):
        told = motion_features(dance.joints).pulse
        own = pulse(dance.grid.times_s * 60, len(told), (dance.grid.phase, 0))
        np.testing.assert_allclose(own[:, columns], told[:, columns], atol=1e-4, err_msg=dance.name)


@needs_dances
def test_partners_who_dance_to_one_music_are_given_one_tempo():
    tempi = {dance.name: 60 / np.median(np.diff(dance.grid.times_s)) for dance in load_dances(CMU_DANCES)}
    pairs = [(name, "61" + name[2:]) for name in tempi if name.startswith("60")]
    agree = [abs(np.log(tempi[a] / tempi[b])) < 0.04 for a, b in pairs if b in tempi]
    assert np.mean(agree) > 0.7
