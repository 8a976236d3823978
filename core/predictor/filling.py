"""New codes for a part of music whose rest stays: they go on from what stands before and meet the rest."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from .model import Predictor
from .recall import recall_frames
from .sampling import (
    DRAWN,
    PIECE_FRAMES,
    Continuations,
    Rating,
    Sampling,
    best_rows,
    encode_pieces,
    rated,
)
from .stepper import Stepper

OUTLOOK_FRAMES = 60
"""How far into what comes after the new part the continuations are compared: a second."""

LAST_CANDIDATES = 4
"""Into how many each candidate is split for the last piece, which has to meet what comes after."""

SHORTEST_LAST_FRAMES = 30
"""What is left of the part after the other pieces is at least so long."""

MEETING_WEIGHT = 1.0
"""How much a nat for each code of the outlook counts beside the rating."""


def fill_codes(
    predictor: Predictor,
    features: Tensor,
    genre: int | tuple[int, ...],
    takes: int,
    sampling: Sampling,
    kept: Tensor,
    start: int,
    on_frame: Callable[[int], None],
    candidates: int,
    rating: Rating,
    stepper: Stepper,
) -> Tensor:
    """Codes ``(takes, K, n)`` for the frames from ``start`` on that ``kept`` has none for.

    For the last piece there are more candidates, and beside their rating counts how likely the network
    finds the kept codes of the following second after each of them.

    Args:
        features, genre, takes, sampling, candidates, rating, stepper: as in
            sampling.predict_codes. The features are those of the whole dance.
        kept: ``(K, N)``, DRAWN from ``start`` up to somewhere before the end.
        on_frame: called with each frame reached, from 0 on; what it raises ends the work.
    """
    config = predictor.config
    end = start + int((kept[0, start:] == DRAWN).sum())
    outlook = min(end + config.latency + OUTLOOK_FRAMES, len(features) + config.latency)
    music = Continuations(
        stepper,
        kept,
        takes,
        sampling,
        unknown=config.codebook_size,
        delay=config.codebook_delay,
        recall=recall_frames(features, config.recall, config.latency),
    )
    padded = functional.pad(features, (0, 0, 0, config.latency))[None].to(kept.device)
    genres = torch.tensor([genre] if isinstance(genre, int) else genre, device=kept.device)
    for encoded in encode_pieces(predictor, padded, genres, end=start):
        on_frame(music.frame)
        music.replay(encoded)
    music.keep(torch.zeros(takes * candidates, dtype=torch.long, device=kept.device))
    filled = []
    cuts = list(range(start + PIECE_FRAMES, end - SHORTEST_LAST_FRAMES, PIECE_FRAMES))
    for until in (*cuts, outlook):
        if until == outlook and candidates > 1:
            candidates *= LAST_CANDIDATES
            music.keep(torch.arange(takes * candidates, device=kept.device) // LAST_CANDIDATES)
        for encoded in encode_pieces(predictor, padded, genres, music.frame, until):
            music.extend(encoded, on_frame)
        codes, first = music.finished()
        codes = codes[..., : end - first]
        likelihood = music.likelihood / max(1, len(kept) * (outlook - end))
        ratings = rated(codes, first, candidates, rating) + MEETING_WEIGHT * likelihood
        best = best_rows(ratings, candidates)
        music.keep(best.repeat_interleave(candidates))
        filled.append(codes[best])
    return torch.cat(filled, -1)
