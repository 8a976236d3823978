"""Decoding: from a dance's features to codes, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .model import Predictor, State, undelay_codes

Rating = Callable[[Tensor, int], Tensor]
"""How good codes ``(B, K, n)`` that begin at a frame of the dance are: ``(B,)``, more is better."""

PIECE_FRAMES = 120
"""Frames encoded, and handed on, at a time: two seconds."""


@dataclass(frozen=True)
class Sampling:
    """How a code is chosen from its distribution.

    Attributes:
        temperature: divides the logits; 0 takes the most probable code (the paper's greedy choice).
        top_k: only the k most probable codes can be drawn; 0 for all.
        seed: of the draws. The draws of take i depend on the seed and i alone.
    """

    temperature: float = 1.0
    top_k: int = 0
    seed: int = 0


def choose(logits: Tensor, sampling: Sampling, uniform: Tensor) -> Tensor:
    """Codes ``(B, K)`` from logits ``(B, K, M)``, by inverse transform of uniform numbers ``(B, K)``."""
    if sampling.temperature == 0:
        return logits.argmax(-1)
    logits = logits / sampling.temperature
    if 0 < sampling.top_k < logits.shape[-1]:
        threshold = logits.topk(sampling.top_k, -1).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, -torch.inf)
    cumulative = functional.softmax(logits.double(), -1).cumsum(-1)
    # Scaled by the sum, as rounding may leave it a little below 1 and a draw beyond every code.
    return torch.searchsorted(cumulative, (uniform[..., None] * cumulative[..., -1:])).squeeze(-1)


def encode_pieces(predictor: Predictor, features: Tensor, genre: Tensor) -> Iterator[Tensor]:
    """The encoding of ``(1, N, 73)`` in pieces ``(1, ≤ 120, D)``, the same as in one go."""
    context = predictor.config.context
    for start in range(0, features.shape[1], PIECE_FRAMES):
        first = max(0, start - context)
        end = min(start + PIECE_FRAMES, features.shape[1])
        encoded = predictor.encoder(features[:, first : end + context], genre)
        yield encoded[:, start - first : end - first]


def predict_codes(
    predictor: Predictor,
    features: Tensor,
    genre: int,
    takes: int,
    sampling: Sampling,
    on_frame: Callable[[int], None] | None = None,
    candidates: int = 1,
    rating: Rating | None = None,
) -> Iterator[Tensor]:
    """Codes of a dance, piece by piece: tensors ``(takes, K, n)`` whose n sum up to N.

    Args:
        features: ``(N, 73)``, displacements and kinematic beats, where the predictor is.
        genre: 0 for none, else 1 + the index of the genre.
        takes: decoded in one batch; take i draws its own random numbers.
        on_frame: called with the number of frames predicted so far; what it raises ends the prediction.
        candidates: continuations of each take, piece by piece, of which the best rated one stays.
        rating: needed for more than one candidate.
    """
    config, device = predictor.config, features.device
    rows = takes * candidates
    # The delayed codebooks of the last frames are predicted after the dance has ended; it stands still there.
    padded = functional.pad(features, (0, 0, 0, config.latency))[None]
    generators = [torch.Generator().manual_seed(sampling.seed * 1009 + take) for take in range(takes)]
    previous = torch.full((rows, config.n_codebooks, 1), config.codebook_size, device=device)
    table = predictor.decoder.history_table()
    lag = torch.arange(config.n_codebooks, device=device) * config.codebook_delay
    state: State | None = None
    frame = finished = 0
    waiting = previous[..., :0]
    for encoded in encode_pieces(predictor, padded, torch.tensor([genre], device=device)):
        piece = [waiting]
        # Drawn on the CPU, so that a seed means the same music wherever the network runs.
        shape = candidates, encoded.shape[1], config.n_codebooks
        draws = torch.cat([torch.rand(shape, generator=each) for each in generators]).to(device)
        for step in range(encoded.shape[1]):
            now = encoded[:, step : step + 1].expand(rows, -1, -1)
            logits, state = predictor.decoder(now, predictor.decoder.embed(previous, table), state)
            codes = choose(logits[:, :, 0], sampling, draws[:, step])
            # A delayed codebook has not begun before its lag is over, as in training.
            previous = torch.where(frame < lag, config.codebook_size, codes)[..., None]
            piece.append(previous)
            frame += 1
            if on_frame is not None:
                on_frame(frame)
        delayed = torch.cat(piece, -1)
        if delayed.shape[-1] > config.latency:
            codes = undelay_codes(delayed, config.codebook_delay)
            if rating is not None and candidates > 1:
                best = _best_rows(rating(codes, finished), candidates)
                kept = best.repeat_interleave(candidates)
                delayed, previous, codes = delayed[kept], previous[kept], codes[best]
                state = _state_of(state, kept)
            finished += codes.shape[-1]
            yield codes
        waiting = delayed[..., -config.latency :] if config.latency else delayed[..., :0]


def _state_of(state: State | None, rows: Tensor) -> State | None:
    if isinstance(state, tuple):
        return state[0][:, rows], state[1][:, rows]
    return state if state is None else state[:, rows]


def _best_rows(ratings: Tensor, candidates: int) -> Tensor:
    """The row of each take's best candidate, from ratings ``(takes * candidates,)``; the first of equals."""
    best = ratings.unflatten(0, (-1, candidates)).argmax(1)
    return best + candidates * torch.arange(len(best), device=best.device)
