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
    files = sorted(path for path in folder.rglob("*") if path.suffix in AUDIO_SUFFIXES)
    if not files:
        raise FileFormatError(
            f"No audio below {folder}.",
            code="training.no_audio",
            hint=f"Give a folder with {', '.join(AUDIO_SUFFIXES)} files.",
        )
    return files


def read_audio(path: Path, start: int = 0, samples: int = -1) -> Tensor:
    """A stretch of a 24 kHz mono file as float32 ``(1, S)``.

    Raises: FileFormatError (training.sample_rate) for any other rate or more channels.
    """
    with soundfile.SoundFile(path) as file:
        if (file.samplerate, file.channels) != (SAMPLE_RATE, 1):
            raise FileFormatError(
                f"{path} has {file.channels} channels at {file.samplerate} Hz.",
                code="training.sample_rate",
                hint=f"Convert it to mono at {SAMPLE_RATE} Hz.",
            )
        file.seek(start)
        return torch.from_numpy(file.read(samples, dtype="float32", fill_value=0.0)[None])


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
