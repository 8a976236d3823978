"""Where the music to be judged comes from: a checkpoint, or somebody else's files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core.audio import write_wav
from ...core.checkpoint import Checkpoint
from ...core.errors import CheckpointError, FileFormatError
from ...core.generate import generate
from ...core.options import GenerateOptions
from ...core.timing import SAMPLE_RATE
from ..audio import audio_named, read_audio
from .pairs import RealPair

Waveform = npt.NDArray[np.float32]
"""(S,) at 24 kHz."""

MusicSource = Callable[[RealPair], list[Waveform]]
"""The takes of music for a dance, each as long as it; always the same number."""

OWN_GENRE = "own"
"""In place of a genre's name: each dance's own."""

LONGEST_GAP_S = 0.5
"""By how much music may end before its dance; the rest is silent."""


@dataclass(frozen=True)
class GeneratedMusic:
    """Music that a checkpoint makes, kept as WAVs, so that what is there is not made again.

    Attributes:
        checkpoint: what makes it.
        options: seed, takes, temperature, top-k; a genre's name, ``own``, or None to name none.
        folder: for ``NAME-1.wav``, ``NAME-2.wav`` …
    """

    checkpoint: Checkpoint
    options: GenerateOptions
    folder: Path

    def genre(self, pair: RealPair) -> str | None:
        """The genre that is asked for with this dance."""
        return pair.genre if self.options.genre == OWN_GENRE else self.options.genre

    def __call__(self, pair: RealPair) -> list[Waveform]:
        """The takes for a dance. Raises what ``generate`` does."""
        paths = [self.folder / f"{pair.name}-{take + 1}.wav" for take in range(self.options.takes)]
        if not all(path.exists() for path in paths):
            options = GenerateOptions(**{**asdict(self.options), "genre": self.genre(pair)})
            takes = generate(pair.joints, self.checkpoint, options, lambda stage, fraction: None)
            for path, take in zip(paths, takes, strict=True):
                if not path.exists():
                    write_wav(path, take, SAMPLE_RATE)
        return [read_start(path, len(pair.music)) for path in paths]


def claim_folder(folder: Path, settings: dict[str, Any]) -> None:
    """Makes the folder that generated music is kept in, for these settings and no others.

    Raises: CheckpointError (evaluation.other_settings) if it has music that was made otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "settings.json"
    if path.exists() and (kept := json.loads(path.read_text(encoding="utf-8"))) != settings:
        other = ", ".join(name for name in settings if kept.get(name) != settings[name])
        raise CheckpointError(
            f"{folder} holds music that was generated otherwise: {other} differ.",
            code="evaluation.other_settings",
            hint="Choose another folder for this evaluation, or delete that one.",
        )
    path.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class ForeignMusic:
    """Music that something else made for the same dances.

    Attributes:
        folder: with ``NAME.wav`` for one take of each dance, or ``NAME-1.wav``, ``NAME-2.wav`` …;
            any sample rate, any number of channels.
    """

    folder: Path

    def __call__(self, pair: RealPair) -> list[Waveform]:
        """The takes for a dance.

        Raises: FileFormatError: evaluation.no_music, evaluation.short_music, training.unreadable_audio.
        """
        return [read_start(path, len(pair.music)) for path in self._paths(pair.name)]

    def _paths(self, name: str) -> list[Path]:
        if (single := audio_named(self.folder, name)) is not None:
            return [single]
        paths: list[Path] = []
        while (path := audio_named(self.folder, f"{name}-{len(paths) + 1}")) is not None:
            paths.append(path)
        if not paths:
            raise FileFormatError(
                f"{self.folder} has no music for the dance {name}.",
                code="evaluation.no_music",
                hint=f"Put {name}.wav there, or {name}-1.wav, {name}-2.wav … for several takes.",
            )
        return paths


def read_start(path: Path, samples: int) -> Waveform:
    """The first samples of an audio file.

    Raises: FileFormatError: training.unreadable_audio; evaluation.short_music if it lacks over half a second.
    """
    waveform: Waveform = read_audio(path)[0].numpy()
    missing = samples - len(waveform)
    if missing > LONGEST_GAP_S * SAMPLE_RATE:
        raise FileFormatError(
            f"{path} lasts {len(waveform) / SAMPLE_RATE:.2f} s, its dance {samples / SAMPLE_RATE:.2f} s.",
            code="evaluation.short_music",
            hint="Measure the start of every dance only, with --seconds.",
        )
    return np.pad(waveform, (0, max(0, missing)))[:samples]
