"""An hour of dance, the longest there may be: in bounded memory, linear, its first music at once."""

import json
import math
import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from engines import CHECKOUT, PYTHON, until
from kinetone.core.engine.client import EngineClient
from kinetone.core.engine.protocol import Progress
from kinetone.core.sidecar import MAX_FRAMES, read_sidecar
from kinetone.core.unfinished import unfinished_path
from process import Held

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")

PROGRAM = Path(__file__).with_name("long_program.py")

MB_PER_MINUTE = 10.0
"""How much more memory engine and Blender may need for each minute of dance; its joints alone are 2 MB."""


def generated(client, dance, folder):
    """The result, what the engine held when, as (fraction composed, Held, bytes of music), and at the end."""
    np.save(folder / "joints.npy", dance)
    output = folder / "music.wav"
    params = {"joints": str(folder / "joints.npy"), "output": [str(output)], "replace": True}
    id = client.submit("generate", params)
    way = []

    def has_ended(reply):
        if not isinstance(reply, Progress):
            return True
        if reply.stage == "Composing" and unfinished_path(output).exists():
            way.append((reply.fraction, Held.by(client.hello.pid), unfinished_path(output).stat().st_size))
        return False

    reply, _ = until(client, has_ended, timeout_s=4 * 3600)
    assert reply.id == id
    return reply.result, way, Held.by(client.hello.pid)


def processor_s(way, start, end):
    """What composing the frames between two fractions of the dance took."""
    first, last = (next(held for fraction, held, _ in way if fraction >= limit) for limit in (start, end))
    return last.processor_s - first.processor_s


def test_an_hour_of_dance(dance_of, tmp_path, scaled):
    frames = scaled(MAX_FRAMES, 3600)
    with EngineClient(PYTHON, CHECKOUT, {"OMP_NUM_THREADS": "1"}) as client:
        _, _, short = generated(client, dance_of(900), tmp_path)
        result, way, long = generated(client, dance_of(frames), tmp_path)
    (file,) = result["files"]
    print(f"{frames / 3600:g} minutes: {result['timings']}\n15 s: {short}\nall: {long}")

    with wave.open(file["path"]) as music:
        assert music.getnframes() == file["samples"] == frames * 400
    assert read_sidecar(Path(file["sidecar"])).n_frames == frames
    assert Path(file["sidecar"]).stat().st_size < 2 * 8 * frames
    assert file["alignment"]["beats"] == len(result["kinematic_beats_s"]) > frames / 60
    assert long.most_memory_mb - short.most_memory_mb < MB_PER_MINUTE * frames / 3600
    first_heard = next(fraction for fraction, _, size in way if size > 44)
    assert first_heard <= max(600 / frames, 0.01)
    first, second = processor_s(way, 0.05, 0.5), processor_s(way, 0.5, 0.95)
    print(f"first music at {first_heard:.2%}; processor time of the halves: {first:.1f}, {second:.1f} s")
    assert second < 1.2 * first


@pytest.mark.parametrize("name", ["bpy45", "bpy50"])
def test_an_hour_in_blender(name, tiny_checkpoint, tmp_path, scaled):
    """Read pose by pose, as its curves have modifiers; with a small model: Blender's side is what counts."""
    frames = scaled(24 * 3600, 24 * 60) - 1  # from the first to the last one
    python = CHECKOUT / f".venv-{name}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"there is no .venv-{name}: `make env` sets it up")
    (extension,) = (CHECKOUT / "dist").glob("kinetone-*.zip")
    environment = os.environ | {
        "KINETONE_ENGINE_PYTHON": sys.executable,
        "BLENDER_USER_RESOURCES": str(tmp_path / "blender"),
    }
    command = [python, PROGRAM, extension, tiny_checkpoint, tmp_path, str(frames)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    print(f"{name}, {frames / 24 / 60:g} minutes: {report}")
    music_frames = math.ceil((frames * 60 // 24 + 1) / 60 * 24)
    assert (report["start"], report["end"]) == (1, 1 + music_frames)
    grown_mb = report["after"]["most_memory_mb"] - report["before"]["memory_mb"]
    assert grown_mb < 30 + MB_PER_MINUTE * frames / 24 / 60
