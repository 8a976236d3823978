"""Energy and tempo: what the model reads, what is preferred, and what the default model makes of them."""

import numpy as np
import pytest
import torch
from kinetone.core.checkpoint import DEFAULT_CHECKPOINT, load_checkpoint
from kinetone.core.code_onsets import are_onsets, code_changes
from kinetone.core.codec.quantizer import ResidualVectorQuantizer
from kinetone.core.direction import EnergyRating, directed
from kinetone.core.errors import KinetoneError
from kinetone.core.generate import generate
from kinetone.core.motion.ensemble import ensemble_features
from kinetone.core.onsets import OnsetListener, onsets_s, tempo_bpm
from kinetone.core.options import GenerateOptions
from kinetone.training.corpus.choreography import choreograph
from kinetone.training.corpus.grid import steady_grid

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
    features = directed(dance, GenerateOptions(tempo_bpm=90), quantizer).features.numpy()
    beats = np.flatnonzero(features[:, 72])
    assert np.diff(beats).tolist() == [40] * (len(beats) - 1)
    assert np.flatnonzero(features[:, 75] == 1).tolist() == beats.tolist()
    assert np.array_equal(features[:, :72], dance.displacements)


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
def heard():
    """The onset strengths of four takes of the default model for a dance."""
    if not DEFAULT_CHECKPOINT.exists():
        pytest.skip("this checkout has no default checkpoint")
    checkpoint = load_checkpoint()

    def strengths(joints, **options):
        asked = GenerateOptions(takes=4, **options)
        for take in generate(joints, checkpoint, asked, lambda stage, fraction: None):
            listener = OnsetListener()
            listener.hear(take)
            yield listener.strength()

    return strengths


def test_the_default_model_plays_less_for_less_energy(heard):
    played = {0.25: 0, 2.0: 0}
    for genre in ("break", "house", "middle_hiphop"):
        rng = np.random.default_rng(7)
        dance = choreograph(genre, 7, steady_grid(100.0, 10.0, rng, 4), rng)
        for energy in played:
            played[energy] += sum(len(onsets_s(strength)) for strength in heard(dance, energy=energy))
    assert played[0.25] < 0.8 * played[2.0]


@pytest.mark.parametrize("bpm", [84, 104, 126])
def test_the_default_model_keeps_the_tempo_asked_for(heard, dance_of, bpm):
    tempi = np.array([tempo_bpm(strength) for strength in heard(dance_of(600), tempo_bpm=bpm)])
    away = np.abs(tempi[:, None] / (bpm * np.array([0.5, 1.0, 2.0])) - 1).min(1)
    assert np.sum(away < 0.04) >= 3
