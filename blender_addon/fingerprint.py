"""A fingerprint of an armature's animation, taken from its curves without moving the scene's frame.

The curves of its parents, and of the targets of its constraints and drivers, count too; what such objects
do without curves (physics, scripts, being moved by hand) does not show in it.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..core import timing
from . import actions
from .clock import SceneClock

BIN_FRAMES = 10
"""Motion frames that share one number: differences are found to a sixth of a second."""

TOLERANCE = 1e-5
"""Difference, as part of the largest number, that is no more than rounding."""


@dataclass(frozen=True)
class _Source:
    """A dancer's curve that speaks from one motion frame up to, but not including, another.

    Attributes:
        dancer: number of the armature.
        owner: name of the object that has the curve, or an empty text for the armature itself.
        stands: whether where the object stands makes no difference.
        key_frame: where to evaluate the curve for a frame of the animation.
    """

    dancer: int
    owner: str
    stands: bool
    curve: Any
    key_frame: Callable[[float], float]
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
        """Read curves for about ``budget_s`` seconds, at least one; True once all are read."""
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
        curve, clock = source.curve, self._clock
        frames = (clock.motion_frame(self._start, n) for n in range(source.first, source.last))
        values = np.array([curve.evaluate(source.key_frame(clock.key_frame(frame))) for frame in frames])
        if len(values) and source.stands and not curve.data_path.startswith("pose."):
            values -= values[0]
        kind = 0 if "rotation" in curve.data_path else 1
        self._sums[kind, source.first : source.last] += _weight(source) * np.nan_to_num(values)


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


def _weight(source: _Source) -> float:
    """A number of the curve's own, from 0.5 to 1.5, so that no two changes hide one another."""
    name = f"{source.dancer} {source.owner}{source.curve.data_path}[{source.curve.array_index}]"
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
            for curve, key_frame, first, last in _curves(obj.animation_data, clock, start, motion_frames):
                yield _Source(dancer, owner, stands, curve, key_frame, first, last)


def _curves(
    animation: Any, clock: SceneClock, start: float, motion_frames: int
) -> Iterator[tuple[Any, Callable[[float], float], int, int]]:
    """The curves of the action, and those of the NLA strips where these lie; as in _Source."""
    if actions.solo_track(animation) is None:
        for curve in actions.fcurves(animation):
            yield curve, float, 0, motion_frames
    for strip in actions.nla_strips(animation):
        ends = (clock.timeline_frame(frame) - start for frame in (strip.frame_start, strip.frame_end))
        numbers = (round(frame / clock.frame_rate * timing.FRAME_RATE) for frame in ends)
        first, last = numbers
        if last < 0 or first >= motion_frames:
            continue
        for curve in actions.strip_fcurves(strip):
            yield curve, partial(_strip_frame, strip), max(0, first), min(motion_frames, last + 1)


def _strip_frame(strip: Any, frame: float) -> float:
    """The frame of a strip's action that plays at a frame of the animation."""
    into = (frame - strip.frame_start) / (strip.scale or 1.0)
    length = strip.action_frame_end - strip.action_frame_start
    if length > 0:  # of a repetition's last frame and the next one's first, the last
        into -= length * max(0, math.ceil(into / length - 1e-6) - 1)
    return float(strip.action_frame_end - into if strip.use_reverse else strip.action_frame_start + into)
