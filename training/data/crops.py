"""Batches of random crops of prepared pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...core.motion.features import N_DISPLACEMENTS
from ...core.predictor.model import delay_codes
from ...core.predictor.recall import recall_frames, recalled_codes
from .prepared import Pair

if TYPE_CHECKING:
    from ..predictor import PredictorTraining


@dataclass(frozen=True)
class Batch:
    """Crops of B pairs: features ``(B, N, 92)``, genre ``(B,)``, delayed codes ``(B, K, N)``.

    And ``recalled``, codes ``(B, N + 1, K, L)`` of earlier bars, for the frame before the first and for each.
    """

    features: Tensor
    genre: Tensor
    codes: Tensor
    recalled: Tensor


class PairCrops:
    """Random crops of pairs; the batch of a step depends on the seed and the step alone."""

    def __init__(self, pairs: list[Pair], config: PredictorTraining) -> None:
        self.pairs = pairs
        self.config = config
        lengths = np.array([len(pair.features) for pair in pairs], dtype=float)
        self.shares = lengths / lengths.sum()
        self.genre_index = {genre: 1 + i for i, genre in enumerate(config.model.genres)}

    def batch(self, step: int) -> Batch:
        """Crops are padded where a pair is shorter: with stillness, and codes that count as unknown."""
        config = self.config
        rng = np.random.default_rng((config.seed, step))
        rows = [
            self._crop(self.pairs[i], rng)
            for i in rng.choice(len(self.pairs), config.batch_size, p=self.shares)
        ]
        features, genre, codes, recalled = zip(*rows, strict=True)
        return Batch(torch.stack(features), torch.tensor(genre), torch.stack(codes), torch.stack(recalled))

    def _crop(self, pair: Pair, rng: np.random.Generator) -> tuple[Tensor, int, Tensor, Tensor]:
        config = self.config
        frames = config.crop_frames
        start = int(rng.integers(max(1, len(pair.features) - frames + 1)))
        features = torch.tensor(pair.features[start : start + frames])
        features[0, :N_DISPLACEMENTS] = 0.0  # as at a dance's first frame (paper equation 4)
        codes = torch.from_numpy(pair.codes[None, :, start : start + frames].astype(np.int64))
        unknown = config.model.codebook_size
        delayed = delay_codes(codes, config.model.codebook_delay, unknown)[0, :, :frames]
        missing = frames - len(features)
        features = functional.pad(features, (0, 0, 0, missing))
        delayed = functional.pad(delayed, (0, frames - delayed.shape[-1]), value=unknown)
        genre = 0 if rng.random() < config.genre_dropout else self.genre_index.get(pair.genre, 0)
        return features, genre, delayed, self._recalled(pair, start, frames)

    def _recalled(self, pair: Pair, start: int, n_frames: int) -> Tensor:
        """Codes ``(n_frames + 1, K, L)`` that are recalled at the frame before a crop and at its frames."""
        config = self.config.model
        whole = torch.from_numpy(pair.codes[None].astype(np.int64))
        delayed = delay_codes(whole, config.codebook_delay, config.codebook_size)[0]
        frames = recall_frames(torch.tensor(pair.features), config.recall, config.latency)
        frames = functional.pad(frames, (0, n_frames), value=-1)[:, start : start + n_frames + 1]
        return recalled_codes(delayed, frames, config.codebook_size)
