"""Networks that tell decoded music from real music: the codec learns to leave them guessing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

Judgement = tuple[Tensor, list[Tensor]]
"""A discriminator's logits, high for what sounds real, and the features that led to them."""

Kind = Literal["stft", "scale", "period"]


@dataclass(frozen=True)
class DiscriminatorConfig:
    """Settings of the discriminators.

    Attributes:
        kinds: which judge: of the complex STFT, of the waveform at several scales, of the waveform
            folded by several periods. None for training without.
        channels: width of their first layers, a multiple of 8; 32 is what their authors use.
        start: step from which on they learn and are listened to.
        loss: ``hinge`` as in SoundStream, or ``least_squares`` as in HiFi-GAN.
        learning_rate: of their Adam, with the codec's warm-up and decay.
        adversarial_weight: of passing for real, beside the mel loss, which has 1. The defaults of
            this and the next keep the proportions of descript-audio-codec (Kumar et al. 2023),
            brought from its sums over discriminators and its decadic logarithm to means and nats.
        feature_weight: of the distance of their features.
    """

    kinds: tuple[Kind, ...] = ()
    channels: int = 32
    start: int = 10_000
    loss: Literal["hinge", "least_squares"] = "hinge"
    learning_rate: float = 1e-4
    adversarial_weight: float = 0.2
    feature_weight: float = 2.0


def _rectified(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, 0.2)


class _STFTUnit(nn.Module):
    """Residual unit over frequency and time, which it thins out by its strides."""

    def __init__(self, channels: int, wider: int, strides: tuple[int, int]) -> None:
        super().__init__()
        kernel = (strides[0] + 2, strides[1] + 2)
        self.first = weight_norm(nn.Conv2d(channels, channels, 3, padding=1))
        self.second = weight_norm(nn.Conv2d(channels, wider, kernel, strides, padding=1))
        self.skip = weight_norm(nn.Conv2d(channels, wider, 1, strides))

    def forward(self, x: Tensor) -> Tensor:
        branch = self.second(_rectified(self.first(_rectified(x))))
        # Of an odd number of frames, the skip has one more.
        return branch + self.skip(x)[..., : branch.shape[-2], :]


class STFTDiscriminator(nn.Module):
    """Judges the complex short-time Fourier transform.

    Source: SoundStream (Zeghidour et al. 2021), section III-D and figure 4: window 1024, hop 256,
    six residual units with strides alternating between (1, 2) and (2, 2) over time and frequency.

    Args:
        channels: of the first layer; sixteen times as many before the logits.
    """

    window: Tensor

    def __init__(self, channels: int, n_fft: int = 1024, hop_length: int = 256) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        widths = [channels * factor for factor in (1, 2, 4, 4, 8, 8, 16)]
        self.first = weight_norm(nn.Conv2d(2, channels, 7, padding=3))
        self.units = nn.ModuleList(
            _STFTUnit(width, wider, (1 + index % 2, 2))
            for index, (width, wider) in enumerate(pairwise(widths))
        )
        self.last = weight_norm(nn.Conv2d(widths[-1], 1, (1, n_fft // 128)))

    def forward(self, waveform: Tensor) -> Judgement:
        """Waveforms ``(B, 1, S)``; logits ``(B, 1, frames / 8, 1)``."""
        spectrum = torch.stft(
            waveform.squeeze(1), self.n_fft, self.hop_length, window=self.window, return_complex=True
        )
        # The highest bin is left out, so that the halvings come out even.
        # In their own order in memory: convolutions of a permuted view crash on some CPUs (torch 2.11).
        x = torch.view_as_real(spectrum[:, :-1]).permute(0, 3, 2, 1).contiguous()
        features = [self.first(x)]
        for unit in self.units:
            features.append(unit(features[-1]))
        return self.last(_rectified(features[-1])), features


class _Stack(nn.Module):
    """Convolutions one after the other; the last one gives the logits, the others features."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(weight_norm(layer) for layer in layers)

    def forward(self, x: Tensor) -> Judgement:
        features = []
        for layer in self.layers[:-1]:
            x = _rectified(layer(x))
            features.append(x)
        return self.layers[-1](x), features


class ScaleDiscriminator(_Stack):
    """Judges the waveform at a lower rate.

    Source: MelGAN (Kumar et al. 2019), section 2.2, as SoundStream takes it over.

    Args:
        channels: of the first layer is half of this.
        factor: by which the rate is lowered: 1, 2 or 4.
    """

    def __init__(self, channels: int, factor: int) -> None:
        widths = [channels // 2 * each for each in (1, 4, 16, 64, 64)]
        strided = [
            nn.Conv1d(width, wider, 41, stride=4, padding=20, groups=max(1, width // 4))
            for width, wider in pairwise(widths)
        ]
        super().__init__(
            [
                nn.Conv1d(1, widths[0], 15, padding=7),
                *strided,
                nn.Conv1d(widths[-1], widths[-1], 5, padding=2),
                nn.Conv1d(widths[-1], 1, 3, padding=1),
            ]
        )
        self.factor = factor

    def forward(self, waveform: Tensor) -> Judgement:
        """Waveforms ``(B, 1, S)``; logits ``(B, 1, S / 256 / factor)``."""
        if self.factor > 1:
            waveform = functional.avg_pool1d(
                waveform, 2 * self.factor, self.factor, padding=self.factor // 2, count_include_pad=False
            )
        return super().forward(waveform)


class PeriodDiscriminator(_Stack):
    """Judges the waveform folded to rows of one period, along the columns only.

    Source: HiFi-GAN (Kong et al. 2020), section 2.3.
    """

    def __init__(self, channels: int, period: int) -> None:
        widths = [channels * each for each in (1, 4, 16, 32, 32)]
        strided = [
            nn.Conv2d(width, wider, (5, 1), (3, 1), padding=(2, 0))
            for width, wider in zip([1, *widths[:3]], widths[:4], strict=True)
        ]
        super().__init__(
            [
                *strided,
                nn.Conv2d(widths[3], widths[4], (5, 1), padding=(2, 0)),
                nn.Conv2d(widths[4], 1, (3, 1), padding=(1, 0)),
            ]
        )
        self.period = period

    def forward(self, waveform: Tensor) -> Judgement:
        """Waveforms ``(B, 1, S)``; logits ``(B, 1, S / period / 81, period)``."""
        waveform = functional.pad(waveform, (0, -waveform.shape[-1] % self.period), "reflect")
        return super().forward(waveform.unflatten(-1, (-1, self.period)))


SCALES = (1, 2, 4)
PERIODS = (2, 3, 5, 7, 11)


class Discriminators(nn.Module):
    """All discriminators of a codec's training."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        members: dict[Kind, list[nn.Module]] = {
            "stft": [STFTDiscriminator(config.channels)],
            "scale": [ScaleDiscriminator(config.channels, factor) for factor in SCALES],
            "period": [PeriodDiscriminator(config.channels, period) for period in PERIODS],
        }
        self.members = nn.ModuleList(member for kind in config.kinds for member in members[kind])

    def forward(self, waveform: Tensor) -> list[Judgement]:
        """What each makes of waveforms ``(B, 1, S)``."""
        return [member(waveform) for member in self.members]


def halves(judgements: list[Judgement]) -> tuple[list[Judgement], list[Judgement]]:
    """The judgements of the first and of the second half of a batch."""
    both = [
        [(logits.chunk(2)[half], [feature.chunk(2)[half] for feature in features]) for half in (0, 1)]
        for logits, features in judgements
    ]
    return [first for first, _ in both], [second for _, second in both]
