"""The codec's decoder as fast as a CPU can: in bfloat16, where the processor multiplies that natively."""

from __future__ import annotations

import copy

import torch

from .decoder import Decoder


def fast_decoder(decoder: Decoder) -> Decoder:
    """A copy in bfloat16, whose error lies 50 dB below the music; the decoder itself where that is no faster.

    Figures in docs/performance.md.
    """
    if not has_bfloat16_kernels():
        return decoder
    return copy.deepcopy(decoder).to(torch.bfloat16)


def has_bfloat16_kernels() -> bool:
    """Whether processor and torch multiply bfloat16 in hardware."""
    in_hardware = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.backends.mkldnn.is_available() and in_hardware
