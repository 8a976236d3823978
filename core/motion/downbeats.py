"""Where the bars of a dance begin: where its dancer is busiest in bar after bar, and calm just before.

A dancer shows something new at the beginning of a bar and settles at its end: salsa stands on four and on
eight. Two curves tell: how strong the accents are, and how far the body is from where it was a bar before.
Both are averaged over the bars, half-beat by half-beat, and compared with what choreographies do on average.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .felt_beats import Accents, Curve
from .skeleton import N_JOINTS

CLOSENESS_FRAMES = 3.0
"""How near to a half-beat a kinematic beat must be to count for it: a standard deviation, 50 ms."""

_HALVES = 2

BARS = {
    3: np.array([[1.21, -0.43, -1.02, 0.84, -0.19, -0.41], [0.73, -0.17, -0.06, 0.61, -0.66, -0.44]]),
    4: np.array(
        [
            [0.6, 0.6, -0.45, 0.13, 0.47, -0.13, -0.61, -0.6],
            [0.24, 0.02, 0.06, 0.03, 0.25, 0.1, -0.54, -0.14],
        ]
    ),
}
"""What accents and change on each half-beat of a bar say for its beginning, in bars of three beats and of
four: fitted to choreographies by benchmarks/downbeats.py."""


class HalfBeats(NamedTuple):
    """What is seen of a dance on the H half-beats from its first beat to before its last.

    Attributes:
        accented: (H,) how strong the kinematic beats there are.
        poses: (H, 24, 3) where the joints are in metres, seen from the root, against the first of them.
    """

    accented: Curve
    poses: Curve


def first_count(beats: Curve, accents: Accents, displacements: npt.ArrayLike) -> int:
    """The first beat's place in its bars.

    Args: as of half_beats.
    Returns: 0 to 11; what remains of it by 3 is the place in a bar of three beats, by 4 in one of four.
    """
    seen = half_beats(beats, accents, displacements)
    places = {}
    for bar, weights in BARS.items():
        shape = bar_shape(seen, bar)
        evidence = [np.sum(np.roll(shape, -_HALVES * start, axis=1) * weights) for start in range(bar)]
        places[bar] = -int(np.argmax(evidence)) % bar
    return next(count for count in range(12) if all(count % bar == place for bar, place in places.items()))


def half_beats(beats: Curve, accents: Accents, displacements: npt.ArrayLike) -> HalfBeats:
    """A dance on its half-beats.

    Args:
        beats: (B,) frames and parts of frames, rising, at least two.
        accents: as felt_beats.accents gives them.
        displacements: (N, 72), metres per frame.
    """
    moments = np.interp(np.arange(_HALVES * (len(beats) - 1)) / _HALVES, np.arange(len(beats)), beats)
    frames, weights = accents
    nearest = np.searchsorted((moments[1:] + moments[:-1]) / 2, frames)
    closeness = np.exp(-0.5 * ((moments[nearest] - frames) / CLOSENESS_FRAMES) ** 2)
    accented = np.zeros(len(moments))
    np.add.at(accented, nearest, weights * closeness)
    steps = np.asarray(displacements)
    starts = np.clip(np.rint(moments).astype(np.intp), 0, len(steps) - 1)
    moved = np.add.reduceat(steps, starts, axis=0).reshape(-1, N_JOINTS, 3)
    moved[..., :2] -= moved[:, :1, :2].copy()
    return HalfBeats(accented, np.cumsum(moved, axis=0, dtype=np.float64) - moved)


def bar_shape(seen: HalfBeats, bar: int) -> Curve:
    """(2, 2 bar) accents and change on the half-beats of an average bar that the first beat begins.

    Change is how far the joints are from where they were a bar before. Both are in standard deviations
    from their mean; 0 where too little is danced to tell.

    Args: bar: how many beats it has.
    """
    halves = _HALVES * bar
    change = np.full(len(seen.poses), np.nan)
    change[halves:] = np.sqrt(np.square(seen.poses[halves:] - seen.poses[:-halves]).sum(axis=(1, 2)))
    return np.stack([_average(seen.accented, halves), _average(change, halves)])


def _average(curve: Curve, bar: int) -> Curve:
    """(bar,) mean of a curve at each place of its bars, in standard deviations from the mean of all."""
    bars = np.pad(curve, (0, -len(curve) % bar), constant_values=np.nan).reshape(-1, bar)
    known = np.isfinite(bars).sum(axis=0)
    if not known.all():
        return np.zeros(bar)
    mean = np.nansum(bars, axis=0) / known
    spread = mean.std()
    return (mean - mean.mean()) / spread if spread > 0 else np.zeros(bar)
