"""Whether music sounds whole, whatever it is danced to: simple measures of a waveform alone.

None of them has a right value by itself. Beside the same measures of real music of the kind, they
show what a generator adds, gaps, hiss, a pulse that comes and goes, and what it lacks: bars that come again.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from librosa.feature import rms, spectral_flatness
from librosa.onset import onset_strength

from ...core.alignment import Times
from ...core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from .embedding import log_mel

Waveform = npt.NDArray[np.float32]
"""(S,) at 24 kHz, within ±1."""

PHRASE_S = 8.0
"""The span within which a pulse is looked for: about four bars."""

PULSE_LAGS_S = (0.25, 2.0)
"""A pulse repeats after no less and no more than this: 240 to 30 times a minute."""

REPETITION_LAGS = (6, 8, 12, 16, 24, 32)
"""Beats after which music is looked for again: two, four and eight bars of three beats or of four."""

LEAST_BEATS = 8
"""To compare; fewer are alike by chance."""

BEAT_PARTS = 24
"""Places of a beat at which its spectrum is taken."""

SILENCE = 1e-3
"""A frame whose root mean square is below this (-60 dBFS) is silent."""

FULL_SCALE = 0.999
"""Samples at or beyond this, either sign, count as clipped."""

NOISE_FLATNESS = 0.3
"""White noise has a spectral flatness of 0.56, a tone of nearly 0."""

_NOISE_WINDOW = 1024


def steadiness(waveform: Waveform) -> dict[str, float]:
    """Every measure of this module that needs nothing but the waveform, by name."""
    return {
        "pulse_clarity": pulse_clarity(waveform),
        "longest_silence_s": longest_silence_s(waveform),
        "clipped_share": clipped_share(waveform),
        "dc_offset": dc_offset(waveform),
        "noise_share": noise_share(waveform),
    }


def pulse_clarity(waveform: Waveform) -> float:
    """How steady the tempo is within a phrase: 1 for onsets that repeat exactly, near 0 for none that do.

    The highest autocorrelation of the onset strength at the lags of a pulse, averaged over phrases.

    Source: Lartillot et al. 2008, "Multi-feature modeling of pulse clarity", its autocorrelation model.
    """
    strength = onset_strength(y=waveform, sr=SAMPLE_RATE, hop_length=HOP_LENGTH)
    phrases = max(1, round(len(strength) / (PHRASE_S * FRAME_RATE)))
    return float(np.mean([_highest_repeat(phrase) for phrase in np.array_split(strength, phrases)]))


def _highest_repeat(strength: npt.NDArray[np.floating]) -> float:
    """The highest correlation of a curve with itself a pulse later; 0 for one that is flat or too short."""
    shortest, longest = (round(lag * FRAME_RATE) for lag in PULSE_LAGS_S)
    curve = strength - strength.mean()
    highest = 0.0
    for lag in range(shortest, min(longest, len(curve) // 2) + 1):
        earlier, later = curve[:-lag], curve[lag:]
        size = float(np.sqrt((earlier @ earlier) * (later @ later)))
        if size > 0:
            highest = max(highest, float(earlier @ later) / size)
    return highest


def repetition(waveform: Waveform, beats_s: Times) -> float:
    """How much music comes round again: 1 for a loop, near 0 for music that never plays a bar twice.

    The highest of the mean correlations of a beat's spectrum with that of the beat two to eight bars later,
    over lags that leave eight beats at least to compare; 0 for music too short for any. A beat's spectrum
    is its log-mel spectrogram, less the mean of all beats'.

    Args: beats_s: the music's metrical beats.
    Source: the beat spectrum of Foote and Uchihashi 2001, "The beat spectrum: a new approach to rhythm
    analysis", from beat to beat instead of from frame to frame, so that a tempo that sways does not matter.
    """
    spectrogram = log_mel(waveform)
    beats = np.rint(beats_s * FRAME_RATE).astype(np.intp)
    beats = beats[beats < spectrogram.shape[1]]
    if len(beats) < 2:
        return 0.0
    places = beats[:-1, None] + np.diff(beats)[:, None] * np.arange(BEAT_PARTS) // BEAT_PARTS
    spectra = spectrogram[:, places].transpose(1, 0, 2).reshape(len(places), -1)
    spectra = spectra - spectra.mean(0)
    spectra /= np.maximum(np.linalg.norm(spectra, axis=1, keepdims=True), 1e-9)
    lags = [lag for lag in REPETITION_LAGS if lag + LEAST_BEATS <= len(spectra)]
    return max((float((spectra[:-lag] * spectra[lag:]).sum(1).mean()) for lag in lags), default=0.0)


def longest_silence_s(waveform: Waveform) -> float:
    """The longest stretch (s) of frames of 1/60 s that are silent."""
    level = level_curve(waveform)
    sounding = np.flatnonzero(level >= SILENCE)
    edges = np.concatenate([[-1], sounding, [len(level)]])
    return float(np.diff(edges).max() - 1) / FRAME_RATE


def clipped_share(waveform: Waveform) -> float:
    """Share of the samples at full scale."""
    return float((np.abs(waveform) >= FULL_SCALE).mean())


def dc_offset(waveform: Waveform) -> float:
    """How far the mean of all samples is from zero."""
    return abs(float(waveform.mean(dtype=np.float64)))


def noise_share(waveform: Waveform) -> float:
    """Share of the frames of 1/60 s that are bursts of noise: not silent, and with a flat spectrum.

    Real music has some, too: hi-hats and snares.
    """
    options = {"hop_length": HOP_LENGTH, "center": True}
    flatness = spectral_flatness(y=waveform, n_fft=_NOISE_WINDOW, **options)[0]
    level = rms(y=waveform, frame_length=_NOISE_WINDOW, **options)[0]
    return float(((flatness > NOISE_FLATNESS) & (level >= SILENCE)).mean())


def level_curve(waveform: Waveform) -> npt.NDArray[np.float32]:
    """(N,) root mean square of every frame of 1/60 s; the last one is filled up with silence."""
    frames = np.pad(waveform, (0, -len(waveform) % HOP_LENGTH)).reshape(-1, HOP_LENGTH)
    return np.asarray(np.sqrt(np.square(frames).mean(1)))
