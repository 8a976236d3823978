"""Recall: the codes that were played at the same place of earlier bars, which music likes to play again.

An LSTM cannot keep the thousand codes of a bar in mind, and does not have to: the network is told which
of those that lie so many beats back were right about the frame before, and points to the ones that it wants
again.

Source: ours, after the copying of pointer networks (Merity et al. 2017, "Pointer sentinel mixture models";
See et al. 2017, "Get to the point", equation 9), with places that the pulse gives, on logits.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ..motion.pulse import N_PULSE, frames_before


class Recall(nn.Module):
    """What a code decoder has for it; without effect until it has learned.

    L pointers a codebook, one for each number of beats.
    """

    def __init__(self, n_codebooks: int, n_pointers: int, history_dim: int, hidden: int) -> None:
        super().__init__()
        self.matches = nn.Linear(n_codebooks * n_pointers, history_dim, bias=False)
        self.gates = nn.Linear(hidden, n_codebooks * n_pointers)
        for weight in self.parameters():
            nn.init.zeros_(weight)


def matches(previous: Tensor, recalled: Tensor, unknown: int) -> Tensor:
    """Which recalled codes were right, ``(..., K * L)``, 0 or 1.

    Args: previous: codes ``(..., K)``; recalled: ``(..., K, L)``, of the same frames.
    """
    return ((recalled == previous[..., None]) & (recalled != unknown)).flatten(-2).float()


def pointed(logits: Tensor, gates: Tensor, recalled: Tensor) -> Tensor:
    """Adds gates ``(..., K * L)`` to logits ``(..., K, M)`` where they point: at codes ``(..., K, L)``."""
    unknown = logits.shape[-1]
    gates = gates.unflatten(-1, recalled.shape[-2:]) * (recalled != unknown)
    return logits.scatter_add_(-1, recalled.clamp_max(unknown - 1), gates)


def logits_of(out: Tensor, n_codebooks: int, size: int, recalled: Tensor | None) -> Tensor:
    """Logits ``(R, K, M)`` of what heads and gates give side by side, ``(R, K * M + K * L)``; L may be 0.

    Args: size: M; recalled: ``(R, K, L)``, none if none is known.
    """
    logits, gates = out.tensor_split([n_codebooks * size], 1)
    logits = logits.unflatten(1, (-1, size))
    return logits if recalled is None else pointed(logits, gates, recalled)


def recall_frames(features: Tensor, beats: tuple[int, ...], latency: int) -> Tensor:
    """The frames that are recalled at each frame of a dance, ``(L, 1 + N + latency)``, -1 for none.

    The first column is that of the frame before the dance, at which nothing is recalled.

    Args:
        features: ``(N, 92)``, of which the pulse is read, on the processor.
        latency: frames behind the dance, in which time goes on as in its last one.
    """
    found = frames_before(features[:, -N_PULSE:].numpy(), beats)
    last = found[:, -1:]
    behind = np.where(last >= 0, last + np.arange(1, latency + 1), -1)
    return torch.from_numpy(np.concatenate([np.full_like(last, -1), found, behind], axis=1))


def recalled_codes(codes: Tensor, frames: Tensor, unknown: int) -> Tensor:
    """Codes ``(..., n, K, L)`` at frames ``(L, n)`` of codes ``(..., K, N)``; unknown at frame -1."""
    recalled = torch.where(frames >= 0, codes[..., frames.clamp_min(0)], unknown)
    return recalled.movedim(-1, -3)


class Memory:
    """What rows have played, as far back as it is recalled: bounded, however long the dance."""

    def __init__(self, frames: Tensor, n_codebooks: int, unknown: int, device: torch.device) -> None:
        """Args: frames: as recall_frames gives them; device: that the codes are on."""
        behind = (torch.arange(-1, frames.shape[1] - 1) - frames)[frames >= 0]
        self._frames = frames
        self._reach = int(behind.max()) if len(behind) else 0
        self._unknown = unknown
        # What is unknown stands first, in the place of all frames that are not there.
        self._codes = torch.full((1, n_codebooks, 1), unknown, device=device)
        self._first = 0

    def make_room(self, n_frames: int) -> None:
        """For so many more, forgetting what is recalled no more."""
        known = self._codes.shape[-1] - 1
        forgotten = max(0, known - self._reach - 1)
        room = self._codes.new_full((*self._codes.shape[:2], n_frames), self._unknown)
        self._codes = torch.cat([self._codes[..., :1], self._codes[..., 1 + forgotten :], room], -1)
        self._first += forgotten

    def write(self, frame: int, codes: Tensor) -> None:
        """Codes ``(rows, K, n)`` that are played from a frame on."""
        place = 1 + frame - self._first
        self._codes[..., place : place + codes.shape[-1]] = codes

    def recalls(self, frame: int, n_frames: int) -> bool:
        """Whether anything is recalled at the frame before or at so many frames."""
        return bool((self._frames[:, frame : frame + n_frames + 1] >= 0).any())

    def places(self, frame: int, n_frames: int) -> Tensor:
        """Where lies what is recalled at the frame before and at n frames, ``(n + 1, L)``; 0 for nowhere."""
        frames = self._frames[:, frame : frame + n_frames + 1]
        places = torch.where(frames >= 0, frames - self._first + 1, 0)
        return places.T.contiguous().to(self._codes.device)

    def read(self, places: Tensor) -> Tensor:
        """Codes ``(rows, n, K, L)`` at places ``(n, L)``."""
        return self._codes[:, :, places].movedim(2, 1)

    def keep(self, rows: Tensor) -> None:
        """Lets row i have what row ``rows[i]`` has played."""
        self._codes = self._codes[rows]
