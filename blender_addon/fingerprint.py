"""A fingerprint of an armature's animation, taken from its curves without moving the scene's frame.

The curves of its parents, and of the targets of its constraints and drivers, count too; what such objects
do without curves (physics, scripts, being moved by hand) does not show in it.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core import timing
from . import actions, keyframes
from .clock import SceneClock

Frames = NDArray[np.float64]

BIN_FRAMES = 10
"""Motion frames that share one number: differences are found to a sixth of a second."""

TOLERANCE = 1e-5
"""Difference, as part of the largest number, that is no more than rounding."""

CURVES_AT_ONCE = 16
"""Curves that are read together, without a look at the clock."""


@dataclass(frozen=True)
class _Source:
    """Some curves that speak of a dancer from one motion frame up to, but not including, another.

    Attributes:
        dancer: number of the armature.
        owner: name of the object that has the curves, or an empty text for the armature itself.
        stands: whether where the object stands makes no difference.
        key_frames: where to evaluate the curves for frames of the animation.
    """

    dancer: int
    owner: str
    stands: bool
    curves: Sequence[Any]
    key_frames: Callable[[Frames], Frames]
    first: int
    last: int


class FingerprintReader:
    """Takes the fingerprint of all dancers' animation together, slice by slice.

    The armatures are passed to every slice anew, and their curves are looked up again: between two
    of them the user may edit or undo, which replaces Blender's data.
    """

    def __init__(self, clock: SceneClock, start: float, motion_frames: int) -> None:
        self._clock = clock
        self._start = start
        self._motion_frames = motion_frames
        self._n_bins = -(-motion_frames // BIN_FRAMES)
        self._sums = np.zeros((2, self._n_bins * BIN_FRAMES))
        self._done = 0

    def read_slice(self, armatures: Sequence[Any], budget_s: float) -> bool:
        """Read curves for about ``budget_s`` seconds, at least some; True once all are read."""
        deadline_s = time.perf_counter() + budget_s
        sources = [
            source
            for dancer, armature in enumerate(armatures)
            for source in _sources(dancer, armature, self._clock, self._start, self._motion_frames)
        ]
        while self._done < len(sources):
            self._add(sources[self._done])
            self._done += 1
            if time.perf_counter() > deadline_s:
                break
        return self._done >= len(sources)

    def numbers(self) -> tuple[float, ...]:
        """Two numbers, for rotations and for the rest, for every BIN_FRAMES motion frames."""
        phases = 1.0 + np.random.default_rng(0).random(BIN_FRAMES)
        return tuple((self._sums.reshape(2, self._n_bins, BIN_FRAMES) @ phases).ravel().tolist())

    def _add(self, source: _Source) -> None:
        numbers = np.arange(source.first, source.last, dtype=np.float64)
        frames = self._clock.key_frames(self._clock.motion_frame(self._start, numbers))
        for curve, values in _values(source.curves, source.key_frames(frames)):
            if len(values) and source.stands and not curve.data_path.startswith("pose."):
                values = values - values[0]
            kind = 0 if "rotation" in curve.data_path else 1
            self._sums[kind, source.first : source.last] += _weight(source, curve) * np.nan_to_num(values)


def _values(curves: Sequence[Any], frames: Frames) -> Iterator[tuple[Any, Frames]]:
    """The curves' values from their keys, or from Blender where these do not tell."""
    try:
        groups = keyframes.read(curves)
    except keyframes.NotReadable:
        for curve in curves:
            yield curve, np.array([curve.evaluate(frame) for frame in frames])
        return
    for members, keys in groups:
        yield from zip(members, keys.values(frames).astype(np.float64), strict=True)


def fingerprint(
    armatures: Sequence[Any], clock: SceneClock, start: float, motion_frames: int
) -> tuple[float, ...]:
    """The fingerprint of armatures' animation from the timeline frame ``start`` on."""
    reader = FingerprintReader(clock, start, motion_frames)
    reader.read_slice(armatures, float("inf"))
    return reader.numbers()


def difference(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[int, int] | None:
    """First motion frame that differs between two fingerprints, and the one after the last."""
    if not one or not other:
        return None
    rows = [np.reshape(numbers, (2, -1)) for numbers in (one, other)]
    n_bins = max(row.shape[1] for row in rows)
    # What only one of them has, differs: nothing that is measured is not a number.
    pair = np.stack(
        [np.pad(row, ((0, 0), (0, n_bins - row.shape[1])), constant_values=np.nan) for row in rows]
    )
    largest = np.maximum(1.0, np.nanmax(np.abs(pair), axis=(0, 2)))[:, None]
    alike = np.abs(pair[0] - pair[1]) <= TOLERANCE * BIN_FRAMES * largest
    differing = np.flatnonzero(~alike.all(axis=0))
    if not len(differing):
        return None
    return int(differing[0]) * BIN_FRAMES, (int(differing[-1]) + 1) * BIN_FRAMES


def _weight(source: _Source, curve: Any) -> float:
    """A number of the curve's own, from 0.5 to 1.5, so that no two changes hide one another."""
    name = f"{source.dancer} {source.owner}{curve.data_path}[{curve.array_index}]"
    return 0.5 + zlib.crc32(name.encode()) / 2**32


def _sources(
    dancer: int, armature: Any, clock: SceneClock, start: float, motion_frames: int
) -> Iterator[_Source]:
    """The curves of the armature and of what moves it."""
    carriers = {obj.name_full for obj in actions.lineage(armature)}
    for obj in (armature, *actions.movers(armature)):
        if obj.animation_data is not None:
            owner = "" if obj is armature else obj.name_full
            stands = obj.name_full in carriers
            for curves, key_frames, first, last in _curves(obj.animation_data, clock, start, motion_frames):
                for number in range(0, len(curves), CURVES_AT_ONCE):
                    some = curves[number : number + CURVES_AT_ONCE]
                    yield _Source(dancer, owner, stands, some, key_frames, first, last)


def _curves(
    animation: Any, clock: SceneClock, start: float, motion_frames: int
) -> Iterator[tuple[list[Any], Callable[[Frames], Frames], int, int]]:
    """The curves of the action, and those of the NLA strips where these lie; as in _Source."""
    if actions.solo_track(animation) is None:
        yield actions.fcurves(animation), np.asarray, 0, motion_frames
    for strip in actions.nla_strips(animation):
        ends = (clock.timeline_frame(frame) - start for frame in (strip.frame_start, strip.frame_end))
        numbers = (round(frame / clock.frame_rate * timing.FRAME_RATE) for frame in ends)
        first, last = numbers
        if last < 0 or first >= motion_frames:
            continue
        key_frames = partial(_strip_frames, strip)
        yield actions.strip_fcurves(strip), key_frames, max(0, first), min(motion_frames, last + 1)


def _strip_frames(strip: Any, frames: Frames) -> Frames:
    """The frames of a strip's action that play at frames of the animation."""
    into = (frames - strip.frame_start) / (strip.scale or 1.0)
    length = strip.action_frame_end - strip.action_frame_start
    if length > 0:  # of a repetition's last frame and the next one's first, the last
        into -= length * np.maximum(0, np.ceil(into / length - 1e-6) - 1)
    return strip.action_frame_end - into if strip.use_reverse else strip.action_frame_start + into
