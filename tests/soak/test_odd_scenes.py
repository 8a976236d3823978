"""The odd scenes of tests/blender/inside, twenty times as many of them, in every Blender at hand."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

INSIDE = Path(__file__).resolve().parents[1] / "blender" / "inside"
sys.path.insert(0, str(INSIDE.parent))

from test_in_blender import BLENDERS, CHECKOUT, blender_python, extension, tiny_checkpoint  # noqa: E402, F401


@pytest.mark.parametrize("name", BLENDERS)
@pytest.mark.parametrize("tests", sorted(INSIDE.glob("test_odd_*.py")), ids=lambda path: path.stem)
def test_many_odd_scenes(name, tests, extension, tiny_checkpoint, tmp_path):  # noqa: F811
    environment = os.environ | {
        "KINETONE_TEST_EXTENSION": str(extension),
        "KINETONE_TEST_CHECKPOINT": str(tiny_checkpoint),
        "KINETONE_ENGINE_PYTHON": sys.executable,
        "KINETONE_ODD_CASES": os.environ.get("KINETONE_ODD_CASES", "20"),
        "BLENDER_USER_RESOURCES": str(tmp_path / "blender"),
        "OMP_NUM_THREADS": "1",
    }
    command = [blender_python(name), "-m", "pytest", "-q", "-p", "no:cacheprovider", tests]
    command += ["--hypothesis-show-statistics"]
    done = subprocess.run(command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    report = done.stdout + done.stderr
    sys.stdout.write(report)
    assert done.returncode == 0, report
