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
sys.path.insert(0, str(CHECKOUT / "tests" / "blender" / "inside"))
BLENDER = os.environ.get("KINETONE_GUI_BLENDER", "")


pytestmark = pytest.mark.skipif(not BLENDER, reason="needs a Blender with a window: make test-gui BLENDER=…")


@pytest.fixture
def folder(request, tmp_path):
    """For all that a test makes; its name is the script's."""
    parent = Path(os.environ.get("KINETONE_GUI_FOLDER", tmp_path))
    folder = parent / request.node.name.removeprefix("test_")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run(script, folder, seconds, engine_python, *words):
    """Run a script in Blender's window, with a dance of so many seconds; returns what was printed."""
    from dancers import write_bvh

    (extension,) = (CHECKOUT / "dist").glob("kinetone-*.zip")
    command = [
        *shlex.split(BLENDER), "--python", str(Path(__file__).with_name(script)), "--",
        "--extension", str(extension),
        "--engine-python", str(engine_python),
        "--dance", str(write_bvh(folder / "dance.bvh", seconds)),
        "--folder", str(folder), *words,
    ]  # fmt: skip
    environment = os.environ | {"BLENDER_USER_RESOURCES": str(folder / "blender")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    sys.stdout.write(done.stdout + done.stderr)
    assert done.returncode == 0
    return done.stdout


def test_a_users_way_by_mouse_and_keys(folder):
    run("journey.py", folder, 120.0, os.environ.get("KINETONE_ENGINE_PYTHON", sys.executable))


def test_faults_that_need_a_window(folder):
    from standin import StandIn

    (folder / "engine").mkdir()
    engine = StandIn(folder / "engine")
    said = run("faults.py", folder, 3.0, engine.python, "--brakes", str(folder / "engine"))
    assert said.rstrip().endswith("Blender quit")
    assert "quitting while it composes" in said
    assert not list(folder.rglob("*.part"))
    music = sorted((folder / "kinetone").glob("*.wav"))
    assert len(music) == 6, "of the eight, one was reverted away and one quit"
    assert sorted((folder / "kinetone").glob("*.json")) == [path.with_suffix(".json") for path in music]
