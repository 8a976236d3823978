"""Residual vector quantisation: each codebook codes what the ones before it left over."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def nearest(vectors: Tensor, codebook: Tensor) -> Tensor:
    """Index of the nearest codeword (Euclidean) for each of ``(V, D)`` vectors; ``(M, D)`` codebook."""
    # In mixed precision the distances would be too coarse to tell near codewords apart.
    with torch.autocast(vectors.device.type, enabled=False):
        # |v - c|² without |v|², which is the same for every codeword.
        return (codebook.square().sum(1) - 2 * vectors @ codebook.T).argmin(1)


class ResidualVectorQuantizer(nn.Module):
    """K codebooks of M codewords of width D (paper section 3.3; SoundStream section III-C)."""

    codebooks: Tensor

    def __init__(self, n_codebooks: int, codebook_size: int, latent_dim: int) -> None:
        super().__init__()
        self.register_buffer("codebooks", torch.zeros(n_codebooks, codebook_size, latent_dim))

    def encode(self, latents: Tensor) -> Tensor:
        """Latents ``(B, D, N)`` to codes ``(B, K, N)``, int64."""
        residual = latents.transpose(1, 2).reshape(-1, latents.shape[1]).float()
        codes = []
        for codebook in self.codebooks:
            codes.append(nearest(residual, codebook))
            residual = residual - codebook[codes[-1]]
        return torch.stack(codes).unflatten(1, (latents.shape[0], -1)).transpose(0, 1)

    def decode(self, codes: Tensor) -> Tensor:
        """Codes ``(B, K, N)`` to latents ``(B, D, N)``: the sum of the K codewords."""
        words = [codebook[code] for codebook, code in zip(self.codebooks, codes.unbind(1), strict=True)]
        return torch.stack(words).sum(0).transpose(1, 2)
