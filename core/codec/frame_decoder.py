"""A decoder that stays at the rate of code frames: a sixth of the work of SoundStream's, and of its time."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..timing import HOP_LENGTH

BLOCKS = 8
KERNEL = 4
WIDENING = 3

CONTEXT_FRAMES = (1 + BLOCKS) * (KERNEL - 1) + 1
"""Code frames before a frame that its samples depend on: of nine convolutions, and one that overlaps it."""


class FrameDecoder(nn.Module):
    """ConvNeXt blocks over the code frames, then one linear layer that gives each frame its samples.

    A frame's samples last two frames, so that each overlaps the next one's. All convolutions are causal.

    Source: Vocos (Siuzdak 2023) for ConvNeXt blocks that never leave the rate of frames; WaveNeXt (Okamoto
    et al. 2023) for a linear layer in the place of the inverse Fourier transform.
    """

    def __init__(self, width: int, latent_dim: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(latent_dim, width, KERNEL)
        self.first_norm = nn.LayerNorm(width)
        self.blocks = nn.Sequential(*(_Block(width) for _ in range(BLOCKS)))
        self.last_norm = nn.LayerNorm(width)
        self.last = nn.Linear(width, 2 * HOP_LENGTH)
        # Nearly silent: what it learns first is then how loud music is, not how to be quiet.
        nn.init.normal_(self.last.weight, std=0.005)
        nn.init.zeros_(self.last.bias)

    def forward(self, latents: Tensor) -> Tensor:
        """Latents ``(B, D, N)`` to a waveform ``(B, 1, N * 400)``."""
        x = self.first_norm(self.first(_with_past(latents)).transpose(1, 2))
        samples = self.last(self.last_norm(self.blocks(x)))
        now, later = samples.chunk(2, -1)
        return (now + functional.pad(later[:, :-1], (0, 0, 1, 0))).flatten(1).unsqueeze(1)


class _Block(nn.Module):
    """A ConvNeXt block (Liu et al. 2022): a convolution for each channel, then two layers across them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.each = nn.Conv1d(width, width, KERNEL, groups=width)
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, WIDENING * width)
        self.narrow = nn.Linear(WIDENING * width, width)
        self.scale = nn.Parameter(torch.full((width,), 1 / BLOCKS))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, N, C)`` to ``(B, N, C)``."""
        heard = self.norm(self.each(_with_past(x.transpose(1, 2))).transpose(1, 2))
        branch: Tensor = self.narrow(functional.gelu(self.widen(heard), approximate="tanh"))
        return x + self.scale * branch


def _with_past(x: Tensor) -> Tensor:
    """``(B, C, N)`` after as many zeros as a convolution needs to hear no later frame."""
    return functional.pad(x, (KERNEL - 1, 0))
