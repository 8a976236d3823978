"""Ballroom dances with their music: Tang, Jia and Mao, "Dance with Melody", ACM Multimedia 2018.

Read are ``GENRE_NUMBER.npz`` with ``joints`` (T, 23, 3), centimetres, Y up, and ``fps``, beside a
music file of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from ...core.errors import FileFormatError
from ...core.motion.axes import Z_UP_FROM_Y_UP
from ...core.motion.motion import Joints
from ...core.motion.npz import read_npz_arrays
from ...core.motion.points import joints_from_points
from ...core.motion.resample import resample
from .folder import music_beside
from .source import Dataset, Skipped, SourcePair, split_by_song

N_POINTS: Final = 23

_METRES: Final = 0.01

BALLROOM_JOINTS: Final[Mapping[str, Sequence[int]]] = {
    "head": (0, 1),
    "spine1": (2,),
    "right_shoulder": (3,),
    "right_elbow": (4,),
    "right_wrist": (6, 22),
    "right_hip": (7,),
    "right_knee": (8,),
    "right_ankle": (9,),
    "right_foot": (11,),
    "left_shoulder": (12,),
    "left_elbow": (13,),
    "left_wrist": (15,),
    "left_hip": (16,),
    "left_knee": (17,),
    "left_ankle": (18,),
    "left_foot": (20,),
}
"""The points whose mean each joint is. The data come without names: these were told by which distances
stay the same (thigh 45 to 55 cm, shin 31 to 38, upper arm 27 to 33, forearm 23 to 30) and by where toes
and knees point. Left and right follow from axes taken as right-handed: the arm that is held out to the
partner is then the leader's left. Points 5, 14 and 21 lie on the forearms, 10 and 19 on the heels."""


def ballroom_pairs(folder: Path, test_share: float) -> Dataset:
    """The dances of a folder; every one has music of its own, so the split by song is one by dance.

    Args: test_share: of each genre's dances.
    """
    pairs, skipped = [], []
    for path in sorted(folder.glob("*.npz")):
        genre = path.stem.rpartition("_")[0] or path.stem
        music = music_beside(path)
        if music is None:
            skipped.append(Skipped(path.stem, "data.no_music", f"{path.name} has no music beside it."))
        else:
            joints = partial(ballroom_joints, path)
            pairs.append(SourcePair(path.stem, path.stem, "train", genre, joints, music))
    return Dataset(split_by_song(pairs, test_share), skipped)


def is_ballroom(folder: Path) -> bool:
    """Whether a folder's first archive holds dances of 23 points."""
    first = min(folder.glob("*.npz"), default=None)
    if first is None:
        return False
    try:
        return _points(first)[0].shape[1:] == (N_POINTS, 3)
    except FileFormatError:
        return False


def ballroom_joints(path: Path) -> Joints:
    """The dance in a file: (N, 24, 3) at 60 Hz, metres, Z up.

    Raises: FileFormatError (motion.file_format); MotionError: motion.too_short, motion.frame_rate.
    """
    points, frame_rate = _points(path)
    if points.shape[1:] != (N_POINTS, 3):
        raise _not_ballroom(path, f"its joints have the shape {points.shape}")
    joints = joints_from_points(points @ Z_UP_FROM_Y_UP.T * _METRES, BALLROOM_JOINTS)
    return resample(joints, frame_rate)


def _points(path: Path) -> tuple[np.ndarray, float]:
    arrays = read_npz_arrays(path, ("joints", "fps"))
    try:
        return arrays["joints"].astype(np.float64), float(arrays["fps"])
    except (KeyError, TypeError, ValueError) as error:
        raise _not_ballroom(path, f"it has no joints and fps that are numbers ({error})") from error


def _not_ballroom(path: Path, reason: str) -> FileFormatError:
    return FileFormatError(
        f"{path} is no ballroom dance: {reason}.",
        code="motion.file_format",
        hint=f"Give an archive with joints (frames, {N_POINTS}, 3) in centimetres, Y up, and fps.",
    )
