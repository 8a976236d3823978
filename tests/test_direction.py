"""Energy and tempo: what the model reads, what is preferred, and where onsets come to lie."""

import numpy as np
import pytest
import torch
from kinetone.core.checkpoint import DEFAULT_CHECKPOINT, load_checkpoint
from kinetone.core.code_onsets import are_onsets, code_changes
from kinetone.core.codec.quantizer import ResidualVectorQuantizer
from kinetone.core.direction import EnergyRating, directed
from kinetone.core.errors import KinetoneError
from kinetone.core.generate import generate
from kinetone.core.in_time import in_time
from kinetone.core.motion.ensemble import ensemble_features
from kinetone.core.onsets import OnsetListener, onsets_s
from kinetone.core.options import GenerateOptions

FRAMES, BOOKS, SIZE = 400, 4, 16


@pytest.fixture(scope="module")
def quantizer():
    torch.manual_seed(0)
    made = ResidualVectorQuantizer(BOOKS, SIZE, 8)
    made.codebooks.normal_()
    return made


def held_notes(*onsets):
    """Codes ``(K, N)`` of notes that begin at these frames and are held."""
    notes = np.searchsorted(onsets, np.arange(FRAMES), side="right")
    return torch.from_numpy((notes[None] + np.arange(BOOKS)[:, None]) % SIZE)


def onsets_of(codes, quantizer):
    return np.flatnonzero(are_onsets(code_changes(codes[None], quantizer))[0]).tolist()


def test_onsets_of_held_notes_are_seen(quantizer):
    assert onsets_of(held_notes(50, 120, 300), quantizer) == [50, 120, 300]
    assert onsets_of(held_notes(), quantizer) == []


def test_onsets_come_to_lie_on_the_beats_next_to_them(quantizer):
    codes = held_notes(55, 93, 148, 210, 352)
    moved = in_time(codes, quantizer, np.arange(0, FRAMES, 50))
    assert onsets_of(moved, quantizer) == [50, 100, 150, 200, 350]
    assert moved.shape == codes.shape


def test_music_in_time_stays_as_it_is(quantizer):
    codes = held_notes(50, 100, 250)
    assert torch.equal(in_time(codes, quantizer, np.arange(0, FRAMES, 50)), codes)


def test_the_notes_stay_the_same_ones_in_the_same_order(quantizer):
    codes = held_notes(55, 93, 148)
    moved = in_time(codes, quantizer, np.arange(0, FRAMES, 50))
    for frame, source in ((20, 20), (52, 57), (110, 110), (390, 390)):
        assert torch.equal(moved[:, frame], codes[:, source])


def test_outside_the_part_nothing_moves(quantizer):
    codes = held_notes(55, 93, 148, 210, 352)
    moved = in_time(codes, quantizer, np.arange(0, FRAMES, 50), start=130, end=230)
    assert onsets_of(moved, quantizer) == [55, 93, 150, 200, 352]
    assert torch.equal(moved[:, :130], codes[:, :130])
    assert torch.equal(moved[:, 230:], codes[:, 230:])


@pytest.mark.parametrize("grid", [[], [200], [0, 399]])
def test_grids_with_hardly_a_beat_do_no_harm(quantizer, grid):
    codes = held_notes(55, 93)
    assert in_time(codes, quantizer, np.array(grid, dtype=int)).shape == codes.shape


def test_energy_scales_what_the_model_reads(quantizer, sample_dance):
    dance = ensemble_features([sample_dance])
    sizes = [
        float(directed(dance, GenerateOptions(energy=energy), quantizer).features[:, :72].norm())
        for energy in (0.25, 0.5, 1.0, 2.0)
    ]
    assert sizes == sorted(sizes)
    usual = directed(dance, GenerateOptions(), quantizer).features
    assert np.array_equal(usual.numpy(), dance.stacked())


def test_energy_prefers_fewer_or_more_onsets(quantizer):
    calm, lively = held_notes(200), held_notes(50, 100, 150, 200, 250, 300)
    candidates = torch.stack([calm, lively])

    def indifferent(codes, start):
        return torch.zeros(len(codes))

    assert EnergyRating(indifferent, quantizer, 0.5)(candidates, 0).argmax() == 0
    assert EnergyRating(indifferent, quantizer, 2.0)(candidates, 0).argmax() == 1


def test_a_tempo_takes_the_place_of_the_dance_s_own_beats(quantizer, sample_dance):
    dance = ensemble_features([sample_dance])
    direction = directed(dance, GenerateOptions(tempo_bpm=90), quantizer)
    assert np.abs(np.diff(direction.grid) - 40).max() <= 1
    assert np.flatnonzero(direction.features[:, 72]).tolist() == direction.grid.tolist()
    assert directed(dance, GenerateOptions(), quantizer).grid is None


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"energy": 3.0, "tempo_bpm": 10.0}, "energy 3.0, tempo_bpm 10.0"),
        ({"genre_strength": -1.0}, "genre_strength -1.0"),
        ({"energy": float("nan")}, "energy nan"),
    ],
)
def test_what_is_out_of_range_is_named_all_at_once(options, names):
    with pytest.raises(KinetoneError, match=names) as caught:
        GenerateOptions(**options).check()
    assert caught.value.code == "generate.options"
    assert all(name in caught.value.hint for name in options)


@pytest.fixture(scope="module")
def onset_count(dance_of):
    """How many onsets the default model's music for a dance of five seconds has, four takes together."""
    if not DEFAULT_CHECKPOINT.exists():
        pytest.skip("this checkout has no default checkpoint")
    checkpoint = load_checkpoint()

    def count(**options):
        asked = GenerateOptions(takes=4, **options)
        total = 0
        for take in generate(dance_of(300), checkpoint, asked, lambda stage, fraction: None):
            listener = OnsetListener()
            listener.hear(take)
            total += len(onsets_s(listener.strength()))
        return total

    return count


def test_the_default_model_plays_less_for_less_energy(onset_count):
    assert onset_count(energy=0.25) < 0.8 * onset_count(energy=2.0)
