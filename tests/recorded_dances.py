"""The recorded dances that some tests read, which are not part of the project."""

import os
from pathlib import Path

import pytest

CMU_DANCES = Path(
    os.environ.get("KINETONE_CMU_DANCES")
    or Path(__file__).parents[1].parent / "shared" / "data" / "cmu_dance"
)
"""28 dances as BVH from the CMU Graphics Lab Motion Capture Database, beside the checkout or elsewhere."""

needs_dances = pytest.mark.skipif(
    not CMU_DANCES.is_dir(), reason="set KINETONE_CMU_DANCES to a folder with CMU's salsa and pop dances"
)

BALLROOM = Path(
    os.environ.get("KINETONE_BALLROOM") or Path(__file__).parents[1].parent / "shared" / "data" / "ballroom"
)
"""33 ballroom dances with their music, from "Dance with Melody" (Tang, Jia and Mao 2018)."""

needs_ballroom = pytest.mark.skipif(
    not BALLROOM.is_dir(), reason="set KINETONE_BALLROOM to a folder with the ballroom dances"
)
