"""Dances as one camera saw them: AIST++'s 2-D keypoints as joints in a plane (the paper's Table 4)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...core.motion.array_pickle import read_array_pickle
from ...core.motion.files import format_error, read_bytes
from ...core.motion.motion import Joints
from ...core.motion.points import COCO_JOINTS, COCO_KEYPOINTS, joints_from_points, without_gaps
from ...core.motion.units import metres_per_unit
from .cameras import Camera, undistorted


def planar_joints(path: Path, row: int, camera: Camera) -> Joints:
    """The dance in a file of ``keypoints2d/``, without depth: Y is zero.

    Such a file is a pickled dictionary with ``keypoints2d`` (9, T, 17, 3): for each camera COCO's
    keypoints as x and y in pixels and a confidence; 60 Hz. A keypoint that was not seen (NaN, or
    confidence 0) is put between those before and after.

    The 17 points become the same 24 joints as in 3-D, so that the same features and the same network
    serve both: a third of the displacements is then zero. As the size of a pixel is not known, the body
    is made as large as people are.

    Args:    row: of the camera; camera: its lens.
    Returns: (N, 24, 3) metres, Z up, X to the right in the picture.
    Raises:  FileFormatError: motion.file_format, motion.unsafe_pickle, motion.missing_file; MotionError.
    """
    arrays = read_array_pickle(path.name, read_bytes(path))
    views = arrays.get("keypoints2d", np.zeros(0))
    if views.ndim != 4 or views.shape[2:] != (len(COCO_KEYPOINTS), 3) or len(views) <= row:
        raise format_error(f"{path.name}: keypoints2d have the shape {views.shape}, not (9, T, 17, 3).")
    points = views[row, ..., :2].astype(np.float64)
    points[~(views[row, ..., 2] > 0)] = np.nan
    picture = undistorted(without_gaps(path.name, points), camera)
    space = np.stack([picture[..., 0], np.zeros(picture.shape[:-1]), -picture[..., 1]], axis=-1)
    joints = joints_from_points(space, COCO_JOINTS)
    return joints * metres_per_unit(joints)
