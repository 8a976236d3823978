"""SoundStream's decoder: the encoder mirrored, with transposed convolutions."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from .layers import Activation, CausalConv, CausalConvTranspose, residual_units, with_height


class Decoder(nn.Sequential):
    """Each block strides up, then refines; ``channels`` and ``strides`` in the encoder's order.

    Args:
        channels: width at the waveform's rate first, at the latents' rate last.
        strides: 2, 4, 5, 10 at 60 code frames a second.
        latent_dim: width D of the latents.
    """

    def __init__(self, channels: Sequence[int], strides: Sequence[int], latent_dim: int) -> None:
        layers: list[nn.Module] = [CausalConv(latent_dim, channels[-1], 7)]
        for wide, width, stride in zip(channels[:0:-1], channels[-2::-1], strides[::-1], strict=True):
            layers += [Activation(), CausalConvTranspose(wide, width, stride)]
            layers += residual_units(width)
        super().__init__(*layers, Activation(), CausalConv(channels[0], 1, 7))

    def forward(self, latents: Tensor) -> Tensor:
        """Latents ``(B, D, N)`` to a waveform ``(B, 1, N * hop)``."""
        x = with_height(latents)
        for layer in self:
            x = layer(x)
        return x.squeeze(2)
