"""Music that is nothing but its onsets."""

import numpy as np
from kinetone.core.timing import SAMPLE_RATE


def clicks(times_s, duration_s):
    """Short decaying bursts over faint noise."""
    rng = np.random.default_rng(0)
    waveform = 1e-4 * rng.standard_normal(round(duration_s * SAMPLE_RATE))
    burst = rng.standard_normal(2400) * np.exp(-np.arange(2400) / 300) * 0.3
    for time in times_s:
        start = round(time * SAMPLE_RATE)
        waveform[start : start + len(burst)] += burst[: len(waveform) - start]
    return waveform.astype(np.float32)
