"""Trains the predictor on prepared pairs: cross-entropy of the codes, with teacher forcing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.nn import functional
from torch.utils.tensorboard import SummaryWriter

from ..core.codec.model import Codec
from ..core.errors import CheckpointError
from ..core.motion.features import N_DISPLACEMENTS
from ..core.predictor.model import Predictor, PredictorConfig
from .data.ahead import Ahead
from .data.crops import Batch, PairCrops
from .data.prepared import Pair
from .export import trained_predictor
from .run import TrainingRun, mean_losses
from .samples import write_dance_samples
from .self_feeding import self_fed_frames, self_fed_history
from .settings import RunSettings
from .state import check_sizes


@dataclass(frozen=True)
class PredictorTraining(RunSettings):
    """Settings of a predictor training run.

    Attributes:
        model: sizes of the predictor.
        batch_size: crops a batch.
        crop_frames: length of a crop, in frames of 1/60 s.
        learning_rate: of Adam (paper section 4.4: 1e-5, with its full-size model), after a warm-up
            of 200 steps; falls to a hundredth along a cosine.
        history_dropout: share of crops whose previous codes are withheld, so that the model
            listens to the dance.
        history_noise: share of previous codes replaced by random ones, so that it can recover
            from its own mistakes.
        history_shift: share of crops that begin with previous codes of another moment of the same
            music, so that the model falls in with the dance when its own pulse has strayed from it.
        genre_dropout: share of crops without a genre, so that it can be left out.
        self_fed_span: frames in a row that are given the model's own codes instead of the true ones,
            to the same end; 0 for teacher forcing alone. The span grows from 0.
        self_fed_growth_steps: steps until it has its full length.
        self_fed_temperature: that the model's own codes are drawn at; 0 takes the most probable ones.
        teacher_span: frames between two such spans, given the true codes.
    """

    model: PredictorConfig = field(default_factory=PredictorConfig)
    steps: int = 20_000
    batch_size: int = 16
    crop_frames: int = 480
    learning_rate: float = 1e-5
    history_dropout: float = 0.0
    history_noise: float = 0.0
    history_shift: float = 0.0
    genre_dropout: float = 0.1
    self_fed_span: int = 0
    self_fed_growth_steps: int = 10_000
    self_fed_temperature: float = 0.0
    teacher_span: int = 10
    save_every: int = 100
    evaluate_every: int = 100
    sample_every: int = 1000


def previous_codes(codes: Tensor, unknown: int) -> Tensor:
    """The codes of the frame before each frame; unknown before the first (paper equation 12)."""
    return torch.cat([torch.full_like(codes[..., :1], unknown), codes[..., :-1]], dim=-1)


def corrupt(previous: Tensor, config: PredictorTraining) -> Tensor:
    """Shifts, withholds and replaces parts of the history ``(B, K, N)`` at random."""
    unknown, device = config.model.codebook_size, previous.device
    previous = _shifted(previous, config.history_shift)
    noise = torch.randint_like(previous, unknown)
    noisy = (torch.rand(previous.shape, device=device) < config.history_noise) & (previous != unknown)
    previous = torch.where(noisy, noise, previous)
    withheld = torch.rand(previous[:, :1, :1].shape, device=device) < config.history_dropout
    return torch.where(withheld, unknown, previous)


def withheld_likewise(recalled: Tensor, previous: Tensor, unknown: int) -> Tensor:
    """Recalled codes ``(B, N + 1, K, L)``, withheld where all of the history ``(B, K, N)`` is."""
    withheld = (previous == unknown).flatten(1).all(1)
    return torch.where(withheld[:, None, None, None], unknown, recalled)


def _shifted(previous: Tensor, share: float) -> Tensor:
    """Gives a share of the crops the history of another moment, up to half of the crop at most."""
    batch, _, frames = previous.shape
    each, device = (batch, 1, 1), previous.device
    length = torch.randint(0, frames // 2 + 1, each, device=device)
    until = length * (torch.rand(each, device=device) < share)
    offset = torch.randint(1, frames, each, device=device)
    now = torch.arange(frames, device=device).expand_as(previous)
    elsewhere = previous.gather(2, (now + offset) % frames)
    return torch.where((now > 0) & (now < until), elsewhere, previous)


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


class PredictorRun(TrainingRun[PredictorTraining]):
    """One training run of a predictor in a folder: builds or resumes, steps, saves, evaluates.

    Args:
        codec: that the codes are of; plays samples. Without one there are none.
    """

    kind = "predictor"
    judged_by = "loss"

    def __init__(
        self,
        config: PredictorTraining,
        pairs: list[Pair],
        held_out: list[Pair],
        folder: Path,
        fabric: Fabric | None = None,
        codec: Codec | None = None,
    ) -> None:
        super().__init__(config, folder, fabric)
        check_codes(config.model, pairs + held_out)
        self.crops = PairCrops(pairs, config)
        self.batches = Ahead(self.crops.batch, self.fabric.world_size)
        self.held_out = PairCrops(held_out, config) if held_out else None
        self.codec = codec
        self.predictor = Predictor(config.model)
        self._normalise(pairs)
        self.network = self.fabric.setup_module(self.predictor)
        self.optimizer = torch.optim.Adam(self.predictor.parameters(), config.learning_rate)
        self.resume()

    @property
    def model_config(self) -> PredictorConfig:
        """Sizes of the predictor."""
        return self.config.model

    def _normalise(self, pairs: list[Pair]) -> None:
        dim = self.config.model.feature_dim
        features = torch.from_numpy(np.concatenate([pair.features[:, :dim] for pair in pairs]))
        self.predictor.encoder.feature_mean.copy_(features.mean(0))
        # One scale for all displacements keeps a hand's sweep larger than a hip's.
        scale = self.predictor.encoder.feature_scale
        scale[:N_DISPLACEMENTS] = features[:, :N_DISPLACEMENTS].std()
        if dim > N_DISPLACEMENTS:
            scale[N_DISPLACEMENTS:] = features[:, N_DISPLACEMENTS:].std(0).clamp_min(1e-3)

    def start_from(self, folder: Path) -> None:
        """Takes over the weights of a checkpoint's or another run's predictor of the same codes.

        Genres go by their names; a new one begins as music without a genre. Features that the earlier one
        was not told begin without any weight, and so does recall, where it had none.

        Raises: CheckpointError: training.other_model, and what ``trained_predictor`` raises.
        """
        earlier = trained_predictor(folder)
        genres, known_dim = self.config.model.genres, earlier.config.feature_dim
        grown = replace(
            earlier.config,
            genres=genres,
            feature_dim=max(known_dim, self.config.model.feature_dim),
            recall=earlier.config.recall or self.config.model.recall,
        )
        check_sizes(folder, grown, self.config.model)
        weights = earlier.state_dict()
        if not earlier.config.recall and self.predictor.decoder.recall is not None:
            weights |= self.predictor.decoder.recall.state_dict(prefix="decoder.recall.")
        own = self.predictor.encoder.state_dict()
        own["projection.weight"] = torch.zeros_like(own["projection.weight"])
        for name in ("feature_mean", "feature_scale", "projection.weight"):
            earlier_weight = weights[f"encoder.{name}"]
            weights[f"encoder.{name}"] = torch.cat([earlier_weight, own[name][..., known_dim:]], dim=-1)
        rows = {name: 1 + index for index, name in enumerate(earlier.config.genres)}
        known = weights["encoder.genre.weight"]
        weights["encoder.genre.weight"] = known[[0, *(rows.get(name, 0) for name in genres)]]
        self.predictor.load_state_dict(weights)

    def parts(self) -> dict[str, Any]:
        """States of the predictor and the optimiser."""
        return {"predictor": self.predictor.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_parts(self, state: dict[str, Any]) -> None:
        """Goes on from those."""
        self.predictor.load_state_dict(state["predictor"])
        self.optimizer.load_state_dict(state["optimizer"])

    def learn(self) -> dict[str, Tensor]:
        """One step on the cross-entropy of the codes."""
        config = self.config
        self.predictor.train()
        losses = []
        for number, last in self.batch_numbers():
            batch = self._on_device(self.batches.batch(number))
            previous = corrupt(self._history(batch), config)
            recalled = withheld_likewise(batch.recalled, previous, config.model.codebook_size)
            with self.fabric.no_backward_sync(self.network, enabled=not last):
                logits = self.network(batch.features, batch.genre, previous, recalled)
                loss = code_loss(logits, batch.codes)
                self.fabric.backward(loss / config.accumulation)
            losses.append({"loss": loss})
        means = mean_losses(losses)
        means["gradient_norm"] = self.descend(self.optimizer, config.learning_rate_at(self.step))
        return means

    def _on_device(self, batch: Batch) -> Batch:
        tensors = (batch.features, batch.genre, batch.codes, batch.recalled)
        return Batch(*(self.fabric.to_device(tensor) for tensor in tensors))

    def _history(self, batch: Batch) -> Tensor:
        """The codes that each frame is told were before it: true ones, or the model's own."""
        config = self.config
        previous = previous_codes(batch.codes, config.model.codebook_size)
        span = self_fed_frames(self.step, config.self_fed_span, config.self_fed_growth_steps)
        if span == 0:
            return previous
        self.predictor.eval()
        with torch.no_grad(), self.fabric.autocast():
            encoded = self.predictor.encoder(batch.features, batch.genre)
            history = self_fed_history(
                self.predictor,
                encoded,
                previous,
                batch.recalled,
                config.teacher_span,
                span,
                config.self_fed_temperature,
            )
        self.predictor.train()
        return history

    @torch.no_grad()
    def evaluate(self, batches: int = 4) -> dict[str, float]:
        """Loss (nats a code) and accuracy (0 to 1) on the same crops of held-out pairs each time."""
        if self.held_out is None:
            return {}
        self.predictor.eval()
        scores = []
        for index in range(batches):
            batch = self._on_device(self.held_out.batch(index))
            previous = previous_codes(batch.codes, self.config.model.codebook_size)
            logits = self.predictor(batch.features, batch.genre, previous, batch.recalled)
            loss = code_loss(logits, batch.codes)
            scores.append(torch.cat([loss[None], code_accuracy(logits, batch.codes)]))
        mean_loss, *accuracies = torch.stack(scores).mean(0).tolist()
        named = {f"accuracy_{level}": value for level, value in enumerate(accuracies)}
        return {"loss": mean_loss, "accuracy": float(np.mean(accuracies)), **named}

    def write_samples(self, log: SummaryWriter) -> None:
        """Adds what the model makes of held-out dances, as sound and as a plot against their beats."""
        if self.held_out is None or self.codec is None:
            return
        self.predictor.eval()
        write_dance_samples(log, self.predictor, self.codec, self.held_out.pairs, self.folder, self.step)


def check_codes(model: PredictorConfig, pairs: list[Pair]) -> None:
    """Whether pairs hold the codes that the model is to predict.

    Raises: CheckpointError (training.other_codes).
    """
    n_codebooks = {len(pair.codes) for pair in pairs}
    highest = max((int(pair.codes.max()) for pair in pairs if pair.codes.size), default=0)
    if n_codebooks - {model.n_codebooks} or highest >= model.codebook_size:
        raise CheckpointError(
            f"The pairs hold {sorted(n_codebooks)} codebooks with codes up to {highest}; the model predicts "
            f"{model.n_codebooks} of {model.codebook_size}.",
            code="training.other_codes",
            hint="Set --model.n-codebooks and --model.codebook-size to the codec's, or prepare anew.",
        )


def train_predictor(
    config: PredictorTraining,
    pairs: list[Pair],
    held_out: list[Pair],
    folder: Path,
    fabric: Fabric | None = None,
    codec: Codec | None = None,
    start_from: Path | None = None,
) -> PredictorRun:
    """Trains to ``config.steps``, resuming what ``folder`` holds; logs to TensorBoard there.

    A run that is told to stop saves itself first.

    Args:
        pairs: to learn from; held_out: to evaluate on, may be empty.
        folder: of the run, made if need be.
        fabric: the processes to train in; this one alone, on the CPU, if left out.
        codec: that the codes are of; plays samples.
        start_from: folder of a checkpoint or another run that a new run begins with.
    Raises: CheckpointError: training.no_run, training.other_model, training.other_codes; KinetoneError:
        training.not_finite; Cancelled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = PredictorRun(config, pairs, held_out, folder, fabric, codec)
    if start_from is not None and run.step == 0:
        run.start_from(start_from)
    run.train()
    return run
