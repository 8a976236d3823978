"""Rendering: from a score to a mono waveform at 24 kHz. The same score gives the same samples."""

from __future__ import annotations

import numpy as np
from pedalboard import Compressor, HighpassFilter, Pedalboard, Reverb
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from ...core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from .compose import PALETTES
from .instruments import one_shot, play
from .palette import Palette
from .score import Hit, Score

_CHANNELS = {"bass": 0, "chords": 1, "lead": 2, "pad": 3}
_PEAK = 10 ** (-1.0 / 20)
_ROOM_TONE_DB = -58.0
_LIMITER_SAMPLES = 2 * (SAMPLE_RATE // 100) + 1


def render(score: Score) -> np.ndarray:
    """The music of a score.

    Levels are fixed by the palette instead of being normalised piece by piece, so that a sound has
    the same waveform wherever it occurs: that is what a small codec learns best, and it lets the
    dance's energy be heard.

    Returns:
        (S,) float32 in [-1, 1], mono, 24 kHz, S = round(duration_s * 60) * 400, peak at most -1 dB.

    Raises:
        AudioError: instruments.missing or instruments.failed.
    """
    palette = PALETTES[score.genre]
    length = round(score.grid.duration_s * FRAME_RATE) * HOP_LENGTH
    pitched = _pitched(score, palette, length) * _ducking(score, palette, length)
    return _master(pitched, _drums(score.hits, palette, length), palette)


def _pitched(score: Score, palette: Palette, length: int) -> np.ndarray:
    """(length,) the pitched parts, each at its level."""
    mix = np.zeros(length, dtype=np.float32)
    for part, channel in _CHANNELS.items():
        program = getattr(palette, part)
        if score.notes[part]:
            waveform = play({channel: score.notes[part]}, {channel: program.number}, length / SAMPLE_RATE)
            mix += _fit(waveform, length) * 10 ** (program.level_db / 20)
    return mix


def _drums(hits: tuple[Hit, ...], palette: Palette, length: int) -> np.ndarray:
    """(length,) the drum hits, exact to the sample."""
    mix = np.zeros(length, dtype=np.float32)
    for hit in hits:
        start = round(hit.time_s * SAMPLE_RATE)
        stroke = one_shot(palette.kit[hit.sound])[: max(0, length - start)]
        mix[start : start + len(stroke)] += stroke * hit.strength
    return mix


def _ducking(score: Score, palette: Palette, length: int) -> np.ndarray:
    """(length,) gain of the pitched parts: down at every kick, back within an eighth or so."""
    depth = 1.0 - 10 ** (-palette.duck_db / 20)
    dip = depth * np.exp(-np.arange(SAMPLE_RATE // 3) / (0.07 * SAMPLE_RATE))
    amount = np.zeros(length + len(dip), dtype=np.float32)
    for hit in score.hits:
        if palette.kit[hit.sound].ducks:
            start = round(hit.time_s * SAMPLE_RATE)
            window = amount[start : start + len(dip)]
            np.maximum(window, dip[: len(window)] * hit.strength, out=window)
    return 1.0 - amount[:length]


def _master(pitched: np.ndarray, drums: np.ndarray, palette: Palette) -> np.ndarray:
    """A short quiet room on the pitched parts, gentle compression, and a limit on the peaks."""
    room = Pedalboard([Reverb(room_size=0.15, damping=0.7, wet_level=0.06, dry_level=0.94, width=0.0)])
    bus = Pedalboard(
        [
            Compressor(threshold_db=-12.0, ratio=2.0, attack_ms=10.0, release_ms=120.0),
            HighpassFilter(cutoff_frequency_hz=30.0),
        ]
    )
    mix = room(pitched, SAMPLE_RATE) + drums + _room_tone(len(drums))
    return _limited(bus(mix * np.float32(10 ** (palette.level_db / 20)), SAMPLE_RATE))


def _room_tone(length: int) -> np.ndarray:
    """(length,) the faint noise of a room, always the same.

    Real recordings are never silent. Without it the logarithmic spectra, which codecs are trained
    on and onsets are found in, would make much of the last traces of a quiet cymbal.
    """
    noise = np.random.default_rng(0).standard_normal(length, dtype=np.float32)
    return noise * np.float32(10 ** (_ROOM_TONE_DB / 20))


def _limited(mix: np.ndarray) -> np.ndarray:
    """The mix with its peaks at most at -1 dB, turned down smoothly around each.

    Every gain is a mean of minima that all take in the sample itself, so none is above what that
    sample needs; pedalboard's own limiter lets peaks through.
    """
    needed = np.minimum(1.0, _PEAK / np.maximum(np.abs(mix), _PEAK))
    gain = uniform_filter1d(minimum_filter1d(needed, _LIMITER_SAMPLES), _LIMITER_SAMPLES)
    return np.asarray(mix * gain, dtype=np.float32)


def _fit(waveform: np.ndarray, length: int) -> np.ndarray:
    return np.pad(waveform[:length], (0, max(0, length - len(waveform))))
