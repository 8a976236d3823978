"""What the engine can do: describe a checkpoint, and generate. Importing this brings torch."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..audio import WavFiles
from ..checkpoint import CARD_NAME, DEFAULT_CHECKPOINT, WEIGHTS_NAME, Checkpoint, load_checkpoint, read_card
from ..errors import FileFormatError
from ..generate import GenerateOptions, stream
from ..motion.beats import beat_frames, kinematic_beats
from ..motion.canonical import canonical
from ..progress import ProgressCallback
from ..timing import FRAME_RATE, SAMPLE_RATE
from .parameters import GenerateParameters, generate_parameters, info_checkpoint


def info(params: Mapping[str, Any], progress: ProgressCallback) -> dict[str, Any]:
    """A checkpoint's card and what it would run on.

    Raises: CheckpointError.
    """
    checkpoint = info_checkpoint(params) or DEFAULT_CHECKPOINT
    return {
        "checkpoint": str(checkpoint),
        "card": read_card(checkpoint),
        "device": str(torch.get_default_device()),
        "torch": torch.__version__,
    }


def generate(params: Mapping[str, Any], progress: ProgressCallback) -> dict[str, Any]:
    """Writes the music for a dance; what can be refused is refused before the weights are loaded.

    Raises: MotionError, CheckpointError, AudioError, FileFormatError (file.joints), KinetoneError
        (generate.unknown_genre, generate.options); no file is left behind then.
    """
    parameters = generate_parameters(params)
    joints = _read_joints(parameters.joints)
    kinematic_beats_s = _kinematic_beats_s(joints)
    timed = _Timed(progress)
    with WavFiles(parameters.output, SAMPLE_RATE) as files:
        timed("Loading the model", 0.0)
        checkpoint = _checkpoints.get(parameters.checkpoint or DEFAULT_CHECKPOINT)
        for piece in stream(joints, checkpoint, _options(parameters), timed):
            files.write(piece)
        timed("Writing the music", 1.0)
    return {
        "files": [_described(path, parameters.seed, files.samples) for path in parameters.output],
        "kinematic_beats_s": kinematic_beats_s,
        "timings": timed.finish(),
    }


METHODS: Mapping[str, Callable[[dict[str, Any], ProgressCallback], dict[str, Any]]] = {
    "info": info,
    "generate": generate,
}


class _LoadedCheckpoint:
    """The checkpoint used last, kept in memory until another is wanted or its files change."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._checkpoint: Checkpoint | None = None

    def get(self, folder: Path) -> Checkpoint:
        key = _fingerprint(folder)
        if self._checkpoint is None or key is None or key != self._key:
            self._key, self._checkpoint = None, None  # never two at a time
            self._checkpoint = load_checkpoint(folder)
            self._key = key
        return self._checkpoint


_checkpoints = _LoadedCheckpoint()


def _fingerprint(folder: Path) -> tuple[object, ...] | None:
    try:
        states = [(folder / name).stat() for name in (CARD_NAME, WEIGHTS_NAME)]
    except OSError:
        return None
    return (folder, *((state.st_mtime_ns, state.st_size) for state in states))


class _Timed:
    """Passes progress on and adds up the seconds of each stage."""

    def __init__(self, progress: ProgressCallback) -> None:
        self._progress = progress
        self._stage = ""
        self._since_s = time.monotonic()
        self._timings: dict[str, float] = {}

    def __call__(self, stage: str, fraction: float) -> None:
        if stage != self._stage:
            self.finish()
            self._stage = stage
        self._progress(stage, fraction)

    def finish(self) -> dict[str, float]:
        now_s = time.monotonic()
        if self._stage:
            spent_s = self._timings.get(self._stage, 0.0) + now_s - self._since_s
            self._timings[self._stage] = round(spent_s, 3)
        self._since_s = now_s
        return self._timings


def _read_joints(path: Path) -> npt.NDArray[np.floating]:
    try:
        with path.open("rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise FileFormatError(
            f"The joints in {path} cannot be read: {error}.", code="file.joints", hint="Generate again."
        ) from error


def _options(parameters: GenerateParameters) -> GenerateOptions:
    chosen = {"temperature": parameters.temperature, "top_k": parameters.top_k}
    return GenerateOptions(
        seed=parameters.seed,
        genre=parameters.genre,
        takes=len(parameters.output),
        **{name: value for name, value in chosen.items() if value is not None},  # type: ignore[arg-type]
    )


def _described(path: Path, seed: int, samples: int) -> dict[str, Any]:
    return {"path": str(path), "seed": seed, "samples": samples, "duration_s": samples / SAMPLE_RATE}


def _kinematic_beats_s(joints: npt.NDArray[np.floating]) -> list[float]:
    frames = beat_frames(kinematic_beats(canonical(joints)))
    return [float(frame) / FRAME_RATE for frame in frames]
