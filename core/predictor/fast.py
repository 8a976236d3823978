"""The code decoder's steps on a CPU, where torch's own LSTM takes milliseconds for each.

Figures, and what else was tried, in docs/performance.md.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .linear import has_integer_kernels, make_linear
from .model import CodeDecoder
from .recall import logits_of, matches


class FastWeights:
    """What :class:`FastStepper` needs of a code decoder with LSTM cells, made once.

    The first layer's weights for its input, and those of the path around the LSTM, are applied beforehand:
    to the encoding of a whole piece, and to every code that can have come before (``table``). What is left
    for each step are the weights for the LSTM's own state, and the heads.

    Gates are in the order input, forget, output, cell. The last one's weights are doubled, so that one call
    of the sigmoid serves all: tanh(x) is 2 sigmoid(2 x) - 1, and torch's tanh takes seven times as long.
    """

    def __init__(self, decoder: CodeDecoder, integers: bool | None = None) -> None:
        """Args: integers: whether to round to eight bits; by default, where the processor is made for it."""
        lstm = decoder.recurrent
        assert isinstance(lstm, nn.LSTM)
        if integers is None:
            integers = has_integer_kernels()
        self.decoder = decoder
        self.hidden = lstm.hidden_size
        layers = [_gates(lstm, layer) for layer in range(lstm.num_layers)]
        history = decoder.history_table().detach()
        first = torch.cat([layers[0][0], decoder.shortcut.weight.detach()])
        of_encoding, of_history = first.tensor_split([first.shape[1] - history.shape[-1]], 1)
        self.of_encoding = of_encoding.contiguous()
        self.first_bias = torch.cat([layers[0][2], decoder.shortcut.bias.detach()])
        # Half the bytes, for an error that is small beside that of the integers.
        self.table = torch.cat([functional.linear(codebook, of_history).half() for codebook in history])
        self.table_starts = torch.arange(len(history)) * history.shape[1]
        self.first = make_linear(layers[0][1], torch.zeros(4 * self.hidden), True, integers)
        self.upper = [make_linear(torch.cat([w, u], 1), b, True, integers) for w, u, b in layers[1:]]
        self.heads = make_linear(*decoder.heads_and_gates(), False, integers)
        self.matches = None
        if decoder.recall is not None:
            of_matches = of_history @ decoder.recall.matches.weight.detach()
            self.matches = make_linear(of_matches, torch.zeros(len(of_matches)), True, integers)


def _gates(lstm: nn.LSTM, layer: int) -> tuple[Tensor, Tensor, Tensor]:
    """A layer's weights for its input and for its state, and its bias, in the order of FastWeights."""
    input_, forget, cell, output = torch.arange(4 * lstm.hidden_size).chunk(4)
    order = torch.cat([input_, forget, output, cell])
    doubled = torch.ones(4 * lstm.hidden_size)
    doubled[3 * lstm.hidden_size :] = 2
    weights = (getattr(lstm, f"{name}_l{layer}").detach()[order] for name in ("weight_ih", "weight_hh"))
    biases = (getattr(lstm, f"{name}_l{layer}").detach()[order] for name in ("bias_ih", "bias_hh"))
    ih, hh = (weight * doubled[:, None] for weight in weights)
    return ih, hh, sum(biases) * doubled


class FastStepper:
    """The steps of :class:`.stepper.PlainStepper` on a CPU, but for rounding.

    What a row comes to depends on no other row, whatever their number, where ``hidden`` is a multiple of 32:
    of other sizes, torch computes the last few sigmoids of all rows in another way than the rest.
    """

    def __init__(self, weights: FastWeights) -> None:
        self._weights = weights
        self._outputs = [torch.zeros(1, weights.hidden) for _ in (weights.first, *weights.upper)]
        self._cells = [torch.zeros(1, weights.hidden) for _ in self._outputs]

    def inputs(self, encoded: Tensor) -> Tensor:
        """See :class:`.stepper.Stepper`."""
        return functional.linear(encoded[0], self._weights.of_encoding, self._weights.first_bias)

    def step(self, inputs: Tensor, previous: Tensor, recalled: Tensor | None = None) -> Tensor:
        """See :class:`.stepper.Stepper`."""
        weights, outputs = self._weights, self._outputs
        size = weights.decoder.codebook_size
        x = functional.embedding_bag(previous + weights.table_starts, weights.table, mode="sum") + inputs
        if weights.matches is not None and recalled is not None:
            x += weights.matches(matches(previous, recalled[:, 0], size))
        gates, around = x.tensor_split([4 * weights.hidden], 1)
        self._advance(0, gates + weights.first(outputs[0]))
        for layer, linear in enumerate(weights.upper, 1):
            self._advance(layer, linear(torch.cat([outputs[layer - 1], outputs[layer]], 1)))
        out = weights.heads(outputs[-1] + around)
        return logits_of(out, previous.shape[1], size, None if recalled is None else recalled[:, 1])

    def feed(self, encoded: Tensor, previous: Tensor, recalled: Tensor | None = None) -> None:
        """See :class:`.stepper.Stepper`."""
        decoder = self._weights.decoder
        history = decoder.embed(previous, decoder.history_table(), recalled)
        state = torch.stack(self._outputs), torch.stack(self._cells)
        _, (output, cell) = decoder.recurrent(torch.cat([encoded, history], -1), state)
        self._outputs, self._cells = list(output), list(cell)

    def keep(self, rows: Tensor) -> None:
        """See :class:`.stepper.Stepper`."""
        self._outputs = [output[rows] for output in self._outputs]
        self._cells = [cell[rows] for cell in self._cells]

    def _advance(self, layer: int, gates: Tensor) -> None:
        """One LSTM cell."""
        take, keep, show, new = gates.sigmoid_().chunk(4, 1)
        cell = (self._cells[layer] * keep).addcmul_(take, new, value=2).sub_(take)
        self._cells[layer] = cell
        self._outputs[layer] = (cell * 2).sigmoid_().mul_(2).sub_(1).mul_(show)
