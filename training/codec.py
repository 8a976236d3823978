"""Trains the codec: audio files in, a codec that compresses such audio to RVQ codes out."""

from __future__ import annotations

import logging
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from ..core.codec.model import Codec, CodecConfig
from ..core.timing import FRAME_RATE, HOP_LENGTH
from .audio import AudioCrops, read_audio
from .codebooks import CodebookTrainer, code_perplexity
from .losses import MultiScaleMelLoss, si_sdr
from .state import resume_state, save_state

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CodecTraining:
    """Settings of a codec training run.

    Attributes:
        model: sizes of the codec.
        steps: optimiser steps in all.
        free_steps: first steps without quantisation, after which the codebooks start by k-means.
        encoder_steps: steps after which encoder and codebooks stay as they are while the decoder
            goes on learning: a predictor of the codes can be trained meanwhile.
        batch_size: crops a step (paper section 4.1: 12).
        crop_frames: length of a crop in code frames of 400 samples.
        learning_rate: of Adam, after a warm-up of 200 steps; falls to a hundredth along a cosine.
        waveform_weight, commitment_weight: loss weights beside the mel loss, which has 1.
        precision: ``float32`` or ``bfloat16`` for the convolutions.
        seed: of weights and batches.
    """

    model: CodecConfig = field(default_factory=CodecConfig)
    steps: int = 100_000
    free_steps: int = 500
    encoder_steps: int = 100_000
    batch_size: int = 12
    crop_frames: int = 60
    learning_rate: float = 3e-4
    waveform_weight: float = 10.0
    commitment_weight: float = 0.25
    precision: Literal["bfloat16", "float32"] = "bfloat16"
    seed: int = 0


def learning_rate_scale(step: int, steps: int, warmup: int = 200) -> float:
    """Linear warm-up, then half a cosine from 1 down to 0.01."""
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


class CodecRun:
    """One training run in a folder: builds or resumes, steps, saves, evaluates."""

    def __init__(self, config: CodecTraining, files: list[Path], held_out: list[Path], folder: Path) -> None:
        self.config = config
        self.folder = folder
        self.held_out = held_out
        torch.manual_seed(config.seed)
        self.crops = AudioCrops(files, config.crop_frames * HOP_LENGTH, config.seed)
        self.codec = Codec(config.model)
        self.codebooks = CodebookTrainer(self.codec.quantizer)
        self.mel_loss = MultiScaleMelLoss()
        self.optimizer = torch.optim.Adam(self.codec.parameters(), config.learning_rate, betas=(0.8, 0.99))
        self.step = 0
        if self.state_path.exists():
            self._resume()

    @property
    def state_path(self) -> Path:
        """Where the run keeps what it needs to go on."""
        return self.folder / "codec.state"

    def save(self) -> None:
        """Saves the run; :meth:`_resume` goes on from there exactly."""
        save_state(
            self.state_path,
            step=self.step,
            codec=self.codec.state_dict(),
            codebooks=self.codebooks.state_dict(),
            optimizer=self.optimizer.state_dict(),
            config=asdict(self.config),
        )

    def start_from(self, folder: Path) -> None:
        """Takes over the weights of another run; the codebooks start anew on this run's music.

        Raises: CheckpointError (training.no_run, training.other_model).
        """
        self.codec.load_state_dict(resume_state(folder / self.state_path.name, self.config.model)["codec"])
        self.step = self.config.free_steps

    def _resume(self) -> None:
        state = resume_state(self.state_path, self.config.model)
        self.codec.load_state_dict(state["codec"])
        self.codebooks.load_state_dict(state["codebooks"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        logger.info("Resuming at step %d", self.step)

    def train_step(self) -> dict[str, Tensor]:
        """One optimiser step; returns the losses by name."""
        config = self.config
        if self.step == config.free_steps:
            self._start_codebooks()
        waveform = self.crops.batch(self.step, config.batch_size)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.precision == "bfloat16"):
            latents, losses = self._quantised(waveform)
            output = self.codec.decoder(latents)
        losses["waveform"] = (output.float() - waveform).abs().mean()
        losses["mel"] = self.mel_loss(output.float(), waveform)
        total = losses["mel"] + config.waveform_weight * losses["waveform"]
        total = total + config.commitment_weight * losses.get("commitment", 0.0)
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * learning_rate_scale(self.step, config.steps)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.codec.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        return {name: loss.detach() for name, loss in losses.items()}

    def _quantised(self, waveform: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The latents that the decoder gets at this step, and what the codebooks say of them."""
        if self.step >= self.config.encoder_steps:
            with torch.no_grad():
                return self.codec.quantizer.decode(self.codec.encode(waveform)), {}
        latents = self.codec.encoder(waveform)
        if self.step < self.config.free_steps:
            return latents, {}
        latents, commitment, perplexity = self.codebooks(latents.float())
        return latents, {"commitment": commitment, "perplexity": perplexity}

    @torch.no_grad()
    def _start_codebooks(self) -> None:
        """k-means over the latents of as many crops as give 20 vectors a codeword."""
        config = self.config
        wanted = 20 * config.model.codebook_size
        batches = math.ceil(wanted / (config.batch_size * config.crop_frames))
        # Batches beyond the last step: the run itself never draws them.
        latents = [
            self.codec.encoder(self.crops.batch(config.steps + index, config.batch_size))
            for index in range(batches)
        ]
        vectors = torch.cat(latents).transpose(1, 2).reshape(-1, config.model.latent_dim)
        self.codebooks.start(vectors, config.seed)

    @torch.no_grad()
    def evaluate(self, pieces: int = 12, seconds: float = 4.0) -> dict[str, float]:
        """Mel loss (nats), SI-SDR (dB) and codebook perplexities over held-out music; nothing without any.

        Args:
            pieces: how many held-out files, at most.
            seconds: of each, beginning as far into the file.
        """
        if not self.held_out:
            return {}
        samples = round(seconds * FRAME_RATE) * HOP_LENGTH
        waveform = torch.stack([read_audio(path, samples, samples) for path in self.held_out[:pieces]])
        codes = self.codec.encode(waveform)
        output = self.codec.decode(codes)
        scores = {
            "mel": float(self.mel_loss(output, waveform)),
            "si_sdr_db": float(si_sdr(output, waveform).mean()),
        }
        for level, code in enumerate(codes.unbind(1)):
            perplexity = code_perplexity(code.flatten(), self.config.model.codebook_size)
            scores[f"perplexity_{level}"] = float(perplexity)
        return scores


def train_codec(
    config: CodecTraining,
    files: list[Path],
    held_out: list[Path],
    folder: Path,
    start_from: Path | None = None,
    save_every: int = 250,
) -> CodecRun:
    """Trains to ``config.steps``, resuming what ``folder`` holds.

    Logs to TensorBoard in ``folder``; a run that is interrupted saves itself first.

    Args:
        files: of music to learn from; held_out: to evaluate on, may be empty.
        folder: of the run, made if need be.
        start_from: folder of another run whose weights a new run begins with.
        save_every: steps between two savings; held-out music is listened to at every fourth.
    Raises: FileFormatError (training.unreadable_audio); CheckpointError: training.other_model,
        training.no_run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = CodecRun(config, files, held_out, folder)
    if start_from is not None and run.step == 0:
        run.start_from(start_from)
    bar = tqdm(total=config.steps, initial=run.step, unit="step", smoothing=0.02)
    with SummaryWriter(str(folder)) as log, bar:
        try:
            while run.step < config.steps:
                losses = run.train_step()
                bar.update()
                if run.step % 25 == 0:
                    _report(log, bar, losses, run.step)
                if run.step % save_every == 0:
                    run.save()
                if run.step % (4 * save_every) == 0 and run.step > config.free_steps:
                    for name, score in run.evaluate().items():
                        log.add_scalar(f"held_out/{name}", score, run.step)
        finally:
            run.save()
    return run


def _report(log: SummaryWriter, bar: Any, losses: dict[str, Tensor], step: int) -> None:
    for name, loss in losses.items():
        log.add_scalar(f"train/{name}", loss.mean(), step)
    bar.set_postfix({name: f"{float(loss.mean()):.4g}" for name, loss in losses.items()})
