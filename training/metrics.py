"""How well music and dance fit together, as pure functions of waveforms and times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from librosa.onset import onset_detect

from ..core.timing import SAMPLE_RATE

Times = npt.NDArray[np.float64]
"""Times in seconds, rising."""


def musical_onsets(waveform: npt.NDArray[np.float32]) -> Times:
    """Times (s) of the plain onsets of a waveform ``(S,)`` at 24 kHz.

    Source: the rhythm-point detector of MoMu-Diffusion (2024), appendix B.4, with its parameters.
    """
    times = onset_detect(
        y=waveform,
        sr=SAMPLE_RATE,
        wait=1,
        delta=0.2,
        pre_avg=3,
        post_avg=3,
        pre_max=3,
        post_max=3,
        units="time",
    )
    return np.asarray(times, dtype=np.float64)


def hit_share(beats_s: Times, onsets_s: Times, tolerance_s: float = 0.1) -> float:
    """Share of the beats with an onset within the tolerance; 0 where there is no onset or no beat."""
    if not len(beats_s) or not len(onsets_s):
        return 0.0
    distance = np.abs(beats_s[:, None] - onsets_s[None]).min(1)
    return float((distance <= tolerance_s).mean())


@dataclass(frozen=True)
class BeatAlignment:
    """How much of a dance's pulse its music hits, and how much it would hit by chance.

    Attributes:
        share: of the kinematic beats, with an onset within 100 ms.
        shifted_share: the mean of the same share for the music shifted around by random amounts.
        shifted_spread: the standard deviation of those shares.
        onsets_s: the onsets found.
    """

    share: float
    shifted_share: float
    shifted_spread: float
    onsets_s: Times


def beat_alignment(
    waveform: npt.NDArray[np.float32], beats_s: Times, rng: np.random.Generator, shifts: int = 200
) -> BeatAlignment:
    """Compares music with a dance's kinematic beats, and the same music shifted against them.

    Args:
        waveform: ``(S,)`` at 24 kHz, sample 0 at the dance's first frame.
        beats_s: kinematic beats in seconds from the dance's first frame.
        rng: draws the shifts.
        shifts: how many circular shifts, drawn from half a second up to the whole length less that.
    """
    duration = len(waveform) / SAMPLE_RATE
    onsets = musical_onsets(waveform)
    margin = min(0.5, duration / 4)
    shares = [
        hit_share(beats_s, np.sort((onsets + shift) % duration))
        for shift in rng.uniform(margin, duration - margin, shifts)
    ]
    return BeatAlignment(hit_share(beats_s, onsets), float(np.mean(shares)), float(np.std(shares)), onsets)
