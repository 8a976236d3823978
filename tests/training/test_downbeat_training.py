"""Training what finds the bars of a dance."""

import numpy as np
import pytest
import torch
from kinetone.core.motion import downbeats as core
from kinetone.training import downbeats
from kinetone.training.corpus.grid import GENRES


@pytest.fixture(scope="module")
def dances():
    numbers = [GENRES.index(genre) + 12 * take for genre in ("pop", "krump", "waltz") for take in range(12)]
    return [dance for number in numbers if (dance := downbeats.danced(number)) is not None]


@pytest.fixture
def reads(monkeypatch):
    def read(path):
        monkeypatch.setattr(core, "NETWORK", path)
        core._network.cache_clear()

    yield read
    core._network.cache_clear()


def test_dances_are_seen_as_in_use(dances):
    assert len(dances) > 30
    for dance in dances:
        assert dance.first in range(core.METRES[dance.metre])
        assert dance.watched[0] <= dance.watched[-1] <= len(dance.curves)


def test_what_was_trained_reads_a_dance_as_it_did_in_training(dances, reads, tmp_path):
    network = downbeats.Network().eval()
    network.save(tmp_path / "weights.npz")
    reads(tmp_path / "weights.npz")
    for dance in dances[::8]:
        curves = torch.from_numpy(dance.curves)
        told = network.places(curves.T[None], torch.ones(1, len(curves)))
        for ours, theirs in zip(core._evidence(dance.curves), told, strict=True):
            assert np.allclose(ours, theirs[0].detach().numpy(), atol=1e-4)


def test_the_end_of_a_longer_dance_in_the_batch_does_not_matter(dances):
    network = downbeats.Network().eval()
    together = network.places(*downbeats._batch(dances[:4]))
    for index, dance in enumerate(dances[:4]):
        alone = network.places(*downbeats._batch([dance]))
        for one, other in zip(together, alone, strict=True):
            assert torch.allclose(one[index], other[0], atol=1e-4)


def test_a_network_learns_the_bars_of_the_dances_it_sees(dances, monkeypatch):
    monkeypatch.setattr(downbeats, "EPOCHS", 150)
    network = downbeats.trained(dances)
    missed = [downbeats.misses(network, dance)[-1] for dance in dances]
    assert np.mean([miss == 0 for miss in missed]) > 0.8


def test_the_command_writes_weights_and_says_how_often_bars_are_found(reads, tmp_path, capsys):
    downbeats.train_downbeats(tmp_path / "weights.npz", dances=4)
    told = capsys.readouterr().out
    assert all(f"\n{genre} " in told for genre in GENRES)
    reads(tmp_path / "weights.npz")
    nothing = np.zeros(0, int), np.zeros(0)
    in_four, in_three = core.first_counts(np.array([3.0, 40.0]), nothing, np.zeros((60, 72)))
    assert in_four in range(8)
    assert in_three in range(3)
