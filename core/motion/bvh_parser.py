"""Takes the text of a BVH file apart: hierarchy and channels."""

from __future__ import annotations

import math
import re
import reprlib
import warnings
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from .files import check_frames, format_error

MAX_BONES = 2048
MAX_HIERARCHY = 8 << 20
"""Characters before the motion; 2048 joints take a tenth of that."""

MAX_PLACES = 1 << 27
"""Frames times joints, for each of which matrices are multiplied: an hour of 150 joints at 240 Hz."""

_AXES = {"x": 0, "y": 1, "z": 2}


@dataclass
class Bone:
    """One joint of the hierarchy, or the End Site of one.

    Attributes:
        name: as in the file; None for an End Site.
        parent: index of the parent, -1 for the root; parents come before their children.
        offset: (3,) from the parent at rest, in the file's unit.
        positions, rotations: axes (0, 1, 2) of the channels by column of the motion, in order.
    """

    name: str | None
    parent: int
    offset: tuple[float, ...] | None = None
    positions: dict[int, int] = field(default_factory=dict)
    rotations: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class BvhFile:
    """What a BVH file says.

    Attributes:
        bones: the hierarchy, End Sites included.
        channels: (T, C) as written: the file's unit and degrees.
        frame_time_s: as written.
        frame_time_decimals: digits after its point.
    """

    bones: list[Bone]
    channels: npt.NDArray[np.float64]
    frame_time_s: float
    frame_time_decimals: int


def parse_bvh(name: str, text: str) -> BvhFile:
    """Take a BVH file apart.

    Args:   name: of the file, for messages; text: what it holds.
    Raises: FileFormatError (motion.file_format) naming the line; MotionError (motion.too_long).
    """
    motion = re.compile(r"^[ \t]*MOTION[ \t\r]*$", re.MULTILINE).search(text, 0, MAX_HIERARCHY)
    if motion is None:
        raise format_error(
            f"{name} is not a BVH file, or is cut off: there is no line MOTION "
            f"in its first {MAX_HIERARCHY >> 20} MiB."
        )
    hierarchy = _Hierarchy(name)
    for number, line in enumerate(text[: motion.start()].splitlines(), 1):
        hierarchy.read_line(number, deque(line.split()))
    bones, n_channels = hierarchy.finished()
    first_line = text.count("\n", 0, motion.end()) + 1
    return _parse_motion(name, text[motion.end() :], first_line, bones, n_channels)


class _Hierarchy:
    """Reads the part before MOTION line by line."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bones: list[Bone] = []
        self._open: list[int] = []  # bones whose brace is open, outermost first
        self._announced = False  # a bone was named whose brace has not come yet
        self._n_channels = 0
        self._line = 0

    def read_line(self, number: int, words: deque[str]) -> None:
        self._line = number
        # Some writers put the brace on the line of the joint, others on one of its own.
        while words:
            self._read_words(words)

    def finished(self) -> tuple[list[Bone], int]:
        if self._open or self._announced:
            self._fail("the hierarchy ends before its last brace is closed")
        if not self._n_channels:
            self._fail("no joint has channels")
        if lacking := [bone.name or "End Site" for bone in self._bones if bone.offset is None]:
            self._fail(f"no OFFSET for {', '.join(map(_shown, lacking[:8]))}")
        return self._bones, self._n_channels

    def _read_words(self, words: deque[str]) -> None:
        """Takes from the beginning of a line what belongs together."""
        match (word := words.popleft()).upper():
            case "HIERARCHY":
                pass
            case "{":
                self._open_brace()
            case "}":
                self._close_brace()
            case "ROOT" | "JOINT" | "END" as kind:
                self._announce(kind, words)
            case "OFFSET":
                self._current().offset = self._numbers(_first(words, 3))
            case "CHANNELS":
                self._channels(words)
            case _:
                self._fail(f"{reprlib.repr(word)} is not expected here")

    def _announce(self, kind: str, words: deque[str]) -> None:
        if self._announced:
            self._fail("a joint has no opening brace")
        if (kind == "ROOT") == bool(self._open):
            self._fail("a ROOT within a joint" if self._open else f"a {kind} outside of the ROOT")
        if kind == "ROOT" and self._bones:
            self._fail("a second ROOT; only one figure can be read")
        if len(self._bones) >= MAX_BONES:
            self._fail(f"more than {MAX_BONES} joints")
        of_name = words.index("{") if "{" in words else len(words)
        written = " ".join(_first(words, of_name))
        name = None if kind == "END" else written
        if name == "":
            self._fail("a joint has no name")
        self._bones.append(Bone(name, self._open[-1] if self._open else -1))
        self._announced = True

    def _open_brace(self) -> None:
        if not self._announced:
            self._fail("an opening brace without a joint")
        self._open.append(len(self._bones) - 1)
        self._announced = False

    def _close_brace(self) -> None:
        if self._announced or not self._open:
            self._fail("a closing brace too many")
        self._open.pop()

    def _current(self) -> Bone:
        if self._announced or not self._open:
            self._fail("OFFSET or CHANNELS outside of a joint")
        return self._bones[self._open[-1]]

    def _numbers(self, words: list[str]) -> tuple[float, ...]:
        try:
            numbers = tuple(float(word) for word in words)
        except ValueError:
            numbers = ()
        if len(numbers) != 3 or not all(map(math.isfinite, numbers)):
            self._fail("OFFSET must be followed by three numbers")
        return numbers

    def _channels(self, words: deque[str]) -> None:
        bone = self._current()
        number = words.popleft() if words else ""
        count = int(number) if number.isdecimal() and len(number) < 3 else -1
        names = _first(words, max(count, 0))
        if bone.name is None or bone.positions or bone.rotations or len(names) != count:
            self._fail("CHANNELS must be followed by their number and their names, once for every joint")
        for channel in names:
            axis, kind = _AXES.get(channel[0].lower()), channel[1:].lower()
            if axis is None or kind not in ("position", "rotation"):
                self._fail(f"there is no channel {reprlib.repr(channel)}")
            (bone.positions if kind == "position" else bone.rotations)[self._n_channels] = axis
            self._n_channels += 1

    def _fail(self, what: str) -> NoReturn:
        raise format_error(f"{self._name}, line {self._line}: {what}.")


def _first(words: deque[str], count: int) -> list[str]:
    """Takes so many words, or as many as there are."""
    return [words.popleft() for _ in range(min(count, len(words)))]


def _shown(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:40]}…"


def _parse_motion(name: str, text: str, first_line: int, bones: list[Bone], n_channels: int) -> BvhFile:
    head = re.match(r"\s*Frames:\s*(\d{1,9})\s+Frame Time:\s*(\S{1,40})", text, re.IGNORECASE)
    if head is None:
        raise format_error(f"{name}, line {first_line}: MOTION must be followed by Frames: and Frame Time:.")
    n_frames, written = int(head[1]), head[2]
    frame_time_s = _frame_time(written)
    if frame_time_s is None:
        raise format_error(f"{name}, line {first_line}: the Frame Time {written!r} is no number above zero.")
    if n_frames == 0:
        raise format_error(f"{name}: 0 frames.")
    check_frames(name, n_frames)
    if n_frames * len(bones) > MAX_PLACES:
        raise format_error(f"{name}: {n_frames} frames of {len(bones)} joints are more than can be read.")
    numbers = _numbers(text[head.end() :])
    if numbers is None or not np.isfinite(numbers).all():
        line = first_line + text.count("\n", 0, head.end())
        bad_line, word = _first_bad_word(text[head.end() :], line)
        raise format_error(f"{name}, line {bad_line}: {word!r} is not a number.")
    if len(numbers) != n_frames * n_channels:
        raise format_error(
            f"{name}: {n_frames} frames of {n_channels} channels need {n_frames * n_channels} numbers, "
            f"but {len(numbers)} follow."
        )
    decimals = len(written.partition(".")[2]) if re.fullmatch(r"\d*\.\d+", written) else 15
    return BvhFile(bones, numbers.reshape(n_frames, n_channels), frame_time_s, decimals)


def _frame_time(written: str) -> float | None:
    try:
        value = float(written)
    except ValueError:
        return None
    return value if 1e-5 <= value <= 1e3 else None


def _numbers(text: str) -> npt.NDArray[np.float64] | None:
    """All numbers of a text; None if there is anything else in it."""
    if not text.strip():
        return np.zeros(0)
    with warnings.catch_warnings():
        # NumPy only warns when it meets something that is no number.
        warnings.simplefilter("error", DeprecationWarning)
        try:
            return np.fromstring(text, sep=" ")
        except (DeprecationWarning, ValueError):
            return None


def _first_bad_word(text: str, first_line: int) -> tuple[int, str]:
    def words() -> Iterator[tuple[int, str]]:
        for number, line in enumerate(text.split("\n"), first_line):
            yield from ((number, word) for word in line.split())

    return next(((line, word[:40]) for line, word in words() if not _is_number(word)), (first_line, ""))


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False
