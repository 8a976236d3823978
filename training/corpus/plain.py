"""Plain rendering, for small models: dry, every sound with the same samples wherever it occurs.

Everything starts with a code frame of 1/60 s, at one of a few levels: it then has the same codes
wherever it occurs. See docs/corpus.md.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.signal import butter, lfilter

from ...core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from .instruments import one_shot, sampled_octave
from .mix import part_gain
from .palette import Voice
from .score import Note, Score

_PEAK = 10 ** (-1.0 / 20)
_LEVELS = 4
_FADE_SAMPLES = SAMPLE_RATE // 50
_DC_BLOCKER = butter(1, 20.0, "highpass", fs=SAMPLE_RATE)
"""Remembers 8 ms, half a code frame: enough for the offset of a kick or a synth, no more."""


def render_plain(score: Score) -> np.ndarray:
    """The music of a plain score.

    Levels are fixed instead of being normalised piece by piece, so that a sound has the same
    waveform wherever it occurs.

    Returns:
        (S,) float32 in [-1, 1], mono, 24 kHz, S = round(duration_s * 60) * 400, peak at most -1 dB.

    Raises:
        AudioError: instruments.missing or instruments.failed.
    """
    song = score.song
    mix = np.zeros(round(score.grid.duration_s * FRAME_RATE) * HOP_LENGTH, dtype=np.float32)
    for part, notes in score.notes.items():
        _add_notes(mix, notes, song.voices[part], part_gain(song, part))
    for hit in score.hits:
        _add(mix, _sample_at(hit.time_s), one_shot(song.kit[hit.sound]), _quantised(hit.strength))
    mix = lfilter(*_DC_BLOCKER, mix).astype(np.float32)
    return _limited(mix * np.float32(10 ** (song.palette.plain_level_db / 20)))


def _add_notes(mix: np.ndarray, notes: Iterable[Note], voice: Voice, gain: float) -> None:
    """Adds a part's notes, cut with a short fade at their ends."""
    for note in notes:
        octave, tone = divmod(note.pitch, 12)
        sampled = sampled_octave(voice.program, voice.velocity, octave)[tone]
        start, end = _sample_at(note.start_s), _sample_at(note.end_s)
        sound = sampled[: max(end - start, HOP_LENGTH)].copy()
        sound[-_FADE_SAMPLES:] *= np.linspace(1.0, 0.0, min(len(sound), _FADE_SAMPLES), dtype=np.float32)
        _add(mix, start, sound, gain * _quantised(note.velocity / voice.velocity))


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
