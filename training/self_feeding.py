"""Scheduled self-feeding: the decoder trains on its own codes for ever longer spans."""

from __future__ import annotations

import torch
from torch import Tensor

from ..core.predictor.model import Predictor
from ..core.predictor.sampling import Sampling, choose


def self_fed_frames(step: int, span: int, growth_steps: int) -> int:
    """How many frames in a row are self-fed at a step: from 0 at the first, evenly up to ``span``.

    Source: DanceRevolution (Huang et al. 2021), whose span grows with training, where
    that of acRNN (Zhou et al. 2018) stays as it is.
    """
    return min(span, span * step // max(1, growth_steps))


@torch.no_grad()
def self_fed_history(
    predictor: Predictor,
    encoded: Tensor,
    previous: Tensor,
    recalled: Tensor,
    teacher_span: int,
    self_fed_span: int,
    temperature: float = 0.0,
) -> Tensor:
    """The codes before each frame, where spans of true ones alternate with spans of predicted ones.

    A span of ``teacher_span`` frames is given the true codes; in the ``self_fed_span`` frames after
    it, each is given the codes that were drawn for the frame before, and so on.
    Given to the network, the result leads to the same predictions all at once, and gradients flow
    through the recurrent state as in acRNN (Zhou et al. 2018); through a chosen code none can.

    Args:
        encoded: ``(B, N, D)``, the dance.
        previous: ``(B, K, N)``, the true codes before each frame; ``codebook_size`` for unknown, which stays.
        recalled: ``(B, N + 1, K, L)``, true codes, too.
        temperature: of the draws; 0 takes the most probable codes.
    Returns: ``(B, K, N)``.
    """
    unknown = predictor.config.codebook_size
    sampling = Sampling(temperature)
    table = predictor.decoder.history_table()
    history = previous.clone()
    state = None
    start, frames = 0, previous.shape[-1]
    while start < frames:
        own = start % (teacher_span + self_fed_span) >= teacher_span
        end = min(start + (1 if own else teacher_span), frames)
        now = recalled[:, start : end + 1]
        embedded = predictor.decoder.embed(history[..., start:end], table, now)
        logits, state = predictor.decoder(encoded[:, start:end], embedded, state, now)
        following = (end % (teacher_span + self_fed_span)) >= teacher_span
        if following and end < frames:
            known = previous[..., end] != unknown
            uniform = torch.rand(logits.shape[:2], device=logits.device)
            drawn = choose(logits[:, :, -1].float(), sampling, uniform)
            history[..., end] = torch.where(known, drawn, unknown)
        start = end
    return history
