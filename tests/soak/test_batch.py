"""Two hundred files in one Blender with one engine, every tenth of them broken."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from process import Held, children

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("batch_program.py")

CODES = {
    "garbage": "file.not_opened",
    "cut": "file.not_opened",
    "nothing": "file.not_opened",
    "missing": "file.not_opened",
    "folder": "file.not_opened",
    "empty": "scene.no_armature",
}

WARM_UP = 20
"""Files until Blender and the engine have grown to their size."""


@pytest.mark.parametrize("name", ["bpy45", "bpy50"])
def test_a_long_batch(name, tmp_path, scaled):
    python = CHECKOUT / f".venv-{name}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"there is no .venv-{name}: `make env` sets it up")
    (extension,) = (CHECKOUT / "dist").glob("kinetone-*.zip")
    number = scaled(200, 60)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = os.environ | {
        "KINETONE_ENGINE_PYTHON": sys.executable,
        "BLENDER_USER_RESOURCES": str(tmp_path / "blender"),
        "TMPDIR": str(temporary),
    }
    command = [python, PROGRAM, extension, tmp_path, str(number)]
    with (tmp_path / "words.txt").open("w") as words:
        blender = subprocess.Popen(command, env=environment, stdout=words, stderr=words)
        held = watched(blender, tmp_path / "report" / "report.json")
    said = (tmp_path / "words.txt").read_text()
    assert blender.returncode == 1, said

    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert (report["done"], report["failed"], report["not_run"]) == (number - number // 10, number // 10, 0)
    for position, entry in enumerate(report["files"]):
        kind = Path(entry["file"]).stem.partition("_")[2]
        assert entry["state"] == ("done" if kind == "whole" else "failed")
        if kind == "whole":
            assert [Path(path).stat().st_size for path in entry["music"]] == [44 + 2 * 48_000]
        else:
            assert entry["error"]["code"] == CODES[kind], entry
            assert entry["error"]["message"] in said
        assert f"[{position + 1}/{number}]" in said
    assert len(list((tmp_path / "music").iterdir())) == 2 * report["done"]
    assert list(temporary.iterdir()) == []

    for who in ("blender", "engine"):
        grown = {
            count: each[who].memory_mb for count, each in held.items() if who in each and count >= WARM_UP
        }
        print(f"{name}, {who}: {grown}")
        counts = sorted(grown)
        first, last = (np.median([grown[count] for count in part]) for part in np.array_split(counts, 2))
        assert last <= 1.05 * first, who


def watched(blender, report):
    """What Blender and its engine held, the last time that so many files had been run."""
    held = {}
    while blender.poll() is None:
        try:
            content = json.loads(report.read_text())
            processes = {"blender": Held.by(blender.pid)}
            for pid in children(blender.pid):
                processes["engine"] = Held.by(pid)
        except (OSError, ValueError, KeyError):  # not there yet, just being written, or about to go
            pass
        else:
            held[content["done"] + content["failed"]] = processes
        time.sleep(0.05)
    return held
