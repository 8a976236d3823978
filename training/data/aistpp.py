"""AIST++ with the music of the AIST dance database: sequences, splits, cameras and keypoints.

Read is the folder of annotations as it is published: ``motions/`` or ``keypoints3d/`` or
``keypoints2d/``, ``cameras/``, ``splits/``, ``ignore_list.txt``; and the music, ``mBR0.wav`` and so on.
Source: Li et al., "AI Choreographer: Music Conditioned 3D Dance Generation with AIST++", 2021; the
interface at github.com/google/aistplusplus_api; Tsuchida et al., "AIST Dance Video Database", 2019.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

from ...core.errors import FileFormatError
from ...core.motion.motion import Joints
from ..audio import audio_files
from .cameras import read_cameras
from .folder import read_joints
from .keypoints2d import planar_joints
from .smpl_model import model_joints, read_smpl_body
from .source import SPLITS, Dataset, Skipped, SourcePair

GENRES: Final = {
    "BR": "break",
    "PO": "pop",
    "LO": "lock",
    "MH": "middle_hiphop",
    "LH": "la_hiphop",
    "HO": "house",
    "WA": "waack",
    "KR": "krump",
    "JS": "street_jazz",
    "JB": "ballet_jazz",
}
"""AIST's ten genres by their letters in the names of sequences."""

TEST_SONGS: Final = ("BR0", "HO5", "JB5", "JS3", "KR2", "LH4", "LO2", "MH3", "PO1", "WA0")
"""Ten of the 60 songs, one of each genre: those of the official cross-modal test list. The paper tests
with ten songs, too, and does not say with which (section 4.1)."""

_NAME = re.compile(
    r"g(?P<genre>[A-Z]{2})_s[A-Z]{2}_c(?:All|\d{2})_d\d{2}_m(?P<song>[A-Z]{2}\d)_ch\d{2}", re.ASCII
)

MotionKind = Literal["smpl", "keypoints3d", "keypoints2d"]
"""What a dance is read from."""

SplitKind = Literal["paper", "crossmodal"]


@dataclass(frozen=True)
class AistppSettings:
    """How to read AIST++.

    Attributes:
        split: ``paper``: every dance to one of ten songs is for testing, all others for training;
            ``crossmodal``: the official lists in ``splits/``, which also keep choreographies apart.
        motion: ``smpl``, ``keypoints3d``, or ``keypoints2d``, the paper's case of 2-D input (Table 4).
        camera: whose picture the 2-D keypoints are taken from.
        music: folder with the songs; if left out, they are looked for in the folder of annotations.
        smpl_model: SMPL's model file (``.pkl`` or ``.npz``), whose body the poses are put on; if left
            out, Kinetone's own average body.
    """

    split: SplitKind = "paper"
    motion: MotionKind = "smpl"
    camera: str = "c01"
    music: Path | None = None
    smpl_model: Path | None = None


def is_aistpp(folder: Path) -> bool:
    """Whether a folder looks like AIST++'s annotations."""
    return any((folder / kind).is_dir() for kind in ("motions", "keypoints3d", "keypoints2d"))


def aistpp_pairs(folder: Path, settings: AistppSettings) -> Dataset:
    """The sequences of AIST++ that are in the split, with their songs.

    Left out and named are those of ``ignore_list.txt``, those that a split's lists do not have, those
    whose song is not there, and files whose names say no song.

    Raises: FileFormatError: data.no_sequences, data.no_split, data.no_cameras, training.no_audio; for
        the SMPL model: data.smpl_model, motion.unsafe_pickle, motion.missing_file.
    """
    paths = _sequences(folder, settings.motion)
    music = {path.stem: path for path in audio_files(settings.music or folder)}
    split_of = _split(folder, settings.split)
    ignored = set(_lines(folder / "ignore_list.txt")) if (folder / "ignore_list.txt").exists() else set()
    joints = _reader(folder, settings)
    pairs, skipped = [], []
    for path in paths:
        name, parts = path.stem, _NAME.fullmatch(path.stem)
        song = parts["song"] if parts else ""
        split = split_of(name, song)
        if reason := _reason(name, song, split, ignored, music):
            skipped.append(Skipped(name, *reason))
            continue
        assert parts is not None
        genre = GENRES.get(parts["genre"], parts["genre"])
        pairs.append(SourcePair(name, song, split, genre, joints(path), music[f"m{song}"], song_tempo(song)))
    return Dataset(pairs, skipped)


def song_tempo(song: str) -> float:
    """Beats a minute of a song by its name: ``BR0`` to ``BR5`` are 80 to 130, ``HO0`` to ``HO5`` 110 to 135.

    Source: Tsuchida et al. 2019.
    """
    number = int(song[-1])
    return 110.0 + 5 * number if song.startswith("HO") else 80.0 + 10 * number


def _sequences(folder: Path, motion: MotionKind) -> list[Path]:
    place = folder / ("motions" if motion == "smpl" else motion)
    if not (paths := sorted(place.glob("*.pkl"))):
        raise FileFormatError(
            f"There are no sequences in {place}.",
            code="data.no_sequences",
            hint=f"Unpack AIST++'s {place.name} there, or choose another kind of motion.",
        )
    return paths


def _reason(
    name: str, song: str, split: str, ignored: set[str], music: dict[str, Path]
) -> tuple[str, str] | None:
    """Why a sequence is left out, as code and message; None if it is not."""
    if not song:
        return "data.unknown_name", f"{name} is no name of an AIST++ sequence."
    if name in ignored:
        return "data.ignored", f"{name} is on the list of badly reconstructed sequences."
    if not split:
        return "data.not_in_split", f"{name} is in none of the split's lists."
    if f"m{song}" not in music:
        return "data.no_music", f"There is no music m{song} for {name}."
    return None


def _split(folder: Path, kind: SplitKind) -> Callable[[str, str], str]:
    """Gives the split of a sequence's name and song, or an empty string."""
    if kind == "paper":
        return lambda name, song: "test" if song in TEST_SONGS else "train"
    lists = {split: folder / "splits" / f"crossmodal_{split}.txt" for split in SPLITS}
    for split in ("train", "test"):
        if not lists[split].exists():
            raise FileFormatError(
                f"The official split lacks {lists[split]}.",
                code="data.no_split",
                hint="Put AIST++'s splits there, or use the paper's split.",
            )
    splits = {name: split for split, path in lists.items() if path.exists() for name in _lines(path)}
    return lambda name, song: splits.get(name, "")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").split()


def _reader(folder: Path, settings: AistppSettings) -> Callable[[Path], Callable[[], Joints]]:
    """Gives a sequence's own reader of joints."""
    if settings.motion == "keypoints2d":
        cameras = read_cameras(folder / "cameras")
        return lambda path: partial(planar_joints, path, *cameras(path.stem, settings.camera))
    if settings.motion == "smpl" and settings.smpl_model is not None:
        body = read_smpl_body(settings.smpl_model)
        return lambda path: partial(model_joints, path, body)
    return lambda path: partial(read_joints, path)
