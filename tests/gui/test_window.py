"""Kinetone in Blender's own window, clicked by mouse. ``make test-gui`` runs this; ``make test`` skips it.

``make test-gui BLENDER=…`` says how to start a Blender whose window fills an X display; its words come
before Blender's own arguments. ``xdotool`` and ImageMagick's ``import`` are needed. Without a screen:

    make test-gui BLENDER='xvfb-run --server-args="-screen 0 1600x900x24" blender -p 0 0 1600 900'
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
JOURNEY = Path(__file__).with_name("journey.py")
BLENDER = os.environ.get("KINETONE_GUI_BLENDER", "")


@pytest.mark.skipif(not BLENDER, reason="needs a Blender with a window: make test-gui BLENDER=…")
def test_a_users_way_by_mouse_and_keys(tmp_path):
    sys.path.insert(0, str(CHECKOUT / "tests" / "blender" / "inside"))
    from dancers import write_bvh

    folder = Path(os.environ.get("KINETONE_GUI_FOLDER", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    (extension,) = (CHECKOUT / "dist").glob("kinetone-*.zip")
    command = [
        *shlex.split(BLENDER), "--python", str(JOURNEY), "--",
        "--extension", str(extension),
        "--engine-python", os.environ.get("KINETONE_ENGINE_PYTHON", sys.executable),
        "--dance", str(write_bvh(folder / "dance.bvh", 40.0)),
        "--folder", str(folder),
    ]  # fmt: skip
    environment = os.environ | {"BLENDER_USER_RESOURCES": str(folder / "blender")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    sys.stdout.write(done.stdout + done.stderr)
    assert done.returncode == 0
