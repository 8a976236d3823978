"""Audio files as a stream of random crops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor

from ..core.errors import FileFormatError
from ..core.timing import SAMPLE_RATE

AUDIO_SUFFIXES = (".flac", ".ogg", ".wav")


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


def read_audio(path: Path, start: int = 0, samples: int = -1) -> Tensor:
    """A stretch of a 24 kHz mono file as float32 ``(1, S)``; behind the file's end it is silent.

    Args:
        start: first sample; samples: S, or -1 for all from there on.
    Raises: FileFormatError: training.sample_rate for any other rate or more channels;
        training.unreadable_audio.
    """
    with _opened(path) as file:
        if (file.samplerate, file.channels) != (SAMPLE_RATE, 1):
            raise FileFormatError(
                f"{path} has {file.channels} channels at {file.samplerate} Hz.",
                code="training.sample_rate",
                hint=f"Convert it to mono at {SAMPLE_RATE} Hz.",
            )
        file.seek(min(start, file.frames))
        return torch.from_numpy(file.read(samples, dtype="float32", fill_value=0.0)[None])


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path)
    except soundfile.LibsndfileError as error:
        raise FileFormatError(
            f"{path} cannot be read: {error.error_string}",
            code="training.unreadable_audio",
            hint=f"Give a whole file that ends in one of {', '.join(AUDIO_SUFFIXES)}.",
        ) from error


class AudioCrops:
    """Random crops, equally likely at every sample of every file.

    Args:
        files: 24 kHz mono files.
        crop_samples: length S of a crop.
        seed: with the step number it fixes a batch, so that a resumed run sees what it would have seen.
    """

    def __init__(self, files: list[Path], crop_samples: int, seed: int) -> None:
        self.files = files
        self.crop_samples = crop_samples
        self.seed = seed
        self.lengths = np.array([soundfile.info(str(path)).frames for path in files])

    def batch(self, step: int, size: int) -> Tensor:
        """The batch ``(B, 1, S)`` of a step."""
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.choice(len(self.files), size, p=self.lengths / self.lengths.sum())
        crops = []
        for index in chosen:
            start = int(rng.integers(max(1, self.lengths[index] - self.crop_samples)))
            crops.append(read_audio(self.files[index], start, self.crop_samples))
        return torch.stack(crops)
