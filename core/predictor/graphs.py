"""What a GPU does in many small steps, started by the processor in one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import torch
from torch import Tensor

Function = Callable[..., tuple[Tensor, ...]]

MOST_GRAPHS = 8
"""Kept at a time: of each number of rows and way of choosing codes there are two."""

WARM_UPS = 2
"""Runs before the one that is captured, in which libraries set up what they need."""


class Graphs:
    """Functions of tensors and nothing else, each captured once as a CUDA graph for arguments of one shape.

    Used in inference mode alone: what torch keeps for graphs captured inside it cannot be used outside.
    """

    def __init__(self) -> None:
        self._graphs: dict[Hashable, _Graph] = {}

    def run(self, key: Hashable, function: Function, arguments: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """What the function returns; where there are no graphs, simply that.

        Args: key: another one for each function.
        """
        if not has_graphs(arguments[0].device):
            return function(*arguments)
        key = (key, *(each.shape for each in arguments))
        if key not in self._graphs:
            if len(self._graphs) == MOST_GRAPHS:
                self._graphs.clear()
            self._graphs[key] = _Graph(function, arguments)
        return self._graphs[key](arguments)


def has_graphs(device: torch.device) -> bool:
    """Whether a device has CUDA graphs (or AMD's, which torch calls the same)."""
    return device.type == "cuda"


class _Graph:
    """A function that reads its arguments, and leaves its results, always in the same places."""

    def __init__(self, function: Function, arguments: Sequence[Tensor]) -> None:
        self._arguments = [each.clone() for each in arguments]
        self._replay, self._results = capture(function, self._arguments)

    def __call__(self, arguments: Sequence[Tensor]) -> tuple[Tensor, ...]:
        for own, given in zip(self._arguments, arguments, strict=True):
            own.copy_(given)
        self._replay()
        return tuple(each.clone() for each in self._results)


def capture(
    function: Function, arguments: Sequence[Tensor]
) -> tuple[Callable[[], object], tuple[Tensor, ...]]:
    """What computes a function again from what its arguments hold by then, and the results that it fills."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UPS):
            function(*arguments)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        results = function(*arguments)
    return graph.replay, results
