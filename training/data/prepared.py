"""Prepared pairs: motion features and codec codes on disk, mapped into memory as they are read.

A prepared folder holds ``index.json`` and ``shards/``: of every shard ``N.features.npy`` (frames, 92)
float32, ``N.codes.npy`` (frames, K) int16 and ``N.json``, which says which frames are which pair's.
NumPy's own format, because ``numpy.load`` maps it: a pair is then a view that behaves as any array and
is read from the disk where it is touched, however large the data set.
"""

from __future__ import annotations

import hashlib
import reprlib
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core.codec.model import Codec
from ...core.errors import CheckpointError, FileFormatError
from ...core.motion.features import N_FEATURES
from ...core.motion.npy import npy_map
from ...core.predictor.model import PredictorConfig
from ...core.untrusted import read_json

FORMAT_VERSION = 3
INDEX_NAME = "index.json"
SHARDS_NAME = "shards"

MAX_JSON_BYTES = 256 << 20
"""Of an index; a pair takes about 200."""


@dataclass(frozen=True)
class Pair:
    """One dance with its music.

    Attributes:
        name: of the pair; a variant's ends in ``~`` and its number.
        features: ``(N, 92)`` float32, displacements, kinematic beats, and the pulse that the music has.
        codes: ``(K, N)`` int16.
        genre: name, or an empty string.
        song: what is danced to.
        split: train, val or test.
        music: the audio file, of which the first N * 400 samples at 24 kHz are the pair's.
        speed: how much faster that is played; 1 but in variants.
    """

    name: str
    features: npt.NDArray[np.float32]
    codes: npt.NDArray[np.int16]
    genre: str
    song: str = ""
    split: str = "train"
    music: Path | None = None
    speed: float = 1.0


@dataclass(frozen=True)
class Prepared:
    """A prepared data set.

    Attributes:
        pairs: all of them, by name.
        codec: the fingerprint of the codec that made the codes.
        n_codebooks, codebook_size: of that codec.
    """

    pairs: list[Pair]
    codec: str
    n_codebooks: int
    codebook_size: int

    def split(self, name: str) -> list[Pair]:
        """The pairs of a split."""
        return [pair for pair in self.pairs if pair.split == name]

    @property
    def genres(self) -> tuple[str, ...]:
        """The genres of the pairs that are trained on, in alphabetical order."""
        return tuple(sorted({pair.genre for pair in self.split("train")} - {""}))

    def check_predictor(self, config: PredictorConfig) -> None:
        """Raises: CheckpointError (training.other_codes) if a predictor of these sizes cannot learn these
        codes; (training.other_genres) if it does not know their genres.
        """
        books = (self.n_codebooks, self.codebook_size)
        if books != (config.n_codebooks, config.codebook_size):
            raise CheckpointError(
                f"The prepared codes are {books[0]} of {books[1]}, those of the predictor "
                f"{config.n_codebooks} of {config.codebook_size}.",
                code="training.other_codes",
                hint="Give the predictor the codec's numbers of codebooks and codewords.",
            )
        if unknown := sorted(set(self.genres) - set(config.genres)):
            raise CheckpointError(
                f"The predictor knows no genre called {', '.join(unknown)}.",
                code="training.other_genres",
                hint="Name all genres of the data, or none: then the data's are taken.",
            )


def codec_fingerprint(codec: Codec) -> str:
    """A hash of all weights that a waveform's codes depend on: encoder and codebooks, not the decoder."""
    digest = hashlib.sha256()
    for name, tensor in sorted(codec.state_dict().items()):
        if not name.startswith("decoder."):
            digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def check_codec(fingerprint: str, codec: Codec) -> None:
    """Refuses a codec that speaks other codes than those of this fingerprint.

    Raises: CheckpointError (training.other_codec).
    """
    if codec_fingerprint(codec) != fingerprint:
        raise CheckpointError(
            "The codes are another codec's: the pairs were prepared with another one, or before this one's "
            "encoder was trained on.",
            code="training.other_codec",
            hint="Use the codec that the pairs were prepared with, or prepare them anew in another folder.",
        )


def bind_run(run: Path, fingerprint: str) -> None:
    """Notes in a predictor's run which codec's codes it learns, or finds that it learns these.

    Raises: CheckpointError (training.other_codec) if the run was begun on another codec's codes.
    """
    if (held := run_codec(run)) not in (None, fingerprint):
        raise CheckpointError(
            f"{run} holds a predictor of another codec's codes ({held[:12] if held else ''}…).",
            code="training.other_codec",
            hint="Choose another folder for the run, or the prepared pairs that it was begun on.",
        )
    run.mkdir(parents=True, exist_ok=True)
    (run / _CODEC_NAME).write_text(fingerprint + "\n", encoding="utf-8")


def run_codec(run: Path) -> str | None:
    """The fingerprint of the codec whose codes a predictor's run learns; None if it was not noted."""
    path = run / _CODEC_NAME
    return (path.read_text(encoding="utf-8").strip() or None) if path.exists() else None


_CODEC_NAME = "codec.fingerprint"


def read_prepared(folder: Path) -> Prepared:
    """What ``kinetone-train prepare`` wrote.

    Raises: FileFormatError: training.not_prepared; training.prepared_format if it is damaged or of
        another version.
    """
    try:
        index = read_json(folder / INDEX_NAME, MAX_JSON_BYTES)
        if index["format"] != FORMAT_VERSION:
            raise ValueError(f"its format is {reprlib.repr(index['format'])}, not {FORMAT_VERSION}")
        arrays = cache(lambda shard: shard_arrays(folder / SHARDS_NAME, shard))
        pairs = [_pair(entry, *arrays(entry["shard"])) for entry in index["pairs"]]
        _check_types(index, {"codec": str, "n_codebooks": int, "codebook_size": int})
        return Prepared(pairs, index["codec"], index["n_codebooks"], index["codebook_size"])
    except FileNotFoundError as error:
        raise FileFormatError(
            f"There are no whole prepared pairs in {folder}: {error.filename} is missing.",
            code="training.not_prepared",
            hint="Run kinetone-train prepare; the same command again goes on where it stopped.",
        ) from error
    except (KeyError, OSError, TypeError, ValueError) as error:
        raise FileFormatError(
            f"The prepared pairs in {folder} cannot be read: {textwrap.shorten(str(error), 400)}.",
            code="training.prepared_format",
            hint="Prepare them anew in another folder.",
        ) from error


def shard_arrays(folder: Path, shard: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int16]]:
    """A shard's features (frames, 92) and codes (frames, K), mapped.

    Raises: OSError; ValueError if it is damaged.
    """
    if not isinstance(shard, str) or not shard.isdecimal():
        raise ValueError("a shard's name is no number")
    features, codes = (npy_map(folder / f"{shard}.{part}.npy") for part in ("features", "codes"))
    whole = features.shape == (len(codes), N_FEATURES) and codes.ndim == 2
    if not whole or features.dtype != np.float32 or codes.dtype != np.int16:
        raise ValueError(f"shard {shard} is damaged")
    return features, codes


_ENTRY_TYPES = {
    **dict.fromkeys(("name", "genre", "song", "split", "music"), str),
    **dict.fromkeys(("start", "frames"), int),
    "speed": float,
}


def _check_types(values: dict[str, Any], types: dict[str, type]) -> None:
    if wrong := [name for name, kind in types.items() if not isinstance(values[name], kind)]:
        raise TypeError(f"bad {', '.join(wrong)}")


def _pair(entry: dict[str, Any], features: npt.NDArray[np.float32], codes: npt.NDArray[np.int16]) -> Pair:
    _check_types(entry, _ENTRY_TYPES)
    first, last = entry["start"], entry["start"] + entry["frames"]
    if not 0 <= first <= last <= len(features):
        raise ValueError(f"shard {entry['shard']} is too short")
    return Pair(
        entry["name"],
        features[first:last],
        codes[first:last].T,
        entry["genre"],
        entry["song"],
        entry["split"],
        Path(entry["music"]),
        entry["speed"],
    )
