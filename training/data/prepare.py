"""Turns the pairs of a data set into motion features and codec codes, once, in shards on disk."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from ...core.codec.model import Codec
from ...core.errors import EngineError, KinetoneError
from ...core.timing import FRAME_RATE
from ...core.untrusted import read_json
from .augment import Augmentation
from .prepared import (
    FORMAT_VERSION,
    INDEX_NAME,
    MAX_JSON_BYTES,
    SHARDS_NAME,
    codec_fingerprint,
    shard_arrays,
)
from .shards import Done, Item, Job, Preparer, write_json
from .source import CHOSEN, SPLITS, Dataset, Skipped, SourcePair

logger = logging.getLogger(__name__)

REPORT_NAME = "report.json"
SETTINGS_NAME = "settings.json"

_SHARD_PAIRS = 8
"""Pairs in a shard at most: what is lost when a run is killed is what each worker has of one."""


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
        training.other_preparation if ``out`` was prepared with another codec, source or augmentation,
        training.nothing_prepared, training.lost_worker.
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
    held = settings
    if not free:
        held = _held(path)
    if other := [key for key in settings if held.get(key) != settings[key]]:
        raise KinetoneError(
            f"{path.parent} was prepared with another {' and another '.join(other)}.",
            code="training.other_preparation",
            hint="Choose another folder, or delete this one.",
        )
    write_json(path, settings)


def _held(path: Path) -> dict[str, Any]:
    """The settings that a folder was prepared with; none if they are missing or damaged."""
    try:
        held = read_json(path, MAX_JSON_BYTES)
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def _items(pairs: Iterable[SourcePair], augmentation: Augmentation) -> Iterator[Item]:
    for pair in pairs:
        variants = augmentation.variants if pair.split == "train" else 0
        for variant in range(variants + 1):
            yield Item(pair, variant)


def _placed(shards: Path) -> dict[str, dict[str, Any]]:
    """Where each pair that is prepared lies, by name.

    A shard counts once its ``.json`` is there, and as long as its arrays are whole: a disk that was full
    or lost its power costs the shards that it damaged.
    """
    placed = {}
    for path in sorted(shards.glob("*.json")):
        try:
            shard_arrays(shards, path.stem)
            entries = read_json(path, MAX_JSON_BYTES)
            placed.update({entry["name"]: {**entry, "shard": path.stem} for entry in entries})
        except (KeyError, OSError, TypeError, ValueError) as error:
            logger.warning("Shard %s is damaged and made anew: %s", path.stem, error)
    return placed


def _jobs(shards: Path, items: list[Item], workers: int) -> list[Job]:
    """The items in shards of new names; those of one song together, for its codes are then made once."""
    items = sorted(items, key=lambda item: (item.pair.song, item.variant, item.name))
    size = max(1, min(_SHARD_PAIRS, len(items) // workers))
    taken = [int(path.stem) for path in shards.glob("*.json") if path.stem.isdecimal()]
    first = max(taken, default=-1) + 1
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


def _conclude(out: Path, items: list[Item], codec: Codec, skipped: list[Skipped]) -> Report:
    """Writes the index of what is prepared, and the report of what is not."""
    placed = _placed(out / SHARDS_NAME)
    entries = [_entry(item, placed[item.name]) for item in items if item.name in placed]
    entries.sort(key=lambda entry: entry["name"])
    counts, hours = dict.fromkeys(SPLITS, 0), dict.fromkeys(SPLITS, 0.0)
    for entry in entries:
        counts[entry["split"]] += 1
        hours[entry["split"]] += entry["frames"] / FRAME_RATE / 3600
    report = Report(counts, hours, skipped)
    write_json(out / REPORT_NAME, asdict(report))
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
    write_json(out / INDEX_NAME, index)
    return report


def _entry(item: Item, place: dict[str, Any]) -> dict[str, Any]:
    pair = item.pair
    about = {"song": pair.song, "split": pair.split, "genre": pair.genre, "music": str(pair.music.resolve())}
    return {**place, **about}
