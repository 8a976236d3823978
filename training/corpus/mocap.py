"""Recorded dances, and the pulse that their music can have: a beat grid that bends with the dancer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...core.errors import FileFormatError
from ...core.motion.beats import beat_frames, kinematic_beats
from ...core.motion.canonical import canonical
from ...core.motion.read import READERS, joints_at_60hz, read_motion
from ...core.timing import FRAME_RATE
from .grid import BARS_PER_PHRASE, BeatGrid

_BEATS_PER_BAR = 4
"""Recorded dances are taken to be in four."""

SLOWEST_BPM, FASTEST_BPM = 80.0, 125.0
"""Tempo of the felt beat that dances are tracked at."""

_TEMPI = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 28)
_LAGS = np.arange(round(0.42 * FRAME_RATE), round(0.84 * FRAME_RATE) + 1)
_ON_BEAT_S = 0.03  # width of a kinematic beat's pull on the pulse
_HALF_BEAT = 0.2  # worth of a kinematic beat on a half-beat, against one on a beat
_TEMPO_PENALTY = 10.0
_SNAP_S = 0.1
_STEADINESS = 0.5
_STILL_M_S = 0.12  # a dance whose median speed is lower stands still all the time
_SPEED_SMOOTHING_S = 0.25
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

    The beats that explain most of the dance's kinematic beats at a nearly even tempo are found by
    dynamic programming over several tempi; then every beat is drawn to the kinematic beat beside
    it, as far as the tempo stays smooth. Energy is the speed of the joints around each beat against
    the dance's own median.

    Args:    joints: (N, 24, 3) at 60 Hz, any unit, Z up; a second or longer.
    Raises:  MotionError as canonical does; ValueError if it is shorter than a second.
    Source:  Ellis 2007, "Beat Tracking by Dynamic Programming": its objective with the squared
             logarithm of the period for a penalty, here with kinematic beats in place of onsets.
    """
    if len(joints) < FRAME_RATE:
        raise ValueError(f"a pulse needs a second of dance, these are {len(joints)} frames")
    positions = canonical(joints)
    speed = joint_speed(positions)
    accents = _accents(beat_frames(kinematic_beats(positions)), speed)
    duration_s = len(joints) / FRAME_RATE
    times_s = _bent(_track(_onsets(accents, len(joints))), accents)
    times_s = _extended(times_s, duration_s)
    energy = _energy(times_s, speed)
    return BeatGrid(times_s, _BEATS_PER_BAR, energy, duration_s, _phase(times_s, accents))


def joint_speed(joints: np.ndarray) -> np.ndarray:
    """(N,) mean speed of the joints in metres a second, lightly smoothed."""
    velocity = np.gradient(joints, axis=0) * FRAME_RATE
    return _smoothed(np.linalg.norm(velocity, axis=-1).mean(axis=1), 0.03)


def _smoothed(values: np.ndarray, sd_s: float) -> np.ndarray:
    """Values along frames, smoothed with a Gaussian; the ends are held."""
    radius = int(np.ceil(3 * sd_s * FRAME_RATE))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / (sd_s * FRAME_RATE)) ** 2)
    return np.convolve(np.pad(values, radius, mode="edge"), kernel / kernel.sum(), mode="valid")


def _accents(frames: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """(K, 2) seconds and weight of each kinematic beat: how much faster the body is around it."""
    reach = round(0.3 * FRAME_RATE)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(speed, reach, mode="edge"), 2 * reach + 1)
    before, after = around[frames, :reach].max(axis=1), around[frames, reach:].max(axis=1)
    swing = np.minimum(before, after) - speed[frames]
    typical = max(float(np.median(speed)), _STILL_M_S)
    weight = np.clip(0.35 + swing / typical, 0.1, 1.5) if len(frames) else np.zeros(0)
    return np.stack([frames / FRAME_RATE, weight], axis=1)


def _onsets(accents: np.ndarray, n_frames: int) -> np.ndarray:
    """(N,) what a beat at each frame is worth, less its mean: a beat in the wrong place costs."""
    frames = np.arange(n_frames)[:, None] / FRAME_RATE
    pulls = accents[:, 1] * np.exp(-0.5 * ((frames - accents[:, 0]) / _ON_BEAT_S) ** 2)
    onsets = pulls.sum(axis=1)
    return np.asarray(onsets - onsets.mean())


def _track(onsets: np.ndarray) -> np.ndarray:
    """(B,) seconds of the beats with the highest score of all tempi."""
    n_frames = len(onsets)
    periods = 60.0 * FRAME_RATE / _TEMPI[:, None]
    penalty = _TEMPO_PENALTY * np.log(_LAGS / periods) ** 2
    score = np.tile(onsets, (len(_TEMPI), 1))
    previous = np.full(score.shape, -1)
    for frame in range(_LAGS[0], n_frames):
        lags = _LAGS[frame >= _LAGS]
        middle = _HALF_BEAT * onsets[frame - lags // 2]
        paths = score[:, frame - lags] + middle - penalty[:, : len(lags)]
        best = paths.argmax(axis=1)
        value = np.take_along_axis(paths, best[:, None], axis=1)[:, 0]
        # The first beat may lie anywhere in the first period; later beats need one before.
        goes_on = (value > 0) | (frame >= periods[:, 0])
        previous[goes_on, frame] = frame - lags[best[goes_on]]
        score[goes_on, frame] += value[goes_on]
    ends = n_frames - np.minimum(np.ceil(periods[:, 0]).astype(int), n_frames)
    last = [end + int(row[end:].argmax()) for row, end in zip(score, ends, strict=True)]
    chosen = int(np.argmax(score[np.arange(len(last)), last]))
    return _backtraced(previous[chosen], last[chosen]) / FRAME_RATE


def _backtraced(previous: np.ndarray, last: int) -> np.ndarray:
    beats = [last]
    while previous[beats[-1]] >= 0:
        beats.append(int(previous[beats[-1]]))
    return np.array(beats[::-1])


def _bent(beats_s: np.ndarray, accents: np.ndarray) -> np.ndarray:
    """(B,) the beats drawn onto the kinematic beats beside them, by least squares.

    Every kinematic beat within reach pulls its beat, or the middle of two beats, to itself; changes
    of tempo from beat to beat pull back.
    """
    count = len(beats_s)
    if count < 3 or not len(accents):
        return beats_s
    curve = np.diff(np.eye(count), 2, axis=0) * _STEADINESS
    middles = (np.eye(count)[1:] + np.eye(count)[:-1]) / 2
    for _ in range(3):
        rows, targets = [curve, 1e-3 * np.eye(count)], [np.zeros(count - 2), 1e-3 * beats_s]
        for places, worth in ((np.eye(count), 1.0), (middles, _HALF_BEAT)):
            pulls, wanted = _pulls(places @ beats_s, accents)
            rows.append((worth * pulls)[:, None] * places)
            targets.append(worth * pulls * wanted)
        beats_s = np.linalg.lstsq(np.concatenate(rows), np.concatenate(targets), rcond=None)[0]
    return beats_s


def _pulls(places_s: np.ndarray, accents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(B,) weight and time of the kinematic beat that draws each place; weight 0 if none is near."""
    off = np.abs(places_s[:, None] - accents[:, 0])
    strength = np.where(off < _SNAP_S, accents[:, 1] * (1.0 - off / _SNAP_S) + 1e-6, 0.0)
    nearest = strength.argmax(axis=1)
    near = strength[np.arange(len(places_s)), nearest] > 0
    return np.sqrt(accents[nearest, 1]) * near, accents[nearest, 0]


def _extended(beats_s: np.ndarray, duration_s: float) -> np.ndarray:
    """The beats and those before and after them that the piece still has room for, at the near tempo."""
    if len(beats_s) < 2:
        period = 0.6
        return np.arange(beats_s[0] % period, max(duration_s, beats_s[0] % period + 2 * period), period)
    first, last = np.median(np.diff(beats_s)[:4]), np.median(np.diff(beats_s)[-4:])
    before = np.arange(beats_s[0] - first, -1e-9, -first)[::-1]
    after = np.arange(beats_s[-1] + last, duration_s, last)
    return np.concatenate([before, beats_s, after])


def _energy(times_s: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """(B,) speed around each beat against the dance's median: at the median 0.6, near standstill 0."""
    around = _smoothed(speed, _SPEED_SMOOTHING_S)
    frames = np.clip(np.round(times_s * FRAME_RATE).astype(int), 0, len(speed) - 1)
    ratio = around[frames] / max(float(np.median(speed)), _STILL_M_S)
    return np.asarray(np.clip(0.6 * ratio, 0.0, 1.0))


def _phase(times_s: np.ndarray, accents: np.ndarray) -> int:
    """The first beat's place in its phrase, so that downbeats fall where accents are strongest."""
    off = np.abs(times_s[:, None] - accents[:, 0])
    felt = (accents[:, 1] * np.exp(-0.5 * (off / _ON_BEAT_S) ** 2)).sum(axis=1)
    sums = [felt[start::_BEATS_PER_BAR].sum() for start in range(_BEATS_PER_BAR)]
    return -int(np.argmax(sums)) % (BARS_PER_PHRASE * _BEATS_PER_BAR)
