"""The plan: songs meet several dances and dances several songs, and nothing of the tests is trained on."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from kinetone.training.corpus.grid import GENRES, song_tempo
from kinetone.training.corpus.plan import HELD_OUT_TAKES, is_held_out, plan
from kinetone.training.corpus.variations import MOST_STRETCHED

TAKES = {
    "60_01_salsa": 82.0,
    "60_03_salsa": 83.0,
    "61_09_salsa": 96.0,
    "61_11_salsa": 93.0,
    "131_01_pop": 100.0,
}


@pytest.fixture(scope="module")
def pieces():
    return list(plan(30.0, 0, TAKES))


def test_it_fills_the_hours_and_is_the_same_again():
    pieces = list(plan(2.0, 7, TAKES))
    assert pieces == list(plan(2.0, 7, TAKES))
    assert pieces != list(plan(2.0, 8, TAKES))
    assert 2.0 * 3600 <= sum(piece.duration_s for piece in pieces) < 2.0 * 3600 + 40
    assert all(15 <= piece.duration_s <= 40 for piece in pieces)
    assert len({piece.name for piece in pieces}) == len(pieces)


def test_a_longer_plan_begins_like_a_shorter_one():
    shorter = list(plan(0.5, 1, TAKES))
    assert list(plan(1.0, 1, TAKES))[: len(shorter)] == shorter


def test_songs_and_dances_of_the_test_split_are_never_trained_on(pieces):
    for names in ("song", "dance"):
        used = {split: {getattr(p, names) for p in pieces if p.split == split} for split in ("train", "test")}
        assert used["test"]
        assert not used["train"] & used["test"]
    for piece in pieces:
        if piece.source == "mocap":
            assert is_held_out(piece.dance) == (piece.split == "test")


def test_a_song_has_several_dances_and_a_dance_several_songs(pieces):
    dances, songs = defaultdict(set), defaultdict(set)
    for piece in pieces:
        dances[piece.song].add(piece.dance)
        songs[piece.dance].add(piece.song)
    assert np.mean([len(found) > 1 for found in dances.values()]) > 0.9
    assert np.mean([len(found) > 1 for found in songs.values()]) > 0.7


def test_more_variety_draws_from_more_songs_and_dances_and_holds_out_the_same_ones(pieces):
    varied = list(plan(30.0, 0, TAKES, variety=4))
    for names in ("song", "dance"):
        found = [{getattr(p, names) for p in each if p.source == "choreography"} for each in (pieces, varied)]
        assert len(found[1]) > 2 * len(found[0])
        held_out, learned = (
            {getattr(p, names) for each in (pieces, varied) for p in each if p.split == split}
            for split in ("test", "train")
        )
        assert not held_out & learned


def test_a_third_is_recorded_and_genres_are_spread_evenly_with_more_salsa(pieces):
    recorded = np.mean([piece.source == "mocap" for piece in pieces])
    assert 0.31 < recorded < 0.39
    shares = {genre: count / len(pieces) for genre, count in Counter(p.genre for p in pieces).items()}
    assert max(shares, key=shares.__getitem__) == "salsa"
    assert shares["salsa"] < 0.25
    assert all(0.05 < shares[genre] < 0.1 for genre in GENRES if genre != "salsa")
    assert not any(piece.genre == "waltz" for piece in pieces if piece.source == "mocap")


def test_recorded_dances_meet_songs_that_they_can_be_danced_to(pieces):
    for piece in pieces:
        if piece.source == "mocap":
            stretches = np.array([TAKES[piece.dance], 2 * TAKES[piece.dance]]) / piece.tempo_bpm
            assert np.any((stretches > 1 / MOST_STRETCHED - 1e-9) & (stretches < MOST_STRETCHED + 1e-9))


def test_a_piece_knows_its_song_and_choreography_by_number(pieces):
    piece = next(piece for piece in pieces if piece.source == "choreography")
    assert piece.song == f"{piece.genre}-{piece.song_number:02d}"
    assert piece.tempo_bpm == song_tempo(piece.genre, piece.song_number)
    assert piece.dance == f"{piece.genre}-dance-{piece.choreography_number:02d}"


def test_without_recordings_all_is_choreographed():
    assert {piece.source for piece in plan(1.0, 0, {})} == {"choreography"}


@pytest.mark.parametrize("take", HELD_OUT_TAKES)
def test_held_out_takes_are_known_by_name(take):
    assert is_held_out(f"{take}_salsa")
    assert not is_held_out("60_13_salsa")
    assert not is_held_out("131_01_pop")
