"""The code decoder one frame at a time, for rows that each have a recurrent state of their own."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from .model import CodeDecoder, State


class Stepper(Protocol):
    """What decoding needs of the network: rows, at first one, of which each has a recurrent state."""

    def inputs(self, encoded: Tensor) -> Tensor:
        """Encoding ``(1, n, D)`` to what :meth:`step` takes of each frame: n tensors of one dimension."""

    def step(self, inputs: Tensor, previous: Tensor, recalled: Tensor | None = None) -> Tensor:
        """Logits ``(R, K, M)`` of a frame, from its one of the inputs and the codes ``(R, K)`` before it.

        Args: recalled: codes ``(R, 2, K, L)`` of the frame before and of this one; none if none is known.
        """

    def feed(self, encoded: Tensor, previous: Tensor, recalled: Tensor | None = None) -> None:
        """Goes through frames whose codes are known, as one row.

        Args: encoded: ``(1, n, D)``; previous: ``(1, K, n)``, the codes before each frame; recalled: codes
            ``(1, n + 1, K, L)`` of the frame before and of each.
        """

    def keep(self, rows: Tensor) -> None:
        """Lets row i go on from the state of row ``rows[i]``."""


class PlainStepper:
    """The very network that is trained, in float32: the reference, on any device."""

    def __init__(self, decoder: CodeDecoder) -> None:
        self._decoder = decoder
        self._table = decoder.history_table()
        self._state: State | None = None

    def inputs(self, encoded: Tensor) -> Tensor:
        """See :class:`Stepper`."""
        return encoded[0]

    def step(self, inputs: Tensor, previous: Tensor, recalled: Tensor | None = None) -> Tensor:
        """See :class:`Stepper`."""
        history = self._decoder.embed(previous[..., None], self._table, recalled)
        encoded = inputs.expand(len(previous), 1, -1)
        logits, self._state = self._decoder(encoded, history, self._state, recalled)
        return logits[:, :, 0]

    def feed(self, encoded: Tensor, previous: Tensor, recalled: Tensor | None = None) -> None:
        """See :class:`Stepper`."""
        history = self._decoder.embed(previous, self._table, recalled)
        _, self._state = self._decoder.recurrent(torch.cat([encoded, history], -1), self._state)

    def keep(self, rows: Tensor) -> None:
        """See :class:`Stepper`."""
        if isinstance(self._state, tuple):
            self._state = self._state[0][:, rows], self._state[1][:, rows]
        elif self._state is not None:
            self._state = self._state[:, rows]
