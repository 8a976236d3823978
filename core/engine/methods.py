"""What the engine can do. Importing this brings torch.

=============  =====================================================================================
``info``       a checkpoint's card and what it would run on
``generate``   music for a dance
``regenerate`` new music for a part of a dance that has changed; the rest stays as it is
``decode``     the music of a sidecar again, bit for bit
=============  =====================================================================================

parameters.py says what each takes. ``generate``, ``regenerate`` and ``decode`` answer with

=====================  ==============================================================================
``files``              for each file: ``path``; ``sidecar``, the path of its JSON; ``seed``; ``take``, its
                       index from 0; ``samples``; ``duration_s``; ``alignment``: ``hit``, the share of
                       kinematic beats with a musical onset within 100 ms, ``shifted``, the mean of the
                       same for the music shifted at random, ``beats``, their number; and
                       ``musical_beats_s``, the beats that a listener would tap
``kinematic_beats_s``  of the dance, as it is danced
``timings``            seconds by stage
``notes``              what the user should know of how it was made, as sentences; empty as a rule
=====================  ==============================================================================

and ``regenerate`` with two more: ``renewed_s``, the part that was made anew, start and end in seconds,
whole frames of 1/60 s; and ``renewed_samples``, the first sample that may differ from the music before
and the first after it that does not: the decoder carries the new part on for half a second. In each
file's ``alignment``, ``renewed_hit`` is the share of hits among the beats of the new part alone.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from .. import gpu
from ..audio import MusicFiles, sidecar_path
from ..checkpoint import (
    CARD_NAME,
    CPU,
    DEFAULT_CHECKPOINT,
    WEIGHTS_NAME,
    Checkpoint,
    load_checkpoint,
    read_card,
)
from ..decoding import Piece, replay
from ..errors import CheckpointError, FileFormatError, MotionError
from ..generate import stream
from ..memory import first_that_fits
from ..motion.beats import beat_frames
from ..motion.ensemble import ensemble_features
from ..motion.features import MotionFeatures
from ..motion.npy import npy_array
from ..options import GenerateOptions
from ..progress import ProgressCallback
from ..regenerate import part_between, restream
from ..sidecar import MAX_FRAMES, Model, Sidecar, read_sidecar
from ..takes import Origin, description, one_by_one, write_takes
from ..timing import FRAME_RATE, SAMPLE_RATE
from ..untrusted import read_bounded
from .parameters import (
    decode_parameters,
    generate_parameters,
    info_checkpoint,
    regenerate_parameters,
)

ONE_BY_ONE = "Memory was short: the takes were made one after the other, which takes longer."
ON_PROCESSOR = "The music was made on the processor, as {}"
GPU_FULL = "the GPU has too little memory for it. Close what else uses it, or choose fewer takes."

_MAX_JOINTS_BYTES = 512 << 20
"""An hour of joints takes 124 MB."""


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
    parameters.options.check()
    timed = _Timed(progress)

    def make(device: torch.device, together: bool) -> dict[str, Any]:
        with MusicFiles(parameters.output, SAMPLE_RATE, parameters.replace) as files:
            dance = _read_dance(parameters.joints, timed)
            checkpoint, model = _load(parameters.checkpoint, device, timed)
            beats_s = _beats_s(dance)
            origin = Origin(model, parameters.options, len(parameters.joints), beats_s, parameters.about)
            pieces = _takes(
                parameters.options,
                together,
                lambda options, first: stream(dance, checkpoint, options, timed, first),
            )
            described = write_takes(files, parameters.output, pieces, origin)
            timed("Writing the music", 1.0)
        return _answer(described, beats_s, timed)

    return _made(make, parameters.options.takes, parameters.device)


def regenerate(params: Mapping[str, Any], progress: ProgressCallback) -> dict[str, Any]:
    """Writes music of which a part is made anew, for a dance of which that part has changed.

    Raises: as ``generate``; FileFormatError (file.sidecar, file.sidecar_version, file.sidecar_missing),
        CheckpointError (checkpoint.other), KinetoneError (generate.part); no file is left behind then.
    """
    parameters = regenerate_parameters(params)
    asked = parameters.generate
    asked.options.check()
    timed = _Timed(progress)
    earlier = read_sidecar(parameters.music)

    def make(device: torch.device, together: bool) -> dict[str, Any]:
        with MusicFiles(asked.output, SAMPLE_RATE, asked.replace) as files:
            dance = _read_dance(asked.joints, timed)
            n_frames = len(dance.kinematic_beats)
            part = part_between(parameters.start_s, parameters.end_s, n_frames, earlier.n_frames)
            checkpoint, model = _load(asked.checkpoint, device, timed)
            _check_made_by(parameters.music, earlier, checkpoint, model)
            beats_s = _beats_s(dance)
            origin = Origin(
                model, asked.options, len(asked.joints), beats_s, asked.about, earlier, part.seconds
            )
            pieces = _takes(
                asked.options,
                together,
                lambda options, first: restream(
                    dance, checkpoint, options, earlier.codes, part, timed, first
                ),
            )
            described = write_takes(files, asked.output, pieces, origin)
            timed("Writing the music", 1.0)
        return {
            **_answer(described, beats_s, timed),
            "renewed_s": list(part.seconds),
            "renewed_samples": list(part.samples(checkpoint)),
        }

    return _made(make, asked.options.takes, asked.device)


def decode(params: Mapping[str, Any], progress: ProgressCallback) -> dict[str, Any]:
    """Writes the music of a sidecar again, and the sidecar beside it.

    Raises: FileFormatError, CheckpointError (checkpoint.other and those of loading), AudioError; no file
        is left behind then.
    """
    parameters = decode_parameters(params)
    timed = _Timed(progress)
    sidecar = read_sidecar(parameters.music)

    def make(device: torch.device, _: bool) -> dict[str, Any]:
        with MusicFiles([parameters.output], SAMPLE_RATE, parameters.replace) as files:
            checkpoint, model = _load(parameters.checkpoint, device, timed)
            _check_made_by(parameters.music, sidecar, checkpoint, model)
            codes = torch.from_numpy(sidecar.codes.astype(np.int64))[None]
            for piece in replay(codes, checkpoint, timed):
                files.write(piece.waveform)
            files.attach(sidecar_path(parameters.output), sidecar.to_bytes())
            timed("Writing the music", 1.0)
        described = [description(parameters.output, sidecar, files.samples)]
        return _answer(described, sidecar.kinematic_beats_s, timed)

    return _made(make, 1, parameters.device)


METHODS: Mapping[str, Callable[[dict[str, Any], ProgressCallback], dict[str, Any]]] = {
    "info": info,
    "generate": generate,
    "regenerate": regenerate,
    "decode": decode,
}


class _LoadedCheckpoint:
    """The checkpoint used last, kept in memory until another is wanted, or elsewhere, or its files change."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._loaded: tuple[Checkpoint, Model] | None = None

    def get(self, folder: Path, device: torch.device) -> tuple[Checkpoint, Model]:
        key = _fingerprint(folder, device)
        if self._loaded is None or key is None or key != self._key:
            self._key, self._loaded = None, None  # never two at a time
            checkpoint = load_checkpoint(folder, device)
            self._loaded = checkpoint, _model(checkpoint, folder)
            self._key = key
        return self._loaded


_checkpoints = _LoadedCheckpoint()


def _load(folder: Path | None, device: torch.device, timed: _Timed) -> tuple[Checkpoint, Model]:
    timed("Loading the model", 0.0)
    return _checkpoints.get(folder or DEFAULT_CHECKPOINT, device)


def _fingerprint(folder: Path, device: torch.device) -> tuple[object, ...] | None:
    try:
        states = [(folder / name).stat() for name in (CARD_NAME, WEIGHTS_NAME)]
    except OSError:
        return None
    return (folder, device, *((state.st_mtime_ns, state.st_size) for state in states))


def _model(checkpoint: Checkpoint, folder: Path) -> Model:
    with (folder / WEIGHTS_NAME).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name, version = (str(checkpoint.card.get(key, "")) for key in ("name", "version"))
    return Model(name, version, digest)


def _check_made_by(path: Path, music: Sidecar, checkpoint: Checkpoint, model: Model) -> None:
    """Whether this checkpoint made that music, and can read its codes."""
    if music.model.sha256 != model.sha256:
        raise CheckpointError(
            f"{path.name} was made by the model {music.model.name!r} {music.model.version}, "
            f"not by this {model.name!r} {model.version}.",
            code="checkpoint.other",
            hint="Choose the model that made it, or generate the whole music again.",
        )
    config = checkpoint.codec.config
    if len(music.codes) != config.n_codebooks or music.codes.max() >= config.codebook_size:
        raise FileFormatError(
            f"{path} holds codes that its model does not have.",
            code="file.sidecar",
            hint="It is damaged; generate the whole music again.",
        )


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


def _read_dance(paths: Sequence[Path], timed: _Timed) -> MotionFeatures:
    dancers = []
    for path in paths:
        timed("Reading the motion", 0.0)
        dancers.append(_read_joints(path))
        if len(dancers[-1]) > MAX_FRAMES:
            raise MotionError(
                f"The dance lasts {len(dancers[-1]) / FRAME_RATE / 60:.0f} minutes.",
                code="motion.too_long",
                hint=f"Choose a range of up to {MAX_FRAMES // FRAME_RATE // 60} minutes.",
            )
    return ensemble_features(dancers)


def _read_joints(path: Path) -> npt.NDArray[np.floating]:
    try:
        return npy_array(read_bounded(path, _MAX_JOINTS_BYTES))
    except (OSError, ValueError) as error:
        raise FileFormatError(
            f"The joints in {path} cannot be read: {error}.", code="file.joints", hint="Generate again."
        ) from error


def _beats_s(dance: MotionFeatures) -> npt.NDArray[np.float64]:
    return beat_frames(dance.kinematic_beats) / FRAME_RATE


def _takes(
    options: GenerateOptions, together: bool, stream: Callable[[GenerateOptions, int], Iterator[Piece]]
) -> Iterator[Piece]:
    """All takes, from what streams those from some index on: at once, or each for itself."""
    if together:
        return stream(options, 0)
    single = replace(options, takes=1)
    return one_by_one([stream(single, take) for take in range(options.takes)])


_Make = Callable[[torch.device, bool], dict[str, Any]]
"""Told what to compute on, and whether to make all takes at once, answers a request."""


def _made(make: _Make, takes: int, device: str) -> dict[str, Any]:
    """What ``make`` answers, with what the user should know.

    Whatever fails on a GPU is tried again on the processor, where errors that are not the GPU's come again.
    """
    notes = []
    if device == "gpu":
        reason = gpu.why_not()
        try:
            if not reason:
                return _made_on(gpu.DEVICE, make, takes)
        except MemoryError:
            reason = GPU_FULL
        except gpu.FAILURES as error:
            reason = gpu.give_up(error)
        notes = [ON_PROCESSOR.format(reason)]
    answer = _made_on(CPU, make, takes)
    return {**answer, "notes": notes + answer["notes"]}


def _made_on(device: torch.device, make: _Make, takes: int) -> dict[str, Any]:
    """What ``make`` answers on one device, in the first way for which its memory suffices."""
    ways = [("", partial(make, device, True))]
    if takes > 1:
        ways.append((ONE_BY_ONE, partial(make, device, False)))
    answer, notes = first_that_fits(ways)
    return {**answer, "notes": notes}


def _answer(
    described: list[dict[str, Any]], beats_s: Sequence[float] | npt.NDArray[np.float64], timed: _Timed
) -> dict[str, Any]:
    return {
        "files": described,
        "kinematic_beats_s": [float(beat_s) for beat_s in beats_s],
        "timings": timed.finish(),
    }
