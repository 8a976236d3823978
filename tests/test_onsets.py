"""Onsets and beats, beside librosa's."""

import librosa
import numpy as np
import pytest
from kinetone.core.checkpoint import DEFAULT_CHECKPOINT, load_checkpoint
from kinetone.core.generate import generate
from kinetone.core.onsets import OnsetListener, beats_s, onsets_s, tempo_bpm
from kinetone.core.options import GenerateOptions
from kinetone.core.timing import SAMPLE_RATE
from kinetone.training.evaluation.rhythm import beat_f, metrical_beats, musical_onsets, onset_f


def heard(waveform, pieces=1):
    listener = OnsetListener()
    for piece in np.array_split(waveform, pieces):
        listener.hear(piece)
    return listener.strength()


def clicks(bpm, seconds=12.0):
    """Bursts of noise at a tempo: the waveform and their times."""
    rng = np.random.default_rng(0)
    times = np.arange(0.3, seconds - 0.2, 60 / bpm)
    waveform = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    burst = np.exp(-np.arange(1200) / 200)
    for time in times:
        start = round(time * SAMPLE_RATE)
        waveform[start : start + len(burst)] += 0.5 * burst * rng.normal(size=len(burst))
    return waveform, times


@pytest.fixture(scope="module")
def music(dance_of):
    """Ten seconds by the default model."""
    if not DEFAULT_CHECKPOINT.exists():
        pytest.skip("this checkout has no default checkpoint")
    options = GenerateOptions(genre="house", seed=2)
    return generate(dance_of(600), load_checkpoint(), options, lambda stage, fraction: None)[0]


def test_music_has_the_onsets_that_librosa_finds(music):
    reference = musical_onsets(music)
    assert len(reference) > 10
    assert onset_f(onsets_s(heard(music)), reference, window_s=0.05) >= 0.9


def test_music_is_as_loud_at_its_onsets_as_librosa_says(music):
    ours = heard(music)
    theirs = librosa.onset.onset_strength(y=music, sr=SAMPLE_RATE)
    assert len(ours) == len(theirs)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.95


@pytest.mark.parametrize("bpm", [60, 97, 140, 200])
def test_every_click_is_an_onset_where_it_is(bpm):
    waveform, times = clicks(bpm)
    found = onsets_s(heard(waveform))
    assert onset_f(found, times, window_s=0.05) >= 0.9
    assert onset_f(found, musical_onsets(waveform), window_s=0.05) >= 0.9


@pytest.mark.parametrize("bpm", [70, 97, 128, 140])
def test_the_beats_of_clicks_are_the_clicks(bpm):
    waveform, times = clicks(bpm)
    strength = heard(waveform)
    assert tempo_bpm(strength) == pytest.approx(bpm, rel=0.02)
    assert beat_f(beats_s(strength), times) >= 0.8
    assert beat_f(beats_s(strength), metrical_beats(waveform)) >= 0.8


def test_pieces_of_any_size_are_heard_as_one():
    waveform, _ = clicks(113, seconds=5)
    whole = heard(waveform)
    for pieces in (2, 7, 300):
        np.testing.assert_allclose(heard(waveform, pieces), whole, atol=1e-5)


@pytest.mark.parametrize("samples", [0, 1, 400, 3000, 48_000])
def test_silence_of_any_length_has_neither(samples):
    strength = heard(np.zeros(samples, np.float32))
    assert len(onsets_s(strength)) == 0
    assert len(beats_s(strength)) == 0
    assert tempo_bpm(strength) is None


def test_a_single_click_is_one_onset():
    waveform = np.zeros(SAMPLE_RATE, np.float32)
    waveform[12_000:12_400] = 0.5
    assert onsets_s(heard(waveform)) == pytest.approx([0.5], abs=0.05)
