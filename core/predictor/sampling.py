"""Decoding: from a dance's features to codes, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..threads import one_thread
from .cells import CellStepper
from .model import Predictor, delay_codes, undelay_codes
from .recall import Memory, recall_frames
from .stepper import PlainStepper, Stepper

Rating = Callable[[Tensor, int], Tensor]
"""How good a take's continuations ``(B, K, n)`` that begin at a frame of the dance are: ``(B,)``, more is
better."""

PIECE_FRAMES = 120
"""Frames decoded and handed on at a time: two seconds."""

FRAMES_CAPTURED = 12
"""Frames that a GPU draws in one go: of a piece a whole part, in a graph of a few hundred operations."""

PIECES_ENCODED = 5
"""Pieces encoded at a time, as every time the frames before and behind are encoded, too."""

DRAWN = -1
"""Among given codes, one that is not given."""


@dataclass(frozen=True)
class Sampling:
    """How a code is chosen from its distribution.

    Attributes:
        temperature: divides the logits; 0 takes the most probable code (the paper's greedy choice).
        top_k: only the k most probable codes can be drawn; 0 for all.
        seed: of the draws. The draws of take i depend on the seed and i alone.
        first_take: the i of the first take that is made.
    """

    temperature: float = 1.0
    top_k: int = 0
    seed: int = 0
    first_take: int = 0


def choose(logits: Tensor, sampling: Sampling, uniform: Tensor) -> Tensor:
    """Codes ``(B, K)`` from logits ``(B, K, M)``, by inverse transform of uniform numbers ``(B, K)``.

    The codes lie in the order of their probability, the least first.
    """
    if sampling.temperature == 0:
        return logits.argmax(-1)
    count = min(sampling.top_k or logits.shape[-1], logits.shape[-1])
    draw = draw_on_cpu if logits.device.type == "cpu" else draw_anywhere
    return draw(logits, count, sampling.temperature, uniform)


def draw_anywhere(logits: Tensor, count: int, temperature: float, uniform: Tensor) -> Tensor:
    """:func:`choose` among the ``count`` most probable codes, on any device."""
    largest, codes = (each.flip(-1) for each in logits.topk(count, -1))
    cumulative = functional.softmax((largest / temperature).double(), -1).cumsum(-1)
    # Scaled by the sum, as rounding may leave it a little below 1 and a draw beyond every code.
    drawn = torch.searchsorted(cumulative, uniform[..., None] * cumulative[..., -1:])
    return codes.gather(-1, drawn).squeeze(-1)


def draw_on_cpu(logits: Tensor, count: int, temperature: float, uniform: Tensor) -> Tensor:
    """The same by NumPy, whose partition takes an eighth of the time of topk.

    Of codes that are exactly as probable as each other, the first stands for all.
    """
    numbers = logits.numpy()
    largest = np.partition(numbers, -count, -1)[..., -count:]
    largest.sort(-1)
    cumulative = np.exp((largest - largest[..., -1:]).astype(np.float64) / temperature).cumsum(-1)
    drawn = (cumulative < uniform.numpy()[..., None] * cumulative[..., -1:]).sum(-1, keepdims=True)
    return torch.from_numpy((numbers == np.take_along_axis(largest, drawn, -1)).argmax(-1))


def draw_frames(
    stepper: CellStepper,
    sampling: Sampling,
    inputs: Tensor,
    uniform: Tensor,
    previous: Tensor,
    recalled: Tensor,
    *state: Tensor,
) -> tuple[Tensor, ...]:
    """The codes ``(R, K, n)`` of some frames, and the stepper's state behind them, as a graph computes them.

    Args:
        inputs: of the frames, ``(n, …)``; uniform: numbers ``(R, n, K)``.
        previous: codes ``(R, K)`` of the frame before.
        recalled: ``(R, n + 1, K, L)``, of the frame before and of each.
        state: the stepper's.
    """
    stepper.state = state
    codes = []
    for frame, (now, numbers) in enumerate(zip(inputs, uniform.unbind(1), strict=True)):
        logits = stepper.step(now, previous, recalled[:, frame : frame + 2])
        previous = choose(logits, sampling, numbers)
        codes.append(previous)
    return torch.stack(codes, -1), *stepper.state


def encode_pieces(
    predictor: Predictor, features: Tensor, genre: Tensor, start: int = 0, end: int | None = None
) -> Iterator[Tensor]:
    """The encoding of ``(1, N, 92)`` in pieces ``(1, ≤ 120, D)``, the same as in one go.

    Args:
        genre: ``(G,)``; with several, their encodings lie side by side: ``(1, ≤ 120, G * D)``.
        start, end: the frames that are wanted; all without them.
    """
    context = predictor.config.context
    end = features.shape[1] if end is None else end
    for span in range(start, end, PIECES_ENCODED * PIECE_FRAMES):
        first = max(0, span - context)
        last = min(span + PIECES_ENCODED * PIECE_FRAMES, end)
        with one_thread():
            encoded = predictor.encoder(features[:, first : last + context], genre)
        beside = encoded[:, span - first : last - first].transpose(0, 1).flatten(1)[None]
        yield from beside.split(PIECE_FRAMES, 1)


def predict_codes(
    predictor: Predictor,
    features: Tensor,
    genre: int | tuple[int, ...],
    takes: int,
    sampling: Sampling,
    on_frame: Callable[[int], None] | None = None,
    candidates: int = 1,
    rating: Rating | None = None,
    prefix: Tensor | None = None,
    stepper: Stepper | None = None,
) -> Iterator[Tensor]:
    """Codes of a dance, piece by piece: tensors ``(takes, K, n)`` whose n sum up to N, less the prefix's.

    Args:
        features: ``(N, 92)``, displacements, kinematic beats and pulse, on the processor.
        genre: 0 for none, else 1 + the index of the genre; two for a GuidedStepper.
        takes: decoded in one batch; take i draws its own random numbers.
        on_frame: called with the number of the dance's frames that have codes so far; what it raises ends
            the prediction.
        candidates: continuations of each take, piece by piece, of which the best rated one stays.
        rating: needed for more than one candidate.
        prefix: codes ``(K, n)`` of the dance's first n frames, which all takes go on from.
        stepper: that has made no step yet, of the predictor's decoder; a plain one by default.
    """
    config, device = predictor.config, predictor.encoder.feature_mean.device
    if prefix is None:
        prefix = torch.empty(config.n_codebooks, 0, dtype=torch.long, device=device)
    music = Continuations(
        stepper or PlainStepper(predictor.decoder),
        prefix,
        takes,
        sampling,
        unknown=config.codebook_size,
        delay=config.codebook_delay,
        recall=recall_frames(features, config.recall, config.latency),
    )
    # The delayed codebooks of the last frames are predicted after the dance has ended; it stands still there.
    padded = functional.pad(features, (0, 0, 0, config.latency))[None].to(device)
    genres = torch.tensor([genre] if isinstance(genre, int) else genre, device=device)
    start = prefix.shape[-1]
    for encoded in encode_pieces(predictor, padded, genres, end=start):
        music.replay(encoded)
    music.keep(torch.zeros(takes * candidates, dtype=torch.long, device=device))
    for encoded in encode_pieces(predictor, padded, genres, start):
        music.extend(encoded, on_frame)
        codes, first = music.finished()
        if codes.shape[-1] == 0:
            continue
        if rating is not None and candidates > 1:
            best = best_rows(rated(codes, first, candidates, rating), candidates)
            music.keep(best.repeat_interleave(candidates))
            codes = codes[best]
        yield codes


class Continuations:
    """Music that grows frame by frame, in rows; one of them at first.

    Codes are delayed here: at a frame, codebook k gets the code of ``k * delay`` frames ago. Those of
    frames before the dance are unknown, as in training, and those that are given stay; neither is drawn.

    Attributes:
        frame: up to which the rows have been decoded.
        likelihood: ``(rows,)``, the log-probability that the network gave to given codes while others
            were drawn, in nats.
    """

    def __init__(
        self,
        stepper: Stepper,
        given: Tensor,
        takes: int,
        sampling: Sampling,
        unknown: int,
        delay: int,
        recall: Tensor,
    ) -> None:
        """Args:
        given: ``(K, n)`` from the first frame on, n may be 0, DRAWN for those that are to be drawn.
        takes: among which the rows are shared out.
        recall: the frames that are recalled, as recall_frames gives them.
        """
        n_codebooks = len(given)
        self.frame = 0
        self._stepper = stepper
        self._sampling = sampling
        self._delay = delay
        self._generators = [
            torch.Generator().manual_seed(sampling.seed * 1009 + sampling.first_take + take)
            for take in range(takes)
        ]
        self._given = delay_codes(given[None], delay, DRAWN)[0]
        for k in range(n_codebooks):
            self._given[k, : k * delay] = unknown
        self._unknown = unknown
        self._previous = torch.full((1, n_codebooks), unknown, device=given.device)
        self.likelihood = torch.zeros(1, device=given.device)
        self._finished = 0
        self._unfinished = self._previous[..., None][..., :0]
        self._memory = Memory(recall, n_codebooks, unknown, given.device)

    def replay(self, encoded: Tensor) -> None:
        """Goes through frames of the prefix, as one row: their encoding is ``(1, n, D)``."""
        end = self.frame + encoded.shape[1]
        codes = self._given[None, :, self.frame : end]
        self._memory.make_room(encoded.shape[1])
        self._memory.write(self.frame, codes)
        recalled = self._memory.read(self._memory.places(self.frame, encoded.shape[1]))
        self._stepper.feed(encoded, torch.cat([self._previous[..., None], codes[..., :-1]], -1), recalled)
        self._previous, self.frame, self._finished = codes[..., -1], end, end

    def extend(self, encoded: Tensor, on_frame: Callable[[int], None] | None = None) -> None:
        """Draws the codes of the frames behind the prefix: their encoding is ``(1, n, D)``."""
        draws = self._draws(encoded.shape[1]).to(encoded.device)
        self._memory.make_room(encoded.shape[1])
        grown = [self._unfinished]
        with one_thread():
            for codes in self._drawn(self._stepper.inputs(encoded), draws):
                self._memory.write(self.frame - codes.shape[-1], codes)
                grown.append(codes)
                if on_frame is not None:
                    on_frame(self.frame)
        self._unfinished = torch.cat(grown, -1)

    def finished(self) -> tuple[Tensor, int]:
        """What has got all of its codes since the last call, ``(rows, K, n)``, and its first frame."""
        latency = (len(self._given) - 1) * self._delay
        frames = max(0, self._unfinished.shape[-1] - latency)
        codes = self._unfinished[..., :0]
        if frames:
            codes = undelay_codes(self._unfinished, self._delay)
        self._unfinished = self._unfinished[..., frames:]
        self._finished += frames
        return codes, self._finished - frames

    def keep(self, rows: Tensor) -> None:
        """Lets row i go on from what row ``rows[i]`` has come to."""
        self._unfinished, self._previous = self._unfinished[rows], self._previous[rows]
        self.likelihood = self.likelihood[rows]
        self._memory.keep(rows)
        self._stepper.keep(rows)

    def _drawn(self, inputs: Tensor, draws: Tensor) -> Iterator[Tensor]:
        """The codes ``(rows, K, n)`` of the next frames: of one, or of some of which none is given."""
        single = len(inputs)
        places = self._memory.places(self.frame, len(inputs))
        if isinstance(self._stepper, CellStepper):
            single = min(max(0, self._given.shape[-1] - self.frame), single)
        recalls = self._memory.recalls(self.frame, single)
        for frame in range(single):
            recalled = self._memory.read(places[frame : frame + 2]) if recalls else None
            yield self._draw(inputs[frame], draws[:, frame], recalled)[..., None]
        if isinstance(self._stepper, CellStepper):
            several, rest = divmod(len(inputs) - single, FRAMES_CAPTURED)
            start = single
            for size in [FRAMES_CAPTURED] * several + [1] * rest:
                end = start + size
                recalled = self._memory.read(places[start : end + 1])
                yield self._draw_captured(self._stepper, inputs[start:end], draws[:, start:end], recalled)
                start = end

    def _draw(self, inputs: Tensor, uniform: Tensor, recalled: Tensor | None) -> Tensor:
        """The codes ``(rows, K)`` of the next frame."""
        logits = self._stepper.step(inputs, self._previous, recalled)
        codes = choose(logits, self._sampling, uniform)
        if self.frame < self._given.shape[-1]:
            codes = self._with_given(codes, logits)
        self._previous = codes
        self.frame += 1
        return codes

    def _draw_captured(
        self, stepper: CellStepper, inputs: Tensor, uniform: Tensor, recalled: Tensor
    ) -> Tensor:
        """The codes ``(rows, K, n)`` of the next frames, of which none is given."""
        function = partial(draw_frames, stepper, self._sampling)
        key = self._sampling.temperature, self._sampling.top_k
        arguments = inputs, uniform, self._previous, recalled, *stepper.state
        codes, *state = stepper.graphs.run(key, function, arguments)
        stepper.state = tuple(state)
        self._previous = codes[..., -1]
        self.frame += codes.shape[-1]
        return codes

    def _with_given(self, codes: Tensor, logits: Tensor) -> Tensor:
        given = self._given[:, self.frame]
        codes = torch.where(given == DRAWN, codes, given)
        judged = (given != DRAWN) & (given != self._unknown)
        chances = functional.log_softmax(logits, -1).gather(
            -1, codes.clamp_max(logits.shape[-1] - 1)[..., None]
        )
        self.likelihood = self.likelihood + (chances[..., 0] * judged).sum(-1)
        return codes

    def _draws(self, frames: int) -> Tensor:
        """Uniform numbers ``(rows, frames, K)``."""
        shape = len(self._previous) // len(self._generators), frames, len(self._given)
        # Drawn on the CPU, so that a seed means the same music wherever the network runs.
        return torch.cat([torch.rand(shape, generator=each) for each in self._generators])


def rated(codes: Tensor, start: int, candidates: int, rating: Rating) -> Tensor:
    """The ratings ``(takes * candidates,)`` of codes: one take's at a time, as a rating may compare them."""
    return torch.cat([rating(continuations, start) for continuations in codes.split(candidates)])


def best_rows(ratings: Tensor, candidates: int) -> Tensor:
    """The row of each take's best candidate, from ratings ``(takes * candidates,)``; the first of equals."""
    best = ratings.unflatten(0, (-1, candidates)).argmax(1)
    return best + candidates * torch.arange(len(best), device=best.device)
