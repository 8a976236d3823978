"""Tells what kind of data set a folder holds, and reads it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ...core.errors import FileFormatError, KinetoneError
from ..audio import audio_files, audio_length
from ..corpus.index import INDEX_NAME
from .aistpp import AistppSettings, aistpp_pairs, is_aistpp
from .ballroom import ballroom_pairs, is_ballroom
from .folder import corpus_pairs, folder_pairs
from .source import Dataset, SourcePair, check_split

logger = logging.getLogger(__name__)

Kind = Literal["aistpp", "ballroom", "corpus", "folder"]


@dataclass(frozen=True)
class DatasetSettings:
    """How to read a data set.

    Attributes:
        kind: of the data set; told by what is in the folder if left out.
        test_share: of each genre's songs for testing, where a data set has no split of its own.
        aist: how to read AIST++, where that is what it is.
    """

    kind: Kind | None = None
    test_share: float = 0.15
    aist: AistppSettings = field(default_factory=AistppSettings)


def load_dataset(folder: Path, settings: DatasetSettings) -> Dataset:
    """The pairs of a data set, their split checked.

    Raises: FileFormatError: data.empty, and what each kind's reader raises; KinetoneError:
        data.song_leak, data.no_training, data.unused_setting, data.test_share.
    """
    if not 0 <= settings.test_share < 1:
        raise KinetoneError(
            f"A share of {settings.test_share} of the songs cannot be for testing.",
            code="data.test_share",
            hint="Give a share from 0 to below 1.",
        )
    kind = settings.kind or kind_of(folder)
    if unused := _unused(kind, settings):
        raise KinetoneError(
            f"{', '.join(unused)} would change nothing: {folder} is read as {kind}, "
            f"dances from {settings.aist.motion if kind == 'aistpp' else 'motion files'}.",
            code="data.unused_setting",
            hint="Leave these settings out, or check the folder and the kind of data set.",
        )
    dataset = _read(folder, kind, settings)
    if not dataset.pairs:
        raise FileFormatError(
            f"{folder} holds no dance with music ({len(dataset.skipped)} were left out; {kind}).",
            code="data.empty",
            hint="See docs/data.md for how each kind of data set must lie on disk.",
        )
    check_split(dataset.pairs)
    return dataset


def _unused(kind: Kind, settings: DatasetSettings) -> list[str]:
    """The settings that are not the default and say nothing about such a data set."""
    aist, default = settings.aist, AistppSettings()
    needs = {
        "test_share": kind in ("ballroom", "folder"),
        "split": kind == "aistpp",
        "motion": kind == "aistpp",
        "music": kind == "aistpp",
        "camera": kind == "aistpp" and aist.motion == "keypoints2d",
        "smpl_model": kind == "aistpp" and aist.motion == "smpl",
    }
    given = {name for name in vars(default) if getattr(aist, name) != getattr(default, name)}
    if settings.test_share != DatasetSettings().test_share:
        given.add("test_share")
    return [name for name, used in needs.items() if name in given and not used]


def kind_of(folder: Path) -> Kind:
    """The kind of data set that a folder looks like; a plain folder if like no other."""
    if is_aistpp(folder):
        return "aistpp"
    if (folder / INDEX_NAME).exists():
        return "corpus"
    return "ballroom" if is_ballroom(folder) else "folder"


def _read(folder: Path, kind: Kind, settings: DatasetSettings) -> Dataset:
    if kind == "aistpp":
        return aistpp_pairs(folder, settings.aist)
    if kind == "corpus":
        return corpus_pairs(folder)
    read = ballroom_pairs if kind == "ballroom" else folder_pairs
    return read(folder, settings.test_share)


def codec_music(folder: Path, settings: DatasetSettings) -> tuple[list[Path], list[Path]]:
    """The music files that a codec is trained on, and those it is tested with: those of the split.

    In a folder without dances, every tenth file is for testing. Files that cannot be read are left out
    and named in the log.

    Raises: as :func:`load_dataset`, and FileFormatError (training.no_audio).
    """
    if kind_of(folder) == "folder" and not folder_pairs(folder, settings.test_share).pairs:
        files = audio_files(folder)
        held_out = files[::10] if len(files) > 1 else []
        return _readable(path for path in files if path not in held_out), _readable(held_out)
    pairs = load_dataset(folder, settings).pairs
    return _readable(_music(pairs, "train")), _readable(_music(pairs, "test"))


def _music(pairs: list[SourcePair], split: str) -> list[Path]:
    """The files of a split. Those of one song may differ: the corpus plays it anew for every dance."""
    return sorted({pair.music for pair in pairs if pair.split == split})


def _readable(files: Iterable[Path]) -> list[Path]:
    found = []
    for path in files:
        try:
            audio_length(path)
            found.append(path)
        except FileFormatError as error:
            logger.warning("Left out: %s", error)
    return found
