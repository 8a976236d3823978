"""Recorded dances, and the pulse that their music can have: a beat grid that bends with the dancer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...core.errors import FileFormatError
from ...core.motion.accents import STILL_M_S, accents, joint_speed, smoothed
from ...core.motion.downbeats import first_counts
from ...core.motion.features import movement
from ...core.motion.felt_beats import felt_beats
from ...core.motion.read import READERS, joints_at_60hz, read_motion
from ...core.timing import FRAME_RATE
from .grid import BeatGrid

_BEATS_PER_BAR = 4
"""Recorded dances are taken to be in four."""

_SPEED_SMOOTHING_FRAMES = 0.25 * FRAME_RATE
_REST_FRAMES = 4
_JUMP_M = 0.12  # in a frame: 7 m/s, at the very beginning


@dataclass(frozen=True)
class Dance:
    """A dance with the beats that its music is to have.

    Attributes:
        name: what it was read from.
        joints: (N, 24, 3) metres, Z up, 60 Hz.
        grid: beats and energy, from the first frame on.
    """

    name: str
    joints: np.ndarray
    grid: BeatGrid


def dance_files(folder: Path) -> list[Path]:
    """The dances in a folder, by name.

    Raises: FileFormatError (corpus.no_dances) if there is none.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix in READERS) if folder.is_dir() else []
    if not files:
        raise FileFormatError(
            f"No dances in {folder}.",
            code="corpus.no_dances",
            hint=f"Give a folder with files that end in {', '.join(sorted(READERS))}.",
        )
    return files


def load_dances(folder: Path) -> Iterator[Dance]:
    """Every dance of a folder with its grid. Raises what dance_files and read_motion raise."""
    for path in dance_files(folder):
        joints = without_rest_pose(joints_at_60hz(read_motion(path)))
        yield Dance(path.stem, joints, grid_from_dance(joints))


def without_rest_pose(joints: np.ndarray) -> np.ndarray:
    """The dance without the pose of rest that BVH files often begin with, a jump away from the dance.

    Args:    joints: (N, 24, 3) metres, 60 Hz.
    """
    moved = np.linalg.norm(np.diff(joints[: _REST_FRAMES + 1], axis=0), axis=-1).max(axis=1)
    jumps = np.flatnonzero(moved > _JUMP_M)
    return joints[jumps[-1] + 1 :] if len(jumps) else joints


def grid_from_dance(joints: np.ndarray) -> BeatGrid:
    """A pulse for a dance: nearly steady, bent so that kinematic beats fall on beats or half-beats.

    Its beats are the felt ones of core/motion/felt_beats.py; energy is the speed of the joints around each
    beat against the dance's own median.

    Args:    joints: (N, 24, 3) at 60 Hz, any unit, Z up; a second or longer.
    Raises:  MotionError as movement does; ValueError if it is shorter than a second.
    """
    if len(joints) < FRAME_RATE:
        raise ValueError(f"a pulse needs a second of dance, these are {len(joints)} frames")
    steps, marks = movement(joints)
    accented = accents(marks, steps)
    beats = felt_beats(accented, steps)
    phase, _ = first_counts(beats, accented, steps)
    energy = _energy(beats, joint_speed(steps))
    return BeatGrid(beats / FRAME_RATE, _BEATS_PER_BAR, energy, len(joints) / FRAME_RATE, phase)


def _energy(beats: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """(B,) speed around each beat against the dance's median: at the median 0.6, near standstill 0."""
    around = smoothed(speed, _SPEED_SMOOTHING_FRAMES)
    frames = np.clip(np.round(beats).astype(int), 0, len(speed) - 1)
    ratio = around[frames] / max(float(np.median(speed)), STILL_M_S)
    return np.asarray(np.clip(0.6 * ratio, 0.0, 1.0))
