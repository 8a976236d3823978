"""Every fault at every stage, in every Blender; ``make test`` takes those that tell most, in one of them."""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def test_faults_at_every_stage():
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-s",
        "tests/blender/test_in_blender.py::test_in_blender",
    ]
    environment = os.environ | {"KINETONE_EVERY_STAGE": "1"}
    assert subprocess.run(command, env=environment, cwd=CHECKOUT).returncode == 0
