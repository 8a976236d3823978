"""The whole way from a dance to its music: joints, features, codes, waveform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch

from .checkpoint import Checkpoint
from .decoding import Piece, decoded
from .direction import directed
from .errors import KinetoneError
from .motion.ensemble import ensemble_features
from .motion.features import MotionFeatures
from .options import GenerateOptions
from .predictor.guidance import GuidedStepper
from .predictor.sampling import Sampling, predict_codes
from .predictor.stepper import Stepper
from .progress import ProgressCallback

Joints = npt.NDArray[np.floating]


def generate(
    joints: Joints | Sequence[Joints],
    checkpoint: Checkpoint,
    options: GenerateOptions,
    progress: ProgressCallback,
) -> npt.NDArray[np.float32]:
    """Music for a dance.

    Args:
        joints: ``(N, 24, 3)``, metres, Z up, at 60 Hz; or several dancers' (motion/ensemble.py says how
            the music follows them all).
        progress: called at every frame; what it raises ends the generation.
    Returns: waveforms ``(takes, N * 400)`` at 24 kHz, within ±1.
    Raises: MotionError for motion that cannot be used; KinetoneError (generate.unknown_genre,
        generate.options).
    """
    dancers = [joints] if isinstance(joints, np.ndarray) else joints
    progress("Reading the motion", 0.0)
    pieces = stream(ensemble_features(dancers), checkpoint, options, progress)
    return np.concatenate([piece.waveform for piece in pieces], axis=1)


@torch.inference_mode()
def stream(
    dance: MotionFeatures,
    checkpoint: Checkpoint,
    options: GenerateOptions,
    progress: ProgressCallback,
    first_take: int = 0,
) -> Iterator[Piece]:
    """The music of :func:`generate` in pieces as they come, in bounded memory but for the codes.

    Args: first_take: index of the first of these takes, where not all are made at once.
    """
    options.check()
    genre, stepper = told(checkpoint, options)
    direction = directed(dance, options, checkpoint.codec.quantizer)

    furthest = 0

    def on_frame(frame: int) -> None:
        nonlocal furthest  # decoding lags behind composing
        furthest = max(furthest, frame)
        progress("Composing", min(furthest / direction.n_frames, 1.0))

    codes = predict_codes(
        checkpoint.predictor,
        direction.features,
        genre,
        options.takes,
        Sampling(options.temperature, options.top_k, options.seed, first_take),
        on_frame,
        direction.candidates,
        direction.rating,
        stepper=stepper,
    )
    yield from decoded(codes, checkpoint, on_frame)


def told(checkpoint: Checkpoint, options: GenerateOptions) -> tuple[tuple[int, ...], Stepper]:
    """The genre as predict_codes takes it, with what makes its steps.

    Raises: KinetoneError (generate.unknown_genre).
    """
    genre = _genre_index(checkpoint, options.genre)
    if genre == 0 or options.genre_strength == 1:
        return (genre,), checkpoint.stepper()
    stretched = GuidedStepper(checkpoint.stepper(), checkpoint.stepper(), options.genre_strength)
    return (genre, 0), stretched


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
