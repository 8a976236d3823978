"""Music through Opus and MP3 at the least bits that they take, to hear a codec's scores beside."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
from scipy.signal import correlate

from ...core.timing import SAMPLE_RATE

Waveform = npt.NDArray[np.float32]
"""(S,) at 24 kHz, within ±1."""

FORMATS: dict[str, dict[str, Any]] = {
    "opus": {"format": "OGG", "subtype": "OPUS", "compression_level": 1.0},
    # The last step before libsndfile refuses: LAME's 8 kbit/s.
    "mp3": {
        "format": "MP3",
        "subtype": "MPEG_LAYER_III",
        "compression_level": 0.99,
        "bitrate_mode": "CONSTANT",
    },
}
"""What libsndfile is told."""


def through(name: str, waveform: Waveform) -> tuple[Waveform, float]:
    """What is there again after encoding and decoding, not delayed, and the file's bits (kbit/s).

    Args: name: one of FORMATS.
    """
    file = io.BytesIO()
    soundfile.write(file, waveform, SAMPLE_RATE, **FORMATS[name])
    bits = 8 * file.tell()
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    return _undelayed(decoded, waveform), bits / (len(waveform) / SAMPLE_RATE) / 1000


def _undelayed(decoded: Waveform, waveform: Waveform) -> Waveform:
    """Shifted to where it is most like the waveform, as MP3 does not say by how much it comes late."""
    delay = int(correlate(decoded, waveform, method="fft").argmax()) - (len(waveform) - 1)
    shifted = np.zeros_like(waveform)
    kept = decoded[max(0, delay) :][: len(waveform) - max(0, -delay)]
    shifted[max(0, -delay) :][: len(kept)] = kept
    return shifted
