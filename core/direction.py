"""What the predictor is told of a dance: the dance as it is, or as the user would have it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from .code_onsets import are_onsets, code_changes
from .codec.quantizer import ResidualVectorQuantizer
from .motion.accents import accents
from .motion.beats import beat_frames
from .motion.downbeats import first_counts
from .motion.features import MotionFeatures
from .motion.pulse import even_beats, pulse, pulse_beats
from .options import GenerateOptions
from .predictor.rating import BeatRating
from .predictor.sampling import Rating

CANDIDATES = 4
"""Continuations tried for every two seconds; the best rated one stays."""

LIVELINESS = 2.0
"""How much twice as many onsets as in the mean candidate count beside the beats, at energy 2."""


@dataclass(frozen=True)
class Direction:
    """How the music is to go.

    Attributes:
        features: ``(N, 92)``, for the predictor, on the processor.
        rating: of continuations.
        candidates: how many continuations to choose from.
    """

    features: Tensor
    rating: Rating
    candidates: int

    @property
    def n_frames(self) -> int:
        """N, of 1/60 s each."""
        return len(self.features)


def directed(
    dance: MotionFeatures, options: GenerateOptions, quantizer: ResidualVectorQuantizer
) -> Direction:
    """A dance with the energy and the tempo that the user wants.

    The model hardly notices a dance half as large, so that below 1 displacements are scaled by the square
    of the energy; and above 1, where they soon are larger than any dance, by its root.
    """
    scale = options.energy ** (2.0 if options.energy < 1 else 0.5)
    if options.tempo_bpm is not None:
        dance = _in_tempo(dance, options.tempo_bpm)
    kinds = beat_frames(dance.kinematic_beats), pulse_beats(dance.pulse)
    rating: Rating = BeatRating(quantizer, *map(torch.from_numpy, kinds))
    if options.energy != 1:
        rating = EnergyRating(rating, quantizer, options.energy)
    features = replace(dance, displacements=dance.displacements * np.float32(scale)).stacked()
    return Direction(torch.from_numpy(features), rating, _candidates(options))


def _in_tempo(dance: MotionFeatures, tempo_bpm: float) -> MotionFeatures:
    """The dance as if it had an even pulse, and turned or stopped on every beat of it and nowhere else."""
    beats = even_beats(dance.kinematic_beats, tempo_bpm)
    first = first_counts(beats, accents(dance.kinematic_beats, dance.displacements), dance.displacements)
    told = pulse(beats, len(dance.kinematic_beats), first)
    marks = np.zeros_like(dance.kinematic_beats)
    marks[pulse_beats(told)] = 1.0
    return MotionFeatures(dance.displacements, marks, told)


def _candidates(options: GenerateOptions) -> int:
    """More for more energy, so that there is a lively one among them; all greedy ones would be alike."""
    if options.temperature == 0:
        return 1
    return CANDIDATES * (2 if options.energy > 1 else 1)


class EnergyRating:
    """Another rating, with a liking for more onsets above energy 1 and for fewer below."""

    def __init__(self, rating: Rating, quantizer: ResidualVectorQuantizer, energy: float) -> None:
        self._rating, self._quantizer = rating, quantizer
        self._weight = LIVELINESS * math.log2(energy)

    def __call__(self, codes: Tensor, start: int) -> Tensor:
        """The rating ``(B,)`` of codes ``(B, K, n)`` from frame ``start`` on."""
        onsets = are_onsets(code_changes(codes, self._quantizer)).sum(1).float()
        return self._rating(codes, start) + self._weight * onsets / onsets.mean().clamp_min(1)
