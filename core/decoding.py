"""From codes to sound: piece by piece, on other processors while the next codes are composed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .checkpoint import Checkpoint
from .progress import ProgressCallback
from .timing import HOP_LENGTH

BLOCK_FRAMES = 120
"""Frames decoded at a time, counted from the first: music is decoded in the same blocks whenever that is,
so that the same codes give the same samples."""

BLOCKS_AHEAD = 2
"""Blocks that may wait to be decoded before composing waits for them."""

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


@torch.inference_mode()
def replay(codes: Tensor, checkpoint: Checkpoint, progress: ProgressCallback) -> Iterator[Piece]:
    """The sound of codes ``(takes, K, N)`` that are all there, in pieces."""

    def on_frame(frame: int) -> None:
        progress("Rendering the music", frame / codes.shape[-1])

    yield from decoded([codes.to(checkpoint.device)], checkpoint, on_frame)


def decoded(
    codes: Iterable[Tensor], checkpoint: Checkpoint, on_frame: Callable[[int], None]
) -> Iterator[Piece]:
    """The sound of codes that come in pieces of any length, on the checkpoint's device.

    Each take of each block is decoded for itself, so that the same codes give the same samples to the last
    bit, whatever the number of takes.

    Args: on_frame: called with the number of frames decoded so far; what it raises ends the decoding.
    """
    frames = 0
    with closing((_on_gpu if checkpoint.on_gpu else _in_threads)(codes, checkpoint)) as pieces:
        for piece in pieces:
            frames += piece.codes.shape[-1]
            on_frame(frames)
            yield piece


def _on_gpu(codes: Iterable[Tensor], checkpoint: Checkpoint) -> Generator[Piece, None, None]:
    """Take after take; the processor waits for the GPU once a block."""
    for block, latents in checkpoint.codec.latents_stream(blocks(codes)):
        n_samples = block.shape[-1] * HOP_LENGTH
        takes = [_sound(checkpoint.codec.decoder, each, n_samples) for each in latents.split(1)]
        yield _piece(block, torch.stack(takes))


def _in_threads(codes: Iterable[Tensor], checkpoint: Checkpoint) -> Generator[Piece, None, None]:
    """Each take by one thread alone, as other numbers of threads add up in another order."""
    decoder = checkpoint.codec.decoder
    # Asking for the number also settles it for this thread, before others set theirs.
    threads = ThreadPoolExecutor(torch.get_num_threads(), "decoding", torch.set_num_threads, (1,))

    def decoding() -> Iterator[_Decoding]:
        for block, latents in checkpoint.codec.latents_stream(blocks(codes)):
            n_samples = block.shape[-1] * HOP_LENGTH
            takes = [threads.submit(_sound, decoder, each, n_samples) for each in latents.split(1)]
            yield _Decoding(block, takes)

    try:
        yield from _finished(decoding())
    finally:
        threads.shutdown(cancel_futures=True)


def _finished(decodings: Iterable[_Decoding]) -> Iterator[Piece]:
    """The pieces in order: each as soon as it is there, once the next codes have been composed."""
    waiting: deque[_Decoding] = deque()
    for each in decodings:
        waiting.append(each)
        while waiting and (waiting[0].done or len(waiting) > BLOCKS_AHEAD):
            yield waiting.popleft().piece()
    for each in waiting:
        yield each.piece()


@dataclass(frozen=True)
class _Decoding:
    """A block on its way to sound, take by take."""

    codes: Tensor
    takes: list[Future[Tensor]]

    @property
    def done(self) -> bool:
        return all(take.done() for take in self.takes)

    def piece(self) -> Piece:
        return _piece(self.codes, torch.stack([take.result() for take in self.takes]))


@torch.inference_mode()
def _sound(decoder: Callable[[Tensor], Tensor], latents: Tensor, n_samples: int) -> Tensor:
    """The last samples ``(n_samples,)`` of latents ``(1, D, n)``."""
    return limited(decoder(latents)[0, 0, -n_samples:])


def _piece(codes: Tensor, waveform: Tensor) -> Piece:
    return Piece(codes.cpu().numpy().astype(np.int16), waveform.cpu().numpy())


def blocks(pieces: Iterable[Tensor]) -> Iterator[Tensor]:
    """Codes ``(B, K, n)`` in pieces of any length as pieces of BLOCK_FRAMES; the last one may be shorter."""
    waiting: Tensor | None = None
    for piece in pieces:
        waiting = piece if waiting is None else torch.cat([waiting, piece], -1)
        *whole, waiting = waiting.split(BLOCK_FRAMES, -1)
        if waiting.shape[-1] == BLOCK_FRAMES:
            whole, waiting = [*whole, waiting], None
        yield from whole
    if waiting is not None:
        yield waiting


def limited(waveform: Tensor) -> Tensor:
    """A waveform with what is louder than -2 dB bent to stay below full scale, each sample for itself."""
    loudness = waveform.abs()
    bent = KNEE + (CEILING - KNEE) * torch.tanh((loudness - KNEE) / (CEILING - KNEE))
    return torch.where(loudness > KNEE, bent * waveform.sign(), waveform)
