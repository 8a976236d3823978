"""What is on the disk while a run goes on, and what becomes of a run that is killed or told to stop."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from kinetone.core.errors import Cancelled, KinetoneError
from kinetone.training.codec import CodecRun, train_codec
from kinetone.training.export import trained_predictor
from kinetone.training.predictor import PredictorRun
from kinetone.training.state import read_state, save_state
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tiny_runs import CODEC, PREDICTOR, same_weights
from train_tiny import train_tiny

SCRIPT = Path(__file__).with_name("train_tiny.py")
RANDOM = {"history_dropout": 0.2, "history_noise": 0.1, "genre_dropout": 0.3}
"""Settings that draw random numbers at every step."""


@pytest.fixture(autouse=True)
def one_thread():
    """As in the processes that these tests start: sums come out the same to the last bit."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def started(folder, kind, **settings):
    """A training run in a process of its own, once its first state is on the disk."""
    process = subprocess.Popen([sys.executable, SCRIPT, kind, folder, json.dumps(settings)])
    state = folder / kind / f"{kind}.state"
    deadline = time.monotonic() + 120
    while not state.exists():
        assert process.poll() is None, "it ended before it saved"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("codec", {"steps": 60, "save_every": 3, "evaluate_every": 7}),
        ("predictor", {"steps": 120, "save_every": 3, "evaluate_every": 7, **RANDOM}),
    ],
)
def test_a_run_that_is_killed_and_goes_on_ends_like_one_that_was_not(kind, settings, tmp_path):
    process = started(tmp_path / "killed", kind, **settings)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    at_kill = read_state(tmp_path / "killed" / kind / f"{kind}.state")
    assert 0 < at_kill["step"] < settings["steps"]
    resumed = train_tiny(kind, tmp_path / "killed" / kind, settings)
    whole = train_tiny(kind, tmp_path / "whole", settings)
    networks = [run.codec if kind == "codec" else run.predictor for run in (resumed, whole)]
    assert same_weights(*networks)
    assert all(torch.equal(*both) for both in zip(*(each.buffers() for each in networks), strict=True))
    assert resumed.best == whole.best
    assert equal(read_state(resumed.state_path), read_state(whole.state_path))
    assert equal(read_state(resumed.best_path), read_state(whole.best_path))


def equal(a, b):
    """Whether two states hold the same, to the last bit."""
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(equal(*both) for both in zip(a, b, strict=True))
    return a == b


def test_the_command_that_is_told_to_stop_says_how_to_go_on(tones, tmp_path):
    command = ["codec", tones[0].parent, tmp_path, "--device", "cpu", "--threads", "1", "tiny"]
    settings = ["--steps", "100000", "--save-every", "2", "--free-steps", "100000"]
    process = subprocess.Popen(
        [sys.executable, "-m", "kinetone.training", *command, *settings], stderr=subprocess.PIPE, text=True
    )
    while not (tmp_path / "codec.state").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    step = read_state(tmp_path / "codec.state")["step"]
    assert f"Stopped at step {step}; the same command goes on from there." in said


def test_a_signal_is_heard_at_the_end_of_a_step(tones, tmp_path, monkeypatch):
    learn = CodecRun.learn

    def interrupted(run):
        if run.step == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        return learn(run)

    monkeypatch.setattr(CodecRun, "learn", interrupted)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Cancelled):
        train_codec(CODEC, tones, tones, tmp_path)
    assert read_state(tmp_path / "codec.state")["step"] == 5
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_state_that_breaks_off_leaves_the_one_before(tmp_path, monkeypatch):
    path = tmp_path / "codec.state"
    save_state(path, step=3)

    def break_off(parts, file):
        file.write(b"half a file")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", break_off)
    with pytest.raises(OSError, match="no space"):
        save_state(path, step=4)
    assert read_state(path)["step"] == 3


def test_the_best_and_the_last_state_are_kept(pairs, tmp_path, monkeypatch):
    scores = iter([0.5, 0.2, 0.3, 0.4])
    monkeypatch.setattr(PredictorRun, "evaluate", lambda run: {"loss": next(scores)})
    run = PredictorRun(replace(PREDICTOR, steps=8, evaluate_every=2), pairs, pairs, tmp_path)
    run.train()
    assert read_state(run.state_path)["step"] == 8
    best = read_state(run.best_path)
    assert (best["step"], best["best"]) == (4, 0.2)
    assert same_weights(trained_predictor(tmp_path), run.predictor)
    exported = trained_predictor(tmp_path, best=True).state_dict()
    assert equal(dict(exported), dict(best["predictor"]))
    assert PredictorRun(run.config, pairs, pairs, tmp_path).best == 0.2


def test_a_run_whose_loss_is_no_number_keeps_the_state_before(pairs, tmp_path):
    config = replace(PREDICTOR, steps=4, save_every=2)
    run = PredictorRun(config, pairs, [], tmp_path)
    run.train()
    run = PredictorRun(replace(config, steps=6), pairs, [], tmp_path)
    run.predictor.decoder.heads.bias.data.fill_(torch.nan)
    with pytest.raises(KinetoneError) as caught:
        run.train()
    assert caught.value.code == "training.not_finite"
    assert read_state(run.state_path)["step"] == 4


def test_states_from_before_these_settings_can_be_gone_on_with(tones, pairs, tmp_path):
    for run in (CodecRun(CODEC, tones, tones, tmp_path), PredictorRun(PREDICTOR, pairs, pairs, tmp_path)):
        run.train_step()
        run.save()
        state = read_state(run.state_path)
        for name in ("accumulation", "save_every", "self_fed_span", "discriminators"):
            state["config"].pop(name, None)
        state["config"]["model"].pop("cell", None)
        del state["best"]
        save_state(run.state_path, **state, random_state=torch.get_rng_state())
    assert CodecRun(CODEC, tones, tones, tmp_path).step == 1
    assert PredictorRun(PREDICTOR, pairs, pairs, tmp_path).step == 1
    assert trained_predictor(tmp_path).config == PREDICTOR.model


def test_the_log_of_a_run_that_goes_on_has_every_step_once(tones, tmp_path):
    config = replace(CODEC, sample_every=50, evaluate_every=50)
    CodecRun(replace(config, steps=25), tones, tones, tmp_path).train()
    (tmp_path / "codec.state").unlink()
    CodecRun(replace(config, steps=50), tones, tones, tmp_path).train()
    log = EventAccumulator(str(tmp_path)).Reload()
    assert [event.step for event in log.Scalars("train/mel")] == [25, 50]
    assert [event.step for event in log.Scalars("held_out/mel")] == [50]
    heard = [event for tag in log.Tags()["audio"] for event in log.Audio(tag)]
    assert {event.step for event in heard} == {50}
    assert {event.sample_rate for event in heard} == {24_000}
