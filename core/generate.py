"""The whole way from a dance to its music: joints, features, codes, waveform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from .checkpoint import Checkpoint
from .errors import KinetoneError
from .motion.beats import beat_frames
from .motion.features import motion_features
from .predictor.rating import BeatRating
from .predictor.sampling import Sampling, predict_codes
from .progress import ProgressCallback

CANDIDATES = 4
"""Continuations tried for every two seconds; the one that hits the dance's beats best stays."""

KNEE, CEILING = 0.8, 0.99
"""Amplitudes from which on peaks are bent, and that none exceeds."""


@dataclass(frozen=True)
class GenerateOptions:
    """What the user asks for.

    Attributes:
        seed: of the random choices; the same seed gives the same music.
        genre: one of the checkpoint's genres, or None to leave it to the dance.
        takes: how many different pieces to make for the same dance.
        temperature: how adventurous the choices are; 0 is greedy.
        top_k: how many codes are open to choice in each codebook at each frame; 0 for all.
    """

    seed: int = 0
    genre: str | None = None
    takes: int = 1
    temperature: float = 0.7
    top_k: int = 64


def generate(
    joints: npt.NDArray[np.floating],
    checkpoint: Checkpoint,
    options: GenerateOptions,
    progress: ProgressCallback,
) -> npt.NDArray[np.float32]:
    """Music for a dance.

    Args:
        joints: ``(N, 24, 3)``, metres, Z up, at 60 Hz.
        progress: called at every frame; what it raises ends the generation.
    Returns: waveforms ``(takes, N * 400)`` at 24 kHz, within ±1.
    Raises: MotionError for motion that cannot be used; KinetoneError (generate.unknown_genre,
        generate.options).
    """
    pieces = list(stream(joints, checkpoint, options, progress))
    return np.concatenate(pieces, axis=1)


@torch.inference_mode()
def stream(
    joints: npt.NDArray[np.floating],
    checkpoint: Checkpoint,
    options: GenerateOptions,
    progress: ProgressCallback,
) -> Iterator[npt.NDArray[np.float32]]:
    """The music of :func:`generate` in pieces ``(takes, S)`` as they come, in bounded memory."""
    genre = _genre_index(checkpoint, options.genre)
    if options.takes < 1 or options.temperature < 0 or options.top_k < 0:
        raise KinetoneError(
            f"Cannot generate {options.takes} takes at temperature {options.temperature} "
            f"and top-k {options.top_k}.",
            code="generate.options",
            hint="Takes must be 1 or more; temperature and top-k 0 or more.",
        )
    progress("Reading the motion", 0.0)
    motion = motion_features(joints)
    features = motion.stacked()
    sampling = Sampling(options.temperature, options.top_k, options.seed)

    def on_frame(frame: int) -> None:
        progress("Composing", min(frame / len(features), 1.0))

    beats = torch.from_numpy(beat_frames(motion.kinematic_beats))
    codes = predict_codes(
        checkpoint.predictor,
        torch.from_numpy(features),
        genre,
        options.takes,
        sampling,
        on_frame,
        CANDIDATES if options.temperature > 0 else 1,
        BeatRating(checkpoint.codec.quantizer, beats),
        stepper=checkpoint.stepper(),
    )
    for waveform in checkpoint.codec.decode_stream(codes, checkpoint.fast_decoder):
        yield limited(waveform[:, 0]).numpy()


def limited(waveform: torch.Tensor) -> torch.Tensor:
    """A waveform with what is louder than -2 dB bent to stay below full scale, each sample for itself."""
    loudness = waveform.abs()
    bent = KNEE + (CEILING - KNEE) * torch.tanh((loudness - KNEE) / (CEILING - KNEE))
    return torch.where(loudness > KNEE, bent * waveform.sign(), waveform)


def _genre_index(checkpoint: Checkpoint, genre: str | None) -> int:
    if genre is None:
        return 0
    if genre not in checkpoint.genres:
        known = ", ".join(checkpoint.genres) or "none"
        raise KinetoneError(
            f"This model has no genre {genre!r}.",
            code="generate.unknown_genre",
            hint=f"Choose one of: {known}.",
        )
    return 1 + checkpoint.genres.index(genre)
