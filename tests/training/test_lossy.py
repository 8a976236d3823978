"""Opus and MP3 as what a codec is heard beside."""

import numpy as np
import pytest
from kinetone.core.timing import SAMPLE_RATE
from kinetone.training.evaluation.lossy import FORMATS, through


@pytest.mark.parametrize("name", FORMATS)
def test_music_comes_back_where_it_was_in_few_bits(name):
    time_s = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    plucks = np.exp(-8 * (time_s % 0.5)) * np.sin(2 * np.pi * 330 * time_s)
    music = (0.5 * plucks + 0.2 * np.sin(2 * np.pi * (100 + 150 * time_s) * time_s)).astype(np.float32)
    decoded, kbit_s = through(name, music)
    assert decoded.shape == music.shape
    assert 2 < kbit_s < 20
    assert np.corrcoef(decoded, music)[0, 1] > 0.9, "a shift of a millisecond would leave nothing"
