"""The corpus on disk: whole pairs, the same bytes again, nothing of the test split in training."""

import itertools
import json

import numpy as np
import pytest
import soundfile
from kinetone.core.errors import FileFormatError
from kinetone.core.motion.beats import beat_frames, kinematic_beats
from kinetone.core.motion.canonical import canonical
from kinetone.training.corpus.build import build_corpus, mocap_dance
from kinetone.training.corpus.choreography import choreograph
from kinetone.training.corpus.grid import steady_grid
from kinetone.training.corpus.mocap import load_dances
from kinetone.training.corpus.plan import is_held_out, plan
from kinetone.training.evaluation.rhythm import beat_alignment_score
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


@needs_instruments
def test_pairs_are_whole(corpus):
    for piece in _pieces(corpus):
        with np.load(corpus / f"{piece['name']}.npz", allow_pickle=False) as motion:
            joints, times_s, energy = motion["joints"], motion["beat_times_s"], motion["energy"]
            assert str(motion["genre"]) == piece["genre"]
            assert str(motion["song"]) == piece["song"]
            assert str(motion["dance"]) == piece["dance"]
            assert int(motion["beats_per_bar"]) == (3 if piece["genre"] == "waltz" else 4)
            assert float(motion["fps"]) == 60.0
        assert joints.dtype == np.float32
        assert joints.shape == (round(piece["duration_s"] * 60), 24, 3)
        assert times_s.shape == energy.shape
        info = soundfile.info(str(corpus / f"{piece['name']}.flac"))
        assert (info.frames, info.samplerate, info.channels) == (len(joints) * 400, 24_000, 1)


@pytest.mark.parametrize("split", ["train", "test"])
def test_recorded_dances_keep_the_songs_tempo_and_their_split(dances, split):
    recorded = list(load_dances(dances))
    takes = {dance.name: dance.grid.tempo_bpm for dance in recorded}
    pieces = (piece for piece in plan(9.0, _SEED, takes) if piece.source == "mocap" and piece.split == split)
    for piece in itertools.islice(pieces, 3):
        dance = mocap_dance(recorded, piece, np.random.default_rng(piece.index))
        assert len(dance.joints) == round(piece.duration_s * 60)
        assert dance.name.split("+")[0] == piece.dance
        assert {is_held_out(name) for name in dance.name.split("+")} == {split == "test"}
        np.testing.assert_allclose(np.diff(dance.grid.times_s), 60 / piece.tempo_bpm)
        found = beat_frames(kinematic_beats(canonical(dance.joints))) / 60
        own = beat_alignment_score(dance.grid.times_s, found)
        shifts = np.arange(0.1, 0.95, 0.2) * 60 / piece.tempo_bpm
        assert own > 1.5 * np.mean(
            [beat_alignment_score(dance.grid.times_s + shift, found) for shift in shifts]
        )


def test_recorded_dances_with_plain_music_keep_one_tempo(dances):
    recorded = list(load_dances(dances))
    takes = {dance.name: dance.grid.tempo_bpm for dance in recorded}
    pieces = (piece for piece in plan(9.0, _SEED, takes) if piece.source == "mocap")
    for piece in itertools.islice(pieces, 6):
        dance = mocap_dance(recorded, piece, np.random.default_rng(piece.index), plain=True)
        assert len(dance.joints) == round(piece.duration_s * 60)
        assert dance.name.split("+")[0] == piece.dance
        periods = np.diff(dance.grid.times_s)
        halves = [np.median(half) for half in np.array_split(periods, 2)]
        assert halves[0] == pytest.approx(halves[1], rel=0.06)
        assert 0.8 < dance.grid.tempo_bpm / takes[piece.dance] < 1.25


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
