"""Rendering: from a score to a mono waveform at 24 kHz. The same score gives the same samples.

Every sound starts with a code frame of 1/60 s, at one of a few levels, and always has the same
samples: it then has the same codes wherever it occurs. That moves it by 8 ms at most, less than
musicians differ.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.signal import butter, lfilter

from ...core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from .compose import PALETTES
from .instruments import one_shot, sampler
from .palette import Palette, Program
from .score import Hit, Note, Score

_PEAK = 10 ** (-1.0 / 20)
_LEVELS = 4
_FADE_SAMPLES = SAMPLE_RATE // 50
_DC_BLOCKER = butter(1, 20.0, "highpass", fs=SAMPLE_RATE)
"""Remembers 8 ms, half a code frame: enough for the offset of a kick or a synth, no more."""


def render(score: Score) -> np.ndarray:
    """The music of a score.

    Levels are fixed by the palette instead of being normalised piece by piece, so that a sound has
    the same waveform wherever it occurs.

    Returns:
        (S,) float32 in [-1, 1], mono, 24 kHz, S = round(duration_s * 60) * 400, peak at most -1 dB.

    Raises:
        AudioError: instruments.missing or instruments.failed.
    """
    palette = PALETTES[score.genre]
    mix = np.zeros(round(score.grid.duration_s * FRAME_RATE) * HOP_LENGTH, dtype=np.float32)
    for part, notes in score.notes.items():
        _add_notes(mix, notes, getattr(palette, part))
    _add_hits(mix, score.hits, palette)
    mix = lfilter(*_DC_BLOCKER, mix).astype(np.float32)
    return _limited(mix * np.float32(10 ** (palette.level_db / 20)))


def _add_notes(mix: np.ndarray, notes: Iterable[Note], program: Program) -> None:
    """Adds a part's notes, cut with a short fade at their ends."""
    sampled = sampler(program.number, program.velocity).notes({note.pitch for note in notes})
    gain = 10 ** (program.level_db / 20)
    for note in notes:
        start, end = _sample_at(note.start_s), _sample_at(note.end_s)
        sound = sampled[note.pitch][: max(end - start, HOP_LENGTH)].copy()
        sound[-_FADE_SAMPLES:] *= np.linspace(1.0, 0.0, min(len(sound), _FADE_SAMPLES), dtype=np.float32)
        _add(mix, start, sound, gain * _quantised(note.velocity / program.velocity))


def _add_hits(mix: np.ndarray, hits: Iterable[Hit], palette: Palette) -> None:
    """Adds the drum hits."""
    for hit in hits:
        _add(mix, _sample_at(hit.time_s), one_shot(palette.kit[hit.sound]), _quantised(hit.strength))


def _add(mix: np.ndarray, start: int, sound: np.ndarray, gain: float) -> None:
    window = mix[start : start + len(sound)]
    window += sound[: len(window)] * np.float32(gain)


def _sample_at(time_s: float) -> int:
    """The first sample of the code frame nearest to a time."""
    return round(time_s * FRAME_RATE) * HOP_LENGTH


def _quantised(strength: float) -> float:
    """The nearest of a few levels, the softest above nothing."""
    return max(1, min(_LEVELS, round(strength * _LEVELS))) / _LEVELS


def _limited(mix: np.ndarray) -> np.ndarray:
    """The mix with its peaks rounded off below -1 dB, each sample for itself."""
    return np.asarray(_PEAK * np.tanh(mix / _PEAK), dtype=np.float32)
