"""Reads dances from AIST++'s motion annotations."""

from __future__ import annotations

import reprlib
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .array_pickle import read_array_pickle
from .axes import Z_UP_FROM_Y_UP
from .files import check_frames, format_error, read_bytes
from .motion import Joints, Motion
from .points import COCO_JOINTS, COCO_KEYPOINTS, joints_from_points, without_gaps
from .smpl import smpl_joints
from .units import metres_per_unit

AISTPP_FRAME_RATE: Final = 60.0
"""All of AIST++ was filmed at this rate."""


def read_aistpp(path: str | Path) -> Motion:
    """The dance in a motion file of AIST++ (``motions/*.pkl`` or ``keypoints3d/*.pkl``).

    SMPL's joints are put on Kinetone's own average body. Keypoints are COCO's 17, those that AIST++
    smoothed (``keypoints3d_optim``) where the file has them; what they lack is derived.

    Raises: FileFormatError: motion.file_format, motion.unsafe_pickle, motion.missing_file,
        motion.unreadable_file; MotionError: motion.no_body, motion.too_long.
    Source: Li et al., "AI Choreographer: Music Conditioned 3D Dance Generation with AIST++", 2021,
        and the data set's interface, github.com/google/aistplusplus_api.
    """
    path = Path(path)
    arrays = read_array_pickle(path.name, read_bytes(path))
    if "smpl_poses" not in arrays and any(key in arrays for key in _KEYPOINTS):
        joints = _keypoint_joints(path.name, arrays)
    else:
        joints = smpl_joints(*_smpl_parameters(path.name, arrays))
    return Motion(joints @ Z_UP_FROM_Y_UP.T, AISTPP_FRAME_RATE, path.name)


def read_smpl_parameters(path: Path) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """SMPL's parameters in a file of ``motions/``: poses (T, 72) in radians, translations (T, 3) in
    metres; Y up.

    Raises: FileFormatError as :func:`read_aistpp` does.
    """
    return _smpl_parameters(path.name, read_array_pickle(path.name, read_bytes(path)))


def _smpl_parameters(
    name: str, arrays: dict[str, npt.NDArray[Any]]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """A motion is ``smpl_poses`` (T, 72) or (T, 24, 3) in radians, ``smpl_trans`` (T, 3) in the
    cameras' unit (about a centimetre) and ``smpl_scaling`` (1,), how many of that unit make a metre."""
    poses, translations, scaling = (
        _array(name, arrays, key, shape)
        for key, shape in (("smpl_poses", (-1, 72)), ("smpl_trans", (-1, 3)), ("smpl_scaling", (1,)))
    )
    if len(poses) != len(translations) or not scaling[0] > 0:
        raise format_error(
            f"{name}: {len(poses)} smpl_poses do not go with {len(translations)} smpl_trans "
            f"at smpl_scaling {scaling[0]}."
        )
    return poses, translations / scaling


_KEYPOINTS: Final = ("keypoints3d_optim", "keypoints3d")


def _keypoint_joints(name: str, arrays: dict[str, npt.NDArray[Any]]) -> Joints:
    key = next(key for key in _KEYPOINTS if key in arrays)
    points = without_gaps(name, _array(name, arrays, key, (-1, len(COCO_KEYPOINTS), 3)))
    joints = joints_from_points(points, COCO_JOINTS)
    return joints * metres_per_unit(joints)


def _array(
    name: str, arrays: dict[str, npt.NDArray[Any]], key: str, shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    if key not in arrays:
        held = reprlib.repr(sorted(arrays))
        raise format_error(f"{name} lacks {key}, so it is no motion file of AIST++; it holds {held}.")
    try:
        array = arrays[key].reshape(shape)
    except ValueError as error:
        raise format_error(f"{name}: {key} has the shape {reprlib.repr(arrays[key].shape)}.") from error
    check_frames(name, len(array))
    return array.astype(np.float64)
