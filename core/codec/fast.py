"""The codec's decoder as fast as a CPU can: in bfloat16, where the processor multiplies that natively."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor

from .decoder import Decoder
from .frame_decoder import FrameDecoder
from .layers import with_height


def fast_decoder(decoder: Decoder | FrameDecoder) -> Callable[[Tensor], Tensor]:
    """The decoder as :class:`RoundedDecoder`, or itself where that would be no faster."""
    if isinstance(decoder, Decoder) and has_bfloat16_kernels():
        return RoundedDecoder(decoder)
    return decoder


def has_bfloat16_kernels() -> bool:
    """Whether processor and torch multiply bfloat16 in hardware."""
    in_hardware = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.backends.mkldnn.is_available() and in_hardware


class RoundedDecoder:
    """A decoder in bfloat16, but for the last convolution, whose outputs are the samples.

    Its error lies about 50 dB below the music (docs/performance.md).
    """

    def __init__(self, decoder: Decoder) -> None:
        *body, self._last = decoder
        self._body = [copy.deepcopy(layer).to(torch.bfloat16) for layer in body]

    def __call__(self, latents: Tensor) -> Tensor:
        """Latents ``(B, D, N)`` to a waveform ``(B, 1, N * hop)``, both float32."""
        x = with_height(latents.to(torch.bfloat16))
        for layer in self._body:
            x = layer(x)
        waveform: Tensor = self._last(x.float())
        return waveform.squeeze(2)
