"""From AIST++ as it lies on disk to music for one of its dances: the commands, as they are called."""

import json
import sys

import numpy as np
import pytest
import soundfile
from kinetone.core import cli
from kinetone.core.checkpoint import load_checkpoint
from kinetone.training.cli import main
from kinetone.training.data.prepared import read_prepared
from kinetone.training.evaluation.accuracy import teacher_forced_accuracy
from mini_aistpp import SEQUENCES
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import from_numpy


@pytest.fixture(scope="module")
def train():
    """Runs kinetone-train."""

    def run(*arguments):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["kinetone-train", *map(str, arguments)])
            main()

    return run


@pytest.fixture(scope="module")
def work(train, mini_aistpp, tmp_path_factory):
    """A folder in which codec, codes, predictor and model were made, one command each."""
    folder = tmp_path_factory.mktemp("work")
    about = {"name": "mini", "version": "0", "trained_on": "nothing real", "licence": "CC0-1.0", "scores": {}}
    (folder / "about.json").write_text(json.dumps(about))
    by_heart = ("--history-shift", 0, "--history-dropout", 0, "--history-noise", 0, "--model.dropout", 0)
    learn = ("--steps", 400, "--learning-rate", 5e-3, "--evaluate-every", 200, "--batch-size", 6)
    codec, predictor, prepared = folder / "codec", folder / "predictor", folder / "prepared"
    train("codec", mini_aistpp, codec, "--threads", 1, "--device", "cpu", "tiny")
    train("prepare", mini_aistpp, codec, prepared, "--workers", 1)
    train("predictor", prepared, predictor, "--threads", 1, "--device", "cpu", "tiny", *learn, *by_heart)
    train("export", codec, predictor, folder / "model", "--about", folder / "about.json")
    return folder


def test_losses_fall(work):
    for run, tag in (("codec", "train/mel"), ("predictor", "train/loss")):
        log = EventAccumulator(str(work / run))
        log.Reload()
        values = [point.value for point in log.Scalars(tag)]
        assert values[-1] < 0.8 * values[0]


def test_an_overfitted_predictor_knows_its_songs_codes(work):
    predictor = load_checkpoint(work / "model").predictor
    pair = read_prepared(work / "prepared").split("train")[0]
    features, codes = from_numpy(np.array(pair.features)), from_numpy(np.array(pair.codes, dtype=np.int64))
    accuracy = teacher_forced_accuracy(predictor, features, codes, pair.genre)
    assert np.mean(accuracy) > 0.95


def test_the_model_is_measured(work, train, mini_aistpp):
    out = work / "scores"
    train("evaluate", work / "model", mini_aistpp, "--out", out, "--seconds", 2, "--seeds", 1, "--threads", 1)
    assert json.loads((out / "scores.json").read_text())["columns"]["music"]["beats_hit"]


def test_the_model_makes_music_for_a_dance(work, mini_aistpp):
    dance = mini_aistpp / "motions" / f"{SEQUENCES[0]}.pkl"
    out = work / "music.wav"
    assert cli.main(["generate", str(dance), "-o", str(out), "--checkpoint", str(work / "model")]) == 0
    assert soundfile.info(str(out)).frames == 240 * 400
