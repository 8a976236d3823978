"""Local self-attention: every frame attends to the frames within a window around it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class LocalSelfAttention(nn.Module):
    """Multi-head attention over ±``window`` frames, with a learned bias for each relative position.

    The sequence is cut into blocks of ``window`` frames; a block attends to itself and its two
    neighbours, so cost and memory grow linearly with the number of frames.

    Source: paper section 3.4 (window length w; 8 heads; 64 for query, key and value each). The
    relative bias is ours: it lets a long dance be encoded in pieces with the same result.
    """

    def __init__(self, width: int, n_heads: int, head_dim: int, window: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.window = window
        self.query_key_value = nn.Linear(width, 3 * n_heads * head_dim)
        self.output = nn.Linear(n_heads * head_dim, width)
        self.position_bias = nn.Parameter(torch.zeros(n_heads, 2 * window + 1))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, N, D)`` to ``(B, N, D)``."""
        frames = x.shape[1]
        blocks = -(-frames // self.window)
        x = functional.pad(x, (0, 0, 0, blocks * self.window - frames))
        qkv = self.query_key_value(x).unflatten(-1, (3, self.n_heads, -1))
        query, key, value = (part.transpose(1, 2) for part in qkv.unbind(2))
        query = query.unflatten(2, (blocks, self.window))
        attended = functional.scaled_dot_product_attention(
            query, self._neighbours(key), self._neighbours(value), attn_mask=self._mask(blocks, frames)
        )
        return self.output(attended.flatten(2, 3).transpose(1, 2).flatten(2)[:, :frames])

    def _neighbours(self, x: Tensor) -> Tensor:
        """``(B, H, blocks * w, d)`` to each block with its neighbours: ``(B, H, blocks, 3 * w, d)``."""
        padded = functional.pad(x, (0, 0, self.window, self.window))
        return padded.unfold(2, 3 * self.window, self.window).transpose(-1, -2)

    def _mask(self, blocks: int, frames: int) -> Tensor:
        """Additive mask ``(1, H, blocks, w, 3 * w)``: the position bias, -inf for what is not seen."""
        device = self.position_bias.device
        row = torch.arange(self.window, device=device)[:, None]
        column = torch.arange(3 * self.window, device=device)[None]
        distance = column - self.window - row
        near = distance.abs() <= self.window
        bias = self.position_bias[:, distance.clamp(-self.window, self.window) + self.window]
        position = (torch.arange(blocks, device=device) * self.window - self.window)[:, None, None] + column
        seen = near & (position >= 0) & (position < frames)
        # A padded row at the end, whose result nobody reads, would otherwise see nothing and turn into NaN.
        seen = seen | (distance == 0)
        return torch.where(seen[:, None], bias, -torch.inf).transpose(0, 1)[None]


class EncoderLayer(nn.Module):
    """Local self-attention and a feed-forward network, each after normalisation and around a skip."""

    def __init__(
        self, width: int, n_heads: int, head_dim: int, feed_forward: int, window: int, dropout: float
    ) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = LocalSelfAttention(width, n_heads, head_dim, window)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, feed_forward), nn.GELU(), nn.Linear(feed_forward, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, N, D)`` to ``(B, N, D)``."""
        x = x + self.dropout(self.attention(self.attention_norm(x)))
        return x + self.dropout(self.feed_forward(x))
