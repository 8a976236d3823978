"""The beats that a dance can be danced to: nearly even, and near where the dancer turns or stops.

The beats that explain most of the dance's kinematic beats near its tempo are found by dynamic programming;
then every beat is drawn to the kinematic beat beside it, as far as the tempo stays smooth.

Source: Ellis 2007, "Beat Tracking by Dynamic Programming": its objective with the squared logarithm of
the period for a penalty, here with kinematic beats in place of onsets.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..timing import FRAME_RATE
from .accents import Accents, Curve
from .banded import solve_pentadiagonal
from .tempo import felt_periods

ON_BEAT_FRAMES = 1.8
"""How near to a beat a kinematic beat must be to count for it: a standard deviation, 30 ms."""

HALF_BEAT = 0.2
"""Worth of a kinematic beat on a half-beat, against one on a beat."""

STEADINESS = 2.0
"""How much beats resist a change of tempo, against being drawn to kinematic beats."""
TEMPO_PENALTY = 10.0
"""How much so when they are chosen: of the squared logarithm of the change."""
SNAP_FRAMES = 6.0
"""How far a beat is drawn to a kinematic beat at most: 0.1 s."""

_LAGS = np.arange(round(0.42 * FRAME_RATE), round(0.84 * FRAME_RATE) + 1)
_HOLD = 1e-6
"""How little keeps a beat where it is when nothing draws it: enough for there to be one solution."""


def felt_beats(accents: Accents, displacements: npt.ArrayLike) -> Curve:
    """Frames, and parts of frames, of the beats that the dance's music should have.

    Args:
        accents: as accents.accents gives them.
        displacements: (N, 72), metres per frame.
    Returns: (B,), at least two, rising; they cover the dance, and go over its end if it is too short for two.
    """
    periods = felt_periods(accents, displacements)
    beats = _track(_worth(*accents, len(periods)), periods, TEMPO_PENALTY)
    return _extended(_bent(beats, *accents), len(periods), periods[0])


def _worth(frames: npt.NDArray[np.intp], weights: Curve, n_frames: int) -> Curve:
    """(N,) what a beat at each frame is worth, less its mean: a beat in the wrong place costs."""
    impulses = np.zeros(n_frames)
    impulses[frames] = weights
    reach = round(6 * ON_BEAT_FRAMES)
    pull = np.exp(-0.5 * (np.arange(-reach, reach + 1) / ON_BEAT_FRAMES) ** 2)
    worth = np.convolve(impulses, pull)[reach : reach + n_frames]
    return np.asarray(worth - worth.mean())


def _track(worth: Curve, periods: Curve, penalty: float) -> Curve:
    """(B,) frames of the row of beats about their periods apart that has the highest score."""
    n_frames, reach = len(worth), int(_LAGS[-1])
    steps = _steps(worth, periods, penalty)
    score = np.full(reach + n_frames, -np.inf)  # the best one of a row of beats that ends at each frame
    before = np.lib.stride_tricks.sliding_window_view(score, len(_LAGS))[:, ::-1]
    may_begin = np.arange(n_frames) < periods[0]
    # No beat is nearer to the next than the shortest lag, so that as many frames can be looked at together.
    for start in range(0, n_frames, int(_LAGS[0])):
        these = slice(start, min(start + int(_LAGS[0]), n_frames))
        value = (before[these] + steps[these]).max(axis=1)
        begins = may_begin[these] & (value <= 0)
        score[reach + start : reach + these.stop] = worth[these] + np.where(begins, 0.0, value)
    last = n_frames - min(int(np.ceil(periods[-1])), n_frames)
    beats = [last + int(score[reach + last :].argmax())]
    while True:
        value = before[beats[-1]] + steps[beats[-1]]
        best = int(value.argmax())
        if may_begin[beats[-1]] and value[best] <= 0:
            return np.array(beats[::-1], dtype=np.float64)
        beats.append(beats[-1] - int(_LAGS[best]))


def _steps(worth: Curve, periods: Curve, penalty: float) -> Curve:
    """(N, L) what the way to each frame is worth from a beat each of the _LAGS before it."""
    reach = int(_LAGS[-1]) // 2
    padded = np.pad(worth, (reach, 0))
    usual = np.log(periods)
    halfway = (padded[reach - lag // 2 :][: len(worth)] for lag in _LAGS)
    changes = (np.square(np.log(lag) - usual) for lag in _LAGS)
    ways = [HALF_BEAT * passed - penalty * change for passed, change in zip(halfway, changes, strict=True)]
    return np.stack(ways, axis=1)


def _bent(beats: Curve, frames: npt.NDArray[np.intp], weights: Curve) -> Curve:
    """(B,) the beats drawn onto the kinematic beats beside them, by least squares.

    Every kinematic beat within reach pulls its beat, or the middle of two beats, to itself; changes
    of tempo from beat to beat pull back.
    """
    if len(beats) < 3 or not len(frames):
        return beats
    for _ in range(3):
        bands = _smoothness(len(beats))
        bands[0] += _HOLD
        wanted = _HOLD * beats
        pull, place = _pulls(beats, frames, weights)
        bands[0] += pull
        wanted += pull * place
        pull, place = _pulls((beats[1:] + beats[:-1]) / 2, frames, weights)
        pull *= HALF_BEAT**2 / 2
        bands[1, :-1] += pull / 2
        for beside in (slice(1, None), slice(None, -1)):
            bands[0, beside] += pull / 2
            wanted[beside] += pull * place
        beats = solve_pentadiagonal(bands, wanted)
    return beats


def _smoothness(count: int) -> Curve:
    """(3, B) bands of the matrix whose form is the sum of the squared changes of tempo from beat to beat."""
    bands = np.zeros((3, count))
    for first, weight in enumerate((1.0, -2.0, 1.0)):
        for band, other in enumerate((1.0, -2.0, 1.0)[first:]):
            bands[band, first : first + count - 2] += STEADINESS**2 * weight * other
    return bands


def _pulls(places: Curve, frames: npt.NDArray[np.intp], weights: Curve) -> tuple[Curve, Curve]:
    """(B,) weight and frame of the kinematic beat that draws each place; weight 0 if none is near."""
    after = np.searchsorted(frames, places)
    beside = np.stack([np.maximum(after - 1, 0), np.minimum(after, len(frames) - 1)])
    away = np.abs(frames[beside] - places)
    strength = np.where(away < SNAP_FRAMES, weights[beside] * (1.0 - away / SNAP_FRAMES) + 1e-6, 0.0)
    stronger = strength.argmax(axis=0)
    columns = np.arange(len(places))
    drawn_by = beside[stronger, columns]
    return weights[drawn_by] * (strength[stronger, columns] > 0), frames[drawn_by].astype(np.float64)


def _extended(beats: Curve, n_frames: int, period: float) -> Curve:
    """The beats and those before and after them that the dance still has room for, at the near tempo."""
    if len(beats) < 2:
        first = beats[0] % period
        return np.arange(first, max(n_frames, first + 2 * period), period)
    first, last = np.median(np.diff(beats)[:4]), np.median(np.diff(beats)[-4:])
    before = np.arange(beats[0] - first, -1e-9, -first)[::-1]
    after = np.arange(beats[-1] + last, n_frames, last)
    return np.concatenate([before, beats, after])
