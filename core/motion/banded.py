"""Systems of equations in which every unknown has to do with its two neighbours on either side only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


def solve_pentadiagonal(bands: npt.NDArray[np.float64], right: Vector) -> Vector:
    """x of A x = b for a symmetric, positive definite A, in time and memory that grow with its size.

    Args:
        bands: (3, B), the diagonal of A and the two beside it; entry i of band k is A[i, i + k].
        right: (B,), b.
    Source: Cholesky's decomposition without roots, A = L D Lᵀ (Golub and Van Loan, section 4.3.6).
    """
    count = len(right)
    diagonal, beside, second = bands.tolist()
    below, further = [0.0] * (count + 2), [0.0] * (count + 2)
    scale, x = [1.0] * count, right.tolist()
    for i in range(count):
        near, far = below[i], further[i]
        d1, d2 = scale[i - 1] if i else 0.0, scale[i - 2] if i > 1 else 0.0
        scale[i] = diagonal[i] - near * near * d1 - far * far * d2
        below[i + 1] = (beside[i] - further[i + 1] * near * d1) / scale[i]
        further[i + 2] = second[i] / scale[i]
        x[i] -= (near * x[i - 1] if i else 0.0) + (far * x[i - 2] if i > 1 else 0.0)
    for i in reversed(range(count)):
        x[i] /= scale[i]
        x[i] -= below[i + 1] * x[i + 1] if i + 1 < count else 0.0
        x[i] -= further[i + 2] * x[i + 2] if i + 2 < count else 0.0
    return np.array(x)
