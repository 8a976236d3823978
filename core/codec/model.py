"""The codec: waveform to RVQ codes and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..timing import HOP_LENGTH
from .decoder import Decoder
from .encoder import Encoder
from .frame_decoder import CONTEXT_FRAMES, FrameDecoder
from .quantizer import ResidualVectorQuantizer


@dataclass(frozen=True)
class CodecConfig:
    """Sizes of the codec. The defaults are SoundStream's with the paper's strides and codebooks.

    ``encoder_channels`` and ``decoder_channels`` are the widths at the waveform's rate, after
    each stride, and at the code-frame rate. One number alone as ``decoder_channels`` is the width of a
    decoder that stays at the code-frame rate, in the place of SoundStream's.
    """

    strides: tuple[int, ...] = (2, 4, 5, 10)
    encoder_channels: tuple[int, ...] = (32, 64, 128, 256, 512)
    decoder_channels: tuple[int, ...] = (32, 64, 128, 256, 512)
    latent_dim: int = 128
    n_codebooks: int = 8
    codebook_size: int = 1024

    def __post_init__(self) -> None:
        if math.prod(self.strides) != HOP_LENGTH:
            raise ValueError(
                f"strides {self.strides} multiply to {math.prod(self.strides)}, not {HOP_LENGTH}"
            )


class Codec(nn.Module):
    """SoundStream (Zeghidour et al. 2021) at 24 kHz and 60 code frames a second."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config.encoder_channels, config.strides, config.latent_dim)
        self.quantizer = ResidualVectorQuantizer(config.n_codebooks, config.codebook_size, config.latent_dim)
        self.decoder = _decoder(config)

    def encode(self, waveform: Tensor) -> Tensor:
        """Waveform ``(B, 1, S)``, S a multiple of 400, to codes ``(B, K, S / 400)``."""
        return self.quantizer.encode(self.encoder(waveform))

    def decode(self, codes: Tensor) -> Tensor:
        """Codes ``(B, K, N)`` to a waveform ``(B, 1, N * 400)``."""
        waveform: Tensor = self.decoder(self.quantizer.decode(codes))
        return waveform

    def decode_stream(self, pieces: Iterable[Tensor]) -> Iterator[Tensor]:
        """The samples of :meth:`decode` for codes that come in pieces ``(B, K, n)``, as they come.

        Memory is that of the largest piece: of what came before, only the frames that the next
        samples depend on are kept. Pieces of music are decoded one after the other, so that one's
        samples are the same to the last bit whatever it shares the batch with.
        """
        for piece, latents in self.latents_stream(pieces):
            waveforms = [
                self.decoder(each)[..., -piece.shape[-1] * HOP_LENGTH :] for each in latents.split(1)
            ]
            yield torch.cat(waveforms)

    def latents_stream(self, pieces: Iterable[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """Each of the pieces ``(B, K, n)`` with its latents ``(B, D, m + n)``.

        The m frames before the piece are those that its samples depend on; the decoder's other samples
        for them are wrong.
        """
        context = decoder_context(self.config)
        codes: Tensor | None = None
        for piece in pieces:
            codes = piece if codes is None else torch.cat([codes[..., -context:], piece], -1)
            yield piece, self.quantizer.decode(codes)

    def encode_chunks(self, waveform: Tensor, chunk_frames: int = 600) -> Iterator[Tensor]:
        """The codes of :meth:`encode`, ``chunk_frames`` code frames at a time, in bounded memory."""
        context = encoder_context(self.config.strides)
        for start in range(0, waveform.shape[-1] // HOP_LENGTH, chunk_frames):
            first = max(0, start - context)
            piece = waveform[..., first * HOP_LENGTH : (start + chunk_frames) * HOP_LENGTH]
            yield self.encode(piece)[..., start - first :]


def _decoder(config: CodecConfig) -> Decoder | FrameDecoder:
    if len(config.decoder_channels) == 1:
        return FrameDecoder(config.decoder_channels[0], config.latent_dim)
    return Decoder(config.decoder_channels, config.strides, config.latent_dim)


_UNITS_SPAN = 6 * (1 + 3 + 9)
"""Past samples seen by the three residual units of a block: kernel 7, dilations 1, 3 and 9."""


def decoder_context(config: CodecConfig) -> int:
    """Code frames before a frame that its samples depend on."""
    if len(config.decoder_channels) == 1:
        return CONTEXT_FRAMES
    past, rate = 6.0, 1  # the first convolution, of kernel 7, at the code-frame rate
    for stride in config.strides[::-1]:
        past += 1 / rate  # a transposed convolution of kernel 2 * stride mixes two inputs
        rate *= stride
        past += _UNITS_SPAN / rate
    return math.ceil(past + 6 / rate)


def encoder_context(strides: tuple[int, ...]) -> int:
    """Code frames before a frame that its code depends on."""
    past, span = 6.0, 1  # in samples; the first convolution, of kernel 7
    for stride in strides:
        past += _UNITS_SPAN * span + (2 * stride - 1) * span
        span *= stride
    return math.ceil((past + 2 * span) / span)
