"""Fits what tells a dance's downbeats to choreographies made in code, and says how often it finds them.

    .venv/bin/python benchmarks/downbeats.py [--dances 400]

Every dance makes one choice between the beats that its first bar can begin on: a conditional logit (McFadden
1974) on the shape of its average bar. Prints how often the downbeat is told right, or by half a bar off, by
weights that were fitted to the other genres; and the weights that all dances give, which are those of
core/motion/downbeats.py.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from kinetone.core.motion.downbeats import bar_shape, half_beats
from kinetone.core.motion.features import movement
from kinetone.core.motion.felt_beats import accents, felt_beats
from kinetone.core.timing import FRAME_RATE
from kinetone.training.corpus.choreography import choreograph
from kinetone.training.corpus.grid import BEATS_PER_BAR, GENRES, TEMPI, steady_grid
from kinetone.training.corpus.plan import DANCES_PER_GENRE
from torch import Tensor, nn
from tqdm import tqdm

ON_BEAT_FRAMES = 4
"""How near to a beat of the choreography a felt one must be, to be that one."""

SHRINKAGE = 0.01
"""Of the squared weights, in nats."""

FOLDS = 5
"""Of waltzes, the only ones in three, which have no other genre to learn from."""

WATCHED_S = (12, 24, 40)
"""How much of a dance is watched, from its beginning; the last one is all of it."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Danced:
    """The beginning of a choreography as the features see it.

    Attributes:
        shapes: ``(bar, 4 bar)``, of the bars that begin on each of the first beats, see bar_shape.
        downbeat: which of these does begin one.
    """

    genre: str
    shapes: Array
    downbeat: int


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dances", type=int, default=400, help="of each genre (default: 400)")
    options = parser.parse_args()
    torch.manual_seed(0)
    numbers = tqdm(range(options.dances * len(GENRES)), unit="dance")
    watched = list(zip(*(each for number in numbers if (each := danced(number)) is not None), strict=True))
    for bar in (3, 4):
        report(bar, [[dance for dance in each if BEATS_PER_BAR[dance.genre] == bar] for each in watched])


def danced(number: int) -> list[Danced] | None:
    """A choreography by its number, watched for WATCHED_S; None if its beats are not felt."""
    rng = np.random.default_rng((1974, number))
    genre = GENRES[number % len(GENRES)]
    bar = BEATS_PER_BAR[genre]
    grid = steady_grid(float(rng.choice(TEMPI[genre])), float(rng.uniform(24, WATCHED_S[-1])), rng, bar)
    joints = choreograph(genre, int(rng.integers(DANCES_PER_GENRE)), grid, rng)
    beginnings = []
    for seconds in WATCHED_S:
        displacements, marks = movement(joints[: seconds * FRAME_RATE])
        accented = accents(marks, displacements)
        beats = felt_beats(accented, len(displacements))
        first = number_of_first(beats, grid.times_s * FRAME_RATE)
        if first is None:
            return None
        shape = bar_shape(half_beats(beats, accented, displacements), bar)
        shapes = np.stack([np.roll(shape, -2 * start, axis=1).ravel() for start in range(bar)])
        beginnings.append(Danced(genre, shapes, -(first + grid.phase) % bar))
    return beginnings


def number_of_first(beats: Array, true: Array) -> int | None:
    """Which of the true beats the first felt one is, by all of them; None if less than half are true."""
    nearest = np.abs(beats[:, None] - true).argmin(1)
    felt = np.abs(beats - true[nearest]) < ON_BEAT_FRAMES
    return int(np.median((nearest - np.arange(len(beats)))[felt])) if felt.mean() > 0.5 else None


def report(bar: int, watched: list[list[Danced]]) -> None:
    """Prints what is found of the dances with so many beats in a bar, and the weights."""
    everything = watched[-1]
    genres = sorted({dance.genre for dance in everything})
    if len(genres) > 1:
        group = np.array([genres.index(dance.genre) for dance in everything])
    else:
        group = np.arange(len(everything)) % FOLDS
    weights = [fitted([everything[i] for i in np.flatnonzero(group != part)]) for part in np.unique(group)]
    print(f"\n{len(everything)} dances in {bar}; found in the first {WATCHED_S} s:")
    off = np.array([list(map(miss, dances, (weights[part] for part in group))) for dances in watched])
    for genre in [*genres, "all"] if len(genres) > 1 else genres:
        ours = [genre in (dance.genre, "all") for dance in everything]
        found = (off[:, ours] == 0).mean(1)
        print(f"{genre:15}", *(f"{share:7.1%}" for share in found))
    if bar == 4:
        print("or half a bar  ", *(f"{share:7.1%}" for share in (off % 2 == 0).mean(1)))
    print(np.array2string(fitted(everything).reshape(2, -1), precision=2, suppress_small=True))


def fitted(dances: list[Danced]) -> Array:
    """The weights ``(4 bar,)`` under which the downbeats are likeliest."""
    shapes = torch.tensor(np.stack([dance.shapes for dance in dances]))
    downbeats = torch.tensor([dance.downbeat for dance in dances])
    weights = torch.zeros(shapes.shape[-1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200)

    def loss() -> Tensor:
        optimizer.zero_grad()
        unlikely = nn.functional.cross_entropy(shapes @ weights, downbeats)
        total = unlikely + SHRINKAGE * weights.square().sum()
        total.backward()
        return total

    optimizer.step(loss)
    return weights.detach().numpy()


def miss(dance: Danced, weights: Array) -> int:
    """By how many beats the downbeat is missed."""
    return (int((dance.shapes @ weights).argmax()) - dance.downbeat) % dance.shapes.shape[0]


if __name__ == "__main__":
    main()
