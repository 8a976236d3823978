"""The code decoder's steps on a GPU, in few operations, several frames of which make one CUDA graph.

What that is meant to give, and what has been run of it, in docs/performance.md.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .graphs import Graphs
from .model import CodeDecoder
from .recall import logits_of, matches


class CellWeights:
    """What :class:`CellStepper` needs of a code decoder with LSTM cells, made once, and the graphs of it.

    In half precision, as each step reads all of them and computes little. float16 rounds less than bfloat16,
    and older GPUs have it, too.
    """

    def __init__(self, decoder: CodeDecoder, dtype: torch.dtype = torch.float16) -> None:
        lstm = decoder.recurrent
        assert isinstance(lstm, nn.LSTM)
        self.decoder = decoder
        self.hidden = lstm.hidden_size
        self.table = decoder.history_table().detach().to(dtype)
        self.codebooks = torch.arange(decoder.n_codebooks, device=self.table.device)
        self.cells = [[each.detach().to(dtype) for each in layer] for layer in lstm.all_weights]
        self.shortcut = [each.detach().to(dtype) for each in decoder.shortcut.parameters()]
        self.heads = [each.to(dtype) for each in decoder.heads_and_gates()]
        self.matches = None
        if decoder.recall is not None:
            self.matches = decoder.recall.matches.weight.detach().to(dtype)
        self.graphs = Graphs()


class CellStepper:
    """The steps of :class:`.stepper.PlainStepper`, but for rounding.

    Attributes:
        state: of all rows: each layer's output and cell, ``(R, hidden)``. Whoever sets it decides from where
            the next step goes on.
        graphs: for what is done with these steps.
    """

    def __init__(self, weights: CellWeights) -> None:
        self._weights = weights
        self.graphs = weights.graphs
        self.state = tuple(
            weights.table.new_zeros(1, weights.hidden) for _ in weights.cells for _ in range(2)
        )

    def inputs(self, encoded: Tensor) -> Tensor:
        """See :class:`.stepper.Stepper`."""
        return encoded[0].to(self._weights.table.dtype)

    def step(self, inputs: Tensor, previous: Tensor, recalled: Tensor | None = None) -> Tensor:
        """See :class:`.stepper.Stepper`."""
        weights, state = self._weights, []
        size = weights.decoder.codebook_size
        history = weights.table[weights.codebooks, previous].sum(1)
        if weights.matches is not None and recalled is not None:
            right = matches(previous, recalled[:, 0], size).to(history.dtype)
            history = history + functional.linear(right, weights.matches)
        x = output = torch.cat([inputs.expand(len(history), -1), history], 1)
        for layer, cell in enumerate(weights.cells):
            # On a GPU two products and one operation more: there torch has cells in one piece.
            output, kept = torch.lstm_cell(output, self.state[2 * layer : 2 * layer + 2], *cell)
            state += [output, kept]
        self.state = tuple(state)
        out = functional.linear(output + functional.linear(x, *weights.shortcut), *weights.heads).float()
        return logits_of(out, previous.shape[1], size, None if recalled is None else recalled[:, 1])

    def feed(self, encoded: Tensor, previous: Tensor, recalled: Tensor | None = None) -> None:
        """See :class:`.stepper.Stepper`."""
        decoder = self._weights.decoder
        history = decoder.embed(previous, decoder.history_table(), recalled)
        state = torch.stack(self.state[::2]).float(), torch.stack(self.state[1::2]).float()
        _, (outputs, cells) = decoder.recurrent(torch.cat([encoded, history], -1), state)
        pairs = zip(outputs, cells, strict=True)
        self.state = tuple(each.to(self._weights.table.dtype) for pair in pairs for each in pair)

    def keep(self, rows: Tensor) -> None:
        """See :class:`.stepper.Stepper`."""
        self.state = tuple(each[rows] for each in self.state)
