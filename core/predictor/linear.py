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


LEAST_ROWS, MOST_ROWS = 4, 8
"""Fewer rows are multiplied by other float32 kernels, which round differently, and on Intel's processors 16
and more are, too."""


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
    return "fbgemm" in torch.backends.quantized.supported_engines and torch.cpu._is_vnni_supported()


class FloatLinear:
    """In float32, as trained. On one thread, a row's result is the same to the last bit for any number."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._weight = weight.contiguous()
        self._bias = bias

    def __call__(self, x: Tensor) -> Tensor:
        """See :class:`Linear`."""
        missing = max(0, LEAST_ROWS - (len(x) % MOST_ROWS or MOST_ROWS))
        blocks = functional.pad(x, (0, 0, 0, missing)).split(MOST_ROWS)
        return torch.cat([functional.linear(block, self._weight, self._bias) for block in blocks])[: len(x)]


class IntegerLinear:
    """With weights and activations rounded to eight bits, a scale for each output and for each row.

    The sums are exact, so that a row's result does not depend on the others, as it would if they
    shared a scale.
    """

    def __init__(self, weight: Tensor, bias: Tensor, bounded: bool) -> None:
        scale = weight.abs().amax(1).clamp_min(torch.finfo(torch.float32).tiny) / LEVELS
        integers = (weight / scale[:, None]).round().to(torch.int8)
        zeros = torch.zeros(len(weight), dtype=torch.long)
        rounded = torch._make_per_channel_quantized_tensor(integers, scale.double(), zeros, 0)
        self._packed = _packed(rounded, bias if bounded else None)
        self._bias = bias
        self._bounded = bounded

    def __call__(self, x: Tensor) -> Tensor:
        """See :class:`Linear`."""
        if self._bounded:
            return self._multiply(x)
        largest = x.abs().amax(1, keepdim=True).clamp_min_(torch.finfo(torch.float32).tiny)
        product = self._multiply(x / largest)
        return torch.addcmul(self._bias, product, largest, out=product)

    def _multiply(self, x: Tensor) -> Tensor:
        """``x`` within ±1."""
        multiply = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32
        return multiply(x, 1 / LEVELS, ZERO, self._packed)


def _packed(weight: Tensor, bias: Tensor | None) -> torch.ScriptObject:
    """Weights laid out for FBGEMM."""
    engine = torch.backends.quantized.engine
    torch.backends.quantized.engine = "fbgemm"
    try:
        return torch.ops.quantized.linear_prepack(weight, bias)
    finally:
        torch.backends.quantized.engine = engine
