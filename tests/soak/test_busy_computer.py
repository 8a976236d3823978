"""Beside programs that keep every processor busy, as Blender does when it renders or plays."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from engines import CHECKOUT, PYTHON
from kinetone.core.engine.client import EngineClient
from process import Held

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")


BUSY = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()
while True: pass
"""
"""Until the test has gone."""


@pytest.fixture
def busy_programs():
    """Two for each processor."""
    command = [sys.executable, "-c", BUSY]
    programs = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(2 * os.cpu_count())]
    yield
    for program in programs:
        program.kill()
        program.communicate()


def processor_s(client, tmp_path):
    """What the music for ten seconds of dance takes of the engine's processor time."""
    joints, music = str(tmp_path / "joints.npy"), str(tmp_path / "music.wav")
    params = {"joints": joints, "output": [music], "replace": True}
    before = Held.by(client.hello.pid).processor_s
    client.call("generate", params)
    return Held.by(client.hello.pid).processor_s - before


def test_threads_that_wait_do_not_spin(dance_of, tmp_path, request):
    """They would take the time of those that they wait for: two threads have taken 15 times the time."""
    np.save(tmp_path / "joints.npy", dance_of(600))
    with EngineClient(PYTHON, CHECKOUT, {"OMP_NUM_THREADS": "2"}) as client:
        client.call("info", {})
        processor_s(client, tmp_path)  # loads the model
        alone = min(processor_s(client, tmp_path) for _ in range(3))
        request.getfixturevalue("busy_programs")
        beside = processor_s(client, tmp_path)
    print(f"processor time alone {alone:.2f} s, beside busy programs {beside:.2f} s")
    assert beside < 3 * alone
