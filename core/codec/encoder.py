"""SoundStream's encoder: waveform to latents at the code-frame rate."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from .layers import Activation, CausalConv, residual_units, with_height


class Encoder(nn.Sequential):
    """Each block refines, then strides; the width goes through ``channels``.

    Args:
        channels: width before each stride and after the last; one more entry than ``strides``.
        strides: 2, 4, 5, 10 at 60 code frames a second.
        latent_dim: width D of the latents.
    """

    def __init__(self, channels: Sequence[int], strides: Sequence[int], latent_dim: int) -> None:
        layers: list[nn.Module] = [CausalConv(1, channels[0], 7)]
        for width, wider, stride in zip(channels[:-1], channels[1:], strides, strict=True):
            layers += residual_units(width)
            layers += [Activation(), CausalConv(width, wider, 2 * stride, stride=stride)]
        super().__init__(*layers, Activation(), CausalConv(channels[-1], latent_dim, 3))

    def forward(self, waveform: Tensor) -> Tensor:
        """Waveform ``(B, 1, S)``, S a multiple of the hop length, to latents ``(B, D, S / hop)``."""
        x = with_height(waveform)
        for layer in self:
            x = layer(x)
        return x.squeeze(2)
