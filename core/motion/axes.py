"""Axes: files of motion mostly have Y up, Kinetone has Z up."""

from __future__ import annotations

from typing import Final

import numpy as np

Z_UP_FROM_Y_UP: Final = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""Turns columns (x, y, z) with Y up into Z up; what faced +Z then faces -Y, left stays at +X."""
