"""Checkpoints that were made to do harm: none builds a network without bounds, none is believed."""

import json
import os
import shutil
import struct

import pytest
from bounded import read_alone
from kinetone.core.checkpoint import load_checkpoint
from kinetone.core.cli import main
from kinetone.core.errors import CheckpointError
from safetensors.torch import load_file, save_file


@pytest.fixture
def checkpoint(tmp_path, tiny_checkpoint):
    """A copy to spoil."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "checkpoint")


def with_card(folder, network, **settings):
    card = json.loads((folder / "card.json").read_text())
    card[network] |= settings
    (folder / "card.json").write_text(json.dumps(card))


LAYERS = [1] * 2000
CARDS = {
    "a billion recurrent layers": ("predictor", {"lstm_layers": 10**9}),
    "a billion layers": ("predictor", {"encoder_layers": 10**9}),
    "thousands of strides": ("codec", {"strides": [*LAYERS, 400], "encoder_channels": [*LAYERS, 2, 2],
                                       "decoder_channels": [*LAYERS, 2, 2]}),
    "a network of terabytes": ("predictor", {"hidden": 65_000, "width": 65_000, "feed_forward": 65_000}),
    "a width beyond all numbers": ("predictor", {"width": 10**18}),
    "a codebook of terabytes": ("codec", {"codebook_size": 65_000, "latent_dim": 65_000}),
    "a window of hours": ("predictor", {"window": 10**6}),
    "a delay of years": ("predictor", {"codebook_delay": 10**9}),
    "bars of years ago": ("predictor", {"recall": [10**9]}),
    "bars of the future": ("predictor", {"recall": [-4]}),
    "bars without a number": ("predictor", {"recall": ["four"]}),
    "no width": ("predictor", {"width": 0}),
    "half a head": ("predictor", {"n_heads": 0.5}),
    "strides of truth": ("codec", {"strides": [True, 4, 10, 10]}),
    "genres that are numbers": ("predictor", {"genres": [1, 2]}),
    "a cell of another kind": ("predictor", {"cell": "__class__"}),
}  # fmt: skip


def unreadable(folder):
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(folder)
    assert len(caught.value.message) < 1000
    return caught.value.code == "checkpoint.unreadable"


@pytest.mark.parametrize("what", CARDS)
def test_cards(checkpoint, what):
    network, settings = CARDS[what]
    with_card(checkpoint, network, **settings)
    assert unreadable(checkpoint)


def test_cards_that_ask_for_everything_take_little_memory(checkpoint):
    for network, settings in CARDS.values():
        with_card(checkpoint, network, **settings)
    end = read_alone("kinetone.core.checkpoint:load_checkpoint", checkpoint)
    assert (end.code, end.growth_mb < 50) == ("checkpoint.unreadable", True), end


WEIGHTS = {
    "a header of exabytes": lambda file: file.write(struct.pack("<Q", 1 << 62)),
    "a header of megabytes": lambda file: file.write(struct.pack("<Q", 50 << 20) + b"{" + b" " * (50 << 20)),
    "gigabytes of nothing": lambda file: file.truncate(1 << 40),
    "a tensor of terabytes": lambda file: file.write(tensors({"a": ("F32", [1 << 40], [0, 1 << 42])})),
    "a tensor before the file": lambda file: file.write(tensors({"a": ("F32", [1], [-4, 0])})),
    "tensors on one another": lambda file: file.write(
        tensors({name: ("F32", [1], [0, 4]) for name in "abc"}) + bytes(4)
    ),
}


KEYS = ("dtype", "shape", "data_offsets")


def tensors(entries):
    header = {name: dict(zip(KEYS, each, strict=True)) for name, each in entries.items()}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize("what", WEIGHTS)
def test_weights(checkpoint, what):
    with (checkpoint / "model.safetensors").open("wb") as file:
        WEIGHTS[what](file)
    assert unreadable(checkpoint)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(checkpoint, value):
    path = checkpoint / "model.safetensors"
    weights = load_file(path)
    weights["predictor.decoder.heads.bias"][3] = value
    save_file(weights, path)
    assert unreadable(checkpoint)


def test_what_a_card_says_cannot_move_the_cursor(checkpoint, capsys):
    card = json.loads((checkpoint / "card.json").read_text()) | {
        "name": "a\x1b[2Jb\ud800\rc",
        "scores": {"ß": [1]},
    }
    (checkpoint / "card.json").write_text(json.dumps(card))
    assert main(["info", str(checkpoint)]) == 0
    out = capsys.readouterr().out
    assert "name: a\\x1b[2Jb\\ud800\\rc\n" in out
    assert "ß: 1\n" in out


def test_a_card_of_gigabytes_is_not_read(checkpoint):
    os.truncate(checkpoint / "card.json", 1 << 40)
    assert unreadable(checkpoint)


@pytest.mark.parametrize(
    "text", ["[" * 400_000, '{"format": 1, "x": ' + "9" * 400_000 + "}", '{"format": NaN}']
)
def test_cards_that_are_no_json_are_refused(checkpoint, text):
    (checkpoint / "card.json").write_text(text)
    assert unreadable(checkpoint)


def test_a_format_of_half_a_megabyte_is_not_shown_whole(checkpoint):
    (checkpoint / "card.json").write_text(json.dumps({"format": "x" * 400_000}))
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(checkpoint)
    assert caught.value.code == "checkpoint.version"
    assert len(caught.value.message) < 1000
