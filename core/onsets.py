"""What is heard of music's timing: its onsets, and the beats that a listener would tap. numpy only.

The engine has no librosa; these are its detectors with the parameters that this project's evaluation
uses, in a form that reads music piece by piece. A test compares the two.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from .timing import SAMPLE_RATE

Curve = npt.NDArray[np.float64]
"""One number for every hop."""

HOP = 512
"""Samples between two values of the onset strength."""

WINDOW = 2048
"""Samples of a spectrum."""

N_MELS = 128

FLOOR = 1e-5
"""Mel power below which nothing is heard: about 80 dB below the loudest that music at full scale has."""

LATE_HOPS = 3
"""How much later than where it is measured a rise in loudness is heard: half a window, and the step
between the two spectra that are compared."""

PEAK_HOPS = 3
"""An onset is the highest within this many hops before it, and one less after it."""

PEAK_RISE = 0.2
"""How much of the highest strength an onset must rise above its surroundings."""

USUAL_BPM = 120.0
"""Of tempos that fit alike, the one nearest to this, in octaves, is heard."""

SLOWEST_BPM, FASTEST_BPM = 30.0, 240.0

STEADINESS = 100.0
"""How much a steady pulse counts beside strong onsets."""


class OnsetListener:
    """Hears music piece by piece. Of what it has heard, it keeps one number for every 21 ms."""

    def __init__(self) -> None:
        self._pending = np.zeros(WINDOW // 2, np.float32)  # silence before the first sample
        self._last = np.full(N_MELS, -np.inf)
        self._rises: list[Curve] = []

    def hear(self, waveform: npt.NDArray[np.floating]) -> None:
        """The next samples ``(S,)`` at 24 kHz, within ±1."""
        samples = np.concatenate([self._pending, waveform.astype(np.float32)])
        hops = max(0, (len(samples) - WINDOW) // HOP + 1)
        self._pending = samples[hops * HOP :]
        if hops == 0:
            return
        windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[: hops * HOP : HOP]
        power = np.square(np.abs(np.fft.rfft(windows * np.hanning(WINDOW + 1)[:-1], axis=1)))
        loudness = 10 * np.log10(np.maximum(power @ _mel_filters().T, FLOOR))
        before = np.vstack([self._last if np.isfinite(self._last[0]) else loudness[0], loudness[:-1]])
        self._rises.append(np.maximum(loudness - before, 0).mean(1))
        self._last = loudness[-1]

    def strength(self) -> Curve:
        """How much louder it got at every hop, over all frequencies. Ends what is heard.

        Source: spectral flux of a mel spectrogram in decibels, Böck and Widmer 2013, "Maximum filter
        vibrato suppression for onset detection", without the filter.
        """
        self.hear(np.zeros(WINDOW // 2, np.float32))
        rises: Curve = np.concatenate([np.zeros(0), *self._rises])
        # The first value says how much louder the first spectrum is than itself.
        late = np.zeros(len(rises))
        late[LATE_HOPS:] = rises[1 : len(rises) - LATE_HOPS + 1]
        return late


def onsets_s(strength: Curve) -> npt.NDArray[np.float64]:
    """Times (s) of the plain onsets: peaks that rise above their surroundings.

    Source: Böck, Krebs and Schedl 2012, "Evaluating the online capabilities of onset detection
    methods", section 2.2; the parameters are those of MoMu-Diffusion (2024), appendix B.4.
    """
    if not len(strength) or strength.max() <= strength.min():
        return np.zeros(0)
    curve = (strength - strength.min()) / (strength.max() - strength.min())
    padded = np.pad(curve, (PEAK_HOPS, PEAK_HOPS - 1), constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * PEAK_HOPS)
    peaks = (curve >= np.nanmax(around, 1)) & (curve >= np.nanmean(around, 1) + PEAK_RISE)
    found = np.flatnonzero(peaks)
    # Two equal values side by side are one onset.
    return found[np.diff(found, prepend=-2) > 1].astype(np.float64) * (HOP / SAMPLE_RATE)


def beats_s(strength: Curve) -> npt.NDArray[np.float64]:
    """Times (s) of the beats that a listener would tap: strong onsets at a steady tempo.

    Source: Ellis 2007, "Beat tracking by dynamic programming".
    """
    spread = strength.std() if len(strength) else 0.0
    period = pulse_period_hops(strength)
    if spread == 0 or period is None:
        return np.zeros(0)
    local = _smoothed(strength / spread, period)
    score, before = _best_paths(local, period)
    beats = _path_back(score, before)
    return _heard(beats, local).astype(np.float64) * (HOP / SAMPLE_RATE)


def tempo_bpm(strength: Curve) -> float | None:
    """Beats a minute; None for music without any."""
    period = pulse_period_hops(strength)
    return None if period is None else 60 * SAMPLE_RATE / (HOP * period)


def pulse_period_hops(strength: Curve) -> float | None:
    """The distance of two beats: where the onset strength resembles itself most, and people like to tap.

    Source: Ellis 2007, section 3.2, with a log-normal preference about 120 beats a minute.
    """
    curve = strength - strength.mean() if len(strength) else strength
    shortest, longest = (int(60 * SAMPLE_RATE / (HOP * bpm)) for bpm in (FASTEST_BPM, SLOWEST_BPM))
    if len(curve) < 2 * shortest or not curve.any():
        return None
    size = 1 << (2 * len(curve) - 1).bit_length()
    spectrum = np.fft.rfft(curve, size)
    repeats = np.fft.irfft(np.square(np.abs(spectrum)), size)[: min(longest, len(curve) - 2) + 2]
    lags = np.arange(1, len(repeats))
    octaves = np.log2(60 * SAMPLE_RATE / (HOP * lags) / USUAL_BPM)
    liking = np.maximum(repeats[1:], 0) * np.exp(-0.5 * octaves**2)
    best = int(np.argmax(liking[shortest - 1 :])) + shortest
    return float(best) + _vertex(repeats, best)


def _vertex(curve: Curve, index: int) -> float:
    """How far from an index the parabola through it and its neighbours has its top: -0.5 to 0.5."""
    if not 0 < index < len(curve) - 1:
        return 0.0
    left, middle, right = curve[index - 1 : index + 2]
    bend = left - 2 * middle + right
    return float(np.clip((left - right) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0


def _smoothed(strength: Curve, period: float) -> Curve:
    reach = np.arange(-round(period), round(period) + 1)
    return np.convolve(strength, np.exp(-0.5 * (reach * 32 / period) ** 2), "same")


def _best_paths(local: Curve, period: float) -> tuple[Curve, npt.NDArray[np.intp]]:
    """For each hop the score of the best row of beats that ends there, and the beat before; -1 for none."""
    reach = np.arange(-round(2 * period), -round(period / 2))
    uneven = -STEADINESS * np.square(np.log(-reach / period))
    score, before = np.zeros(len(local)), np.full(len(local), -1)
    begun = False
    for hop in range(len(local)):
        earlier = hop + reach
        inside = earlier >= 0
        candidates = uneven + np.where(inside, score[np.maximum(earlier, 0)], 0.0)
        best = int(np.argmax(candidates))
        score[hop] = local[hop] + candidates[best]
        # Beats begin with the first that is heard at all.
        begun = begun or local[hop] >= 0.01 * local.max()
        before[hop] = earlier[best] if begun and inside[best] else -1
    return score, before


def _path_back(score: Curve, before: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The beats of the row whose last one is the last good place for a beat."""
    inner = np.flatnonzero((score[1:-1] >= score[:-2]) & (score[1:-1] > score[2:])) + 1
    if not len(inner):
        return np.zeros(0, np.intp)
    good = inner[score[inner] >= 0.5 * np.median(score[inner])]
    beats = [int(good[-1] if len(good) else inner[-1])]
    while before[beats[-1]] >= 0:
        beats.append(int(before[beats[-1]]))
    return np.array(beats[::-1])


def _heard(beats: npt.NDArray[np.intp], local: Curve) -> npt.NDArray[np.intp]:
    """Without the weak beats at the start and the end, where the music has not begun or is over."""
    if not len(beats):
        return beats
    strong = np.flatnonzero(local[beats] > 0.5 * np.sqrt(np.mean(np.square(local[beats]))))
    return beats[strong[0] : strong[-1] + 1] if len(strong) else beats[:0]


@functools.cache
def _mel_filters() -> npt.NDArray[np.float64]:
    """Triangles over the spectrum ``(N_MELS, WINDOW // 2 + 1)``, all of the same area.

    Source: M. Slaney 1998, "Auditory Toolbox": linear below 1 kHz, logarithmic above.
    """
    edges_hz = _mel_to_hz(np.linspace(0, _hz_to_mel(SAMPLE_RATE / 2), N_MELS + 2))
    bins_hz = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    widths = np.diff(edges_hz)
    away = edges_hz[:, None] - bins_hz[None]
    rising, falling = -away[:-2] / widths[:-1, None], away[2:] / widths[1:, None]
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (edges_hz[2:] - edges_hz[:-2]))[:, None]


_LINEAR_HZ, _BREAK_HZ = 200 / 3, 1000.0
_LOG_STEP = np.log(6.4) / 27


def _hz_to_mel(hz: float) -> float:
    if hz < _BREAK_HZ:
        return hz / _LINEAR_HZ
    return float(_BREAK_HZ / _LINEAR_HZ + np.log(hz / _BREAK_HZ) / _LOG_STEP)


def _mel_to_hz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = mels - _BREAK_HZ / _LINEAR_HZ
    return np.where(above < 0, mels * _LINEAR_HZ, _BREAK_HZ * np.exp(_LOG_STEP * np.maximum(above, 0)))
