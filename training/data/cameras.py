"""AIST++'s cameras: which row of a sequence's 2-D keypoints is whose, and what its lens does."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import FileFormatError
from ...core.untrusted import read_json

_MAX_BYTES = 1 << 20

_ITERATIONS = 20
"""AIST++'s lenses bend little; ten rounds reach rounding, and more do no harm."""


@dataclass(frozen=True)
class Camera:
    """One calibrated camera, in OpenCV's convention.

    Attributes:
        matrix: (3, 3), focal lengths and centre in pixels.
        distortions: (5,), k1, k2, p1, p2, k3.
    """

    matrix: np.ndarray
    distortions: np.ndarray


def read_cameras(folder: Path) -> Callable[[str, str], tuple[int, Camera]]:
    """Reads ``cameras/``: ``mapping.txt`` and a ``settingN.json`` for each set-up of the studio.

    Returns: gives, for a sequence and a camera's name (``c01``), the row of that camera in
        ``keypoints2d`` and the camera. It raises FileFormatError (data.no_cameras) for others.
    Raises:  FileFormatError (data.no_cameras) if a file is missing or damaged.
    """
    try:
        rows = [line.split() for line in (folder / "mapping.txt").read_text(encoding="utf-8").splitlines()]
        settings = dict(row for row in rows if row)
        groups = {
            name: read_json(folder / f"{name}.json", _MAX_BYTES) for name in sorted(set(settings.values()))
        }
    except (OSError, ValueError) as error:
        reason = textwrap.shorten(str(error), 400)
        raise _no_cameras(f"The cameras in {folder} cannot be read: {reason}.") from error
    return lambda sequence, camera: _camera(groups.get(settings.get(sequence, ""), []), sequence, camera)


def _camera(group: list[dict[str, Any]], sequence: str, name: str) -> tuple[int, Camera]:
    try:
        for row, entry in enumerate(group):
            if entry["name"] == name:
                distortions = np.zeros(5)
                given = np.array(entry["distortions"], dtype=np.float64).ravel()[:5]
                distortions[: len(given)] = given
                return row, Camera(np.array(entry["matrix"], dtype=np.float64).reshape(3, 3), distortions)
    except (KeyError, TypeError, ValueError) as error:
        reason = textwrap.shorten(str(error), 400)
        raise _no_cameras(f"The camera {name} of {sequence} is damaged: {reason}.") from error
    raise _no_cameras(f"There is no camera {name} for {sequence}.")


def _no_cameras(message: str) -> FileFormatError:
    return FileFormatError(
        message,
        code="data.no_cameras",
        hint="2-D keypoints need AIST++'s cameras/ folder; cameras are called c01 to c09.",
    )


def undistorted(points: np.ndarray, camera: Camera) -> np.ndarray:
    """Where points would be seen by a camera with a perfect lens and a focal length of 1.

    Args:    points: (..., 2) pixels.
    Returns: (..., 2), x to the right, y down.
    Source:  the distortion model of OpenCV's ``calib3d``, inverted by fixed-point iteration.
    """
    focal = camera.matrix[[0, 1], [0, 1]]
    seen = (points - camera.matrix[:2, 2]) / focal
    straight = seen
    for _ in range(_ITERATIONS):
        radial, tangential = distortion(straight, camera)
        straight = (seen - tangential) / radial
    return np.asarray(straight)


def distortion(points: np.ndarray, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """What a lens multiplies straight coordinates (..., 2) with (..., 1), and what it adds to them."""
    k1, k2, p1, p2, k3 = camera.distortions
    x, y = points[..., :1], points[..., 1:]
    square = x**2 + y**2
    radial = 1 + square * (k1 + square * (k2 + square * k3))
    across = 2 * p1 * x * y + p2 * (square + 2 * x**2)
    down = p1 * (square + 2 * y**2) + 2 * p2 * x * y
    return radial, np.concatenate([across, down], axis=-1)
