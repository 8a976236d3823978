"""Metrics against cases worked out by hand."""

import numpy as np
import pytest
import torch
from clicks import clicks
from kinetone.core.alignment import hit_share
from kinetone.core.timing import SAMPLE_RATE
from kinetone.training.evaluation.rhythm import beat_alignment, musical_onsets
from kinetone.training.losses import MultiScaleMelLoss, si_sdr


def test_hit_share_counts_beats_with_an_onset_near():
    beats = np.array([1.0, 2.0, 3.0, 4.0])
    onsets = np.array([1.05, 2.2, 3.09, 9.0])
    assert hit_share(beats, onsets) == 0.5
    assert hit_share(beats, onsets, tolerance_s=0.25) == 0.75
    assert hit_share(beats, np.array([])) == 0.0
    assert hit_share(np.array([]), onsets) == 0.0


def test_onsets_are_found_where_the_clicks_are():
    times = np.arange(0.5, 9.5, 0.6)
    onsets = musical_onsets(clicks(times, 10.0))
    assert len(onsets) == len(times)
    np.testing.assert_allclose(onsets, times, atol=0.05)


def test_music_on_the_beat_beats_the_same_music_shifted():
    beats = np.cumsum(np.random.default_rng(1).uniform(0.5, 0.9, 12))
    music = clicks(beats, 11.0)
    result, _ = beat_alignment(music, beats, np.random.default_rng(2))
    assert result.hit == 1.0
    assert result.shifted < 0.5
    assert result.shifted_spread > 0.0


def test_music_without_onsets_hits_nothing():
    silence = np.zeros(5 * SAMPLE_RATE, np.float32)
    result, _ = beat_alignment(silence, np.array([1.0, 2.0]), np.random.default_rng(0))
    assert result.hit == result.shifted == 0.0


def test_si_sdr_is_the_known_ratio_and_ignores_scale():
    generator = torch.Generator().manual_seed(0)
    target = torch.randn(1, 100_000, generator=generator)
    noise = torch.randn(1, 100_000, generator=generator)
    assert si_sdr(target + 0.1 * noise, target).item() == pytest.approx(20.0, abs=0.1)
    assert si_sdr(3 * (target + 0.1 * noise), target).item() == pytest.approx(20.0, abs=0.1)


def test_mel_loss_is_zero_for_equals_and_grows_with_the_difference():
    time = torch.arange(24_000) / SAMPLE_RATE
    tone = (0.3 * torch.sin(2 * torch.pi * 440 * time))[None, None]
    semitone = (0.3 * torch.sin(2 * torch.pi * 466.2 * time))[None, None]
    loss = MultiScaleMelLoss()
    assert loss(tone, tone).item() == 0.0
    assert 0.0 < loss(0.9 * tone, tone).item() < loss(semitone, tone).item()
