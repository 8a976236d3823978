"""Training in several processes by torchrun, as on several GPUs or machines."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from kinetone.training.codec import CodecRun
from kinetone.training.predictor import PredictorRun
from kinetone.training.state import read_state
from tiny_runs import CODEC, PREDICTOR, steps

SCRIPT = Path(__file__).with_name("train_tiny.py")
SETTINGS = {"steps": 12, "evaluate_every": 5}


@pytest.fixture(scope="module")
def trained_by_two(tmp_path_factory):
    """The folder of a codec's and a predictor's run in two processes."""
    folder = tmp_path_factory.mktemp("two")
    # Both ends of every connection are on this machine.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1"]
    command = [*torchrun, "--nproc-per-node", "2", SCRIPT, "codec,predictor", folder, json.dumps(SETTINGS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("kind", ["codec", "predictor"])
def test_all_processes_end_with_the_same_weights(trained_by_two, kind):
    first, second = (torch.load(trained_by_two / f"{kind}_{rank}.pt", weights_only=True) for rank in (0, 1))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert read_state(trained_by_two / kind / f"{kind}.state")["step"] == SETTINGS["steps"]
    assert (trained_by_two / kind / f"{kind}.best.state").exists()


def test_two_processes_learn_what_one_learns_from_their_batches(trained_by_two, tones, pairs, tmp_path):
    """Two batches a step, in two processes or in one that accumulates, end alike but for rounding."""
    codec = CodecRun(replace(CODEC, **SETTINGS, accumulation=2), tones[1:], tones[:1], tmp_path)
    predictor = PredictorRun(replace(PREDICTOR, **SETTINGS, accumulation=2), pairs, pairs, tmp_path)
    for kind, run, network in (
        ("codec", codec, codec.codec),
        ("predictor", predictor, predictor.predictor),
    ):
        start = [parameter.detach().clone() for parameter in network.parameters()]
        steps(run, SETTINGS["steps"])
        theirs = torch.load(trained_by_two / f"{kind}_0.pt", weights_only=True)
        ours = network.state_dict()
        apart = sum((theirs[name] - ours[name]).square().sum() for name in ours)
        moved = sum(
            (now - before).square().sum() for now, before in zip(network.parameters(), start, strict=True)
        )
        assert apart < 1e-4 * moved, kind
