"""Rotation matrices from Euler angles and from axis-angle vectors, for all frames at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Rotations = npt.NDArray[np.float64]
"""(..., 3, 3), to be applied to columns."""


def axis_rotations(axis: int, angles: npt.ArrayLike) -> Rotations:
    """Rotations about one coordinate axis.

    Args:    axis: 0, 1 or 2 for X, Y or Z; angles: (...) radians.
    Returns: (..., 3, 3).
    """
    angles = np.asarray(angles, dtype=np.float64)
    cosine, sine = np.cos(angles), np.sin(angles)
    second, third = (axis + 1) % 3, (axis + 2) % 3
    matrices = np.zeros((*angles.shape, 3, 3))
    matrices[..., axis, axis] = 1.0
    matrices[..., second, second] = matrices[..., third, third] = cosine
    matrices[..., third, second] = sine
    matrices[..., second, third] = -sine
    return matrices


def euler_rotations(axes: Sequence[int], angles: npt.ArrayLike) -> Rotations:
    """Products of rotations about coordinate axes, in the order given: R = R1 R2 R3.

    Args:    axes: indices of the axes; angles: (..., len(axes)) radians.
    Returns: (..., 3, 3); the identity if there are no axes.
    """
    angles = np.asarray(angles, dtype=np.float64)
    if not len(axes):
        return np.broadcast_to(np.eye(3), (*angles.shape[:-1], 3, 3))
    product = axis_rotations(axes[-1], angles[..., -1])
    for column in range(len(axes) - 2, -1, -1):
        # A rotation about an axis from the left mixes the two other rows: cheaper than a product.
        second, third = (axes[column] + 1) % 3, (axes[column] + 2) % 3
        cosine, sine = np.cos(angles[..., column, None]), np.sin(angles[..., column, None])
        above, below = product[..., second, :].copy(), product[..., third, :]
        product[..., second, :] = cosine * above - sine * below
        product[..., third, :] = sine * above + cosine * below
    return product


def axis_angle_rotations(vectors: npt.ArrayLike) -> Rotations:
    """Rotations about the directions of vectors by their lengths in radians.

    Args:    vectors: (..., 3).
    Returns: (..., 3, 3).
    Source:  Rodrigues' formula, R = I + sin(a) K + (1 - cos(a)) K K with a the length of the
             vector and K the cross-product matrix of its direction.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    angle = np.sqrt(np.sum(vectors * vectors, axis=-1))
    # sinc keeps both factors exact down to no rotation at all, where the direction is not defined.
    sine = np.sinc(angle / np.pi)[..., None, None]
    cosine = (np.sinc(angle / (2 * np.pi)) ** 2 / 2)[..., None, None]
    cross = _cross_matrices(vectors)
    return np.asarray(np.eye(3) + sine * cross + cosine * (cross @ cross))


def _cross_matrices(vectors: npt.NDArray[np.float64]) -> Rotations:
    matrices = np.zeros((*vectors.shape, 3))
    for axis in range(3):
        second, third = (axis + 1) % 3, (axis + 2) % 3
        matrices[..., third, second] = vectors[..., axis]
        matrices[..., second, third] = -vectors[..., axis]
    return matrices
