"""Reads a dance from a file by its extension."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import FileFormatError
from .bvh import read_bvh
from .files import check_file
from .motion import Joints, Motion
from .resample import resample

READERS: dict[str, Callable[[Path], Motion]] = {".bvh": read_bvh}
"""The reader of each file format by the extension of its files."""


def read_motion(path: str | Path) -> Motion:
    """The dance in a file.

    Args:    path: a BVH file.
    Raises:  FileFormatError: motion.missing_file, motion.unknown_format, motion.file_format;
             RigError (rig.missing_joints); MotionError.
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
    return reader(path)


def joints_at_60hz(motion: Motion) -> Joints:
    """The dance at the model's clock: (N, 24, 3) float64, metres, Z up.

    Raises: MotionError: motion.too_short, motion.frame_rate.
    """
    return resample(motion.joints, motion.frame_rate)
