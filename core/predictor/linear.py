"""Linear layers for a few rows at a time on a CPU, where the bytes of the weights are what takes time."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

LEVELS = 127
"""Steps from zero to the largest eight-bit integer."""

ZERO = 128
"""The integer that stands for zero in activations, which the kernels want without a sign."""


LEAST_ROWS = 4
"""Fewer rows are multiplied by other float32 kernels, which round differently."""


class Linear(Protocol):
    """``x @ weight.T + bias``."""

    def __call__(self, x: Tensor) -> Tensor:
        """``(R, I)`` to ``(R, O)``."""


def make_linear(weight: Tensor, bias: Tensor, bounded: bool, integers: bool) -> Linear:
    """A layer for inference.

    Args:
        weight: ``(O, I)``; bias: ``(O,)``.
        bounded: whether inputs stay within ±1.
        integers: whether to compute with eight-bit integers.
    """
    return IntegerLinear(weight, bias, bounded) if integers else FloatLinear(weight, bias)


def has_integer_kernels() -> bool:
    """Whether processor and torch multiply eight-bit integers quickly and without loss (AVX-512 VNNI)."""
    return torch.backends.mkldnn.is_available() and torch.cpu._is_vnni_supported()


class FloatLinear:
    """In float32, as trained. On one thread, a row's result is the same to the last bit for any number."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._weight = weight.contiguous()
        self._bias = bias

    def __call__(self, x: Tensor) -> Tensor:
        """See :class:`Linear`."""
        rows = len(x)
        if rows < LEAST_ROWS:
            x = functional.pad(x, (0, 0, 0, LEAST_ROWS - rows))
        return functional.linear(x, self._weight, self._bias)[:rows]


class IntegerLinear:
    """With weights and activations rounded to eight bits, a scale for each output and for each row.

    The sums are exact, so that a row's result does not depend on the others, as it would if they
    shared a scale.
    """

    def __init__(self, weight: Tensor, bias: Tensor, bounded: bool) -> None:
        self._scale = weight.abs().amax(1).clamp_min(torch.finfo(torch.float32).tiny) / LEVELS
        self._weight = (weight / self._scale[:, None]).round().to(torch.int8)
        self._bias = bias
        self._bounded = bounded
        self._zeros = torch.zeros(len(weight), dtype=torch.long)
        self._packed_rows = 0
        self._packed = self._weight

    def __call__(self, x: Tensor) -> Tensor:
        """See :class:`Linear`."""
        if self._bounded:
            return self._multiply(x, self._bias)
        largest = x.abs().amax(1, keepdim=True).clamp_min_(torch.finfo(torch.float32).tiny)
        return torch.addcmul(self._bias, self._multiply(x / largest, None), largest)

    def _multiply(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """``x`` within ±1."""
        if self._packed_rows != len(x):
            # How weights are best laid out depends on the number of rows.
            self._packed = torch.ops.onednn.qlinear_prepack(self._weight, list(x.shape))
            self._packed_rows = len(x)
        # The conversion cuts off what is behind the point.
        integers = (x * LEVELS).add_(ZERO + 0.5).to(torch.uint8)
        scales = 1 / LEVELS, ZERO, self._packed, self._scale, self._zeros, bias
        return torch.ops.onednn.qlinear_pointwise(integers, *scales, 1.0, 0, torch.float32, "none", [], "")
