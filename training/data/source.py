"""What every data set is turned into: a list of dances with their music, divided without a leak."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...core.alignment import Times
from ...core.errors import KinetoneError
from ...core.motion.motion import Joints

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Beats:
    """The beats of a piece of music.

    Attributes:
        times_s: (B,) seconds, rising.
        first: place of the first one in the music's bars, counted in beats from where its first eight start.
    """

    times_s: Times
    first: int = 0


@dataclass(frozen=True)
class SourcePair:
    """One dance with its music, on disk; both begin together.

    Attributes:
        name: unique in its data set.
        song: what is danced to; no song may be in the train split and in another.
        split: one of ``SPLITS``.
        genre: name, or an empty string.
        joints: reads the dance: (N, 24, 3) at 60 Hz, metres, Z up. Raises KinetoneError. It can be
            pickled, for it may be called in another process.
        music: audio file.
        tempo_bpm: beats a minute of the music, where the data set states them.
        beats: reads the music's beats where the data set states them; else they are listened for, and the
            first one is taken for a downbeat. It can be pickled, too.
    """

    name: str
    song: str
    split: str
    genre: str
    joints: Callable[[], Joints]
    music: Path
    tempo_bpm: float | None = None
    beats: Callable[[], Beats] | None = None


@dataclass(frozen=True)
class Skipped:
    """What is left out, and why.

    Attributes:
        name: of the pair or file.
        code: stable, as an error's.
        message: in words.
    """

    name: str
    code: str
    message: str


CHOSEN = ("data.ignored", "data.not_in_split")
"""Codes of what a data set's own lists leave out, which is no fault."""


@dataclass(frozen=True)
class Dataset:
    """The pairs of a data set, and what of it is left out."""

    pairs: list[SourcePair]
    skipped: list[Skipped] = field(default_factory=list)


def split_by_song(pairs: Iterable[SourcePair], test_share: float) -> list[SourcePair]:
    """The pairs with train and test chosen song by song, in each genre.

    A song's place depends on its name alone, so that it stays where it is when others are added,
    as far as the share allows. A genre with a single song is trained on.

    Args: test_share: of each genre's songs that go to the test split, rounded.
    """
    pairs = list(pairs)
    songs: dict[str, list[str]] = {}
    for pair in pairs:
        songs.setdefault(pair.genre, []).append(pair.song)
    test: set[str] = set()
    for names in songs.values():
        ranked = sorted(set(names), key=lambda name: hashlib.sha256(name.encode()).digest())
        test.update(ranked[: min(round(test_share * len(ranked)), len(ranked) - 1)])
    return [replace(pair, split="test" if pair.song in test else "train") for pair in pairs]


def check_split(pairs: Iterable[SourcePair]) -> None:
    """Refuses a split in which a song that is trained on is also tested with.

    Raises: KinetoneError (data.song_leak) naming every such song; data.no_training.
    """
    songs: dict[str, set[str]] = {name: set() for name in SPLITS}
    for pair in pairs:
        songs[pair.split].add(pair.song)
    if leaking := sorted(songs["train"] & (songs["val"] | songs["test"])):
        raise KinetoneError(
            f"The split leaks: {len(leaking)} songs are for training and for testing: {', '.join(leaking)}.",
            code="data.song_leak",
            hint="Give every song's dances to one side of the split.",
        )
    if not songs["train"]:
        raise KinetoneError(
            "Nothing is left to train on.",
            code="data.no_training",
            hint="Check the folder and the split; a part of the dances must be for training.",
        )
