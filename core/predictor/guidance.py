"""Classifier-free guidance: more, or less, of a genre than the model was trained to give."""

from __future__ import annotations

import torch
from torch import Tensor

from .stepper import Stepper


class GuidedStepper:
    """Two networks' steps, one told the genre and one not, whose difference is stretched.

    Encodings are ``(1, n, 2 * D)``: that with the genre, then that without.

    Source: Ho and Salimans 2022, "Classifier-free diffusion guidance", equation 6, on logits as in
    AudioGen (Kreuk et al. 2023), section 3.2; a strength of 1 is the genre as trained.
    """

    def __init__(self, told: Stepper, untold: Stepper, strength: float) -> None:
        self._told, self._untold, self._strength = told, untold, strength

    def inputs(self, encoded: Tensor) -> Tensor:
        """See :class:`Stepper`."""
        told, untold = encoded.chunk(2, -1)
        return torch.cat([self._told.inputs(told), self._untold.inputs(untold)], -1)

    def step(self, inputs: Tensor, previous: Tensor, recalled: Tensor | None = None) -> Tensor:
        """See :class:`Stepper`."""
        told, untold = inputs.chunk(2, -1)
        without = self._untold.step(untold, previous, recalled)
        return without + self._strength * (self._told.step(told, previous, recalled) - without)

    def feed(self, encoded: Tensor, previous: Tensor, recalled: Tensor | None = None) -> None:
        """See :class:`Stepper`."""
        told, untold = encoded.chunk(2, -1)
        self._told.feed(told, previous, recalled)
        self._untold.feed(untold, previous, recalled)

    def keep(self, rows: Tensor) -> None:
        """See :class:`Stepper`."""
        self._told.keep(rows)
        self._untold.keep(rows)
