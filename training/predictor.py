"""Trains the predictor on prepared pairs: cross-entropy of the codes, with teacher forcing."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from ..core.motion.features import N_DISPLACEMENTS
from ..core.predictor.model import Predictor, PredictorConfig
from .codec import learning_rate_scale
from .data.crops import PairCrops
from .data.prepared import Pair
from .state import resume_state, save_state

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PredictorTraining:
    """Settings of a predictor training run.

    Attributes:
        model: sizes of the predictor.
        steps: optimiser steps in all.
        batch_size: crops a step.
        crop_frames: length of a crop, in frames of 1/60 s.
        learning_rate: of Adam (paper section 4.4: 1e-5, with its full-size model), after a warm-up
            of 200 steps; falls to a hundredth along a cosine.
        history_dropout: share of frames whose previous codes are withheld, so that the model
            listens to the dance and can recover from its own mistakes.
        history_noise: share of previous codes replaced by random ones, to the same end.
        genre_dropout: share of crops without a genre, so that it can be left out.
        precision: ``float32`` or ``bfloat16``.
        seed: of weights and batches.
    """

    model: PredictorConfig = field(default_factory=PredictorConfig)
    steps: int = 20_000
    batch_size: int = 16
    crop_frames: int = 480
    learning_rate: float = 1e-5
    history_dropout: float = 0.0
    history_noise: float = 0.0
    genre_dropout: float = 0.1
    precision: Literal["bfloat16", "float32"] = "bfloat16"
    seed: int = 0


def previous_codes(codes: Tensor, unknown: int) -> Tensor:
    """The codes of the frame before each frame; unknown before the first (paper equation 12)."""
    return torch.cat([torch.full_like(codes[..., :1], unknown), codes[..., :-1]], dim=-1)


def corrupt(previous: Tensor, config: PredictorTraining) -> Tensor:
    """Withholds whole frames and replaces single codes of the history at random."""
    noise = torch.randint_like(previous, config.model.codebook_size)
    noisy = (torch.rand(previous.shape) < config.history_noise) & (previous != config.model.codebook_size)
    previous = torch.where(noisy, noise, previous)
    withheld = torch.rand(previous.shape[0], 1, previous.shape[2]) < config.history_dropout
    return torch.where(withheld, config.model.codebook_size, previous)


def code_loss(logits: Tensor, codes: Tensor) -> Tensor:
    """Cross-entropy in nats a code (paper equation 13), unknown codes left out.

    Args:
        logits: ``(B, K, N, M)``; codes: ``(B, K, N)``, M for unknown.
    """
    size = logits.shape[-1]
    return functional.cross_entropy(logits.flatten(0, 2).float(), codes.flatten(), ignore_index=size)


def code_accuracy(logits: Tensor, codes: Tensor) -> Tensor:
    """Share ``(K,)`` of the known codes that are the most probable ones; shapes as in :func:`code_loss`."""
    known = codes < logits.shape[-1]
    right = (logits.argmax(-1) == codes) & known
    return right.sum((0, 2)) / known.sum((0, 2)).clamp_min(1)


class PredictorRun:
    """One training run in a folder: builds or resumes, steps, saves, evaluates."""

    def __init__(
        self, config: PredictorTraining, pairs: list[Pair], held_out: list[Pair], folder: Path
    ) -> None:
        self.config = config
        self.folder = folder
        torch.manual_seed(config.seed)
        self.crops = PairCrops(pairs, config)
        self.held_out = PairCrops(held_out, config) if held_out else None
        self.predictor = Predictor(config.model)
        self._normalise(pairs)
        self.optimizer = torch.optim.Adam(self.predictor.parameters(), config.learning_rate)
        self.step = 0
        if self.state_path.exists():
            self._resume()

    @property
    def state_path(self) -> Path:
        """Where the run keeps what it needs to go on."""
        return self.folder / "predictor.state"

    def _normalise(self, pairs: list[Pair]) -> None:
        features = torch.from_numpy(np.concatenate([pair.features for pair in pairs]))
        self.predictor.encoder.feature_mean.copy_(features.mean(0))
        # One scale for all displacements keeps a hand's sweep larger than a hip's.
        scale = self.predictor.encoder.feature_scale
        scale[:N_DISPLACEMENTS] = features[:, :N_DISPLACEMENTS].std()
        scale[N_DISPLACEMENTS:] = features[:, N_DISPLACEMENTS:].std()

    def save(self) -> None:
        """Saves the run; :meth:`_resume` goes on from there exactly."""
        save_state(
            self.state_path,
            step=self.step,
            predictor=self.predictor.state_dict(),
            optimizer=self.optimizer.state_dict(),
            config=asdict(self.config),
        )

    def _resume(self) -> None:
        state = resume_state(self.state_path, self.config.model)
        self.predictor.load_state_dict(state["predictor"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        logger.info("Resuming at step %d", self.step)

    def train_step(self) -> Tensor:
        """One optimiser step; returns the loss."""
        config = self.config
        self.predictor.train()
        batch = self.crops.batch(self.step)
        previous = corrupt(previous_codes(batch.codes, config.model.codebook_size), config)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.precision == "bfloat16"):
            logits = self.predictor(batch.features, batch.genre, previous)
        loss = code_loss(logits, batch.codes)
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * learning_rate_scale(self.step, config.steps)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.predictor.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        return loss.detach()

    @torch.no_grad()
    def evaluate(self, batches: int = 4) -> dict[str, float]:
        """Loss (nats a code) and accuracy (0 to 1) on the same crops of held-out pairs each time."""
        if self.held_out is None:
            return {}
        self.predictor.eval()
        scores = []
        for index in range(batches):
            batch = self.held_out.batch(index)
            previous = previous_codes(batch.codes, self.config.model.codebook_size)
            logits = self.predictor(batch.features, batch.genre, previous)
            loss = code_loss(logits, batch.codes)
            scores.append(torch.cat([loss[None], code_accuracy(logits, batch.codes)]))
        mean_loss, *accuracies = torch.stack(scores).mean(0).tolist()
        named = {f"accuracy_{level}": value for level, value in enumerate(accuracies)}
        return {"loss": mean_loss, "accuracy": float(np.mean(accuracies)), **named}


def train_predictor(
    config: PredictorTraining, pairs: list[Pair], held_out: list[Pair], folder: Path, save_every: int = 100
) -> PredictorRun:
    """Trains to ``config.steps``, resuming what ``folder`` holds; logs to TensorBoard there.

    A run that is interrupted saves itself first.

    Args:
        pairs: to learn from; held_out: to evaluate on, may be empty.
        folder: of the run, made if need be.
        save_every: steps between two savings and evaluations.
    Raises: CheckpointError (training.other_model).
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = PredictorRun(config, pairs, held_out, folder)
    bar = tqdm(total=config.steps, initial=run.step, unit="step", smoothing=0.02)
    with SummaryWriter(str(folder)) as log, bar:
        try:
            while run.step < config.steps:
                loss = float(run.train_step())
                bar.update()
                if run.step % 10 == 0:
                    bar.set_postfix(loss=f"{loss:.3f}")
                    log.add_scalar("train/loss", loss, run.step)
                if run.step % save_every == 0:
                    run.save()
                    for name, score in run.evaluate().items():
                        log.add_scalar(f"held_out/{name}", score, run.step)
        finally:
            run.save()
    return run
