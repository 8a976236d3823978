"""Reads dances from AIST++'s motion annotations."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .array_pickle import read_array_pickle
from .axes import Z_UP_FROM_Y_UP
from .files import format_error, read_bytes
from .motion import Motion
from .smpl import smpl_joints

AISTPP_FRAME_RATE: Final = 60.0
"""All of AIST++ was filmed at this rate."""


def read_aistpp(path: str | Path) -> Motion:
    """The dance in a motion file of AIST++ (``motions/*.pkl``).

    Such a file is a pickled dictionary: ``smpl_poses`` (T, 72) in radians, ``smpl_trans`` (T, 3) in
    the cameras' unit (about a centimetre), ``smpl_scaling`` (1,) of that unit to a metre; Y up.

    Raises: FileFormatError: motion.file_format, motion.unsafe_pickle, motion.missing_file,
        motion.unreadable_file.
    Source: Li et al., "AI Choreographer: Music Conditioned 3D Dance Generation with AIST++", 2021,
        and the data set's interface, github.com/google/aistplusplus_api.
    """
    path = Path(path)
    arrays = read_array_pickle(path.name, read_bytes(path))
    poses, translations, scaling = (
        _array(path.name, arrays, key, shape)
        for key, shape in (("smpl_poses", (-1, 72)), ("smpl_trans", (-1, 3)), ("smpl_scaling", (1,)))
    )
    if len(poses) != len(translations) or not scaling[0] > 0:
        raise format_error(
            f"{path.name}: {len(poses)} smpl_poses do not go with {len(translations)} smpl_trans "
            f"at smpl_scaling {scaling[0]}."
        )
    joints = smpl_joints(poses, translations / scaling) @ Z_UP_FROM_Y_UP.T
    return Motion(joints, AISTPP_FRAME_RATE, path.name)


def _array(
    name: str, arrays: dict[str, npt.NDArray[Any]], key: str, shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    if key not in arrays:
        held = ", ".join(sorted(arrays)) or "nothing"
        raise format_error(f"{name} lacks {key}, so it is no motion file of AIST++; it holds {held}.")
    try:
        return arrays[key].astype(np.float64).reshape(shape)
    except ValueError as error:
        raise format_error(f"{name}: {key} has the shape {arrays[key].shape}.") from error
