"""Choreographed dances: on the beat, on the floor, of one body, still when the music breaks."""

import numpy as np
import pytest
from kinetone.core.motion.beats import beat_frames, kinematic_beats
from kinetone.core.motion.canonical import canonical
from kinetone.core.motion.skeleton import JOINT_INDEX
from kinetone.training.corpus.body import average_body, bone_lengths, random_body
from kinetone.training.corpus.choreography import choreograph, script
from kinetone.training.corpus.grid import BEATS_PER_BAR, GENRES, BeatGrid, song_tempo, steady_grid
from kinetone.training.corpus.moves import moves, parse
from kinetone.training.corpus.vocabulary import STYLES

_BREAK = slice(16, 24)


_JOINT_LIMITS = {
    # the least and the largest angle between the two bones, degrees; 180 is straight
    "knee": (28, 180),
    "elbow": (29, 180),
    "ankle": (70, 175),
    "spine1": (145, 180),
    "spine2": (145, 180),
    "spine3": (135, 180),
    "neck": (130, 180),
}


def _even_grid(energy, period_s=0.6, first_s=0.3, beats_per_bar=4):
    times_s = first_s + period_s * np.arange(len(energy))
    return BeatGrid(times_s, beats_per_bar, np.asarray(energy, dtype=float), float(times_s[-1]) + 0.5)


def _genre_grid(genre, energy, period_s=0.6):
    return _even_grid(energy, period_s, beats_per_bar=BEATS_PER_BAR[genre])


def _angle(joints, *names):
    first, middle, last = (joints[:, JOINT_INDEX[name]] for name in names)
    one, other = first - middle, last - middle
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.rad2deg(np.arccos(np.clip(np.sum(one * other, axis=1) / lengths, -1, 1)))


def _bone_angles(joints):
    """Degrees between the two bones that meet in each joint: {joint: values of all frames and sides}."""
    chains = {"knee": "hip knee ankle", "elbow": "shoulder elbow wrist", "ankle": "knee ankle foot"}
    angles = {
        joint: np.concatenate(
            [_angle(joints, *(f"{side}_{part}" for part in chain.split())) for side in ("left", "right")]
        )
        for joint, chain in chains.items()
    }
    spine = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")
    return angles | {spine[i]: _angle(joints, *spine[i - 1 : i + 2]) for i in range(1, 5)}


def _speed(joints):
    return np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean(axis=1) * 60


def _beats_s(joints):
    return beat_frames(kinematic_beats(canonical(joints))) / 60


@pytest.fixture(scope="module", params=GENRES)
def dance(request):
    """(genre, grid, joints) of 40 s, a break in it."""
    energy = np.full(64, 0.7)
    energy[_BREAK] = 0.03
    grid = _genre_grid(request.param, energy)
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
        grid = steady_grid(song_tempo(genre, seed), 20.0, rng, BEATS_PER_BAR[genre])
        found = _beats_s(choreograph(genre, seed, grid, rng))
        live = grid.times_s[(grid.energy > 0.3) & (grid.times_s > 0.3) & (grid.times_s < 19.5)]
        nearest = found[np.abs(live[:, None] - found).argmin(axis=1)] - live
        hits.append(np.abs(nearest) <= 0.05)
        offsets_s.append(nearest[np.abs(nearest) <= 0.1])
        halves = grid.time_at(np.arange(-1, len(grid) + 1, 0.5))
        on_halves.append(np.abs(found[:, None] - halves).min(axis=1) <= 0.05)
    # Ballet jazz takes two beats for half of its movements.
    assert np.concatenate(hits).mean() >= (0.6 if genre == "ballet_jazz" else 0.75)
    assert np.concatenate(on_halves).mean() >= 0.8
    # People are neither late nor early on the whole, and never exact.
    assert abs(np.concatenate(offsets_s).mean()) < 0.015
    assert 0.008 < np.concatenate(offsets_s).std() < 0.035


def test_stands_still_in_a_break(dance):
    _, grid, joints = dance
    speed = _speed(joints)
    start, end = (round(grid.times_s[beat] * 60) for beat in (_BREAK.start, _BREAK.stop - 1))
    assert speed[start + 8 : end].mean() < 0.12
    assert speed.mean() > 0.25
    inside = (grid.times_s[_BREAK.start] + 0.15, grid.times_s[_BREAK.stop - 1])
    found = _beats_s(joints)
    assert np.count_nonzero((found > inside[0]) & (found < inside[1])) <= 1


def test_movement_grows_with_energy(dance):
    genre = dance[0]
    mean_speed = [
        _speed(
            choreograph(genre, 2, _genre_grid(genre, np.full(32, energy)), np.random.default_rng(2))
        ).mean()
        for energy in (0.3, 0.6, 0.95)
    ]
    assert mean_speed[0] * 1.2 < mean_speed[1] < mean_speed[2] / 1.03


def test_feet_stand_on_the_floor_and_do_not_slide(dance):
    joints = dance[2]
    balls = joints[:, [JOINT_INDEX["left_foot"], JOINT_INDEX["right_foot"]]]
    assert joints[..., 2].min() > 0  # the floor, for hands and knees too
    assert np.mean(balls[..., 2].min(axis=1) < 0.035) > 0.92  # but for hops
    planted = balls[:-1, :, 2] < 0.025
    slide = np.linalg.norm(np.diff(balls[..., :2], axis=0), axis=-1)[planted] * 60
    assert np.quantile(slide, 0.9) < 0.12  # m/s, the jitter of a capture included


def test_joints_bend_as_far_as_people_s(dance):
    for joint, degrees in _bone_angles(dance[2]).items():
        least, most = _JOINT_LIMITS[joint]
        assert least <= degrees.min(), joint
        assert degrees.max() <= most, joint


def test_knees_bend_forwards(dance):
    joints = dance[2]
    for side in ("left", "right"):
        hip, knee, ankle, foot = (
            joints[:, JOINT_INDEX[f"{side}_{part}"]] for part in ("hip", "knee", "ankle", "foot")
        )
        ahead = (foot - ankle) * (1, 1, 0)
        bent = knee - (hip + ankle) / 2
        upright = np.linalg.norm((hip - ankle)[:, :2], axis=1) < 0.3
        assert np.mean(np.sum(ahead * bent, axis=1)[upright] > 0) > 0.99


def test_joints_do_not_move_faster_than_people_do(dance):
    step = np.linalg.norm(np.diff(dance[2], axis=0), axis=-1)
    assert step.max() * 60 < 14.0


def test_same_seed_same_dance_other_seed_another():
    grid = _even_grid(np.full(32, 0.7))
    one, same, other = (choreograph("house", 1, grid, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.allclose(one, other, atol=0.05)


def test_a_choreography_is_the_same_idea_to_any_song():
    body = average_body()

    def hits(number, period_s, seed):
        grid = _even_grid(np.full(40, 0.7), period_s)
        joints = canonical(choreograph("lock", number, grid, np.random.default_rng(seed), body))
        frames = np.round(grid.times_s[8:32] * 60).astype(int)
        return joints[frames] - joints[frames, :1]

    one, slower, another = hits(3, 0.5, 1), hits(3, 0.6, 2), hits(4, 0.5, 1)
    apart = np.linalg.norm(one - another, axis=-1).mean()
    assert np.linalg.norm(one - slower, axis=-1).mean() < 0.35 * apart


def _signature(joints):
    """How a dance looks on the whole: heights, spread and speed of the joints in the body's own space."""
    body = canonical(joints)
    speed = np.linalg.norm(np.diff(body, axis=0), axis=-1) * 60
    own = body - body[:, :1] * (1, 1, 0)
    return np.concatenate(
        [own[..., 2].mean(axis=0), own[..., 2].std(axis=0), speed.mean(axis=0), speed.std(axis=0)]
    )


def test_genres_are_told_apart_by_how_they_look():
    features, genres = [], []
    for genre in GENRES:
        for number in range(6):
            rng = np.random.default_rng(number)
            grid = _genre_grid(genre, np.full(28, 0.7), 60 / song_tempo(genre, number))
            features.append(_signature(choreograph(genre, number, grid, rng)))
            genres.append(genre)
    values, genres = np.array(features), np.array(genres)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    known = np.arange(len(genres)) % 2 == 0
    means = np.array([values[known & (genres == genre)].mean(axis=0) for genre in GENRES])
    nearest = np.linalg.norm(values[~known, None] - means, axis=-1).argmin(axis=1)
    assert np.mean(np.array(GENRES)[nearest] == genres[~known]) > 0.5  # by chance 0.08


def test_no_two_genres_share_a_move():
    texts = [move.text for style in STYLES.values() for move in style.moves]
    assert len(set(texts)) == len(texts)


def test_a_waltz_is_low_on_one_and_rises():
    grid = _genre_grid("waltz", np.full(60, 0.7))
    joints = choreograph("waltz", 0, grid, np.random.default_rng(0))
    height = joints[np.round(grid.times_s * 60).astype(int), 0, 2]
    assert height[grid.is_downbeat].mean() + 0.04 < height[~grid.is_downbeat].mean()


def test_breaking_goes_down_to_the_floor_on_hands():
    grid = _even_grid(np.full(64, 0.8))
    hands = [JOINT_INDEX["left_hand"], JOINT_INDEX["right_hand"]]
    dances = [choreograph("break", number, grid, np.random.default_rng(0)) for number in range(3)]
    assert min(joints[:, 0, 2].min() for joints in dances) < 0.65
    assert np.mean(np.concatenate(dances)[:, hands, 2].min(axis=1) < 0.1) > 0.03


def test_popping_holds_its_hits_and_waacking_never_stops():
    def still(genre):
        speed = _speed(choreograph(genre, 1, _even_grid(np.full(48, 0.7)), np.random.default_rng(0)))
        return np.mean(speed < 0.35 * speed.mean())

    assert still("pop") > 1.3 * still("waack")


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


def _cues(genre):
    grid = _genre_grid(genre, np.full(96, 0.7))
    return [cue for seed in range(4) for cue in script(STYLES[genre], grid, np.random.default_rng(seed))]


@pytest.mark.parametrize(("genre", "loud"), [("lock", (1, 3)), ("krump", (0,)), ("waltz", (0,))])
def test_movement_is_larger_where_the_drums_are_louder(genre, loud):
    cues = [cue for cue in _cues(genre) if cue.position % 1 == 0]
    beats = BEATS_PER_BAR[genre]
    accented = [cue.size for cue in cues if cue.position % beats in loud]
    others = [cue.size for cue in cues if cue.position % beats not in loud]
    assert np.mean(accented) > 1.08 * np.mean(others)


def test_hits_fall_on_halves_too_and_by_the_genres_habit():
    off_beat = {
        genre: np.mean([cue.position % 1 != 0 for cue in _cues(genre)])
        for genre in ("waltz", "ballet_jazz", "house", "waack", "la_hiphop")
    }
    assert off_beat["ballet_jazz"] < off_beat["waltz"] + 0.05 < 0.15
    assert min(off_beat["house"], off_beat["waack"], off_beat["la_hiphop"]) > 0.3
