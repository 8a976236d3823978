"""Too little memory: known for what it is, and answered by more frugal ways, down to the processor."""

import gc
import subprocess
import sys
import textwrap
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
from kinetone.core.direction import CANDIDATES
from kinetone.core.engine import methods
from kinetone.core.errors import Cancelled
from kinetone.core.memory import first_that_fits, ran_out
from kinetone.core.predictor.filling import LAST_CANDIDATES
from torch.utils._python_dispatch import TorchDispatchMode

REAL = """
    import resource, numpy as np, torch
    from kinetone.core.memory import ran_out
    layer = torch.nn.Conv1d(64, 64, 7, padding=3)
    layer(torch.randn(1, 64, 4000))
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (20 << 20), resource.RLIM_INFINITY))
    huge = 100 << 20
    ways = [
        lambda: torch.empty(huge), lambda: np.empty(huge), lambda: bytearray(huge),
        lambda: torch.from_numpy(np.zeros(1 << 20)).repeat(50), lambda: layer(torch.randn(1, 64, 40_000)),
    ]
    for way in ways:
        try:
            way()
        except Exception as error:
            assert ran_out(error), error
        else:
            raise SystemExit("there was memory after all")
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resource limits and /proc")
def test_a_real_limit_is_known_however_it_is_said():
    subprocess.run([sys.executable, "-c", textwrap.dedent(REAL)], check=True)


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes do not fit"), ValueError("bad_alloc"), Cancelled(), OSError("full")]
)
def test_other_errors_are_not_taken_for_it(error):
    assert not ran_out(error)
    with pytest.raises(type(error)):
        first_that_fits([("", lambda: fail(error)), ("frugal", lambda: 1)])


def fail(error):
    raise error


def test_a_gpu_that_is_full_gives_way_to_smaller_pieces_and_then_to_the_processor():
    full = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    ways = [
        ("at once", lambda: fail(full)),
        ("in smaller pieces", lambda: fail(full)),
        ("on the processor", lambda: "music"),
    ]
    assert first_that_fits(ways) == ("music", ["on the processor"])
    assert first_that_fits(ways[2:]) == ("music", [])
    with pytest.raises(MemoryError):
        first_that_fits(ways[:2])


def test_what_failed_is_let_go_before_the_next_attempt():
    held = []

    class Large:
        pass

    def large():
        own = Large()
        held.append(weakref.ref(own))
        raise MemoryError

    def frugal():
        gc.collect()
        return held[0]() is None

    assert first_that_fits([("", large), ("note", frugal)]) == (True, ["note"])


class SmallDevice(TorchDispatchMode):
    """A device that has no room for tensors of so many rows; with 0, none for any, with None, for all.

    Attributes:
        refused: how often it had none.
    """

    def __init__(self, rows=None):
        super().__init__()
        self.rows = rows
        self.refused = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if isinstance(out, torch.Tensor) and self.rows in (0, *out.shape[:1]):
            self.refused += 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return out


TAKES = 7


def request(folder, dance, checkpoint, takes):
    """Parameters for music in several takes, all in one folder."""
    np.save(folder / "joints.npy", dance)
    return {
        "joints": str(folder / "joints.npy"),
        "output": [str(folder / f"take{take}.wav") for take in range(takes)],
        "checkpoint": str(checkpoint),
        "replace": True,
    }


@pytest.fixture
def job(tmp_path, dance_of, tiny_checkpoint):
    """Parameters for four seconds of music in several takes."""
    return request(tmp_path, dance_of(240), tiny_checkpoint, TAKES)


def music(answer):
    return [Path(file["path"]).read_bytes() for file in answer["files"]]


def halfway(device, rows):
    """A job's progress that makes a device small once it has come that far."""

    def progress(stage, fraction):
        if fraction > 0.6 and not device.refused:
            device.rows = rows

    return progress


@pytest.mark.parametrize("more", [{}, {"tempo_bpm": 120}])
def test_memory_that_runs_out_halfway_gives_the_same_music_take_by_take(job, more):
    wanted = methods.generate(job | more, lambda *_: None)
    assert wanted["notes"] == []
    expected = music(wanted)
    with SmallDevice() as device:
        answer = methods.generate(job | more, halfway(device, TAKES * CANDIDATES))
    assert device.refused == 1
    assert answer["notes"] == [methods.ONE_BY_ONE]
    assert [file["take"] for file in answer["files"]] == list(range(TAKES))
    assert music(answer) == expected


def test_a_part_is_made_anew_take_by_take(job, tmp_path):
    methods.generate(job, lambda *_: None)
    part = job | {"music": str(tmp_path / "take1.json"), "start_s": 1, "end_s": 3, "seed": 8}
    part["output"] = [str(tmp_path / f"new{take}.wav") for take in range(TAKES)]
    expected = music(methods.regenerate(part, lambda *_: None))
    with SmallDevice() as device:
        answer = methods.regenerate(part, halfway(device, TAKES * CANDIDATES * LAST_CANDIDATES))
    assert device.refused == 1
    assert answer["notes"] == [methods.ONE_BY_ONE]
    assert music(answer) == expected


def test_memory_that_does_not_suffice_for_a_single_take_leaves_nothing(job, tmp_path):
    def progress(stage, fraction):
        if fraction > 0.6:
            device.rows = 0

    with SmallDevice() as device, pytest.raises(MemoryError):
        methods.generate(job, progress)
    assert device.refused == 2
    assert [path.name for path in tmp_path.iterdir()] == ["joints.npy"]
    assert methods.generate(job, lambda *_: None)["notes"] == []
