"""What the predictor is told of a dance: the dance as it is, or as the user would have it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .codec.quantizer import ResidualVectorQuantizer
from .motion.beats import beat_frames
from .motion.features import MotionFeatures
from .motion.pulse import beat_grid
from .options import GenerateOptions
from .predictor.rating import BeatRating
from .predictor.sampling import Rating

CANDIDATES = 4
"""Continuations tried for every two seconds; the one that hits the dance's beats best stays."""


@dataclass(frozen=True)
class Direction:
    """How the music is to go.

    Attributes:
        features: ``(N, 73)``, for the predictor.
        beats: frames that the music should hit.
        candidates: continuations to choose from.
    """

    features: Tensor
    beats: Tensor
    candidates: int

    @property
    def n_frames(self) -> int:
        """N, of 1/60 s each."""
        return len(self.features)

    def rating(self, quantizer: ResidualVectorQuantizer) -> Rating:
        """How good a continuation is."""
        return BeatRating(quantizer, self.beats)


def directed(features: MotionFeatures, options: GenerateOptions) -> Direction:
    """The features of a dance with its energy and tempo as the user wants them."""
    displacements, marks = features.displacements * options.energy, features.kinematic_beats
    if options.tempo_bpm is not None:
        marks = beat_grid(marks, options.tempo_bpm)
    return Direction(
        torch.from_numpy(MotionFeatures(displacements, marks).stacked()),
        torch.from_numpy(beat_frames(marks)),
        CANDIDATES if options.temperature > 0 else 1,
    )
