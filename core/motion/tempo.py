"""The tempo that a dance is danced at, told from what comes again after beats and bars.

Few dancers turn or stop on every beat, but a bar resembles the one before, whichever side it is danced on:
its accents, and how fast body, feet and hips go. All of that is compared with itself some time before. In
bars of four, hips rise and sink twice a bar or more often; in bars of three, a waltz's, once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..timing import FRAME_RATE
from .accents import Accents, Curve, joint_speed, smoothed
from .skeleton import JOINT_INDEX, N_JOINTS

SLOWEST_BPM, FASTEST_BPM = 76.0, 138.0
"""Tempi that are told from each other."""

USUAL_BPM = 100.0
"""Of a dance in which nothing comes again."""

WATCHED_FRAMES = 24 * FRAME_RATE
"""Of which every tempo is told; half of it later comes the next one."""

CHANGE_PENALTY = 10.0
"""How much a dance's tempo resists a change: of the change's natural logarithm."""

_TEMPI = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 31)
_PERIODS = 60.0 * FRAME_RATE / _TEMPI
_UNUSUAL = np.log(_TEMPI / USUAL_BPM) ** 2
_CHANGES = CHANGE_PENALTY * np.abs(np.log(_TEMPI[:, None] / _TEMPI))
_LAGS = int(8 * _PERIODS[0]) + 2

_COMPARED_SHARE = 2 / 3
"""Of what is watched: the longest lag that it is compared with itself at."""

_ACCENT_SD = 3.0
"""How near accents come again, in frames: a standard deviation."""

_SWELL_SD = 60.0
"""What changes more slowly than this, in frames, is no beat or bar."""

_NOTHING = 1e-12
"""Of a curve's energy: so little is a body that stands still."""


def felt_periods(accents: Accents, displacements: npt.ArrayLike) -> Curve:
    """How long the dance's beats are about each frame: (N,) frames.

    Args:
        accents: as accents.accents gives them.
        displacements: (N, 72), metres per frame.
    """
    curves = _curves(accents, np.asarray(displacements))
    n_frames = curves.shape[1]
    last = max(n_frames - WATCHED_FRAMES, 0)
    starts = np.append(np.arange(0, last, WATCHED_FRAMES // 2), last)
    periods = _PERIODS[_likeliest([_evidence(curves[:, start:][:, :WATCHED_FRAMES]) for start in starts])]
    middles = (starts[1:] + starts[:-1] + WATCHED_FRAMES) // 2
    return periods[np.searchsorted(middles, np.arange(n_frames))]


def _curves(accents: Accents, displacements: npt.NDArray[np.floating]) -> Curve:
    """(4, N): accents, the speed of all joints, the feet's, and how fast the hips rise."""
    frames, weights = accents
    accented = np.zeros(len(displacements))
    accented[frames] = weights
    moved = displacements.reshape(-1, N_JOINTS, 3)
    feet = np.linalg.norm(moved[:, [JOINT_INDEX["left_ankle"], JOINT_INDEX["right_ankle"]]], axis=-1)
    rise = moved[:, JOINT_INDEX["pelvis"], 2]
    return np.stack(
        [smoothed(accented, _ACCENT_SD), joint_speed(displacements), smoothed(feet.sum(axis=1), 2.0), rise]
    )


def _evidence(curves: Curve) -> Curve:
    """(31,) for each tempo: by curves (4, n)."""
    likeness = _likeness(curves)
    together, hips = likeness.sum(axis=0), likeness[-1]

    def after(beats: float, likeness: Curve) -> Curve:
        return np.interp(beats * _PERIODS, np.arange(_LAGS), likeness)

    in_three = after(3, together) + after(6, together) / 2 - after(1.5, hips)
    in_four = after(2, together) + after(4, together) + after(8, together) / 2 + after(2, hips)
    return np.asarray(after(1, together) + np.maximum(in_three, in_four) - _UNUSUAL)


def _likeness(curves: Curve) -> Curve:
    """(4, _LAGS) each curve's correlation with itself that long before; 0 where too little is compared."""
    n_frames = curves.shape[1]
    size = 1 << (n_frames + _LAGS - 1).bit_length()
    swells = np.exp(-2 * (np.pi * _SWELL_SD * np.fft.rfftfreq(size)) ** 2)
    spectra = np.fft.rfft(curves - curves.mean(axis=1, keepdims=True), size) * (1 - swells)
    products = np.fft.irfft(np.square(np.abs(spectra)), size)[:, :_LAGS]
    compared = np.maximum(n_frames - np.arange(_LAGS), 1)
    enough = compared > (1 - _COMPARED_SHARE) * n_frames
    return np.asarray(enough * products / np.maximum(products[:, :1], _NOTHING) * n_frames / compared)


def _likeliest(evidence: list[Curve]) -> npt.NDArray[np.intp]:
    """Which tempo each part of the dance has: by all evidence, less what changes cost (Viterbi)."""
    best = evidence[0]
    before = []
    for part in evidence[1:]:
        ways = best[:, None] - _CHANGES
        before.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + part
    tempi = [int(best.argmax())]
    for way in reversed(before):
        tempi.append(int(way[tempi[-1]]))
    return np.array(tempi[::-1])
