"""The pulse that the music is to have, as the predictor is told it: each frame's place in beat and bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..timing import FRAME_RATE
from .beats import beat_frames

CLOSENESS_FRAMES = 3.0
"""How near to a beat of the grid a kinematic beat must be to count for its phase: a standard deviation."""

SLOWEST_BPM, FASTEST_BPM = 70.0, 140.0
"""Of the pulses that the predictor knows."""

_PHASES_PER_FRAME = 2

METRE = ((0.25, 0.25), (0.75, 0.25), (0.5, 0.5), (0.0, 1.0))
"""Places in a beat that music begins its notes at, and the weight of each; the last one counts where two
fall into one frame."""

SIXTEENTHS = len(METRE)
"""In a beat."""

CYCLES = (3, 4, 6, 8, 12, 16, 24, 32)
"""Beats after which music comes round again: one, two, four and eight bars, of three beats or of four."""

N_PULSE = 3 + 2 * len(CYCLES)
"""Hand and marks of the beat, and a hand for each cycle."""


def pulse(
    beats: npt.NDArray[np.float64], n_frames: int, first: tuple[int, int] = (0, 0)
) -> npt.NDArray[np.float32]:
    """The place of every frame in its beat and its bars: clock hands, and marks where notes can begin.

    The beat's hand turns once from beat to beat and points to (1, 0) on each. The marks are 1 at the frame
    nearest to a beat, 0.5 at half a beat, 0.25 at its quarters and 0 elsewhere: near a beat the hand hardly
    moves, and the model should not have to learn which frame is meant. The hands of the CYCLES point to
    (1, 0) where a cycle begins.

    Args:    beats: (B,) frames and parts of frames, rising, at least two. Before the first and after the
             last, the pulse goes on at the nearest beat's pace.
             first: how many beats of the cycles have passed when the first beat falls: of those in bars of
             four, and of those in bars of three.
    Returns: (N, N_PULSE) float32: the beat's cosine, sine and mark; all cycles' cosines, then their sines.
    """
    before, after = beats[1] - beats[0], beats[-1] - beats[-2]
    ends = (np.arange(beats[0], -before, -before)[:0:-1], np.arange(beats[-1], n_frames + after, after)[1:])
    beats = np.concatenate([ends[0], beats, ends[1]])
    passed = np.interp(np.arange(n_frames), beats, np.arange(len(beats)) - len(ends[0]))[:, None]
    begun = np.array([0, *(first[cycle % 3 == 0] for cycle in CYCLES)])
    turns = (passed + begun) / (1, *CYCLES)
    angles = (2 * np.pi * (turns % 1.0)).astype(np.float32)
    cosines, sines = np.cos(angles), np.sin(angles)
    marks = np.zeros((n_frames, 1), np.float32)
    for place, weight in METRE:
        frames = np.rint(beats[:-1] + place * np.diff(beats)).astype(np.intp)
        marks[frames[(frames >= 0) & (frames < n_frames)]] = weight
    hands = [cosines[:, :1], sines[:, :1], marks, cosines[:, 1:], sines[:, 1:]]
    return np.concatenate(hands, axis=1)


def pulse_beats(pulse: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """The frames nearest to the beats of a pulse (N, N_PULSE), ascending."""
    return np.flatnonzero(pulse[:, 2] > 0.75)


def frames_before(pulse: npt.NDArray[np.float32], beats: Sequence[int]) -> npt.NDArray[np.intp]:
    """The frames at the same place of the pulse as each frame, so many beats ago.

    The place is that in a sixteenth, so that notes lie on notes even where the tempo has changed.

    Args:    pulse: (N, N_PULSE); beats: how many ago, for each of L rows.
    Returns: (L, N) frames, -1 where there is none: the pulse was not there yet.
    """
    starts = np.flatnonzero(pulse[:, 2])
    frames = np.arange(len(pulse))
    sixteenths = np.searchsorted(starts, frames, side="right") - 1
    earlier = sixteenths - SIXTEENTHS * np.asarray(beats, dtype=np.intp)[:, None]
    if not len(starts):
        return np.full(earlier.shape, -1, dtype=np.intp)
    before = starts[np.maximum(earlier, 0)] + frames - starts[np.maximum(sixteenths, 0)]
    return np.where(earlier >= 0, before, -1)


def even_beats(kinematic_beats: npt.NDArray[np.float32], tempo_bpm: float) -> npt.NDArray[np.float64]:
    """Beats at an even tempo, in the phase in which most kinematic beats lie near them.

    A tempo that nobody would tap is halved or doubled until it is one: its beats are then every other one
    of these, or these every other one of its beats.

    Args:    kinematic_beats: (N, 1), as beats.kinematic_beats gives them.
    Returns: (B,) frames and parts of frames, at least two, over the whole dance.
    """
    while tempo_bpm > FASTEST_BPM:
        tempo_bpm /= 2
    while tempo_bpm < SLOWEST_BPM:
        tempo_bpm *= 2
    period = 60 * FRAME_RATE / tempo_bpm
    phases = np.arange(0, period, 1 / _PHASES_PER_FRAME)
    away = (beat_frames(kinematic_beats)[None] - phases[:, None] + period / 2) % period - period / 2
    fit = np.exp(-0.5 * np.square(away / CLOSENESS_FRAMES)).sum(1)
    first = phases[int(np.argmax(fit))]
    return np.arange(first, max(len(kinematic_beats), first + 1.5 * period), period)
