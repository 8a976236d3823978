"""Pairs of dance and music as what the predictor learns from: motion features and codec codes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from ..core.codec.model import Codec
from ..core.errors import FileFormatError
from ..core.motion.features import motion_features
from .audio import AUDIO_SUFFIXES, read_audio


@dataclass(frozen=True)
class Pair:
    """One dance with its music.

    Attributes:
        name: of the files that it was made from.
        features: ``(N, 73)`` float32, displacements and kinematic beats.
        codes: ``(K, N)`` int16.
        genre: name, or an empty string.
    """

    name: str
    features: npt.NDArray[np.float32]
    codes: npt.NDArray[np.int16]
    genre: str


def prepare(corpus: Path, codec: Codec, out: Path) -> None:
    """Writes ``NAME.npz`` with features and codes for every pair of a corpus that has none yet.

    Args:
        corpus: a folder with ``NAME.npz`` (joints ``(N, 24, 3)`` at 60 Hz, genre) beside
            ``NAME.wav``, ``.flac`` or ``.ogg``, as ``kinetone-train corpus`` writes it.
        codec: trained; its codes are what the predictor learns. Another codec needs another ``out``.
        out: folder, made if need be.
    Raises: FileFormatError: training.no_music, and what ``read_audio`` raises; MotionError.
    """
    out.mkdir(parents=True, exist_ok=True)
    for motion_path in tqdm(sorted(corpus.glob("*.npz")), unit="pair"):
        target = out / motion_path.name
        if target.exists():
            continue
        aside = target.with_suffix(".part")
        with aside.open("wb") as file:
            np.savez(file, **_prepared(motion_path, codec))
        aside.replace(target)


def _prepared(motion_path: Path, codec: Codec) -> dict[str, Any]:
    with np.load(motion_path, allow_pickle=False) as motion:
        features = motion_features(motion["joints"])
        genre = str(motion["genre"]) if "genre" in motion else ""
    with torch.inference_mode():
        codes = torch.cat(list(codec.encode_chunks(read_audio(_audio_beside(motion_path))[None])), -1)[0]
    # Music and motion may differ by a frame where the one was rounded and the other not.
    frames = min(codes.shape[-1], len(features.displacements))
    return {
        "features": np.concatenate([features.displacements, features.kinematic_beats], 1)[:frames],
        "codes": codes[:, :frames].numpy().astype(np.int16),
        "genre": np.array(genre),
    }


def _audio_beside(motion_path: Path) -> Path:
    for suffix in AUDIO_SUFFIXES:
        if (path := motion_path.with_suffix(suffix)).exists():
            return path
    raise FileFormatError(
        f"{motion_path} has no music beside it.",
        code="training.no_music",
        hint=f"Put {motion_path.stem} with one of {', '.join(AUDIO_SUFFIXES)} into the same folder.",
    )


def load_pairs(folder: Path, names: list[str]) -> list[Pair]:
    """The prepared pairs of these names.

    Raises: FileFormatError (training.not_prepared) naming the first that lack.
    """
    if missing := [name for name in names if not (folder / f"{name}.npz").exists()]:
        raise FileFormatError(
            f"{len(missing)} pairs are not in {folder}: {', '.join(missing[:3])}…",
            code="training.not_prepared",
            hint="Run kinetone-train prepare on the corpus first.",
        )
    pairs = []
    for name in names:
        with np.load(folder / f"{name}.npz", allow_pickle=False) as data:
            pairs.append(Pair(name, data["features"], data["codes"], str(data["genre"])))
    return pairs
