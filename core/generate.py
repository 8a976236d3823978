"""The whole way from a dance to its music: joints, features, codes, waveform."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .checkpoint import Checkpoint
from .codec.model import Codec
from .direction import directed
from .errors import KinetoneError
from .motion.ensemble import ensemble_features
from .motion.features import MotionFeatures
from .options import GenerateOptions
from .predictor.sampling import Sampling, predict_codes
from .progress import ProgressCallback

Joints = npt.NDArray[np.floating]

BLOCK_FRAMES = 120
"""Frames decoded at a time, counted from the first: music is decoded in the same blocks whenever that is,
so that the same codes give the same samples."""

KNEE, CEILING = 0.8, 0.99
"""Amplitudes from which on peaks are bent, and that none exceeds."""


@dataclass(frozen=True)
class Piece:
    """The next stretch of all takes.

    Attributes:
        codes: ``(takes, K, n)`` int16.
        waveform: ``(takes, n * 400)`` at 24 kHz, within ±1.
    """

    codes: npt.NDArray[np.int16]
    waveform: npt.NDArray[np.float32]


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
    dance: MotionFeatures, checkpoint: Checkpoint, options: GenerateOptions, progress: ProgressCallback
) -> Iterator[Piece]:
    """The music of :func:`generate` in pieces as they come, in bounded memory."""
    options.check()
    genre = genre_index(checkpoint, options.genre)
    direction = directed(dance, options)

    def on_frame(frame: int) -> None:
        progress("Composing", min(frame / direction.n_frames, 1.0))

    codes = predict_codes(
        checkpoint.predictor,
        direction.features,
        genre,
        options.takes,
        Sampling(options.temperature, options.top_k, options.seed),
        on_frame,
        direction.candidates,
        direction.rating(checkpoint.codec.quantizer),
        genre_strength=options.genre_strength,
    )
    yield from decoded(blocks(codes), checkpoint.codec, options.takes, on_frame)


def blocks(pieces: Iterable[Tensor]) -> Iterator[Tensor]:
    """Codes ``(B, K, n)`` in pieces of any length as pieces of BLOCK_FRAMES; the last one may be shorter."""
    waiting: Tensor | None = None
    for piece in pieces:
        waiting = piece if waiting is None else torch.cat([waiting, piece], -1)
        while waiting.shape[-1] >= BLOCK_FRAMES:
            yield waiting[..., :BLOCK_FRAMES]
            waiting = waiting[..., BLOCK_FRAMES:]
    if waiting is not None and waiting.shape[-1]:
        yield waiting


def decoded(
    codes: Iterable[Tensor], codec: Codec, takes: int, on_frame: Callable[[int], None]
) -> Iterator[Piece]:
    """The sound of blocks of codes. Each take is decoded by itself: a batch would round otherwise.

    Args: on_frame: called with the frames decoded so far, for each take; what it raises ends the decoding.
    """
    own, *copies = itertools.tee(codes, takes + 1)
    decoders = [codec.decode_stream(_of_take(copy, take, on_frame)) for take, copy in enumerate(copies)]
    for block, *waveforms in zip(own, *decoders, strict=True):
        sound = limited(torch.cat(waveforms)[:, 0])
        yield Piece(block.cpu().numpy().astype(np.int16), sound.cpu().numpy())


def _of_take(codes: Iterable[Tensor], take: int, on_frame: Callable[[int], None]) -> Iterator[Tensor]:
    frames = 0
    for block in codes:
        frames += block.shape[-1]
        on_frame(frames)
        yield block[take : take + 1]


def limited(waveform: Tensor) -> Tensor:
    """A waveform with what is louder than -2 dB bent to stay below full scale, each sample for itself."""
    loudness = waveform.abs()
    bent = KNEE + (CEILING - KNEE) * torch.tanh((loudness - KNEE) / (CEILING - KNEE))
    return torch.where(loudness > KNEE, bent * waveform.sign(), waveform)


def genre_index(checkpoint: Checkpoint, genre: str | None) -> int:
    """The genre as the predictor knows it: 0 for none.

    Raises: KinetoneError (generate.unknown_genre).
    """
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
