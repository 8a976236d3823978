"""Music from files: any rate and number of channels in, 24 kHz mono out, whole or in random crops."""

from __future__ import annotations

import io
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from torch import Tensor

from ..core.errors import FileFormatError
from ..core.timing import HOP_LENGTH, SAMPLE_RATE
from .ogg import only_audio

AUDIO_SUFFIXES = (".flac", ".ogg", ".wav")

_MARGIN = 4096
"""Samples of a file read beyond a stretch that is resampled; soxr's filter reaches less far."""

_MAX_SAMPLES = 4 * 3600 * SAMPLE_RATE
"""Four hours: a header can claim years."""

_LOWEST_RATE, _HIGHEST_RATE = 1_000, 1_000_000

_BLOCK = 1 << 16
"""Frames read at once, so that many channels take no more memory than one."""


def audio_files(folder: Path) -> list[Path]:
    """The audio files below a folder, by name.

    Raises: FileFormatError (training.no_audio) if there is none.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES)
    if not files:
        raise FileFormatError(
            f"No audio below {folder}.",
            code="training.no_audio",
            hint=f"Give a folder with {', '.join(AUDIO_SUFFIXES)} files.",
        )
    return files


def audio_named(folder: Path, stem: str) -> Path | None:
    """The audio file of this name without its suffix, if the folder has one."""
    return next((path for suffix in AUDIO_SUFFIXES if (path := folder / f"{stem}{suffix}").exists()), None)


def read_audio(path: Path, start: int = 0, samples: int = -1) -> Tensor:
    """A stretch of a file as 24 kHz mono float32 ``(1, S)``; behind the file's end it is silent.

    Channels are averaged. Another rate is converted by soxr; a stretch is then what the whole file,
    converted at once, has there.

    Args:
        start: first sample at 24 kHz; samples: S, or -1 for all from there on.
    Raises: FileFormatError: training.unreadable_audio.
    """
    with _opened(path) as file:
        if samples < 0:
            samples = max(0, _length(path, file) - start)
        ratio = Fraction(SAMPLE_RATE, file.samplerate)
        # Where a sample of the file and one at 24 kHz fall together, both grids can begin anew.
        blocks = max(0, start // ratio.numerator - ceil(_MARGIN / ratio.denominator))
        first, skipped = blocks * ratio.denominator, start - blocks * ratio.numerator
        wanted = ceil((skipped + samples) / ratio) + _MARGIN
        waveform = _read(path, file, first, wanted if ratio != 1 else samples + skipped)
    if ratio != 1:
        waveform = soxr.resample(waveform, ratio.denominator, ratio.numerator)
    found = torch.from_numpy(waveform[skipped : skipped + samples])
    return torch.nn.functional.pad(found, (0, samples - len(found)))[None]


def audio_length(path: Path) -> int:
    """How many samples at 24 kHz a file has.

    Raises: FileFormatError: training.unreadable_audio.
    """
    with _opened(path) as file:
        return _length(path, file)


def _length(path: Path, file: soundfile.SoundFile) -> int:
    """In samples at 24 kHz, of a file whose header says what can be."""
    length = int(file.frames * Fraction(SAMPLE_RATE, file.samplerate))
    if length > _MAX_SAMPLES or not _LOWEST_RATE <= file.samplerate <= _HIGHEST_RATE:
        raise _unreadable(path, f"it claims {file.frames} samples at {file.samplerate} Hz")
    return length


def _read(path: Path, file: soundfile.SoundFile, first: int, frames: int) -> np.ndarray:
    """The mean of the channels, at the file's rate: (frames,) or fewer, float32."""
    _length(path, file)
    blocks = []
    try:
        file.seek(min(first, file.frames))
        while frames > 0 and len(block := file.read(min(frames, _BLOCK), dtype="float32", always_2d=True)):
            blocks.append(block[:, 0] if block.shape[1] == 1 else block.mean(axis=1))
            frames -= len(block)
    except soundfile.LibsndfileError as error:
        raise _unreadable(path, error.error_string) from error
    mono = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if not np.isfinite(mono).all():
        raise _unreadable(path, "it holds values that are no numbers")
    return mono


def _opened(path: Path) -> soundfile.SoundFile:
    if not path.is_file():
        raise _unreadable(path, "there is no such file")
    try:
        return soundfile.SoundFile(path)
    except soundfile.LibsndfileError as error:
        reason = error.error_string
    if (music := only_audio(path.read_bytes())) is not None:
        try:
            return soundfile.SoundFile(io.BytesIO(music))
        except soundfile.LibsndfileError as error:
            reason = error.error_string
    raise _unreadable(path, reason)


def _unreadable(path: Path, reason: str) -> FileFormatError:
    return FileFormatError(
        f"{path} cannot be read: {reason}",
        code="training.unreadable_audio",
        hint=f"Give a whole file that ends in one of {', '.join(AUDIO_SUFFIXES)}.",
    )


class AudioCrops:
    """Random crops, equally likely at every code frame of every file.

    Codes are made of whole files, so that music whose sounds begin with a code frame has no others: a codec
    would learn for nothing what it sounds like at the 399 samples between.

    Args:
        files: of music.
        crop_samples: length S of a crop at 24 kHz.
        seed: with the step number it fixes a batch, so that a resumed run sees what it would have seen.
    """

    def __init__(self, files: list[Path], crop_samples: int, seed: int) -> None:
        self.files = files
        self.crop_samples = crop_samples
        self.seed = seed
        self.lengths = np.array([audio_length(path) for path in files])

    def batch(self, step: int, size: int) -> Tensor:
        """The batch ``(B, 1, S)`` of a step."""
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.choice(len(self.files), size, p=self.lengths / self.lengths.sum())
        crops = []
        for index in chosen:
            frames = (self.lengths[index] - self.crop_samples) // HOP_LENGTH
            start = int(rng.integers(1 + max(0, frames))) * HOP_LENGTH
            crops.append(read_audio(self.files[index], start, self.crop_samples))
        return torch.stack(crops)
