"""What every training run can be told."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .parallel import Precision


@dataclass(frozen=True)
class RunSettings:
    """Settings that the codec's and the predictor's training share.

    Attributes:
        steps: optimiser steps in all.
        batch_size: crops a step; with several processes or with accumulation, each batch of a step.
        accumulation: batches of which a process adds up the gradients before a step.
        learning_rate: of Adam, after a warm-up of 200 steps; falls to a hundredth along a cosine.
        precision: ``float32``, or ``bfloat16`` for what a network can compute in it.
        seed: of weights, batches and everything drawn at random.
        save_every: steps between two savings.
        evaluate_every: steps between two evaluations on what is held out.
        sample_every: steps between two samples to listen to and look at.
    """

    steps: int = 100_000
    batch_size: int = 12
    accumulation: int = 1
    learning_rate: float = 3e-4
    precision: Precision = "bfloat16"
    seed: int = 0
    save_every: int = 250
    evaluate_every: int = 1000
    sample_every: int = 5000

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        return self.learning_rate * learning_rate_scale(step, self.steps)


def learning_rate_scale(step: int, steps: int, warmup: int = 200) -> float:
    """Linear warm-up, then half a cosine from 1 down to 0.01."""
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
