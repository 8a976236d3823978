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
from ..core.timing import SAMPLE_RATE
from .ogg import only_audio

AUDIO_SUFFIXES = (".flac", ".ogg", ".wav")

_MARGIN = 4096
"""Samples of a file read beyond a stretch that is resampled; soxr's filter reaches less far."""


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
            samples = max(0, _length(file) - start)
        ratio = Fraction(SAMPLE_RATE, file.samplerate)
        # Where a sample of the file and one at 24 kHz fall together, both grids can begin anew.
        blocks = max(0, start // ratio.numerator - ceil(_MARGIN / ratio.denominator))
        first, skipped = blocks * ratio.denominator, start - blocks * ratio.numerator
        wanted = ceil((skipped + samples) / ratio) + _MARGIN
        file.seek(min(first, file.frames))
        waveform = _read(path, file, wanted if ratio != 1 else samples + skipped)
    if ratio != 1:
        waveform = soxr.resample(waveform, ratio.denominator, ratio.numerator)
    found = torch.from_numpy(waveform[skipped : skipped + samples])
    return torch.nn.functional.pad(found, (0, samples - len(found)))[None]


def audio_length(path: Path) -> int:
    """How many samples at 24 kHz a file has.

    Raises: FileFormatError: training.unreadable_audio.
    """
    with _opened(path) as file:
        return _length(file)


def _length(file: soundfile.SoundFile) -> int:
    return int(file.frames * Fraction(SAMPLE_RATE, file.samplerate))


def _read(path: Path, file: soundfile.SoundFile, frames: int) -> np.ndarray:
    """The mean of the channels, at the file's rate: (frames,) or fewer, float32."""
    try:
        channels = file.read(frames, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise _unreadable(path, error.error_string) from error
    if not np.isfinite(channels).all():
        raise _unreadable(path, "it holds values that are no numbers")
    mono = channels[:, 0] if channels.shape[1] == 1 else channels.mean(axis=1)
    return np.ascontiguousarray(mono)


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path)
    except soundfile.LibsndfileError as error:
        music = only_audio(path.read_bytes()) if path.is_file() else None
        if music is not None:
            return soundfile.SoundFile(io.BytesIO(music))
        raise _unreadable(path, error.error_string) from error


def _unreadable(path: Path, reason: str) -> FileFormatError:
    return FileFormatError(
        f"{path} cannot be read: {reason}",
        code="training.unreadable_audio",
        hint=f"Give a whole file that ends in one of {', '.join(AUDIO_SUFFIXES)}.",
    )


class AudioCrops:
    """Random crops, equally likely at every sample of every file.

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
            start = int(rng.integers(max(1, self.lengths[index] - self.crop_samples)))
            crops.append(read_audio(self.files[index], start, self.crop_samples))
        return torch.stack(crops)
