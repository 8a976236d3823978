"""A thousand generations in one engine, between cancelled, refused and failing ones: nothing is left."""

import os
import random
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from engines import CHECKOUT, PYTHON, until_end, until_progress
from kinetone.core.engine.client import EngineClient
from kinetone.core.engine.protocol import Failure, Result, Stopped
from process import Held, children

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")

ROUND = 25
"""Requests that come again in the same order, so that like is compared with like; 16 of them make music."""

ROUNDS = 63
"""So many rounds are a thousand generations."""

WARM_UP = 4
"""Rounds until everything has been loaded and every buffer has found its size."""


def requests(dance_of, folder, outputs):
    """A round: (method, parameters, how it must end) for each request, with the default model."""
    rng = random.Random(0)
    for number in range(ROUND):
        joints = folder / f"joints-{number}.npy"
        np.save(joints, dance_of(rng.randrange(30, 360)))
        names = [
            str(outputs / f"{number}-{take}.{'flac' if number % 4 else 'wav'}")
            for take in range(number % 3 + 1)
        ]
        usual = {"joints": str(joints), "output": names, "seed": number}
        match number % 10:
            case 3:
                yield "generate", usual, Stopped
            case 5:
                yield "generate", usual | {"takes": "many"}, "engine.bad_params"
            case 6:
                yield "generate", usual | {"tempo_bpm": 100, "energy": 1.5}, Result
            case 7:
                np.save(joints, np.full((60, 24, 3), np.nan))
                yield "generate", usual, "motion.not_finite"
            case 8:
                yield "generate", usual | {"output": [str(outputs / "no" / "a.wav")]}, "audio.not_writable"
            case 9:
                yield "generate", usual | {"genre": "salsa", "genre_strength": 2}, Result
            case _:
                yield "generate", usual, Result


def serve(client, method, params, end):
    """Have one request answered in the way that it must be."""
    id = client.submit(method, params)
    if end is Stopped:
        until_progress(client, id, "Composing")
        client.cancel(id)
    reply = until_end(client, id, timeout_s=300)
    if isinstance(end, str):
        assert isinstance(reply, Failure)
        assert reply.exception().code == end
    else:
        assert isinstance(reply, end)


def follow_ups(outputs, file, joints):
    """What is asked about music that is there: a part of it anew, and the same again."""
    part = {"music": str(file), "start_s": 0.1, "end_s": 0.4}
    anew, again = str(outputs / "anew.wav"), str(outputs / "again.wav")
    yield "regenerate", {"joints": joints, "output": [anew], "replace": True, **part}, Result
    yield "decode", {"music": str(file), "output": again, "replace": True}, Result


def test_a_thousand_generations_leave_nothing_behind(dance_of, tmp_path, scaled):
    folder, outputs, temporary = tmp_path / "joints", tmp_path / "music", tmp_path / "temporary"
    for each in (folder, outputs, temporary):
        each.mkdir()
    before = set(tmp_path.iterdir())
    own_threads, own = threading.active_count(), Held.by(os.getpid())
    rounds = scaled(ROUNDS, WARM_UP + 4)
    held = []
    with EngineClient(PYTHON, CHECKOUT, {"TMPDIR": str(temporary)}) as client:
        asked = list(requests(dance_of, folder, outputs))
        for number in range(rounds):
            for request in asked:
                serve(client, *request)
            for request in follow_ups(outputs, outputs / "0-0.json", asked[0][1]["joints"]):
                serve(client, *request)
            held.append(Held.by(client.hello.pid))
            print(f"round {number + 1}: {held[-1]}", flush=True)
            assert children(client.hello.pid) == []
            assert not [path for path in outputs.iterdir() if path.suffix not in (".wav", ".flac", ".json")]
            shutil.rmtree(outputs)
            outputs.mkdir()
        pid = client.hello.pid
    assert set(tmp_path.iterdir()) == before
    assert list(temporary.iterdir()) == []
    warm = held[WARM_UP - 1 :]
    assert len({each.files for each in warm}) == 1
    # Medians, as a thread that has ended may still be counted for a moment.
    quarters = np.array_split([(each.memory_mb, each.threads) for each in warm], 4)
    (first, threads), (last, threads_now) = (np.median(quarters[n], axis=0) for n in (0, -1))
    assert threads_now == threads
    assert last <= 1.05 * first
    assert not Path(f"/proc/{pid}").exists()
    assert threading.active_count() == own_threads
    assert Held.by(os.getpid()).files == own.files
