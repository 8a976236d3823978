"""Music on a GPU, tried on a processor that is called one; what happens where there is none, or it fails."""

from pathlib import Path

import numpy as np
import pytest
import torch
from gpus import needs_no_gpu
from kinetone.core import decoding, gpu
from kinetone.core.checkpoint import load_checkpoint
from kinetone.core.decoding import replay
from kinetone.core.engine import methods
from kinetone.core.errors import Cancelled
from kinetone.core.generate import stream
from kinetone.core.motion.features import motion_features
from kinetone.core.options import GenerateOptions
from kinetone.core.predictor import sampling
from kinetone.core.predictor.cells import CellStepper
from kinetone.core.predictor.fast import FastStepper
from test_memory import SmallDevice, fail, request

TAKES = 3
OOM = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


@pytest.fixture
def job(tmp_path, dance_of, tiny_checkpoint):
    """Parameters for four seconds of music in several takes, on the GPU."""
    return request(tmp_path, dance_of(240), tiny_checkpoint, TAKES) | {"device": "gpu"}


@pytest.fixture
def pretended(monkeypatch):
    """A processor under another name, on which everything is done as on a GPU, but for the graphs."""
    monkeypatch.setattr(gpu, "DEVICE", torch.device("cpu", 0))
    monkeypatch.setattr(gpu, "_failure", "")
    monkeypatch.setattr(gpu, "why_not", lambda found=gpu.why_not: found() if gpu._failure else "")
    monkeypatch.setattr(methods, "_checkpoints", methods._LoadedCheckpoint())


@pytest.fixture
def stepped(monkeypatch):
    """Which of the two kinds of steps were made: a set."""
    made = set()
    for kind in (CellStepper, FastStepper):

        def step(self, *args, original=kind.step):
            made.add(type(self))
            return original(self, *args)

        monkeypatch.setattr(kind, "step", step)
    return made


def generate(job, progress=lambda *_: None, method=methods.generate, **more):
    """The answer, and the bytes of every file."""
    answer = method(job | more, progress)
    return answer, [Path(file["path"]).read_bytes() for file in answer["files"]]


def test_music_is_made_with_a_gpus_steps_and_decoded_alike(job, pretended, stepped):
    one = {"output": job["output"][:1]}
    answer, (music,) = generate(job, **one)
    assert stepped == {CellStepper}
    assert answer["notes"] == []
    assert answer["files"][0]["samples"] == 240 * 400
    again = {"music": answer["files"][0]["sidecar"], "output": job["output"][1], "replace": True}
    again["checkpoint"] = job["checkpoint"]
    assert generate(again, method=methods.decode, device="gpu")[1] == [music]
    _, (other,) = generate(again, method=methods.decode)
    heard, expected = (np.frombuffer(each[44:], "<i2").astype(float) for each in (other, music))
    assert np.square(expected).sum() > 1e4 * np.square(heard - expected).sum()


@pytest.mark.parametrize(
    "more", [{"tempo_bpm": 120}, {"genre": "house", "genre_strength": 2, "energy": 1.5}, {"temperature": 0}]
)
def test_every_choice_works_there(job, pretended, stepped, more):
    answer, music = generate(job, **more)
    assert stepped == {CellStepper}
    assert (len(music), answer["notes"]) == (TAKES, [])


def test_a_part_is_made_anew_there(job, pretended, stepped, tmp_path):
    first, _ = generate(job)
    part = {"music": first["files"][0]["sidecar"], "start_s": 1, "end_s": 3, "seed": 8}
    part["output"] = [str(tmp_path / "new.wav")]
    answer, _ = generate(job, method=methods.regenerate, **part)
    assert stepped == {CellStepper}
    assert answer["notes"] == []
    before, after = (
        np.frombuffer(Path(path).read_bytes()[44:], "<i2") for path in (job["output"][0], *part["output"])
    )
    start, end = answer["renewed_samples"]
    assert np.array_equal(before[:start], after[:start])
    assert np.array_equal(before[end:], after[end:])
    assert not np.array_equal(before, after)


@pytest.mark.parametrize("more", [{}, {"genre": "house", "genre_strength": 2, "energy": 1.5}])
def test_all_that_is_computed_lies_on_one_device(dance_of, tiny_checkpoint, monkeypatch, more):
    """On the one that torch calls meta, where tensors have no numbers, but cannot meet those of another."""

    def piece(codes, waveform):
        assert (codes.device.type, waveform.device.type) == ("meta", "meta")
        return decoding.Piece(np.zeros(codes.shape, np.int16), np.zeros(waveform.shape, np.float32))

    monkeypatch.setattr(decoding, "_piece", piece)
    checkpoint = load_checkpoint(tiny_checkpoint, torch.device("meta"))
    dance, options = motion_features(dance_of(400)), GenerateOptions(takes=2, **more)
    made = list(stream(dance, checkpoint, options, lambda *_: None))
    assert sum(each.waveform.shape[1] for each in made) == 400 * 400
    again = replay(torch.zeros(1, 2, 400, dtype=torch.long), checkpoint, lambda *_: None)
    assert sum(each.waveform.shape[1] for each in again) == 400 * 400


def test_where_there_is_no_gpu_the_processor_makes_the_same_music_and_it_is_said(job, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    _, expected = generate(job, device="cpu")
    answer, music = generate(job)
    assert music == expected
    (note,) = answer["notes"]
    assert "processor" in note
    assert "update its driver" in note
    monkeypatch.setattr(torch.version, "cuda", None)
    answer, music = generate(job)
    assert music == expected
    assert "install it again" in answer["notes"][0]


@needs_no_gpu
def test_a_gpu_that_is_not_there_after_all(job, monkeypatch, pretended):
    """What torch itself raises then."""
    monkeypatch.setattr(gpu, "DEVICE", torch.device("cuda"))
    answer, music = generate(job)
    assert len(music) == TAKES
    assert "the GPU has failed (" in answer["notes"][0]


FAILURES = [
    torch.AcceleratorError(
        "CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be"
    ),
    torch.AcceleratorError("CUDA error: no kernel image is available for execution on the device"),
    RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx(...)`"),
    RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR"),
    RuntimeError("The NVIDIA driver on your system is too old (found version 11040)."),
    torch.cuda.DeferredCudaCallError("CUDA call failed lazily at initialization with error: device >= 0"),
]


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_a_gpu_that_fails_is_not_asked_again(job, pretended, stepped, monkeypatch, error):
    _, expected = generate(job, device="cpu")
    steps = iter(range(100))
    whole = CellStepper.step
    monkeypatch.setattr(CellStepper, "step", lambda *args: whole(*args) if next(steps) < 50 else fail(error))
    answer, music = generate(job)
    assert music == expected
    assert stepped == {CellStepper, FastStepper}
    (note,) = answer["notes"]
    assert str(error).split("\n")[0].rstrip(".") in note
    assert "\n" not in note
    stepped.clear()
    answer, music = generate(job)
    assert music == expected
    assert stepped == {FastStepper}
    assert "has failed before" in answer["notes"][0]
    assert generate(job, device="cpu")[0]["notes"] == []


def test_a_full_gpu_makes_takes_one_by_one(job, pretended, stepped):
    job |= {"temperature": 0}
    _, expected = generate(job)
    with SmallDevice(TAKES) as device:
        answer, music = generate(job)
    assert device.refused == 1
    assert music == expected
    assert stepped == {CellStepper}
    assert answer["notes"] == [methods.ONE_BY_ONE]


def test_a_gpu_too_full_for_one_take_gives_way_to_the_processor_and_is_asked_again(
    job, pretended, stepped, monkeypatch
):
    _, expected = generate(job, device="cpu")
    with monkeypatch.context() as full:
        full.setattr(CellStepper, "step", lambda *_: fail(OOM))
        answer, music = generate(job)
        assert music == expected
        assert answer["notes"] == [methods.ON_PROCESSOR.format(methods.GPU_FULL)]
        with SmallDevice(TAKES * 4):
            answer, music = generate(job)
        assert music == expected
        assert answer["notes"] == [methods.ON_PROCESSOR.format(methods.GPU_FULL), methods.ONE_BY_ONE]
    stepped.clear()
    assert generate(job)[0]["notes"] == []
    assert stepped == {CellStepper}


def test_errors_that_are_not_the_gpus_stay_errors(job, pretended, monkeypatch, tmp_path):
    monkeypatch.setattr(sampling, "choose", lambda *_: fail(RuntimeError("shapes do not fit")))
    with pytest.raises(RuntimeError, match="shapes"):
        generate(job)
    assert [path.name for path in tmp_path.iterdir()] == ["joints.npy"]


def test_a_cancel_is_not_answered_with_a_second_attempt(job, pretended, stepped):
    with pytest.raises(Cancelled):
        generate(job, lambda stage, fraction: fail(Cancelled()) if fraction > 0.5 else None)
    assert stepped == {CellStepper}
