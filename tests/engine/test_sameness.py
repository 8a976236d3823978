"""The same seed gives the same file, byte for byte, whatever else is asked, and however often."""

from pathlib import Path

import numpy as np
import pytest
import torch
from engines import CHECKOUT, PYTHON, make_package, until_end, until_progress
from gpus import needs_gpu
from kinetone.core.checkpoint import load_checkpoint
from kinetone.core.engine.client import EngineClient
from kinetone.core.engine.protocol import Failure, Stopped
from kinetone.core.motion.features import motion_features
from kinetone.core.predictor.sampling import Sampling, predict_codes
from kinetone.core.predictor.stepper import PlainStepper

PLAIN = """
from core.engine.worker import main

def load_methods():
    from core.predictor import fast as predictor
    predictor.has_integer_kernels = lambda: False
    from core.engine.methods import METHODS
    return METHODS

main(load_methods)
"""
"""The engine as it is on a processor without the instructions that make it fast."""


@pytest.fixture(params=["fast", "plain"])
def engine_with(request, tmp_path):
    """A fresh engine with the default model: ``engine_with(threads)``."""
    root = make_package(tmp_path / "plain", PLAIN) if request.param == "plain" else CHECKOUT
    # Passive: threads that spin while they wait would take the processor from whoever else tests.
    return lambda threads: EngineClient(
        PYTHON, root, {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "passive"}
    )


@pytest.fixture
def ask(dance_of, tmp_path):
    """Parameters for two and a half seconds of dance: ``ask("name", takes, **options)``."""
    np.save(tmp_path / "joints.npy", dance_of(150))

    def make(name, takes=1, **options):
        outputs = [str(tmp_path / f"{name}-{take}.wav") for take in range(takes)]
        return {"joints": str(tmp_path / "joints.npy"), "output": outputs, "seed": 5, **options}

    return make


def content(file):
    """The bytes of the music and of its sidecar."""
    return Path(file["path"]).read_bytes(), Path(file["sidecar"]).read_bytes()


def disturbed(client, ask, long_dance, tmp_path):
    """Have an engine cancel, refuse, and make other music."""
    np.save(tmp_path / "long.npy", long_dance[:20_000])
    id = client.submit("generate", ask("cancelled", joints=str(tmp_path / "long.npy")))
    until_progress(client, id, "Composing")
    client.cancel(id)
    assert until_end(client, id) == Stopped(id)
    assert isinstance(until_end(client, client.submit("generate", ask("refused", genre="none"))), Failure)
    client.call("generate", ask("other", genre="salsa", tempo_bpm=97))


def test_the_same_seed_gives_the_same_bytes(engine_with, ask, long_dance, tmp_path):
    """Alone in a fresh engine with one thread, or among others, later, in one with two."""
    with engine_with(threads=1) as client:
        (first,) = client.call("generate", ask("first"))["files"]
        music = {"music": first["sidecar"], "start_s": 0.5, "end_s": 1.5}
        (part,) = client.call("regenerate", ask("part") | music)["files"]
    with engine_with(threads=2) as client:
        disturbed(client, ask, long_dance, tmp_path)
        takes = client.call("generate", ask("takes", 3))["files"]
        assert content(takes[0]) == content(first)
        pair = client.call("generate", ask("pair", 2))["files"]
        assert [content(file) for file in pair] == [content(file) for file in takes[:2]]
        parts = client.call("regenerate", ask("parts", 2) | music)["files"]
        assert content(parts[0]) == content(part)
        params = {"music": takes[2]["sidecar"], "output": str(tmp_path / "again.wav")}
        (again,) = client.call("decode", params)["files"]
        assert content(again) == content(takes[2])
    assert len({content(file)[0] for file in (*takes, part)}) == 4


@needs_gpu
def test_on_a_gpu_the_same_request_gives_the_same_bytes(ask, long_dance, tmp_path):
    with EngineClient(PYTHON, CHECKOUT) as client:
        answer = client.call("generate", ask("first", 2, device="gpu"))
    assert answer["notes"] == []
    first = [content(file) for file in answer["files"]]
    with EngineClient(PYTHON, CHECKOUT) as client:
        disturbed(client, ask, long_dance, tmp_path)
        answer = client.call("generate", ask("second", 2, device="gpu"))
        assert [content(file) for file in answer["files"]] == first
        params = {"music": answer["files"][1]["sidecar"], "output": str(tmp_path / "again.wav")}
        (again,) = client.call("decode", params | {"device": "gpu"})["files"]
        assert content(again) == first[1]


class _Listening(PlainStepper):
    """Keeps the logits of every frame."""

    def __init__(self, decoder):
        super().__init__(decoder)
        self.logits = []

    def step(self, inputs, previous, recalled=None):
        self.logits.append(super().step(inputs, previous, recalled))
        return self.logits[-1]


@torch.inference_mode()
def composed(device, features):
    """Codes of a dance (2, K, N), the logits that they were drawn from, and the codec, all on a device."""
    checkpoint = load_checkpoint()
    predictor = checkpoint.predictor.to(device)
    stepper = _Listening(predictor.decoder)
    codes = predict_codes(predictor, features, 0, 2, Sampling(0.7, 64, seed=3), stepper=stepper)
    return torch.cat(list(codes), -1).cpu(), torch.stack(stepper.logits).cpu(), checkpoint.codec.to(device)


@needs_gpu
def test_a_gpu_differs_by_rounding_up_to_the_first_draw_that_differs(dance_of, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    features = torch.from_numpy(motion_features(dance_of(240)).stacked())
    codes, logits, codec = composed("cpu", features)
    gpu_codes, gpu_logits, gpu_codec = composed("cuda", features)
    differing = (codes != gpu_codes).any(0).any(0).nonzero()
    same = int(differing[0]) if len(differing) else codes.shape[-1]
    assert same > 0
    torch.testing.assert_close(gpu_logits[:same], logits[:same], atol=0.01, rtol=0)
    with torch.inference_mode():
        samples, gpu_samples = codec.decode(codes), gpu_codec.decode(codes.to("cuda")).cpu()
    torch.testing.assert_close(gpu_samples, samples, atol=0.001, rtol=0)
