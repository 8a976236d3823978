"""A part of a dance has changed: new music for that part, and the rest as it is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from .checkpoint import Checkpoint
from .codec.model import decoder_context
from .decoding import Piece, replay
from .direction import directed
from .errors import KinetoneError
from .generate import told
from .meeting import PulseMeeting
from .motion.features import MotionFeatures
from .options import GenerateOptions
from .predictor.filling import fill_codes
from .predictor.sampling import DRAWN, Sampling
from .progress import ProgressCallback
from .timing import FRAME_RATE, HOP_LENGTH

_SLACK_FRAMES = 1e-6
"""Keeps a time that is whole in frames from becoming another frame by rounding."""


@dataclass(frozen=True)
class Part:
    """The frames from ``start`` up to ``end`` of a dance of ``n_frames``."""

    start: int
    end: int
    n_frames: int

    @property
    def seconds(self) -> tuple[float, float]:
        """Where it begins and ends."""
        return self.start / FRAME_RATE, self.end / FRAME_RATE

    def samples(self, checkpoint: Checkpoint) -> tuple[int, int]:
        """The first sample that new codes for the part may change, and the first after it that stays."""
        reach = decoder_context(checkpoint.codec.config)
        return self.start * HOP_LENGTH, min(self.end + reach, self.n_frames) * HOP_LENGTH


def part_between(start_s: float, end_s: float, n_frames: int, kept_frames: int) -> Part:
    """The whole frames that hold a part of a dance.

    Args:
        n_frames: of the dance as it is now; kept_frames: of the music that is there.
    Raises: KinetoneError (generate.part) for one that is empty, not in the dance, or that would leave
        frames without music or music without frames.
    """
    start = math.floor(start_s * FRAME_RATE + _SLACK_FRAMES)
    end = min(math.ceil(end_s * FRAME_RATE - _SLACK_FRAMES), n_frames)
    duration_s, kept_s = n_frames / FRAME_RATE, kept_frames / FRAME_RATE
    what = f"The part from {start_s:g} s to {end_s:g} s"
    if start >= end:
        raise KinetoneError(
            f"{what} is not in the dance, which lasts {duration_s:.2f} s.",
            code="generate.part",
            hint="Choose a part that ends after it begins, within the dance.",
        )
    if n_frames != kept_frames and end < n_frames:
        raise KinetoneError(
            f"The dance lasts {duration_s:.2f} s now, its music {kept_s:.2f} s, "
            f"but {what[0].lower()}{what[1:]} leaves the end as it is.",
            code="generate.part",
            hint="When the length has changed, choose a part that reaches to the end of the dance.",
        )
    if start > kept_frames:
        raise KinetoneError(
            f"{what} begins after the music that is there, which lasts {kept_s:.2f} s.",
            code="generate.part",
            hint=f"Let it begin at {kept_s:.2f} s or before.",
        )
    return Part(start, end, n_frames)


@torch.inference_mode()
def restream(
    dance: MotionFeatures,
    checkpoint: Checkpoint,
    options: GenerateOptions,
    codes: npt.NDArray[np.int16],
    part: Part,
    progress: ProgressCallback,
    first_take: int = 0,
) -> Iterator[Piece]:
    """All of the music, with a part of it made anew, in pieces.

    The codes outside the part stay. As the decoder is causal, the samples before the part stay too, and
    those from where its context ends after it (model.py, ``decoder_context``).

    Args:
        dance: as it is now, N frames.
        codes: ``(K, M)`` of the music that is there.
        first_take: index of the first of these takes, where not all are made at once.
    Raises: KinetoneError (generate.unknown_genre, generate.options).
    """
    options.check()
    genre, stepper = told(checkpoint, options)
    quantizer = checkpoint.codec.quantizer
    direction = directed(dance, options, quantizer)
    kept = torch.full((len(codes), part.n_frames), DRAWN)
    kept[:, : part.start] = torch.from_numpy(codes[:, : part.start].astype(np.int64))
    if part.end < part.n_frames:
        kept[:, part.end :] = torch.from_numpy(codes[:, part.end :].astype(np.int64))
    kept = kept.to(quantizer.codebooks.device)

    def on_frame(frame: int) -> None:
        progress("Composing", min(frame / part.end, 1.0))

    filled = fill_codes(
        checkpoint.predictor,
        direction.features,
        genre,
        options.takes,
        Sampling(options.temperature, options.top_k, options.seed, first_take),
        kept,
        part.start,
        on_frame,
        direction.candidates,
        PulseMeeting(direction.rating, quantizer, kept, part.end),
        stepper,
    )
    whole = kept.expand(options.takes, -1, -1).clone()
    whole[..., part.start : part.end] = filled
    yield from replay(whole, checkpoint, progress)
