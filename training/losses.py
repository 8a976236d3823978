"""Reconstruction losses of the codec."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchaudio.transforms import MelSpectrogram

from ..core.timing import SAMPLE_RATE


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
