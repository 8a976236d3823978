"""Where the bars and phrases of a dance begin: told from what comes again, on the same side or the other.

What was danced to the left is danced to the right half a bar, a bar or a phrase of two bars later. How
unlike every half-beat is to the one so many beats before, and to its mirror image, tells where such parts
begin; so do accents. A small convolutional network reads these curves, which has learned from choreographies
(training/downbeats.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .accents import Accents, Curve
from .canonical import to_left
from .skeleton import N_JOINTS, REST_JOINTS, mirror_image

METRES = (8, 3)
"""Beats that are counted: a phrase in four, and a bar in three."""

BEATS_BEFORE = (1, 2, 3, 4, 6, 8)
"""That every half-beat is compared with."""

N_CURVES = 1 + 2 * len(BEATS_BEFORE)

NETWORK = Path(__file__).with_name("downbeats.npz")
"""Of each layer, ``weightI`` (taps, inputs, outputs) and ``biasI`` (outputs,)."""

CLOSENESS_FRAMES = 3.0
"""How near to a half-beat a kinematic beat must be to count for it: a standard deviation, 50 ms."""

_HALVES = 2
_NOTHING = 1e-9


def first_counts(beats: Curve, accents: Accents, displacements: npt.ArrayLike) -> tuple[int, int]:
    """The first beat's place in a phrase of eight, if the dance is in four, and in a bar, if it is in three.

    Args: as of half_beats.
    Returns: 0 to 7, and 0 to 2.
    """
    evidence = _evidence(half_beats(beats, accents, displacements))
    in_four, in_three = (int(places.argmax()) for places in evidence)
    return in_four, in_three


def half_beats(beats: Curve, accents: Accents, displacements: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """What is seen of a dance on the H half-beats from its first beat to its last.

    Args:
        beats: (B,) frames and parts of frames, rising, at least two.
        accents: as accents.accents gives them.
        displacements: (N, 72), metres per frame.
    Returns: (H, N_CURVES): how strong the accents are; how unlike the movement is to that so many beats
        before; and to its mirror image. In standard deviations from the mean; 0 where nothing was before.
    """
    moments = np.interp(np.arange(_HALVES * (len(beats) - 1) + 1) / _HALVES, np.arange(len(beats)), beats)
    moved = _moved(np.asarray(displacements), moments)
    curves = [_standardised(_accented(accents, moments[:-1]))]
    for earlier in (moved, mirror_image(moved)):
        curves += [_unlikeness(moved, earlier, _HALVES * before) for before in BEATS_BEFORE]
    return np.stack(curves, axis=1).astype(np.float32)


def _accented(accents: Accents, moments: Curve) -> Curve:
    """(H,) how strong the kinematic beats are on each half-beat."""
    frames, weights = accents
    nearest = np.searchsorted((moments[1:] + moments[:-1]) / 2, frames)
    closeness = np.exp(-0.5 * ((moments[nearest] - frames) / CLOSENESS_FRAMES) ** 2)
    accented = np.zeros(len(moments))
    np.add.at(accented, nearest, weights * closeness)
    return accented


def _moved(displacements: npt.NDArray[np.floating], moments: Curve) -> Curve:
    """(H, 24, 3) how the joints move between H + 1 moments, turned so that the dancer faces -Y before."""
    starts = np.clip(np.rint(moments).astype(np.intp), 0, len(displacements) - 1)
    steps = np.add.reduceat(displacements, np.append(0, starts), axis=0)[:-1].reshape(-1, N_JOINTS, 3)
    # Displacements do not say in which pose the dance begins.
    poses = REST_JOINTS + np.cumsum(steps[:-1], axis=0, dtype=np.float64)
    left = to_left(poses)[:, :2]
    cosine, sine = left.T[..., None] / np.maximum(np.hypot(*left.T), _NOTHING)[:, None]
    x, y, z = np.moveaxis(steps[1:], 2, 0)
    return np.stack([cosine * x + sine * y, cosine * y - sine * x, z], axis=2)


def _unlikeness(moved: Curve, earlier: Curve, before: int) -> Curve:
    """(H,) how far movements are from others so many half-beats before."""
    apart = np.sqrt(np.square(moved[before:] - earlier[:-before]).sum(axis=(1, 2)))
    return np.pad(_standardised(apart), (len(moved) - len(apart), 0))


def _standardised(curve: Curve) -> Curve:
    if not len(curve):
        return curve
    away = curve - curve.mean()
    return away / max(float(away.std()), _NOTHING)


def _evidence(seen: npt.NDArray[np.float32]) -> Iterator[Curve]:
    """Of each of METRES, (metre,) how likely each place is the first beat's."""
    first = 0
    read = _read(seen)[::_HALVES]
    beats = np.arange(len(read))[:, None]
    for metre in METRES:
        places = (beats + np.arange(metre)) % metre
        yield np.take_along_axis(read[:, first : first + metre], places, axis=1).sum(axis=0)
        first += metre


def _read(seen: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(H, 11) what the network says of each half-beat: how much it looks like each place of each metre."""
    *hidden, last = _network()
    for weights, bias in hidden:
        seen = np.maximum(_convolved(seen, weights, bias), 0)
    return _convolved(seen, *last)


def _convolved(
    curves: npt.NDArray[np.float32], weights: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    taps = len(weights)
    padded = np.pad(curves, ((taps // 2, taps // 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps, axis=0)
    return np.asarray(np.tensordot(windows, weights, axes=((2, 1), (0, 1))) + bias)


@lru_cache(maxsize=1)
def _network() -> tuple[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]], ...]:
    with np.load(NETWORK, allow_pickle=False) as arrays:
        return tuple((arrays[f"weight{i}"], arrays[f"bias{i}"]) for i in range(len(arrays) // 2))
