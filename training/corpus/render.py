"""Rendering: from a score to a mono waveform at 24 kHz. The same score gives the same samples."""

from __future__ import annotations

import numpy as np

from ...core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from .instruments import one_shot, play_parts
from .mix import mixed
from .palette import DRUM_GROUPS, group
from .plain import render_plain
from .score import Score


def render(score: Score) -> np.ndarray:
    """The music of a score: plain scores dry and on code frames, all others mixed.

    Returns:
        (S,) float32 in [-1, 1], mono, 24 kHz, S = round(duration_s * 60) * 400, peak at most -1 dB.

    Raises:
        AudioError: instruments.missing or instruments.failed.
    """
    if score.plain:
        return render_plain(score)
    kicks_s = np.array([hit.time_s for hit in score.hits if hit.sound == "kick"])
    return mixed(_drums(score) | _parts(score), score.song, kicks_s)


def _samples(score: Score) -> int:
    return round(score.grid.duration_s * FRAME_RATE) * HOP_LENGTH


def _parts(score: Score) -> dict[str, np.ndarray]:
    """(S,) by part, of those that play."""
    playing = {part: (score.song.voices[part].program, notes) for part, notes in score.notes.items() if notes}
    return play_parts(playing, _samples(score) / SAMPLE_RATE) if playing else {}


def _drums(score: Score) -> dict[str, np.ndarray]:
    """(S,) by group of drums, each stroke to the sample."""
    buses = {name: np.zeros(_samples(score), dtype=np.float32) for name in DRUM_GROUPS}
    for hit in score.hits:
        bus = buses[group(hit.sound)]
        start = round(hit.time_s * SAMPLE_RATE)
        stroke = one_shot(score.song.kit[hit.sound])[: max(len(bus) - start, 0)]
        bus[start : start + len(stroke)] += stroke * np.float32(hit.strength)
    return buses
