"""The code decoder one frame at a time, for rows that each have a recurrent state of their own."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from .model import CodeDecoder, State


class Stepper(Protocol):
    """What decoding needs of the network: rows, at first one, of which each has a recurrent state."""

    def step(self, encoded: Tensor, previous: Tensor) -> Tensor:
        """Logits ``(R, K, M)`` of a frame, from its encoding ``(D,)`` and the codes ``(R, K)`` before it."""

    def feed(self, encoded: Tensor, previous: Tensor) -> None:
        """Goes through frames whose codes are known, as one row.

        Args: encoded: ``(1, n, D)``; previous: ``(1, K, n)``, the codes before each frame.
        """

    def keep(self, rows: Tensor) -> None:
        """Lets row i go on from the state of row ``rows[i]``."""


class PlainStepper:
    """The very network that is trained, in float32: the reference, on any device."""

    def __init__(self, decoder: CodeDecoder) -> None:
        self._decoder = decoder
        self._table = decoder.history_table()
        self._state: State | None = None

    def step(self, encoded: Tensor, previous: Tensor) -> Tensor:
        """See :class:`Stepper`."""
        return self._advance(encoded[None, None], previous[..., None])[:, :, 0]

    def feed(self, encoded: Tensor, previous: Tensor) -> None:
        """See :class:`Stepper`."""
        self._advance(encoded, previous)

    def keep(self, rows: Tensor) -> None:
        """See :class:`Stepper`."""
        if isinstance(self._state, tuple):
            self._state = self._state[0][:, rows], self._state[1][:, rows]
        elif self._state is not None:
            self._state = self._state[:, rows]

    def _advance(self, encoded: Tensor, previous: Tensor) -> Tensor:
        history = self._decoder.embed(previous, self._table)
        logits, self._state = self._decoder(encoded.expand(len(previous), -1, -1), history, self._state)
        return logits
