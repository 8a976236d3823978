"""The corpus on disk: whole pairs, the same bytes again, nothing of the test split in training."""

import json

import numpy as np
import pytest
import soundfile
from kinetone.core.errors import FileFormatError
from kinetone.training.corpus.build import HELD_OUT_TAKES, build_corpus, build_piece, is_held_out, plan
from kinetone.training.corpus.choreography import choreograph
from kinetone.training.corpus.grid import steady_grid
from needed_instruments import needs_instruments

_HOURS, _SEED = 0.025, 3
_NAMES = ("60_01_made", "60_03_made", "61_02_made", "61_11_made")


@pytest.fixture(scope="module")
def dances(tmp_path_factory):
    """A folder of four dances, named like takes of the CMU database."""
    folder = tmp_path_factory.mktemp("dances")
    for seed, name in enumerate(_NAMES):
        rng = np.random.default_rng(seed)
        grid = steady_grid(95.0, 12.0, rng)
        np.savez(folder / f"{name}.npz", joints=choreograph("salsa", seed, grid, rng), fps=60.0)
    return folder


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, dances):
    """A corpus of some pieces."""
    out = tmp_path_factory.mktemp("corpus")
    build_corpus(out, _HOURS, _SEED, dances)
    return out


def _pieces(folder):
    return json.loads((folder / "index.json").read_text(encoding="utf-8"))["pieces"]


def _bytes(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_plan_fills_the_hours_and_is_the_same_again():
    pieces = list(plan(2.0, 7))
    assert pieces == list(plan(2.0, 7))
    assert pieces != list(plan(2.0, 8))
    assert 2.0 * 3600 <= sum(piece.duration_s for piece in pieces) < 2.0 * 3600 + 40
    assert all(15 <= piece.duration_s <= 40 for piece in pieces)
    assert len({piece.name for piece in pieces}) == len(pieces)


def test_a_longer_plan_begins_like_a_shorter_one():
    shorter = list(plan(0.5, 1))
    assert list(plan(1.0, 1))[: len(shorter)] == shorter


def test_half_of_the_plan_is_recorded_dance_and_songs_are_split():
    pieces = list(plan(20.0, 0))
    recorded = np.mean([piece.source == "mocap" for piece in pieces])
    assert 0.45 < recorded < 0.55
    songs = {split: {piece.song for piece in pieces if piece.split == split} for split in ("train", "test")}
    assert songs["test"]
    assert not songs["train"] & songs["test"]


@pytest.mark.parametrize("take", HELD_OUT_TAKES)
def test_held_out_takes_are_known_by_name(take):
    assert is_held_out(f"{take}_salsa")
    assert not is_held_out("60_13_salsa")
    assert not is_held_out("131_01_pop")


@needs_instruments
def test_pairs_are_whole(corpus):
    for piece in _pieces(corpus):
        with np.load(corpus / f"{piece['name']}.npz", allow_pickle=False) as motion:
            joints, times_s, energy = motion["joints"], motion["beat_times_s"], motion["energy"]
            assert str(motion["genre"]) == piece["genre"]
            assert str(motion["song"]) == piece["song"]
            assert float(motion["fps"]) == 60.0
        assert joints.dtype == np.float32
        assert joints.shape == (round(piece["duration_s"] * 60), 24, 3)
        assert times_s.shape == energy.shape
        info = soundfile.info(str(corpus / f"{piece['name']}.flac"))
        assert (info.frames, info.samplerate, info.channels) == (len(joints) * 400, 24_000, 1)


@needs_instruments
def test_dances_of_the_test_split_are_never_trained_on(corpus, dances):
    pieces = [piece for piece in plan(3.0, _SEED) if piece.source == "mocap"]
    assert {piece["split"] for piece in _pieces(corpus)} <= {"train", "test"}
    for split in ("train", "test"):
        piece = next(piece for piece in pieces if piece.split == split)
        build_piece(piece, corpus, _SEED, dances)
        with np.load(corpus / f"{piece.name}.npz") as motion:
            danced = str(motion["dance"]).split("+")
        assert {is_held_out(name) for name in danced} == {split == "test"}
        for suffix in (".npz", ".flac"):
            if piece.name not in {entry["name"] for entry in _pieces(corpus)}:
                (corpus / f"{piece.name}{suffix}").unlink()


@needs_instruments
def test_what_was_lost_is_made_again_to_the_byte(corpus, dances):
    before = _bytes(corpus)
    name = _pieces(corpus)[0]["name"]
    (corpus / f"{name}.npz").unlink()
    (corpus / "index.json").unlink()
    build_corpus(corpus, _HOURS, _SEED, dances)
    assert _bytes(corpus) == before


@needs_instruments
def test_the_number_of_workers_changes_nothing(corpus, dances, tmp_path):
    build_corpus(tmp_path, _HOURS, _SEED, dances, workers=2)
    assert _bytes(tmp_path) == _bytes(corpus)


@needs_instruments
def test_a_folder_with_another_corpus_is_refused(corpus, dances):
    with pytest.raises(FileFormatError) as caught:
        build_corpus(corpus, _HOURS, _SEED + 1, dances)
    assert caught.value.code == "corpus.other_settings"
