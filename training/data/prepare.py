"""Turns the pairs of a data set into motion features and codec codes, once, in shards on disk."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import soxr
import torch
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from ...core.codec.model import Codec
from ...core.errors import EngineError, KinetoneError, MotionError
from ...core.motion.features import motion_features
from ...core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from ..audio import read_audio
from .augment import Augmentation, varied
from .prepared import FORMAT_VERSION, INDEX_NAME, SHARDS_NAME, codec_fingerprint, shard_arrays
from .source import CHOSEN, SPLITS, Dataset, Skipped, SourcePair

logger = logging.getLogger(__name__)

REPORT_NAME = "report.json"
SETTINGS_NAME = "settings.json"

_SHARD_PAIRS = 8
"""Pairs in a shard at most: what is lost when a run is killed is what each worker has of one."""

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


@dataclass(frozen=True)
class Report:
    """What became of a data set.

    Attributes:
        pairs: how many prepared pairs each split has, variants included.
        hours: of dance in each split.
        skipped: what was left out, by the data set's reader or because it could not be prepared.
    """

    pairs: dict[str, int]
    hours: dict[str, float]
    skipped: list[Skipped]

    def __str__(self) -> str:
        counts = ", ".join(f"{self.pairs[split]} {split} ({self.hours[split]:.2f} h)" for split in self.pairs)
        codes = [skipped.code for skipped in self.skipped]
        reasons = ", ".join(f"{codes.count(code)} {code}" for code in sorted(set(codes)))
        return f"Prepared pairs: {counts}. Left out: {len(codes)}{f' ({reasons})' if reasons else ''}."


@dataclass(frozen=True)
class Preparation:
    """How pairs are prepared.

    Attributes:
        source: what the data set was read from and how; a folder keeps to one.
        augmentation: variants of the training pairs.
        workers: processes, of one thread each.
        device: that the codec computes on, as torch names it.
    """

    source: dict[str, Any] = field(default_factory=dict)
    augmentation: Augmentation = field(default_factory=Augmentation)
    workers: int = 1
    device: str = "cpu"


def prepare(dataset: Dataset, codec: Codec, out: Path, preparation: Preparation) -> Report:
    """Writes the features and codes of every pair that ``out`` has none of yet, then its index.

    A run that was killed loses the shards that it was at; the same command again goes on from there,
    and tries again what could not be prepared. What can still not is named in the log and in
    ``report.json``. Another split needs no new codes.

    Args:
        dataset: with a split that does not leak.
        codec: trained; its codes are what the predictor learns.
        out: folder, made if need be.
    Raises: KinetoneError: data.augmentation, training.workers, training.device,
        training.other_preparation if ``out`` was prepared with
        another codec, source or augmentation, training.nothing_prepared, training.lost_worker.
    """
    preparation.augmentation.check()
    _check_means(preparation)
    shards = out / SHARDS_NAME
    shards.mkdir(parents=True, exist_ok=True)
    placed = _placed(shards)
    _claim(out / SETTINGS_NAME, _settings(codec, preparation), free=not placed)
    items = list(_items(dataset.pairs, preparation.augmentation))
    missing = [item for item in items if item.name not in placed]
    skipped: list[Skipped] = []
    bar = tqdm(total=len(items), initial=len(items) - len(missing), unit="pair")
    with logging_redirect_tqdm(), bar:
        _name(left_out for left_out in dataset.skipped if left_out.code not in CHOSEN)
        for n_items, failed in _run(_jobs(shards, missing, preparation.workers), codec, shards, preparation):
            bar.update(n_items)
            skipped += failed
            _name(failed)
    return _conclude(out, items, codec, skipped + dataset.skipped)


def _name(skipped: Iterable[Skipped]) -> None:
    for left_out in skipped:
        logger.warning("Left out %s: %s", left_out.name, left_out.message)


def _check_means(preparation: Preparation) -> None:
    """Whether there are workers, and the device that they are to compute on."""
    if preparation.workers < 1:
        raise KinetoneError(
            f"{preparation.workers} workers prepare nothing.",
            code="training.workers",
            hint="Give 1 or more.",
        )
    try:
        torch.zeros(1, device=preparation.device)
    except (AssertionError, RuntimeError) as error:
        raise KinetoneError(
            f"The device {preparation.device} cannot be used: {str(error).splitlines()[0]}",
            code="training.device",
            hint="Give one that torch has here, such as cpu.",
        ) from error


def _settings(codec: Codec, preparation: Preparation) -> dict[str, Any]:
    return {
        "format": FORMAT_VERSION,
        "codec": codec_fingerprint(codec),
        "source": preparation.source,
        "augmentation": asdict(preparation.augmentation),
    }


def _claim(path: Path, settings: dict[str, Any], free: bool) -> None:
    """Marks the folder as prepared in this way, or finds that it is; nothing is in a free one yet."""
    held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    held = settings if free else held
    if other := [key for key in settings if held.get(key) != settings[key]]:
        raise KinetoneError(
            f"{path.parent} was prepared with another {' and another '.join(other)}.",
            code="training.other_preparation",
            hint="Choose another folder, or delete this one.",
        )
    _write_json(path, settings)


def _items(pairs: Iterable[SourcePair], augmentation: Augmentation) -> Iterator[Item]:
    for pair in pairs:
        variants = augmentation.variants if pair.split == "train" else 0
        for variant in range(variants + 1):
            yield Item(pair, variant)


def _placed(shards: Path) -> dict[str, dict[str, Any]]:
    """Where each pair that is prepared lies, by name; a shard counts once its ``.json`` is there."""
    placed = {}
    for path in sorted(shards.glob("*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8")):
            placed[entry["name"]] = {**entry, "shard": path.stem}
    return placed


Job = tuple[str, list[Item]]
"""A shard's name, and what goes into it."""

Done = tuple[int, list[Skipped]]
"""How many items a job had, and which of them could not be prepared."""


def _jobs(shards: Path, items: list[Item], workers: int) -> list[Job]:
    """The items in shards of new names; those of one song together, for its codes are then made once."""
    items = sorted(items, key=lambda item: (item.pair.song, item.variant, item.name))
    size = max(1, min(_SHARD_PAIRS, len(items) // workers))
    first = max((int(path.stem) for path in shards.glob("*.json")), default=-1) + 1
    starts = range(0, len(items), size)
    return [(f"{first + index:05d}", items[start : start + size]) for index, start in enumerate(starts)]


def _run(jobs: list[Job], codec: Codec, shards: Path, preparation: Preparation) -> Iterator[Done]:
    """Does the jobs, in this process or in several, and tells of each as it is done."""
    arguments = codec, shards, preparation.augmentation, preparation.device
    if preparation.workers == 1:
        preparer = Preparer(*arguments)
        yield from map(preparer.shard, jobs)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(preparation.workers, context, _start_worker, arguments)
    try:
        for future in as_completed([pool.submit(_in_worker, job) for job in jobs]):
            yield future.result()
    except BrokenProcessPool as error:
        raise EngineError(
            "A worker ended before its work was done; it may have run out of memory.",
            code="training.lost_worker",
            hint="Run the same command again, with fewer workers; it goes on where it stopped.",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_preparer: Preparer | None = None
"""In a worker process, what it prepares with."""


def _start_worker(codec: Codec, shards: Path, augmentation: Augmentation, device: str) -> None:
    global _preparer
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _preparer = Preparer(codec, shards, augmentation, device)


def _in_worker(job: Job) -> Done:
    assert _preparer is not None
    return _preparer.shard(job)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


class Preparer:
    """Makes shards, one after the other; keeps the codes of the songs that it used last."""

    def __init__(self, codec: Codec, shards: Path, augmentation: Augmentation, device: str) -> None:
        self.codec = codec.to(device).eval()
        self.shards = shards
        self.augmentation = augmentation
        self.device = device
        self.song_codes = lru_cache(maxsize=2)(self._song_codes)

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
            _write_json(self.shards / f"{name}.json", entries)
        return len(items), failed

    def _prepared(self, item: Item) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int16], float]:
        """Features (N, 73), codes (N, K), and how much faster than recorded both are."""
        joints, speed = varied(item.pair.joints(), item.pair.name, item.variant, self.augmentation)
        features = motion_features(joints)
        codes = self.song_codes(item.pair.music, speed)
        # Music and dance begin together; what one has beyond the other is of no use.
        frames = min(len(codes), len(joints))
        if frames < _SHORTEST_FRAMES:
            raise MotionError(
                f"{item.name} has {len(joints)} frames of dance and {len(codes)} of music.",
                code="training.too_short",
                hint="A pair must last a second at least.",
            )
        both = np.concatenate([features.displacements, features.kinematic_beats], 1)
        return both[:frames], codes[:frames], speed

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


def _conclude(out: Path, items: list[Item], codec: Codec, skipped: list[Skipped]) -> Report:
    """Writes the index of what is prepared, and the report of what is not."""
    placed = _placed(out / SHARDS_NAME)
    entries = [_entry(item, placed[item.name]) for item in items if item.name in placed]
    entries.sort(key=lambda entry: entry["name"])
    for shard in {entry["shard"] for entry in entries}:
        shard_arrays(out / SHARDS_NAME, shard)
    counts, hours = dict.fromkeys(SPLITS, 0), dict.fromkeys(SPLITS, 0.0)
    for entry in entries:
        counts[entry["split"]] += 1
        hours[entry["split"]] += entry["frames"] / FRAME_RATE / 3600
    report = Report(counts, hours, skipped)
    _write_json(out / REPORT_NAME, asdict(report))
    if not entries:
        raise KinetoneError(
            f"No pair could be prepared; {skipped[0].name}, for one: {skipped[0].message}",
            code="training.nothing_prepared",
            hint=f"{out / REPORT_NAME} says why, for each.",
        )
    config = codec.config
    index = {
        "format": FORMAT_VERSION,
        "codec": codec_fingerprint(codec),
        "n_codebooks": config.n_codebooks,
        "codebook_size": config.codebook_size,
        "pairs": entries,
    }
    _write_json(out / INDEX_NAME, index)
    return report


def _entry(item: Item, place: dict[str, Any]) -> dict[str, Any]:
    pair = item.pair
    about = {"song": pair.song, "split": pair.split, "genre": pair.genre, "music": str(pair.music.resolve())}
    return {**place, **about}


def _write_array(path: Path, array: npt.NDArray[Any]) -> None:
    _write(path, lambda file: np.save(file, array))


def _write_json(path: Path, content: Any) -> None:
    _write(path, lambda file: file.write((json.dumps(content, indent=1) + "\n").encode()))


def _write(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Writes aside and renames, so that a file is whole or absent."""
    aside = path.with_name(path.name + ".part")
    with aside.open("wb") as file:
        write(file)
    aside.replace(path)
