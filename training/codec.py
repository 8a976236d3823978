"""Trains the codec: audio files in, a codec that compresses such audio to RVQ codes out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from ..core.codec.model import Codec, CodecConfig
from ..core.errors import CheckpointError
from ..core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from .audio import AudioCrops, read_audio
from .codebooks import CodebookTrainer, code_perplexity
from .data.ahead import Ahead
from .discriminators import DiscriminatorConfig, Discriminators, halves
from .export import trained_codec
from .losses import MultiScaleMelLoss, adversarial_loss, discriminator_loss, feature_loss, si_sdr
from .run import TrainingRun, mean_losses
from .settings import RunSettings, learning_rate_scale
from .state import check_sizes


@dataclass(frozen=True)
class CodecTraining(RunSettings):
    """Settings of a codec training run.

    Attributes:
        model: sizes of the codec.
        free_steps: first steps without quantisation, after which the codebooks start by k-means.
        encoder_steps: steps after which encoder and codebooks stay as they are while the decoder
            goes on learning: a predictor of the codes can be trained meanwhile.
        batch_size: crops a batch (paper section 4.1: 12).
        crop_frames: length of a crop in code frames of 400 samples.
        waveform_weight: of the L1 loss of the waveform, beside the mel loss, which has 1.
        commitment_weight: of the loss that keeps the encoder near the codewords.
        discriminators: that judge what is decoded.
    """

    model: CodecConfig = field(default_factory=CodecConfig)
    free_steps: int = 500
    encoder_steps: int = 100_000
    crop_frames: int = 60
    waveform_weight: float = 10.0
    commitment_weight: float = 0.25
    discriminators: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)


class Reconstruction(nn.Module):
    """What learns at a step, as the one module that distributed training wants."""

    def __init__(self, codec: Codec, codebooks: CodebookTrainer, config: CodecTraining) -> None:
        super().__init__()
        self.codec = codec
        self.codebooks = codebooks
        self.config = config

    def forward(self, waveform: Tensor, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        """Waveforms ``(B, 1, S)`` to what the codec makes of them, and what the codebooks say."""
        latents, losses = self._quantised(waveform, step)
        return self.codec.decoder(latents), losses

    def _quantised(self, waveform: Tensor, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        if step >= self.config.encoder_steps:
            with torch.no_grad():
                return self.codec.quantizer.decode(self.codec.encode(waveform)), {}
        latents = self.codec.encoder(waveform)
        if step < self.config.free_steps:
            return latents, {}
        latents, commitment, perplexity = self.codebooks(latents.float())
        return latents, {"commitment": commitment, "perplexity": perplexity}


class CodecRun(TrainingRun[CodecTraining]):
    """One training run of a codec in a folder: builds or resumes, steps, saves, evaluates."""

    kind = "codec"
    judged_by = "mel"

    def __init__(
        self,
        config: CodecTraining,
        files: list[Path],
        held_out: list[Path],
        folder: Path,
        fabric: Fabric | None = None,
    ) -> None:
        super().__init__(config, folder, fabric)
        fabric = self.fabric
        self.held_out = held_out
        self.crops = AudioCrops(files, config.crop_frames * HOP_LENGTH, config.seed)
        self.batches = Ahead(self._batch, fabric.world_size)
        self.codec = Codec(config.model)
        self.codebooks = CodebookTrainer(self.codec.quantizer, fabric)
        self.mel_loss = MultiScaleMelLoss().to(fabric.device)
        self.reconstruction = fabric.setup_module(Reconstruction(self.codec, self.codebooks, config))
        self.optimizer = torch.optim.Adam(self.codec.parameters(), config.learning_rate, betas=(0.8, 0.99))
        self.discriminators = Discriminators(config.discriminators)
        if config.discriminators.kinds:
            self.judges = fabric.setup_module(self.discriminators)
            self.judges_optimizer = torch.optim.Adam(
                self.discriminators.parameters(), config.discriminators.learning_rate, betas=(0.8, 0.99)
            )
        self.resume()

    @property
    def model_config(self) -> CodecConfig:
        """Sizes of the codec."""
        return self.config.model

    def parts(self) -> dict[str, Any]:
        """States of the codec, its codebooks' averages, the optimisers and the discriminators."""
        parts = {
            "codec": self.codec.state_dict(),
            "codebooks": self.codebooks.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        if self.config.discriminators.kinds:
            parts["discriminators"] = self.discriminators.state_dict()
            parts["discriminator_optimizer"] = self.judges_optimizer.state_dict()
        return parts

    def load_parts(self, state: dict[str, Any]) -> None:
        """Goes on from those; discriminators that the run had not yet begin anew."""
        self.codec.load_state_dict(state["codec"])
        self.codebooks.load_state_dict(state["codebooks"])
        self.optimizer.load_state_dict(state["optimizer"])
        config = self.config.discriminators
        if config.kinds and "discriminators" in state:
            earlier = state["config"]["discriminators"]
            if (earlier["kinds"], earlier["channels"]) != (config.kinds, config.channels):
                return
            self.discriminators.load_state_dict(state["discriminators"])
            self.judges_optimizer.load_state_dict(state["discriminator_optimizer"])

    def start_from(self, folder: Path) -> None:
        """Takes over weights and codebooks of a checkpoint or another run; both go on learning.

        A decoder of another kind or size begins anew.

        Raises: CheckpointError: training.other_model, and what ``trained_codec`` raises.
        """
        earlier, model = trained_codec(folder), self.config.model
        check_sizes(folder, replace(earlier.config, decoder_channels=model.decoder_channels), model)
        weights = earlier.state_dict()
        if earlier.config != model:
            weights |= {f"decoder.{name}": weight for name, weight in self.codec.decoder.state_dict().items()}
        self.codec.load_state_dict({name: weights[name] for name in self.codec.state_dict()})
        self.codebooks.go_on()
        # The moment is over at which codebooks start from nothing.
        self.step = self.config.free_steps + 1

    def _batch(self, number: int) -> Tensor:
        return self.crops.batch(number, self.config.batch_size)

    def learn(self) -> dict[str, Tensor]:
        """One step of the codec and, from their start on, one of its discriminators."""
        config = self.config
        if self.step == config.free_steps:
            self._start_codebooks()
        losses = []
        for number, last in self.batch_numbers():
            waveform = self.fabric.to_device(self.batches.batch(number))
            with self.fabric.no_backward_sync(self.reconstruction, enabled=not last):
                output, batch_losses = self.reconstruction(waveform, self.step)
                if self._is_judged:
                    batch_losses["discriminator"] = self._teach_judges(waveform, output.detach(), last)
                self._reconstruct(waveform, output, batch_losses)
            losses.append(batch_losses)
        means = mean_losses(losses)
        means["gradient_norm"] = self.descend(self.optimizer, config.learning_rate_at(self.step))
        self.codebooks.learn()
        return means

    def _reconstruct(self, waveform: Tensor, output: Tensor, losses: dict[str, Tensor]) -> None:
        """Adds up the codec's losses and propagates them back."""
        config = self.config
        losses["waveform"] = (output - waveform).abs().mean()
        losses["mel"] = self.mel_loss(output, waveform)
        total = losses["mel"] + config.waveform_weight * losses["waveform"]
        if "commitment" in losses:
            total = total + config.commitment_weight * losses["commitment"]
        if self._is_judged:
            total = total + self._judged(waveform, output, losses)
        self.fabric.backward(total / config.accumulation)

    @property
    def _is_judged(self) -> bool:
        config = self.config.discriminators
        return bool(config.kinds) and self.step >= config.start

    def _teach_judges(self, waveform: Tensor, output: Tensor, last: bool) -> Tensor:
        """The discriminators learn to tell a batch from what the codec makes of it."""
        config = self.config.discriminators
        self.discriminators.requires_grad_(True)
        with self.fabric.no_backward_sync(self.judges, enabled=not last):
            real, decoded = halves(self.judges(torch.cat([waveform, output])))
            loss = discriminator_loss(real, decoded, config.loss)
            self.fabric.backward(loss / self.config.accumulation)
        if last:
            scale = learning_rate_scale(self.step, self.config.steps)
            self.descend(self.judges_optimizer, config.learning_rate * scale)
        return loss

    def _judged(self, waveform: Tensor, output: Tensor, losses: dict[str, Tensor]) -> Tensor:
        """What the discriminators make of the codec's output, weighted."""
        config = self.config.discriminators
        self.discriminators.requires_grad_(False)
        with self.fabric.autocast():
            real, decoded = self.discriminators(waveform), self.discriminators(output)
        losses["adversarial"] = adversarial_loss(decoded, config.loss)
        losses["feature"] = feature_loss(real, decoded)
        return config.adversarial_weight * losses["adversarial"] + config.feature_weight * losses["feature"]

    @torch.no_grad()
    def _start_codebooks(self) -> None:
        """k-means over the latents of as many crops as give 20 vectors a codeword."""
        config = self.config
        if self.fabric.is_global_zero:
            wanted = 20 * config.model.codebook_size
            batches = math.ceil(wanted / (config.batch_size * config.crop_frames))
            # Batches beyond the last step: the run itself never draws them.
            beyond = config.steps * config.accumulation * self.fabric.world_size
            latents = [
                self.codec.encoder(self.fabric.to_device(self._batch(beyond + index)))
                for index in range(batches)
            ]
            vectors = torch.cat(latents).transpose(1, 2).reshape(-1, config.model.latent_dim)
            self.codebooks.start(vectors, config.seed)
        self.codebooks.share()

    @torch.no_grad()
    def evaluate(self, pieces: int = 12, seconds: float = 4.0) -> dict[str, float]:
        """Mel loss (nats), SI-SDR (dB) and codebook perplexities over held-out music.

        Nothing where no music is held out, or before the codebooks have begun.

        Args:
            pieces: how many held-out files, at most.
            seconds: of each, beginning as far into the file.
        """
        if not self.held_out or self.step <= self.config.free_steps:
            return {}
        waveform = self._held_out_music(pieces, seconds)
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

    def _held_out_music(self, pieces: int, seconds: float) -> Tensor:
        samples = round(seconds * FRAME_RATE) * HOP_LENGTH
        music = [read_audio(path, samples, samples) for path in self.held_out[:pieces]]
        return self.fabric.to_device(torch.stack(music))

    def write_samples(self, log: SummaryWriter, pieces: int = 3, seconds: float = 4.0) -> None:
        """Adds held-out music and what the codec makes of it."""
        if not self.held_out or self.step <= self.config.free_steps:
            return
        music = self._held_out_music(pieces, seconds)
        decodings = self.codec.decode(self.codec.encode(music)).clamp(-1, 1)
        for index, (real, decoded) in enumerate(zip(music, decodings, strict=True)):
            log.add_audio(f"music_{index}/real", real, self.step, SAMPLE_RATE)
            log.add_audio(f"music_{index}/decoded", decoded, self.step, SAMPLE_RATE)


def train_codec(
    config: CodecTraining,
    files: list[Path],
    held_out: list[Path],
    folder: Path,
    start_from: Path | None = None,
    fabric: Fabric | None = None,
) -> CodecRun:
    """Trains to ``config.steps``, resuming what ``folder`` holds.

    Logs to TensorBoard in ``folder``; a run that is told to stop saves itself first.

    Args:
        files: of music to learn from; held_out: to evaluate on, may be empty.
        folder: of the run, made if need be.
        start_from: folder of a checkpoint or another run that a new run begins with.
        fabric: the processes to train in; this one alone, on the CPU, if left out.
    Raises: FileFormatError (training.unreadable_audio); CheckpointError: training.other_model,
        training.no_run, training.no_codec; KinetoneError: training.not_finite; Cancelled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = CodecRun(config, files, held_out, folder, fabric)
    if run.step == 0:
        if start_from is not None:
            run.start_from(start_from)
        elif not config.encoder_steps:
            raise CheckpointError(
                "These settings train a decoder alone, and there is no codec for whose codes.",
                code="training.no_codec",
                hint="Name the codec's run, or a checkpoint, with --start-from.",
            )
    run.train()
    return run
