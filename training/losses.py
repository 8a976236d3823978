"""Losses of the codec: of its reconstruction, and between it and its discriminators."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchaudio.transforms import MelSpectrogram

from ..core.timing import SAMPLE_RATE
from .discriminators import Judgement

AdversarialLoss = Literal["hinge", "least_squares"]


class MultiScaleMelLoss(nn.Module):
    """Mean distance of log-mel spectrograms over windows of several lengths.

    Source: SoundStream (Zeghidour et al. 2021), equation 5, with the L1 norm on both terms and
    magnitudes instead of powers, as codecs since then have it.
    """

    def __init__(self, windows: tuple[int, ...] = (64, 128, 256, 512, 1024, 2048)) -> None:
        super().__init__()
        self.spectrograms = nn.ModuleList(
            MelSpectrogram(
                SAMPLE_RATE,
                n_fft=window,
                hop_length=window // 4,
                # As fine as can be without bands narrower than a bin of the transform, which would
                # be empty: coarser ones do not hear which note a high harmonic belongs to.
                n_mels=window // 8,
                power=1.0,
                norm="slaney",
                mel_scale="slaney",
            )
            for window in windows
        )

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """Waveforms ``(B, 1, S)``; the distance in nats, averaged over windows and bands."""
        total = output.new_zeros(())
        for spectrogram in self.spectrograms:
            a, b = spectrogram(output.squeeze(1)), spectrogram(target.squeeze(1))
            total = total + (a.clamp_min(1e-5).log() - b.clamp_min(1e-5).log()).abs().mean()
        return total / len(self.spectrograms)


def si_sdr(output: Tensor, target: Tensor) -> Tensor:
    """Scale-invariant signal-to-distortion ratio (dB) of waveforms ``(..., S)``.

    Source: Le Roux et al. 2019, "SDR - half-baked or well done?", equation 3.
    """
    output = output - output.mean(-1, keepdim=True)
    target = target - target.mean(-1, keepdim=True)
    scale = (output * target).sum(-1, keepdim=True) / target.square().sum(-1, keepdim=True).clamp_min(1e-9)
    wanted = scale * target
    noise = (output - wanted).square().sum(-1).clamp_min(1e-9)
    return 10 * torch.log10(wanted.square().sum(-1).clamp_min(1e-9) / noise)


def discriminator_loss(real: list[Judgement], decoded: list[Judgement], kind: AdversarialLoss) -> Tensor:
    """How badly the discriminators tell real from decoded music, averaged over them.

    Source: SoundStream, equation 1 (hinge); HiFi-GAN, equation 1 (least squares).
    """
    losses = []
    for (real_logits, _), (decoded_logits, _) in zip(real, decoded, strict=True):
        if kind == "hinge":
            losses.append((1 - real_logits).relu().mean() + (1 + decoded_logits).relu().mean())
        else:
            losses.append((1 - real_logits).square().mean() + decoded_logits.square().mean())
    return torch.stack(losses).mean()


def adversarial_loss(decoded: list[Judgement], kind: AdversarialLoss) -> Tensor:
    """How little decoded music passes for real, averaged over the discriminators.

    Source: SoundStream, equation 2 (hinge); HiFi-GAN, equation 2 (least squares).
    """
    if kind == "hinge":
        return torch.stack([(1 - logits).relu().mean() for logits, _ in decoded]).mean()
    return torch.stack([(1 - logits).square().mean() for logits, _ in decoded]).mean()


def feature_loss(real: list[Judgement], decoded: list[Judgement]) -> Tensor:
    """How far decoded music is from the real one in the discriminators' eyes.

    The mean over discriminators and layers of the L1 distance of their features.
    Source: SoundStream, equation 3.
    """
    losses = [
        functional.l1_loss(decoded_feature, real_feature.detach())
        for (_, real_features), (_, decoded_features) in zip(real, decoded, strict=True)
        for real_feature, decoded_feature in zip(real_features, decoded_features, strict=True)
    ]
    return torch.stack(losses).mean()
