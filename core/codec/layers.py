"""Causal convolutions and the residual unit of SoundStream (Zeghidour et al. 2021, section III).

Signals are ``(B, C, 1, T)`` in channels-last memory, so that a 1-D convolution is a 2-D one of
height 1: on CPUs that runs several times faster than ``Conv1d`` on ``(B, C, T)``. For the same
reason the activation is a leaky rectifier where SoundStream has an ELU, whose exponential costs
a CPU more than the convolution behind it (figures in docs/model.md).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class CausalConv(nn.Conv2d):
    """A convolution over time whose output at time t sees the input up to t only."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, dilation: int = 1
    ) -> None:
        super().__init__(
            in_channels, out_channels, (1, kernel_size), stride=(1, stride), dilation=(1, dilation)
        )

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C_in, 1, T)`` to ``(B, C_out, 1, T / stride)``; T is a multiple of the stride."""
        span = self.dilation[1] * (self.kernel_size[1] - 1) + 1
        return super().forward(functional.pad(x, (span - self.stride[1], 0)))


class CausalConvTranspose(nn.ConvTranspose2d):
    """A transposed convolution that drops what would reach beyond the last input's stride."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__(in_channels, out_channels, (1, 2 * stride), stride=(1, stride))

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """``(B, C_in, 1, T)`` to ``(B, C_out, 1, T * stride)``."""
        return super().forward(x)[..., : x.shape[-1] * self.stride[1]]


class Activation(nn.LeakyReLU):
    """The nonlinearity before every convolution but the first."""

    def __init__(self) -> None:
        super().__init__(0.1)


class ResidualUnit(nn.Module):
    """Dilated convolution of kernel 7, then a pointwise one, around a skip connection."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            Activation(),
            CausalConv(channels, channels, 7, dilation=dilation),
            Activation(),
            CausalConv(channels, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, 1, T)`` to ``(B, C, 1, T)``."""
        branch: Tensor = self.branch(x)
        return x + branch


def residual_units(channels: int) -> list[ResidualUnit]:
    """The three units of one block, dilated by 1, 3 and 9."""
    return [ResidualUnit(channels, dilation) for dilation in (1, 3, 9)]


def with_height(x: Tensor) -> Tensor:
    """``(B, C, T)`` to ``(B, C, 1, T)`` in channels-last memory."""
    return x.unsqueeze(2).to(memory_format=torch.channels_last)
