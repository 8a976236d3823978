"""Joints from points on a body that a camera or a suit of markers saw: COCO's keypoints and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from .files import format_error
from .motion import Joints
from .rigs import joint_sources

COCO_KEYPOINTS: Final = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
"""The 17 keypoints of COCO in its order (Lin et al., "Microsoft COCO", 2014)."""

COCO_JOINTS: Final[Mapping[str, Sequence[int]]] = {
    **{name: (index,) for index, name in enumerate(COCO_KEYPOINTS) if index >= 5},
    "head": (3, 4),  # SMPL's head joint lies between the ears
}
"""For each joint that COCO's keypoints give, those whose mean it is."""


def joints_from_points(points: npt.ArrayLike, sources: Mapping[str, Sequence[int]]) -> Joints:
    """The 24 joints; those without points of their own are derived from their neighbours.

    Args:
        points: (T, P, 3), any unit and axes.
        sources: for each joint that has points, by SMPL's name, the indices whose mean it is;
            hips, knees, shoulders and elbows at least.
    Returns: (T, 24, 3) float64, in the unit and axes of the points.
    Raises:  RigError (rig.missing_joints).
    """
    points = np.asarray(points, dtype=np.float64)
    known = np.stack([points[:, list(indices)].mean(axis=1) for indices in sources.values()], axis=1)
    return joint_sources(list(sources), {}, tails=False).joints(known, known)


def without_gaps(name: str, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Points whose missing positions (NaN) lie on straight lines between those before and after.

    Args:    name: of the file, for messages; points: (T, P, C).
    Raises:  FileFormatError (motion.file_format) if a point is missing in every frame.
    """
    whole = np.array(points, dtype=np.float64)
    columns = whole.reshape(len(whole), -1)
    frames = np.arange(len(whole))
    for column in columns.T:
        seen = np.isfinite(column)
        if not seen.any():
            raise format_error(f"{name}: a keypoint is seen in no frame.")
        if not seen.all():
            column[~seen] = np.interp(frames[~seen], frames[seen], column[seen])
    return whole
