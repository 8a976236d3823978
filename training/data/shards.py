"""Shards of prepared pairs: what one process makes of some source pairs, and writes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import soxr
import torch

from ...core.codec.model import Codec
from ...core.errors import KinetoneError, MotionError
from ...core.motion.features import MotionFeatures, Movement, movement, with_felt_pulse
from ...core.motion.pulse import pulse
from ...core.onsets import OnsetListener, beats_s
from ...core.threads import one_thread
from ...core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from ..audio import read_audio
from .augment import Augmentation, varied
from .source import Beats, Skipped, SourcePair

logger = logging.getLogger(__name__)

_SHORTEST_FRAMES = FRAME_RATE
"""A pair that is shorter than a second teaches nothing."""


@dataclass(frozen=True)
class Item:
    """What becomes one prepared pair: a source pair, or a variant of it (1 and up)."""

    pair: SourcePair
    variant: int

    @property
    def name(self) -> str:
        return f"{self.pair.name}~{self.variant}" if self.variant else self.pair.name


Job = tuple[str, list[Item]]
"""A shard's name, and what goes into it."""

Done = tuple[int, list[Skipped]]
"""How many items a job had, and which of them could not be prepared."""


class Preparer:
    """Makes shards, one after the other; keeps the codes of the songs that it used last."""

    def __init__(self, codec: Codec, shards: Path, augmentation: Augmentation, device: str) -> None:
        self.codec = codec.to(device).eval()
        self.shards = shards
        self.augmentation = augmentation
        self.device = device
        self.song_codes = lru_cache(maxsize=2)(self._song_codes)
        self.heard_beats = lru_cache(maxsize=2)(_heard_beats)

    @one_thread()
    def shard(self, job: Job) -> Done:
        """Writes a shard of what can be prepared; its ``.json``, which makes it count, comes last."""
        name, items = job
        entries, features, codes, failed = [], [], [], []
        start = 0
        for item in items:
            try:
                item_features, item_codes, speed = self._prepared(item)
            except KinetoneError as error:
                failed.append(Skipped(item.name, error.code, str(error)))
                continue
            except Exception as error:
                logger.exception("Preparing %s failed", item.name)
                failed.append(Skipped(item.name, "training.unexpected", repr(error)))
                continue
            frames = len(item_features)
            entries.append({"name": item.name, "start": start, "frames": frames, "speed": speed})
            features.append(item_features)
            codes.append(item_codes)
            start += frames
        if entries:
            _write_array(self.shards / f"{name}.features.npy", np.concatenate(features))
            _write_array(self.shards / f"{name}.codes.npy", np.concatenate(codes))
            write_json(self.shards / f"{name}.json", entries)
        return len(items), failed

    def _prepared(self, item: Item) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int16], float]:
        """Features (N, 92), codes (N, K), and how much faster than recorded both are."""
        joints, speed = varied(item.pair.joints(), item.pair.name, item.variant, self.augmentation)
        features = self._with_pulse_of_music(movement(joints), item.pair, speed)
        codes = self.song_codes(item.pair.music, speed)
        # Music and dance begin together; what one has beyond the other is of no use.
        frames = min(len(codes), len(joints))
        if frames < _SHORTEST_FRAMES:
            raise MotionError(
                f"{item.name} has {len(joints)} frames of dance and {len(codes)} of music.",
                code="training.too_short",
                hint="A pair must last a second at least.",
            )
        return features.stacked()[:frames], codes[:frames], speed

    def _with_pulse_of_music(self, dance: Movement, pair: SourcePair, speed: float) -> MotionFeatures:
        """The dance with the pulse that its music has; a dance alone only tells which one it could have.

        Music without beats leaves it that one.
        """
        beats = pair.beats() if pair.beats else self.heard_beats(pair.music)
        if len(beats.times_s) < 2:
            return with_felt_pulse(*dance)
        frames = beats.times_s / speed * FRAME_RATE
        return MotionFeatures(*dance, pulse(frames, len(dance[0]), (beats.first, beats.first)))

    @torch.inference_mode()
    def _song_codes(self, music: Path, speed: float) -> npt.NDArray[np.int16]:
        """The codes (N, K) of a whole song played so much faster."""
        waveform = read_audio(music)
        if speed != 1.0:
            # Pitch and time together, as a record that turns faster: transients stay as they are.
            faster = soxr.resample(waveform[0].numpy(), SAMPLE_RATE * speed, SAMPLE_RATE)
            waveform = torch.from_numpy(faster)[None]
        if waveform.shape[1] < HOP_LENGTH:
            return np.zeros((0, self.codec.config.n_codebooks), np.int16)
        codes = torch.cat(list(self.codec.encode_chunks(waveform[None].to(self.device))), -1)[0]
        return codes.T.cpu().numpy().astype(np.int16)


def _heard_beats(music: Path) -> Beats:
    """The beats that a listener would tap to a song."""
    listener = OnsetListener()
    listener.hear(read_audio(music)[0].numpy())
    return Beats(beats_s(listener.strength()))


def _write_array(path: Path, array: npt.NDArray[Any]) -> None:
    _write(path, lambda file: np.save(file, array))


def write_json(path: Path, content: Any) -> None:
    """Writes a JSON file that is whole or absent."""
    _write(path, lambda file: file.write((json.dumps(content, indent=1) + "\n").encode()))


def _write(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Writes aside and renames, so that a file is whole or absent."""
    aside = path.with_name(path.name + ".part")
    with aside.open("wb") as file:
        write(file)
    aside.replace(path)
