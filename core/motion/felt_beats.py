"""The beats that a dance can be danced to: nearly even, and near where the dancer turns or stops.

The beats that explain most of the dance's kinematic beats at a nearly even tempo are found by dynamic
programming over several tempi; then every beat is drawn to the kinematic beat beside it, as far as the
tempo stays smooth.

Source: Ellis 2007, "Beat Tracking by Dynamic Programming": its objective with the squared logarithm of
the period for a penalty, here with kinematic beats in place of onsets.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..timing import FRAME_RATE
from .banded import solve_pentadiagonal
from .beats import beat_frames

Curve = npt.NDArray[np.float64]
"""One number for every frame, or for every beat."""

SLOWEST_BPM, FASTEST_BPM = 80.0, 125.0
"""Tempo of the felt beat that dances are tracked at."""

STILL_M_S = 0.12
"""A dance whose median speed is lower stands still all the time."""

ON_BEAT_FRAMES = 1.8
"""How near to a beat a kinematic beat must be to count for it: a standard deviation, 30 ms."""

HALF_BEAT = 0.2
"""Worth of a kinematic beat on a half-beat, against one on a beat."""

TEMPO_PENALTY = 10.0
STEADINESS = 2.0
"""How much beats resist a change of tempo, against being drawn to kinematic beats."""
SNAP_FRAMES = 6.0
"""How far a beat is drawn to a kinematic beat at most: 0.1 s."""

USUAL_PERIOD = 0.6 * FRAME_RATE
"""Of a dance that is too short to have a tempo: 100 beats a minute."""

_TEMPI = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 10)
_LAGS = np.arange(round(0.42 * FRAME_RATE), round(0.84 * FRAME_RATE) + 1)
_PERIODS = 60.0 * FRAME_RATE / _TEMPI[:, None]
_PENALTY = TEMPO_PENALTY * np.log(_LAGS / _PERIODS) ** 2
_ACCENT_REACH = round(0.3 * FRAME_RATE)
_SPEED_SMOOTHING = 0.03 * FRAME_RATE
_HOLD = 1e-6
"""How little keeps a beat where it is when nothing draws it: enough for there to be one solution."""


Accents = tuple[npt.NDArray[np.intp], Curve]
"""(K,) frame and (K,) weight of each kinematic beat."""


def felt_beats(accents: Accents, n_frames: int, steadiness: float = STEADINESS) -> Curve:
    """Frames, and parts of frames, of the beats that the dance's music should have.

    Args: steadiness: see STEADINESS; less bends the beats closer to the dancer.
    Returns: (B,), at least two, rising; they cover the dance, and go over its end if it is too short for two.
    """
    beats = _track(_worth(*accents, n_frames))
    return _extended(_bent(beats, *accents, steadiness), n_frames)


def joint_speed(displacements: npt.ArrayLike) -> Curve:
    """(N,) mean speed of the joints in metres a second, lightly smoothed, of displacements (N, 72)."""
    moved = np.asarray(displacements)
    steps = moved.reshape(len(moved), -1, 3)
    lengths = np.sqrt(np.einsum("njc,njc->nj", steps, steps))
    return smoothed(lengths.mean(axis=1, dtype=np.float64) * FRAME_RATE, _SPEED_SMOOTHING)


def smoothed(values: Curve, sd_frames: float) -> Curve:
    """Values along frames, smoothed with a Gaussian; the ends are held."""
    radius = int(np.ceil(3 * sd_frames))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sd_frames) ** 2)
    return np.convolve(np.pad(values, radius, mode="edge"), kernel / kernel.sum(), mode="valid")


def accents(kinematic_beats: npt.ArrayLike, displacements: npt.ArrayLike) -> Accents:
    """Frame and weight of each kinematic beat: how much faster the body is around it.

    Args:
        kinematic_beats: (N, 1), as beats.kinematic_beats gives them.
        displacements: (N, 72), metres per frame.
    """
    speed = joint_speed(displacements)
    frames = beat_frames(kinematic_beats)
    padded = np.pad(speed, _ACCENT_REACH, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _ACCENT_REACH + 1)[frames]
    before, after = around[:, :_ACCENT_REACH], around[:, _ACCENT_REACH:]
    swing = np.minimum(before.max(axis=1), after.max(axis=1)) - speed[frames]
    typical = max(float(np.median(speed)), STILL_M_S)
    return frames, np.clip(0.35 + swing / typical, 0.1, 1.5)


def _worth(frames: npt.NDArray[np.intp], weights: Curve, n_frames: int) -> Curve:
    """(N,) what a beat at each frame is worth, less its mean: a beat in the wrong place costs."""
    impulses = np.zeros(n_frames)
    impulses[frames] = weights
    reach = round(6 * ON_BEAT_FRAMES)
    pull = np.exp(-0.5 * (np.arange(-reach, reach + 1) / ON_BEAT_FRAMES) ** 2)
    worth = np.convolve(impulses, pull)[reach : reach + n_frames]
    return np.asarray(worth - worth.mean())


def _track(worth: Curve) -> Curve:
    """(B,) frames of the beats with the highest score of all tempi."""
    n_frames, reach = len(worth), int(_LAGS[-1])
    padded = np.pad(worth, (reach, 0))
    # Of each tempo, the best score of a row of beats that ends at each frame.
    score = np.full((len(_TEMPI), reach + n_frames), -np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(score, len(_LAGS), axis=1)
    before = windows[..., ::-1].transpose(2, 0, 1)
    # No beat is nearer to the next than the shortest lag, so that as many frames can be looked at together.
    for start in range(0, n_frames, int(_LAGS[0])):
        frames = np.arange(start, min(start + int(_LAGS[0]), n_frames))
        halfway = HALF_BEAT * padded[reach + frames - _LAGS[:, None] // 2]
        steps = halfway[:, None] - _PENALTY.T[..., None]
        value = (before[..., start : start + len(frames)] + steps).max(axis=0)
        score[:, reach + frames] = worth[frames] + np.where(_goes_on(value, frames, _PERIODS), value, 0.0)
    lasts = n_frames - np.minimum(np.ceil(_PERIODS[:, 0]).astype(int), n_frames)
    ends = [last + int(row[reach + last :].argmax()) for row, last in zip(score, lasts, strict=True)]
    chosen = int(np.argmax(score[np.arange(len(ends)), reach + np.array(ends)]))
    return _back(score[chosen], padded, chosen, ends[chosen])


def _goes_on(value: npt.ArrayLike, frame: npt.ArrayLike, period: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether a beat has one before it: the first may lie anywhere in the first period."""
    return (np.asarray(value) > 0) | (np.asarray(frame) >= period)


def _back(score: Curve, padded: Curve, tempo: int, last: int) -> Curve:
    """The row of beats that ends with the last one, in the scores of its tempo."""
    reach = int(_LAGS[-1])
    beats = [last]
    while True:
        here = reach + beats[-1]
        value = score[here - _LAGS] + HALF_BEAT * padded[here - _LAGS // 2] - _PENALTY[tempo]
        best = int(value.argmax())
        if not _goes_on(value[best], beats[-1], _PERIODS[tempo, 0]):
            return np.array(beats[::-1], dtype=np.float64)
        beats.append(beats[-1] - int(_LAGS[best]))


def _bent(beats: Curve, frames: npt.NDArray[np.intp], weights: Curve, steadiness: float) -> Curve:
    """(B,) the beats drawn onto the kinematic beats beside them, by least squares.

    Every kinematic beat within reach pulls its beat, or the middle of two beats, to itself; changes
    of tempo from beat to beat pull back.
    """
    if len(beats) < 3 or not len(frames):
        return beats
    for _ in range(3):
        bands = _smoothness(len(beats), steadiness)
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


def _smoothness(count: int, steadiness: float) -> Curve:
    """(3, B) bands of the matrix whose form is the sum of the squared changes of tempo from beat to beat."""
    bands = np.zeros((3, count))
    for first, weight in enumerate((1.0, -2.0, 1.0)):
        for band, other in enumerate((1.0, -2.0, 1.0)[first:]):
            bands[band, first : first + count - 2] += steadiness**2 * weight * other
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


def _extended(beats: Curve, n_frames: int) -> Curve:
    """The beats and those before and after them that the dance still has room for, at the near tempo."""
    if len(beats) < 2:
        first = beats[0] % USUAL_PERIOD
        return np.arange(first, max(n_frames, first + 2 * USUAL_PERIOD), USUAL_PERIOD)
    first, last = np.median(np.diff(beats)[:4]), np.median(np.diff(beats)[-4:])
    before = np.arange(beats[0] - first, -1e-9, -first)[::-1]
    after = np.arange(beats[-1] + last, n_frames, last)
    return np.concatenate([before, beats, after])
