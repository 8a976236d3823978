"""Reads a dance from a file by its extension."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import FileFormatError
from .aistpp import read_aistpp
from .bvh import read_bvh
from .files import check_file
from .motion import Joints, Motion
from .npz import read_npz
from .resample import resample
from .validation import checked_joints

READERS: dict[str, Callable[[Path], Motion]] = {".bvh": read_bvh, ".npz": read_npz, ".pkl": read_aistpp}
"""The reader of each file format by the extension of its files."""


def read_motion(path: str | Path) -> Motion:
    """The dance in a file.

    Args:    path: BVH; AIST++ motion (``.pkl``); or ``.npz`` with joints or SMPL parameters.
    Raises:  FileFormatError: motion.missing_file, motion.unreadable_file, motion.unknown_format,
             motion.file_format, motion.unsafe_pickle; RigError (rig.missing_joints); MotionError:
             motion.too_short, motion.not_finite, motion.no_body.
    """
    path = Path(path)
    check_file(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise FileFormatError(
            f"{path.name} is in no format that Kinetone reads.",
            code="motion.unknown_format",
            hint=f"Give a file that ends in one of {', '.join(sorted(READERS))}.",
        )
    motion = reader(path)
    checked_joints(motion.joints)
    return motion


def joints_at_60hz(motion: Motion) -> Joints:
    """The dance at the model's clock: (N, 24, 3) float64, metres, Z up.

    Raises: MotionError: motion.too_short, motion.frame_rate.
    """
    return resample(motion.joints, motion.frame_rate)
