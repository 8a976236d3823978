"""Trains the network that finds a dance's bars (core/motion/downbeats.py) on choreographies made in code.

Beats are the felt ones, as in use. The choreographies are none of a corpus' unless it has more variety than
1: such a corpus is to learn from, not to judge by. How often bars are found is told by networks that never
saw dances of the genre.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..core.motion.accents import accents
from ..core.motion.downbeats import METRES, N_CURVES, half_beats
from ..core.motion.features import movement
from ..core.motion.felt_beats import felt_beats
from ..core.timing import FRAME_RATE
from .corpus.choreography import choreograph
from .corpus.grid import BEATS_PER_BAR, GENRES, TEMPI, steady_grid
from .corpus.plan import DANCES_PER_GENRE

WIDTH, TAPS, DROPOUT = 16, 9, 0.2
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 12, 64, 4e-3, 0.05

WALTZES = 4
"""How often a waltz is drawn, against a dance of another genre: none else is in three."""

ON_BEAT_FRAMES = 4
"""How near to a beat of the choreography a felt one must be, to be that one."""

SHORTEST_BEATS = 10
"""That a part to learn from has."""

WATCHED_S = (12, 24, 40)
"""How much of a dance is watched, from its beginning; the last one is all of it."""

FOLDS = 4


@dataclass(frozen=True)
class Danced:
    """A choreography as the network sees it.

    Attributes:
        genre: of it.
        curves: ``(H, N_CURVES)``, see half_beats.
        first: the first beat's place in its phrase.
        watched: half-beats of each of WATCHED_S.
    """

    genre: str
    curves: npt.NDArray[np.float32]
    first: int
    watched: tuple[int, ...]

    @property
    def metre(self) -> int:
        """Which of METRES counts."""
        return metre_of(self.genre)


def metre_of(genre: str) -> int:
    """Which of METRES a genre's dances are counted in."""
    return 1 if BEATS_PER_BAR[genre] == 3 else 0


class Network(nn.Sequential):
    """Reads curves ``(B, N_CURVES, H)``: how much each half-beat looks like each place, ``(B, 11, H)``."""

    def __init__(self) -> None:
        def layer(inputs: int, outputs: int) -> nn.Conv1d:
            return nn.Conv1d(inputs, outputs, TAPS, padding=TAPS // 2)

        super().__init__(
            layer(N_CURVES, WIDTH), nn.ReLU(), nn.Dropout(DROPOUT),
            layer(WIDTH, WIDTH), nn.ReLU(), nn.Dropout(DROPOUT),
            layer(WIDTH, sum(METRES)),
        )  # fmt: skip

    def places(self, curves: Tensor, danced: Tensor) -> tuple[Tensor, ...]:
        """Of each of METRES, the log-odds ``(B, metre)`` of the first beat's place.

        Args: danced: ``(B, H)``, 0 on half-beats after the end.
        """
        read = curves
        for layer in self:
            read = layer(read) * danced[:, None]  # as if nothing came after the end
        read = read[..., ::2]
        beats = torch.arange(read.shape[-1])
        split = read.split(METRES, dim=1)
        where = [(beats + torch.arange(metre)[:, None]) % metre for metre in METRES]
        return tuple(
            each.gather(1, at.expand(len(each), -1, -1)).sum(-1)
            for each, at in zip(split, where, strict=True)
        )

    def save(self, path: Path) -> None:
        """Writes the weights as core reads them."""
        layers = [layer.state_dict() for layer in self if isinstance(layer, nn.Conv1d)]
        arrays: dict[str, Any] = {}
        for index, layer in enumerate(layers):
            arrays[f"weight{index}"] = layer["weight"].permute(2, 1, 0).numpy()
            arrays[f"bias{index}"] = layer["bias"].numpy()
        with path.open("wb") as file:
            np.savez(file, **arrays)


def train_downbeats(out: Path, dances: int) -> None:
    """Writes the weights that core/motion/downbeats.py reads, and prints how often they find bars.

    Args: dances: of each genre.
    """
    numbers = tqdm(range(dances * len(GENRES)), unit="dance", desc="Dancing")
    everything = [dance for number in numbers if (dance := danced(number)) is not None]
    report(everything)
    trained(everything).save(out)


def danced(number: int) -> Danced | None:
    """A choreography by its number; None if its beats are not felt."""
    rng = np.random.default_rng((1974, number))
    genre = GENRES[number % len(GENRES)]
    tempo_bpm, duration_s = float(rng.choice(TEMPI[genre])), float(rng.uniform(10, WATCHED_S[-1]))
    grid = steady_grid(tempo_bpm, duration_s, rng, BEATS_PER_BAR[genre])
    displacements, marks = movement(choreograph(genre, DANCES_PER_GENRE + number, grid, rng))
    accented = accents(marks, displacements)
    beats = felt_beats(accented, displacements)
    first = number_of_first(beats, grid.times_s * FRAME_RATE)
    if first is None:
        return None
    watched = (2 * int(np.searchsorted(beats[1:], seconds * FRAME_RATE)) for seconds in WATCHED_S)
    curves = half_beats(beats, accented, displacements)
    return Danced(genre, curves, (first + grid.phase) % METRES[metre_of(genre)], tuple(watched))


def number_of_first(beats: npt.NDArray[np.float64], true: npt.NDArray[np.float64]) -> int | None:
    """Which of the true beats the first felt one is, by all of them; None if less than half are true."""
    nearest = np.abs(beats[:, None] - true).argmin(1)
    felt = np.abs(beats - true[nearest]) < ON_BEAT_FRAMES
    return int(np.median((nearest - np.arange(len(beats)))[felt])) if felt.mean() > 0.5 else None


def trained(dances: Sequence[Danced]) -> Network:
    """A network that has learned from parts of the dances that begin and end anywhere."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    often = np.array([WALTZES if dance.metre else 1 for dance in dances], dtype=np.float64)
    batches = EPOCHS * -(-len(dances) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, batches)
    for _ in tqdm(range(batches), unit="batch", desc="Training", leave=False):
        drawn = rng.choice(len(dances), BATCH, p=often / often.sum())
        parts = [_part(dances[index], rng) for index in drawn]
        loss = _loss(network.places(*_batch(parts)), parts)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def _part(dance: Danced, rng: np.random.Generator) -> Danced:
    """A part of a dance, from a beat to a beat."""
    beats = len(dance.curves) // 2
    length = int(rng.integers(min(SHORTEST_BEATS, beats), beats + 1))
    start = int(rng.integers(beats - length + 1))
    part = dance.curves[2 * start : 2 * (start + length)]
    return replace(dance, curves=part, first=(dance.first + start) % METRES[dance.metre])


def _batch(dances: Sequence[Danced]) -> tuple[Tensor, Tensor]:
    """Curves ``(B, N_CURVES, H)``, and 1 where the dances go on, 0 after their ends ``(B, H)``."""
    curves = [torch.from_numpy(dance.curves) for dance in dances]
    danced = nn.utils.rnn.pad_sequence([torch.ones(len(each)) for each in curves], batch_first=True)
    return nn.utils.rnn.pad_sequence(curves, batch_first=True).transpose(1, 2), danced


def _loss(places: tuple[Tensor, ...], dances: Sequence[Danced]) -> Tensor:
    """Cross entropy of the first beats' places, each in its own metre."""
    losses = [
        nn.functional.cross_entropy(places[dance.metre][index], torch.tensor(dance.first))
        for index, dance in enumerate(dances)
    ]
    return torch.stack(losses).mean()


def report(dances: Sequence[Danced]) -> None:
    """Prints how often bars, and phrases in four, are found by networks that saw no dance of the genre.

    Waltzes, the only ones in three, are told by networks that saw others of them.
    """
    folds = [
        (index if dance.metre else GENRES.index(dance.genre)) % FOLDS for index, dance in enumerate(dances)
    ]
    networks = [
        trained([dance for dance, its in zip(dances, folds, strict=True) if its != fold])
        for fold in range(FOLDS)
    ]
    off = np.array([misses(networks[fold], dance) for fold, dance in zip(folds, dances, strict=True)])
    bar = np.array([BEATS_PER_BAR[dance.genre] for dance in dances])
    genre = np.array([dance.genre for dance in dances])
    print(f"{len(dances)} dances; bars found in the first {WATCHED_S} s, and phrases:")  # noqa: T201
    for name, ours in [*((each, genre == each) for each in GENRES), ("all in four", bar == 4)]:
        found = [*(off[ours] % bar[ours, None] == 0).mean(0), *(off[ours] == 0).mean(0)]
        print(f"{name:15}", *(f"{share:7.1%}" for share in found))  # noqa: T201


@torch.inference_mode()
def misses(network: Network, dance: Danced) -> list[int]:
    """By how many beats the first beat's place is missed when the dance is watched for each of WATCHED_S."""
    parts = [replace(dance, curves=dance.curves[:length]) for length in dance.watched]
    found = network.places(*_batch(parts))[dance.metre].argmax(1)
    return [int(place - dance.first) % METRES[dance.metre] for place in found]
