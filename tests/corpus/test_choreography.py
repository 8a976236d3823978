"""Choreographed dances: on the beat, on the floor, of one body, still when the music breaks."""

import numpy as np
import pytest
from kinetone.core.motion.beats import beat_frames, kinematic_beats
from kinetone.core.motion.canonical import canonical
from kinetone.core.motion.skeleton import JOINT_INDEX
from kinetone.training.corpus.body import average_body, bone_lengths, random_body
from kinetone.training.corpus.choreography import choreograph
from kinetone.training.corpus.grid import GENRES, BeatGrid, song_tempo, steady_grid
from kinetone.training.corpus.moves import moves, parse
from kinetone.training.corpus.vocabulary import STYLES

_BREAK = slice(16, 24)


def _even_grid(energy, period_s=0.6, first_s=0.3):
    times_s = first_s + period_s * np.arange(len(energy))
    return BeatGrid(times_s, 4, np.asarray(energy, dtype=float), float(times_s[-1]) + 0.5, phase=0)


def _speed(joints):
    return np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean(axis=1) * 60


def _beats_s(joints):
    return beat_frames(kinematic_beats(canonical(joints))) / 60


@pytest.fixture(scope="module", params=GENRES)
def dance(request):
    """(genre, grid, joints) of 40 s, a break in it."""
    energy = np.full(64, 0.7)
    energy[_BREAK] = 0.03
    grid = _even_grid(energy)
    return request.param, grid, choreograph(request.param, 5, grid, np.random.default_rng(5))


def test_one_frame_for_every_sixtieth_of_a_second(dance):
    _, grid, joints = dance
    assert joints.shape == (round(grid.duration_s * 60), 24, 3)
    assert np.isfinite(joints).all()


def test_bones_keep_their_lengths(dance):
    lengths = bone_lengths(dance[2])
    assert np.ptp(lengths, axis=0).max() < 1e-9


@pytest.mark.parametrize("genre", GENRES)
def test_kinematic_beats_fall_on_the_grid(genre):
    hits, offsets_s, on_halves = [], [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        grid = steady_grid(song_tempo(genre, seed), 30.0, rng)
        found = _beats_s(choreograph(genre, seed, grid, rng))
        live = grid.times_s[(grid.energy > 0.3) & (grid.times_s > 0.3) & (grid.times_s < 29.5)]
        nearest = found[np.abs(live[:, None] - found).argmin(axis=1)] - live
        hits.append(np.abs(nearest) <= 0.05)
        offsets_s.append(nearest[np.abs(nearest) <= 0.1])
        halves = grid.time_at(np.arange(-1, len(grid) + 1, 0.5))
        on_halves.append(np.abs(found[:, None] - halves).min(axis=1) <= 0.05)
    assert np.concatenate(hits).mean() >= 0.85
    assert np.concatenate(on_halves).mean() >= 0.85
    # People are neither late nor early on the whole, and never exact.
    assert abs(np.concatenate(offsets_s).mean()) < 0.015
    assert 0.008 < np.concatenate(offsets_s).std() < 0.03


def test_stands_still_in_a_break(dance):
    _, grid, joints = dance
    speed = _speed(joints)
    start, end = (round(grid.times_s[beat] * 60) for beat in (_BREAK.start, _BREAK.stop - 1))
    assert speed[start + 8 : end].mean() < 0.12
    assert speed.mean() > 0.35
    inside = (grid.times_s[_BREAK.start] + 0.15, grid.times_s[_BREAK.stop - 1])
    found = _beats_s(joints)
    assert np.count_nonzero((found > inside[0]) & (found < inside[1])) <= 1


def test_movement_grows_with_energy(dance):
    genre = dance[0]
    mean_speed = [
        _speed(choreograph(genre, 2, _even_grid(np.full(48, energy)), np.random.default_rng(2))).mean()
        for energy in (0.3, 0.6, 0.95)
    ]
    assert mean_speed[0] * 1.2 < mean_speed[1] < mean_speed[2] / 1.1


def test_feet_stay_on_the_floor_and_do_not_slide(dance):
    joints = dance[2]
    for side in ("left", "right"):
        ankle, foot = joints[:, JOINT_INDEX[f"{side}_ankle"]], joints[:, JOINT_INDEX[f"{side}_foot"]]
        assert foot[:, 2].min() > -0.015
        planted = ankle[:-1, 2] < np.quantile(ankle[:, 2], 0.2) + 0.004
        slide = np.linalg.norm(np.diff(ankle[:, :2], axis=0), axis=1)[planted] * 60
        assert np.quantile(slide, 0.75) < 0.1  # m/s, the jitter of a capture included


def test_joints_do_not_move_faster_than_people_do(dance):
    step = np.linalg.norm(np.diff(dance[2], axis=0), axis=-1)
    assert step.max() * 60 < 14.0


def test_same_seed_same_dance_other_seed_another():
    grid = _even_grid(np.full(32, 0.7))
    one, same, other = (choreograph("house", 1, grid, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.allclose(one, other, atol=0.05)


def test_a_grid_of_breaks_alone_can_be_danced():
    joints = choreograph("pop", 0, _even_grid(np.zeros(24)), np.random.default_rng(0))
    assert _speed(joints).mean() < 0.15


def test_bodies_differ_but_are_symmetric():
    lengths = np.stack([random_body(np.random.default_rng(seed)).bone_lengths for seed in range(20)])
    assert np.ptp(lengths[:, JOINT_INDEX["left_knee"]]) > 0.03
    for part in ("knee", "ankle", "elbow", "wrist"):
        left, right = (lengths[:, JOINT_INDEX[f"{side}_{part}"]] for side in ("left", "right"))
        np.testing.assert_allclose(left, right)
    assert np.all(np.abs(lengths[:, 1:] / average_body().bone_lengths[1:] - 1) < 0.2)


def test_a_mirrored_move_mirrored_is_the_move():
    for style in STYLES.values():
        for move in style.moves:
            for key in move.sequence():
                twice = key.mirrored().mirrored()
                np.testing.assert_allclose(twice.posture, key.posture)
                assert {step.foot for step in twice.steps} == {step.foot for step in key.steps}


def test_moves_fit_their_beats():
    for style in STYLES.values():
        assert len(style.moves) >= 10
        for move in style.moves:
            places = [key.at for key in move.sequence()]
            assert places == sorted(set(places))
            assert 0 <= places[0] <= places[-1] < move.beats


@pytest.mark.parametrize("text", ["0 L>nowhere", "0 hipX", "0 a=tentacle", "0 L^out", "0 jazzhands"])
def test_a_word_that_is_none_is_named(text):
    with pytest.raises(ValueError, match=text.split()[1].replace("^", r"\^")):
        parse(text)
    with pytest.raises(ValueError, match="no such word"):
        moves(f"2: {text}")
