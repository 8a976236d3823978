"""F-curves in numpy: many curves at many frames at once. Free of bpy but for reading them.

Follows what Blender does between keys, before and after them, and with the Cycles modifier; the tests
compare it with Blender's own evaluation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .easing import BACK, EASED, ELASTIC, SHORTEST_PERIOD, Segments, Values

CONSTANT: Final = 0
LINEAR: Final = 1
BEZIER: Final = 2
"""Numbers of Keyframe.interpolation; the others are those of easing.EASED."""

_KNOWN: Final = EASED | {CONSTANT, LINEAR, BEZIER}

_ON_KEY_FRAMES: Final = np.float32(1e-4)
"""How near to a key a frame has its value; compared in 32 bits, as Blender does."""

_LEAST_CUBE: Final = 1e-7
"""Of a cubic: with less, it is solved as if it had this much, which moves it by less than 32 bits tell."""


@dataclass(frozen=True)
class Cycles:
    """The Cycles modifier: what is repeated before and after the keys, and how often (0: forever)."""

    before: str = "NONE"
    after: str = "NONE"
    before_count: int = 0
    after_count: int = 0


@dataclass(frozen=True)
class Keyframes:
    """The keys of C curves that have them at the same K frames.

    Attributes:
        keys, lefts, rights: (C, K, 2) the keys, their left and their right handles, each as frame and value.
        interpolation, easing: (C, K) of the segments that begin with each key.
        swings: (3, C, K) back, amplitude and period of the same segments.
        sloped: (C,) whether the curve goes on in its direction before the first key and after the last.
        cycles: of all the curves.
    """

    keys: Values
    lefts: Values
    rights: Values
    interpolation: NDArray[np.uint8]
    easing: NDArray[np.uint8]
    swings: Values
    sloped: NDArray[np.bool_]
    cycles: Cycles

    def values(self, frames: Values) -> Values:
        """(C, N) values in 32 bits, as Blender's are, at frames (N,)."""
        times = self.keys[0, :, 0].astype(np.float64)
        frames = frames.astype(np.float32).astype(
            np.float64
        )  # Blender's are of 32 bits: a step comes with its key
        frames, jumps = _cycled(frames, times, self.cycles)
        values = self._between(np.clip(frames, times[0], times[-1]), times)
        for outside, end in ((frames < times[0], 0), (frames > times[-1], -1)):
            if outside.any():
                past = frames[outside] - times[end]
                values[:, outside] = self.keys[:, end, 1:] + self._slopes(end)[:, None] * past
        if jumps.any():
            values += (jumps * (self.keys[:, -1, 1:] - self.keys[:, 0, 1:])).astype(np.float32)
        return values

    def _between(self, frames: Values, times: Values) -> Values:
        """(C, N) values at frames that lie between the first key and the last."""
        segment = np.clip(np.searchsorted(times, frames, side="right") - 1, 0, max(len(times) - 2, 0))
        if len(times) == 1:
            return np.repeat(self.keys[:, :1, 1], len(frames), axis=1)
        passed, left = frames - times[segment], times[segment + 1] - frames
        share = passed / (passed + left)
        on_key = np.minimum(passed, left).astype(np.float32) <= _ON_KEY_FRAMES
        share = np.where(on_key, np.rint(share), share)
        start, end = self.keys[:, segment, 1], self.keys[:, segment + 1, 1]
        values = (end - start) * share.astype(np.float32)
        values += start
        values[:, share == 1.0] = end[:, share == 1.0]
        for kind in _distinct(self.interpolation) - {LINEAR}:
            chosen = (self.interpolation[:, segment] == kind) & (share > 0.0) & (share < 1.0)
            if kind == CONSTANT:
                values[chosen] = start[chosen]
            elif kind == BEZIER:
                at = chosen.any(axis=0)
                values[chosen] = self._bezier(segment[at], share[at])[chosen[:, at]]
            else:
                values[chosen] = self._eased(kind, segment, share, chosen)
        return values

    def _bezier(self, segment: NDArray[np.intp], share: Values) -> Values:
        """(C, M) values of Bezier segments where M frames have passed a share of them."""
        first, last = self.keys[:, segment], self.keys[:, segment + 1]
        run = last - first
        # Blender shortens handles that reach beyond the segment, so that no frame has two values.
        out, into = self.rights[:, segment] - first, self.lefts[:, segment + 1] - last
        out *= np.minimum(1.0, run[..., :1] / np.maximum(np.abs(out[..., :1]), 1e-30))
        into *= np.minimum(1.0, run[..., :1] / np.maximum(np.abs(into[..., :1]), 1e-30))
        into += run
        times = np.stack([out, into])[..., 0] / run[..., 0]
        if (times == times[:, :1]).all():  # as automatic handles make it: one solution is that of all curves
            times = times[:, :1]
        return first[..., 1] + _cubic(out[..., 1], into[..., 1], run[..., 1], _parameters(times, share))

    def _eased(
        self, kind: int, segment: NDArray[np.intp], share: Values, chosen: NDArray[np.bool_]
    ) -> Values:
        """Values at those of (C, N) curves and frames that are chosen."""
        curve, frame = np.nonzero(chosen)
        key = segment[frame]
        (start_frame, start), (end_frame, end) = self.keys[curve, key].T, self.keys[curve, key + 1].T
        swings = self.swings[:, curve, key]
        segments = Segments(start, end, end_frame - start_frame, self.easing[curve, key], *swings)
        return segments.eased(kind, share[frame])

    def _slopes(self, end: int) -> Values:
        """(C,) values a frame beyond the first key (0) or the last (-1)."""
        key, handle = self.keys[:, end], (self.lefts if end == 0 else self.rights)[:, end]
        kinds = self.interpolation[:, end]
        if self.keys.shape[1] > 1:
            neighbour = self.keys[:, 1 if end == 0 else -2]
            straight = (neighbour[:, 1] - key[:, 1]) / (neighbour[:, 0] - key[:, 0])
        else:
            straight = np.zeros(len(key))
        run = key[:, 0] - handle[:, 0]
        by_handle = np.where(run == 0, 0.0, (key[:, 1] - handle[:, 1]) / np.where(run == 0, 1.0, run))
        slopes = np.where(kinds == LINEAR, straight, by_handle)
        return np.where(self.sloped & (kinds != CONSTANT), slopes, 0.0)


def _cubic(second: Values, third: Values, fourth: Values, t: Values) -> Values:
    """A cubic Bezier that begins at 0."""
    s = 1 - t
    return 3 * s * s * t * second + 3 * s * t * t * third + t * t * t * fourth


def _parameters(controls: Values, share: Values) -> Values:
    """(C, M) where cubics from 0 over two controls (2, C, M) to 1, which only rise, reach a share (M,).

    Source: Cardano's formulas; of three real roots, the one that lies between 0 and 1.
    """
    second, third = controls.astype(np.float64)
    cube = 1 + 3 * (second - third)
    cube = np.where(np.abs(cube) < _LEAST_CUBE, _LEAST_CUBE, cube)
    shift = (third - 2 * second) / cube
    p = second / cube - shift * shift
    q = shift**3 - (3 * shift * second + share) / (2 * cube)
    within = q * q + p**3
    root = -np.copysign(np.cbrt(np.abs(q) + np.sqrt(np.maximum(within, 0.0))), q)
    found = root - np.divide(p, root, out=np.zeros_like(p), where=root != 0) - shift
    several = within < 0
    radius, p, q, shift = np.sqrt(-p[several]), p[several], q[several], shift[several]
    angle = np.arccos(np.clip(-q / radius**3, -1.0, 1.0))
    roots = 2 * radius * np.cos((angle + 2 * np.pi * np.arange(3)[:, None]) / 3) - shift
    nearest = np.abs(roots - 0.5).argmin(axis=0)
    found[several] = roots[nearest, np.arange(len(nearest))]
    return np.clip(found, 0.0, 1.0)


def _cycled(frames: Values, times: Values, cycles: Cycles) -> tuple[Values, Values]:
    """Frames (N,) brought between the keys, and by how many rises of the curve they are offset."""
    frames, jumps = np.array(frames, dtype=np.float64), np.zeros(len(frames))
    first, last = times[0], times[-1]
    length = last - first
    if len(times) < 2:
        return frames, jumps
    for outside, mode, count, origin, side in (
        (frames < first, cycles.before, cycles.before_count, first, -1),
        (frames > last, cycles.after, cycles.after_count, last, 1),
    ):
        if mode == "NONE":
            continue
        number = side * (frames - origin) / length
        chosen = outside & ((count == 0) | (number <= count))
        past = np.fmod(frames - origin, length)[chosen]  # of the sign of the side
        number = number[chosen].astype(np.int64)
        if mode == "REPEAT_OFFSET":
            jumps[chosen] = side * np.ceil(side * (frames[chosen] - origin) / length)
        turned = (mode == "MIRROR") & (number % 2 == 0)
        inside = np.where(turned, (first if side < 0 else last) - past, first + past)
        edge_turned = (mode == "MIRROR") & (number % 2 == 1)
        edge = np.where(edge_turned, first if side > 0 else last, last if side > 0 else first)
        inside = np.where(past == 0.0, edge, inside)
        frames[chosen] = np.where(inside < first, inside + length, inside)
    return frames, jumps


class NotReadable(Exception):  # noqa: N818  # no error: Blender evaluates such a curve
    """An F-curve whose values do not follow from its keys as they are read here."""


def read(curves: Iterable[Any]) -> list[tuple[list[Any], Keyframes]]:
    """The keys of F-curves, those together that are keyed at the same frames.

    Raises: NotReadable for curves without keys, sampled ones, other modifiers than one plain Cycles,
        keys that are not finite, and swings of less than a frame.
    """
    groups: dict[tuple[bytes, Cycles], list[tuple[Any, Values]]] = {}
    for curve in curves:
        if len(curve.sampled_points) or not len(curve.keyframe_points):
            raise NotReadable(curve.data_path)
        keys = _each(curve, "co", np.float32, 2)
        groups.setdefault((keys[:, 0].tobytes(), _cycles(curve)), []).append((curve, keys))
    return [
        ([curve for curve, _ in members], _together(members, cycles))
        for (_, cycles), members in groups.items()
    ]


def _together(members: Sequence[tuple[Any, Values]], cycles: Cycles) -> Keyframes:
    """Of curves and their keys; handles and easing, which cost as much as the rest, only where they count."""
    curves = [curve for curve, _ in members]
    interpolation = np.stack([_each(curve, "interpolation", np.uint8) for curve in curves])
    kinds = _distinct(interpolation)
    if not _KNOWN.issuperset(kinds):  # those of a Blender to come
        raise NotReadable(curves[0].data_path)
    sloped = np.array([curve.extrapolation == "LINEAR" for curve in curves])
    keys = np.stack([each for _, each in members])
    lefts, rights, easing = keys, keys, np.zeros_like(interpolation)
    swings = np.zeros((3, *interpolation.shape), dtype=np.float32)
    if sloped.any() or not kinds.issubset({CONSTANT, LINEAR}):
        lefts = np.stack([_each(curve, "handle_left", np.float32, 2) for curve in curves])
        rights = np.stack([_each(curve, "handle_right", np.float32, 2) for curve in curves])
        easing = np.stack([_each(curve, "easing", np.uint8) for curve in curves])
    if not (np.isfinite(keys).all() and (lefts is keys or np.isfinite([lefts, rights]).all())):
        raise NotReadable(curves[0].data_path)
    if kinds & {BACK, ELASTIC}:
        names = ("back", "amplitude", "period")
        swings = np.stack([[_each(curve, name, np.float32) for curve in curves] for name in names])
        periods = np.abs(swings[2][interpolation == ELASTIC])
        if ((periods > 0) & (periods < SHORTEST_PERIOD)).any():
            raise NotReadable(curves[0].data_path)
    return Keyframes(keys, lefts, rights, interpolation, easing, swings, sloped, cycles)


def _cycles(curve: Any) -> Cycles:
    """Raises: NotReadable for modifiers that do more than to repeat the keys."""
    if not len(curve.modifiers):
        return Cycles()
    first = curve.modifiers[0]
    restricted = first.type != "CYCLES" or first.use_restricted_range or first.use_influence or first.mute
    if len(curve.modifiers) > 1 or restricted:
        raise NotReadable(curve.data_path)
    return Cycles(first.mode_before, first.mode_after, first.cycles_before, first.cycles_after)


def _each(curve: Any, name: str, kind: type, *shape: int) -> NDArray[Any]:
    """(K, *shape) what a property of each key is; enumerations in bytes, as Blender keeps them, which it
    copies seven times as fast.
    """
    points = curve.keyframe_points
    buffer: NDArray[Any] = np.empty((len(points), *shape), dtype=kind)
    points.foreach_get(name, buffer.reshape(-1))
    return buffer


def _distinct(kinds: NDArray[np.uint8]) -> set[int]:
    return set(np.flatnonzero(np.bincount(kinds.ravel())).tolist())
