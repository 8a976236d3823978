"""The engine ended at random moments, over and over: each job ends once, its files are whole or absent."""

import os
import random
import signal
import time
import wave
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from engines import CHECKOUT, PYTHON, until_end
from kinetone.core.engine.client import EngineClient
from kinetone.core.engine.protocol import Failure, Progress, Result
from kinetone.core.sidecar import read_sidecar
from kinetone.core.unfinished import remove_unfinished

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")

N_FRAMES = 300
SIGNALS = ("SIGKILL", "SIGSEGV", "SIGABRT", "SIGTERM")


def files_of(params):
    return [Path(path).with_suffix(suffix) for path in params["output"] for suffix in (".wav", ".json")]


def check_whole(path):
    if path.suffix == ".wav":
        with wave.open(str(path)) as file:
            assert len(file.readframes(N_FRAMES * 400)) == 2 * N_FRAMES * 400
    else:
        assert read_sidecar(path).n_frames == N_FRAMES


def run_and_kill(client, params, rng, longest_s):
    """How a job ends whose engine gets a signal at some moment from its beginning on."""
    id = client.submit("generate", params)
    end_s = time.monotonic() + rng.uniform(0, longest_s)
    replies = []
    while time.monotonic() < end_s and not [each for each in replies if not isinstance(each, Progress)]:
        replies += client.poll()
        client.wait(0.001)
    pid = client._process._popen.pid if client._process is not None else None
    if pid is not None:
        os.kill(pid, getattr(signal, rng.choice(SIGNALS)))
    ends = [each for each in replies if not isinstance(each, Progress)]
    end = ends[0] if ends else until_end(client, id)
    assert client.poll() == []
    return end


def test_an_engine_killed_at_random_moments(dance_of, tiny_checkpoint, tmp_path, scaled):
    rng = random.Random(0)
    np.save(tmp_path / "joints.npy", dance_of(N_FRAMES))
    music = tmp_path / "music"
    music.mkdir()
    params = {
        "joints": str(tmp_path / "joints.npy"),
        "output": [str(music / f"take{take}.wav") for take in range(2)],
        "checkpoint": str(tiny_checkpoint),
    }
    seen = Counter()
    with EngineClient(PYTHON, CHECKOUT, {"OMP_NUM_THREADS": "1"}) as client:
        began_s = time.monotonic()
        client.call("generate", params)
        longest_s = time.monotonic() - began_s
        for path in music.iterdir():
            path.unlink()
        for _ in range(scaled(300, 10)):
            end = run_and_kill(client, params, rng, longest_s)
            seen[type(end).__name__ if isinstance(end, Result) else end.error.code] += 1
            for path in files_of(params):
                remove_unfinished(path)
            if isinstance(end, Result):
                assert sorted(music.iterdir()) == sorted(files_of(params))
            else:
                assert isinstance(end, Failure)
                assert end.error.code in ("engine.died", "engine.not_started")
            for path in music.iterdir():
                check_whole(path)
                path.unlink()
        while client._process is not None:  # killed behind its last word, and not gone yet
            assert client.poll() == []
            client.wait(0.01)
        assert client.call("generate", params)["files"]
    assert seen["engine.died"] > seen["Result"] > 0, "moments before and after the end"
