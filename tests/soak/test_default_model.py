"""The recipe of the default model, from nothing to a checkpoint with its scores, at the smallest size."""

import json
import sys

import numpy as np
import pytest
from kinetone.core.checkpoint import load_checkpoint
from kinetone.training.cli import main
from kinetone.training.corpus.choreography import choreograph
from kinetone.training.corpus.grid import steady_grid

HOURS, SEED = 0.05, 15
"""A corpus so small must be one whose held-out pieces are of genres that it trains on."""


@pytest.fixture
def mocap(tmp_path):
    """A folder of four dances, named like takes of the CMU database."""
    folder = tmp_path / "mocap"
    folder.mkdir()
    for seed, name in enumerate(("60_01_made", "60_03_made", "61_02_made", "61_11_made")):
        rng = np.random.default_rng(seed)
        joints = choreograph("salsa", seed, steady_grid(95.0, 12.0, rng), rng)
        np.savez(folder / f"{name}.npz", joints=joints, fps=60.0)
    return folder


def test_default_model(mocap, tmp_path, monkeypatch):
    out = tmp_path / "out"
    recipe = ("--size", "tiny", "--hours", HOURS, "--seed", SEED, "--device", "cpu")
    command = ["kinetone-train", "default-model", out, "--mocap", mocap, *recipe]
    monkeypatch.setattr(sys, "argv", [str(word) for word in command])
    main()
    checkpoint = load_checkpoint(out / "model")
    assert f"--hours {HOURS} --seed {SEED} --music groove" in checkpoint.card["trained_on"]
    scores = checkpoint.card["scores"]["predictor"]
    assert 0 <= scores["music"]["kinematic_hit"] <= 1
    assert scores["real"]["beats_hit"] == 1
    card = (out / "model" / "card.json").read_text()
    made = {path: path.stat().st_mtime_ns for path in out.glob("corpus/*.flac")}
    main()
    assert json.loads((out / "model" / "card.json").read_text()) == json.loads(card)
    assert {path: path.stat().st_mtime_ns for path in out.glob("corpus/*.flac")} == made
