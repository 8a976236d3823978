"""Hours of load, which `make test-soak` runs and `make test` does not.

KINETONE_SOAK, a number up to 1, makes all of it shorter by that factor while something is being worked on.
"""

import os
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "engine"), str(TESTS / "blender")]

SCALE = float(os.environ.get("KINETONE_SOAK", "1"))


@pytest.fixture(scope="session")
def scaled():
    """``scaled(1000, 50)``: 1000, or fewer in a short run, but at least 50."""
    return lambda number, least: max(least, round(number * SCALE))
