"""The beat grid: time and position undo each other, and steady grids have the shape of a dance."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinetone.training.corpus.grid import BEATS_PER_BAR, GENRES, TEMPI, BeatGrid, song_tempo, steady_grid


def _grid(times_s, energy=None, **changes):
    times_s = np.asarray(times_s, dtype=float)
    energy = np.full(len(times_s), 0.5) if energy is None else np.asarray(energy, dtype=float)
    values = {"beats_per_bar": 4, "duration_s": float(times_s[-1]) + 1.0} | changes
    return BeatGrid(times_s, energy=energy, **values)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.2, 1.5), min_size=2, max_size=30), st.lists(st.floats(-3, 40), min_size=1))
def test_position_undoes_time_on_uneven_beats(intervals, positions):
    grid = _grid(np.cumsum(intervals))
    positions = np.array(positions)
    np.testing.assert_allclose(grid.position_at(grid.time_at(positions)), positions, atol=1e-9)


def test_time_between_beats_is_interpolated_and_goes_on_beyond_them():
    grid = _grid([1.0, 2.0, 4.0])
    np.testing.assert_allclose(grid.time_at(np.array([-1.0, 0.0, 0.5, 1.5, 3.0])), [0.0, 1.0, 1.5, 3.0, 6.0])


def test_counts_and_downbeats_follow_the_phase():
    grid = _grid(np.arange(6.0), phase=6)
    assert grid.counts.tolist() == [6, 7, 0, 1, 2, 3]
    assert np.flatnonzero(grid.is_downbeat).tolist() == [2]


@pytest.mark.parametrize(
    ("times_s", "energy"),
    [([0.0], [0.5]), ([0.0, 1.0], [0.5]), ([0.0, 1.0, 1.0], [0.5] * 3), ([0.0, 1.0], [0.5, 1.5])],
)
def test_impossible_grids_are_refused(times_s, energy):
    with pytest.raises(ValueError, match=r"beat|energy"):
        _grid(times_s, energy)


def test_a_waltz_is_counted_in_sixes():
    grid = _grid(np.arange(8.0), phase=4, beats_per_bar=3)
    assert grid.counts.tolist() == [4, 5, 0, 1, 2, 3, 4, 5]
    assert np.flatnonzero(grid.is_downbeat).tolist() == [2, 5]


@pytest.mark.parametrize("genre", GENRES)
def test_songs_have_all_tempi_of_their_genre(genre):
    for songs in (range(8), range(7, 56, 8)):
        assert {song_tempo(genre, number) for number in songs} == set(TEMPI[genre])


@pytest.mark.parametrize("genre", GENRES)
def test_steady_grids_keep_their_tempo_and_fill_the_piece(genre):
    rng = np.random.default_rng(3)
    tempo = song_tempo(genre, 3)
    grid = steady_grid(tempo, 60.0, rng, BEATS_PER_BAR[genre])
    assert grid.tempo_bpm == pytest.approx(tempo)
    np.testing.assert_allclose(np.diff(grid.times_s), 60.0 / tempo)
    assert 0 <= grid.times_s[0] < 60.0 / tempo
    assert 60.0 - 60.0 / tempo <= grid.times_s[-1] < 60.0


def test_steady_grids_are_mostly_lively_with_breaks_of_two_to_eight_beats():
    grids = [steady_grid(110.0, 180.0, np.random.default_rng(seed)) for seed in range(20)]
    energy = np.concatenate([grid.energy for grid in grids])
    assert np.mean((energy >= 0.4) & (energy <= 0.9)) > 0.7
    assert 0.03 < np.mean(energy < 0.15) < 0.2
    # Whole breaks: not those cut by the ends; two sections' breaks may meet.
    runs = [[len(list(run)) for is_break, run in itertools.groupby(g.is_break) if is_break] for g in grids]
    assert {2, 4, 8} <= {length for piece in runs for length in piece}
    assert max(itertools.chain.from_iterable(runs)) <= 16


def test_the_same_seed_gives_the_same_grid():
    first, second = (steady_grid(100.0, 30.0, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.energy, second.energy)
    np.testing.assert_array_equal(first.times_s, second.times_s)
