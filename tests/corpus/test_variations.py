"""Variations of a dance keep its beats where the dance hits, and its body whole."""

from dataclasses import replace

import numpy as np
import pytest
from kinetone.core.motion.beats import beat_frames, kinematic_beats
from kinetone.core.motion.canonical import canonical
from kinetone.training.corpus.body import average_body, bone_lengths
from kinetone.training.corpus.choreography import choreograph
from kinetone.training.corpus.grid import BeatGrid
from kinetone.training.corpus.mocap import Dance
from kinetone.training.corpus.variations import cut, joined, mirrored, paused, song_beats, steadied, stretched


def _dance(seed, tempo_bpm=100.0, genre="middle_hiphop", wobble=0.0):
    beats = np.arange(32)
    times_s = 0.3 + 60.0 / tempo_bpm * (beats + wobble * np.sin(2 * np.pi * beats / 16))
    grid = BeatGrid(times_s, 4, np.full(32, 0.7), round((times_s[-1] + 0.4) * 60) / 60, phase=3)
    joints = choreograph(genre, seed, grid, np.random.default_rng(seed), body=average_body())
    return Dance(f"dance-{seed}", joints, grid)


@pytest.fixture(scope="module")
def dance():
    return _dance(1)


def _hits(dance):
    """Share of the grid's beats with a kinematic beat within 50 ms."""
    found = beat_frames(kinematic_beats(canonical(dance.joints))) / 60
    inner = dance.grid.times_s[
        (dance.grid.times_s > 0.3) & (dance.grid.times_s < dance.grid.duration_s - 0.3)
    ]
    return np.mean(np.abs(inner[:, None] - found).min(axis=1) <= 0.05)


def _fastest(dance):
    return np.linalg.norm(np.diff(dance.joints, axis=0), axis=-1).max() * 60


def _whole(dance):
    assert len(dance.joints) == round(dance.grid.duration_s * 60)
    assert np.all((dance.grid.times_s >= 0) & (dance.grid.times_s < dance.grid.duration_s))


def test_a_mirrored_dance_has_its_sides_exchanged_and_its_beats_kept(dance):
    other = mirrored(dance)
    np.testing.assert_allclose(other.joints[:, 1], dance.joints[:, 2] * (-1, 1, 1))
    np.testing.assert_array_equal(mirrored(other).joints, dance.joints)
    assert _hits(other) == _hits(dance)


@pytest.mark.parametrize("factor", [0.85, 1.2])
def test_a_stretched_dance_keeps_its_hits(dance, factor):
    other = stretched(dance, factor)
    _whole(other)
    assert other.grid.duration_s == pytest.approx(dance.grid.duration_s * factor, abs=0.02)
    np.testing.assert_allclose(np.diff(other.grid.times_s), 0.6 * factor)
    assert _hits(other) > _hits(dance) - 0.08
    assert np.ptp(bone_lengths(other.joints), axis=0).max() < 0.01


def test_a_steadied_dance_has_even_beats_that_it_still_hits():
    swaying = _dance(2, wobble=0.3)
    other = steadied(swaying, 105.0)
    _whole(other)
    np.testing.assert_allclose(np.diff(other.grid.times_s), 60 / 105.0)
    assert len(other.grid) == len(swaying.grid)
    assert _hits(other) > _hits(swaying) - 0.08


@pytest.mark.parametrize(
    ("felt_bpm", "song_bpm", "beats"),
    [(100, 100, 1), (100, 124, 1), (100, 81, 1), (100, 130, 0), (80, 130, 2), (60, 90, 0), (50, 90, 2)],
)
def test_a_song_is_danced_at_its_tempo_or_at_half_of_it_or_not(felt_bpm, song_bpm, beats):
    assert song_beats(felt_bpm, song_bpm) == beats


def test_a_dance_to_every_other_beat_still_hits_the_beats_that_it_hit(dance):
    other = steadied(dance, 180.0, beats=2)
    _whole(other)
    np.testing.assert_allclose(np.diff(other.grid.times_s), 60 / 180.0)
    assert len(other.grid) == 2 * len(dance.grid) - 1
    every = replace(
        other, grid=replace(other.grid, times_s=other.grid.times_s[::2], energy=dance.grid.energy)
    )
    assert _hits(every) > _hits(dance) - 0.1


def test_a_cut_is_a_part_of_the_dance(dance):
    other = cut(dance, 4.0, 6.0)
    _whole(other)
    np.testing.assert_array_equal(other.joints, dance.joints[240:600])
    inside = (dance.grid.times_s >= 4.0) & (dance.grid.times_s < 10.0)
    np.testing.assert_allclose(other.grid.times_s, dance.grid.times_s[inside] - 4.0)
    np.testing.assert_array_equal(other.grid.counts, dance.grid.counts[inside])


def test_joined_dances_go_on_without_a_jump_or_a_missing_beat(dance):
    second = _dance(4, tempo_bpm=92.0)
    both = joined(dance, second)
    _whole(both)
    # Bar to bar: the second dance's downbeats are the joined one's.
    assert set(both.grid.counts[-8:][second.grid.is_downbeat[-8:]] % 4) == {0}
    assert _fastest(both) < 1.2 * max(_fastest(dance), _fastest(second))
    periods = np.diff(both.grid.times_s)
    assert periods.min() > 0.55
    assert periods.max() < 0.7
    assert np.ptp(bone_lengths(both.joints), axis=0).max() < 1e-9
    assert _hits(both) > min(_hits(dance), _hits(second)) - 0.08


def test_a_joined_dance_starts_where_the_first_stopped_however_far_away_it_was(dance):
    far = Dance(
        "far", dance.joints @ np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]]) + (9.0, 4.0, 0.0), dance.grid
    )
    near, moved = joined(dance, dance), joined(dance, far)
    np.testing.assert_allclose(moved.joints, near.joints, atol=1e-6)


def test_a_pause_stands_still_for_its_beats_and_has_no_energy(dance):
    beat, held = 12, 4
    other = paused(dance, beat, held, np.random.default_rng(0))
    _whole(other)
    assert len(other.grid) == len(dance.grid) + held
    assert np.all(other.grid.energy[beat : beat + held] == 0)
    assert np.all(other.grid.energy[beat + held :] > 0.5)
    start, end = (round(other.grid.times_s[b] * 60) for b in (beat, beat + held))
    speed = np.linalg.norm(np.diff(other.joints, axis=0), axis=-1).mean(axis=1) * 60
    assert 0.002 < speed[start + 15 : end - 15].mean() < 0.06
    assert _fastest(other) < 1.1 * _fastest(dance)
    np.testing.assert_allclose(np.diff(other.grid.times_s), 0.6, atol=0.02)
    lengths = bone_lengths(other.joints)
    assert np.ptp(lengths, axis=0).max() < 0.01


@pytest.mark.parametrize("beat", [1, 30])
def test_a_pause_may_be_near_an_end(dance, beat):
    _whole(paused(dance, beat, 3, np.random.default_rng(0)))
