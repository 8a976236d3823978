"""What a training run does whatever it trains: steps, savings, evaluations, going on and stopping."""

from __future__ import annotations

import logging
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from ..core.codec.model import CodecConfig
from ..core.errors import Cancelled, KinetoneError
from ..core.predictor.model import PredictorConfig
from .parallel import start_fabric
from .settings import RunSettings
from .state import resume_state, save_state
from .stopping import StopRequest

logger = logging.getLogger(__name__)

REPORT_EVERY = 25
"""Steps between two entries in the log."""

AGREE_EVERY = 10
"""Steps between two moments when several processes ask each other whether one was told to stop."""

Settings = TypeVar("Settings", bound=RunSettings)


class TrainingRun(ABC, Generic[Settings]):
    """One training run in a folder, which it resumes if it is there.

    Every random number of a step comes from the seed and the numbers of the step's batches, so a
    run that was killed and goes on from its last saving ends with the weights of one that was not.

    Attributes:
        kind: what is trained; names the state.
        judged_by: the held-out score whose lowest value marks the best state.
        step: optimiser steps done.
        best: the lowest of those scores so far.
    """

    kind: ClassVar[str]
    judged_by: ClassVar[str]

    def __init__(self, config: Settings, folder: Path, fabric: Fabric | None) -> None:
        self.config = config
        self.folder = folder
        self.fabric = fabric or start_fabric(config.precision)
        self.step = 0
        self.best = math.inf
        torch.manual_seed(config.seed)

    @property
    def state_path(self) -> Path:
        """Where the run keeps what it needs to go on."""
        return self.folder / f"{self.kind}.state"

    @property
    def best_path(self) -> Path:
        """Where the run keeps the state that did best on what is held out."""
        return self.folder / f"{self.kind}.best.state"

    @abstractmethod
    def learn(self) -> dict[str, Tensor]:
        """Learns from the step's batches; returns the losses of this process by name."""

    @abstractmethod
    def evaluate(self) -> dict[str, float]:
        """Scores on what is held out, by name; nothing where nothing is held out."""

    @abstractmethod
    def write_samples(self, log: SummaryWriter) -> None:
        """Adds to TensorBoard what can be listened to and looked at."""

    @abstractmethod
    def parts(self) -> dict[str, Any]:
        """The states of everything that learns."""

    @abstractmethod
    def load_parts(self, state: dict[str, Any]) -> None:
        """Goes on from what :meth:`parts` returned."""

    @property
    @abstractmethod
    def model_config(self) -> CodecConfig | PredictorConfig:
        """The sizes of what is trained."""

    def save(self, path: Path | None = None) -> None:
        """Saves the run, from which another with the same settings goes on exactly."""
        config = asdict(self.config)
        save_state(path or self.state_path, step=self.step, best=self.best, config=config, **self.parts())

    def resume(self) -> None:
        """Goes on from the saved state, if there is one.

        Raises: CheckpointError (training.other_model).
        """
        if not self.state_path.exists():
            return
        state = resume_state(self.state_path, self.model_config)
        self.load_parts(state)
        self.step = state["step"]
        self.best = state.get("best", math.inf)
        if self.fabric.is_global_zero:
            logger.info("Resuming at step %d", self.step)

    def batch_numbers(self) -> Iterator[tuple[int, bool]]:
        """The numbers of this process's batches of this step, each with whether it is the last one.

        All batches of a run are numbered: a step takes the next ``processes × accumulation``, the
        same ones however they are shared out. What is random in a batch is seeded by its number.
        """
        config, fabric = self.config, self.fabric
        for index in range(config.accumulation):
            number = (self.step * config.accumulation + index) * fabric.world_size + fabric.global_rank
            seed = np.random.SeedSequence((config.seed, number)).generate_state(1, np.uint64)[0]
            torch.manual_seed(int(seed))
            yield number, index + 1 == config.accumulation

    def descend(self, optimizer: Optimizer, learning_rate: float) -> Tensor:
        """One step of an optimiser with gradients of norm 1 at most; returns what the norm was."""
        parameters = [each for group in optimizer.param_groups for each in group["params"]]
        norm = nn.utils.clip_grad_norm_(parameters, 1.0)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return norm

    def train_step(self) -> dict[str, Tensor]:
        """One optimiser step; returns the losses of this process by name."""
        losses = self.learn()
        self.step += 1
        return losses

    def train(self) -> None:
        """Trains to the last step, logging to TensorBoard in the run's folder.

        Keeps the last state and the one that did best on what is held out. SIGINT and SIGTERM
        end the run after the step that it is at.

        Raises: Cancelled if it was told to stop, after saving; KinetoneError (training.not_finite).
        """
        first = self.fabric.is_global_zero
        bar = tqdm(total=self.config.steps, initial=self.step, unit="step", smoothing=0.02, disable=not first)
        # What was logged after the state that the run goes on from is about to happen again.
        log = SummaryWriter(str(self.folder), purge_step=self.step + 1) if first else nullcontext()
        with log as writer, bar, StopRequest() as request:
            while self.step < self.config.steps:
                losses = self.train_step()
                bar.update()
                stopping = self._told_to_stop(request)
                if writer is not None:
                    self._record(writer, bar, losses)
                if stopping or self._is_due(self.config.save_every):
                    self._check(losses)
                    if first:
                        self.save()
                if stopping and self.step < self.config.steps:
                    raise Cancelled(f"Stopped at step {self.step}; the same command goes on from there.")

    def _record(self, log: SummaryWriter, bar: Any, losses: dict[str, Tensor]) -> None:
        if self._is_due(REPORT_EVERY):
            for name, loss in losses.items():
                log.add_scalar(f"train/{name}", loss.mean(), self.step)
            bar.set_postfix({name: f"{float(loss.mean()):.4g}" for name, loss in losses.items()})
        if self._is_due(self.config.evaluate_every):
            scores = self.evaluate()
            for name, score in scores.items():
                log.add_scalar(f"held_out/{name}", score, self.step)
            if scores.get(self.judged_by, math.inf) < self.best:
                self.best = scores[self.judged_by]
                self.save(self.best_path)
        if self._is_due(self.config.sample_every):
            with torch.inference_mode():
                self.write_samples(log)

    def _is_due(self, every: int) -> bool:
        return self.step % every == 0 or self.step == self.config.steps

    def _told_to_stop(self, request: StopRequest) -> bool:
        """Whether this process, or any of several, was told to stop."""
        told = request.signal_number != 0
        if self.fabric.world_size == 1:
            return told
        if self.step % AGREE_EVERY:
            return False
        return bool(
            self.fabric.all_reduce(torch.tensor(float(told), device=self.fabric.device), reduce_op="sum")
        )

    def _check(self, losses: dict[str, Tensor]) -> None:
        if broken := [name for name, loss in losses.items() if not loss.isfinite().all()]:
            raise KinetoneError(
                f"At step {self.step}, {', '.join(broken)} became infinite or not a number.",
                code="training.not_finite",
                hint=f"{self.state_path} holds the last state before. Go on with a lower learning rate.",
            )


def mean_losses(batches: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of every loss over the batches of a step."""
    return {name: torch.stack([each[name].detach() for each in batches]).mean(0) for name in batches[0]}
