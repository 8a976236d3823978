"""F-curves in numpy: many curves at many frames at once. Free of bpy but for reading them.

Follows what Blender does between keys, before and after them, and with the Cycles modifier; the tests
compare it with Blender's own evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

CONSTANT: Final = 0
LINEAR: Final = 1
BEZIER: Final = 2
EASE_OUT: Final = 2
EASE_IN_OUT: Final = 3
"""Numbers of Keyframe.interpolation and Keyframe.easing; 0 is the automatic easing, in for those below."""

EASINGS: Final[Mapping[int, Callable[[Values], Values]]] = {
    5: lambda t: 1 - np.sqrt(np.maximum(1 - t * t, 0.0)),  # CIRC
    6: lambda t: t**3,  # CUBIC
    9: lambda t: t**2,  # QUAD
    10: lambda t: t**4,  # QUART
    11: lambda t: t**5,  # QUINT
    12: lambda t: 1 - np.cos(t * np.pi / 2),  # SINE
}
"""Eased interpolations, from 0 to 1, easing in (Penner's equations)."""

_KNOWN: Final = frozenset({CONSTANT, LINEAR, BEZIER, *EASINGS})

_HANDLES: Final = ("handle_left", "co", "handle_right")

_ROOT_PRECISION: Final = 1e-9
"""Of a Bezier's parameter, as a part of the segment."""


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
        points: (C, K, 3, 2) left handle, key and right handle, each as frame and value.
        interpolation, easing: (C, K) of the segments that begin with each key.
        sloped: (C,) whether the curve goes on in its direction before the first key and after the last.
        cycles: of all the curves.
    """

    points: Values
    interpolation: NDArray[np.int32]
    easing: NDArray[np.int32]
    sloped: NDArray[np.bool_]
    cycles: Cycles

    def values(self, frames: Values) -> Values:
        """(C, N) values at frames (N,)."""
        times = self.points[0, :, 1, 0]
        frames, jumps = _cycled(frames, times, self.cycles)
        values = self._between(np.clip(frames, times[0], times[-1]), times)
        for outside, end in ((frames < times[0], 0), (frames > times[-1], -1)):
            if outside.any():
                past = frames[outside] - times[end]
                values[:, outside] = self.points[:, end, 1, 1:] + self._slopes(end)[:, None] * past
        rises = self.points[:, -1, 1, 1] - self.points[:, 0, 1, 1]
        return np.asarray(values + jumps * rises[:, None])

    def _between(self, frames: Values, times: Values) -> Values:
        """(C, N) values at frames that lie between the first key and the last."""
        segment = np.clip(np.searchsorted(times, frames, side="right") - 1, 0, max(len(times) - 2, 0))
        if len(times) == 1:
            return np.repeat(self.points[:, :1, 1, 1], len(frames), axis=1)
        share = (frames - times[segment]) / (times[segment + 1] - times[segment])
        start, end = self.points[:, segment, 1, 1], self.points[:, segment + 1, 1, 1]
        kinds = self.interpolation[:, segment]
        values = np.where(share < 1.0, start + share * (end - start), end)
        inside = (share > 0.0) & (share < 1.0)
        if (self.interpolation == CONSTANT).any():
            values = np.where((kinds == CONSTANT) & (share < 1.0), start, values)
        for kind in set(np.unique(self.interpolation).tolist()) - {CONSTANT, LINEAR}:
            chosen = (kinds == kind) & inside
            if kind == BEZIER:
                curve, at = np.nonzero(chosen)
                values[chosen] = _bezier(self.points, curve, segment[at], frames[at])
            elif kind in EASINGS:
                eased = _eased(kind, self.easing[:, segment], np.broadcast_to(share, kinds.shape))
                values[chosen] = (start + eased * (end - start))[chosen]
        return np.asarray(values)

    def _slopes(self, end: int) -> Values:
        """(C,) values a frame beyond the first key (0) or the last (-1)."""
        key, handle = self.points[:, end, 1], self.points[:, end, 0 if end == 0 else 2]
        kinds = self.interpolation[:, end]
        if self.points.shape[1] > 1:
            neighbour = self.points[:, 1 if end == 0 else -2, 1]
            straight = (neighbour[:, 1] - key[:, 1]) / (neighbour[:, 0] - key[:, 0])
        else:
            straight = np.zeros(len(key))
        run = key[:, 0] - handle[:, 0]
        by_handle = np.where(run == 0, 0.0, (key[:, 1] - handle[:, 1]) / np.where(run == 0, 1.0, run))
        slopes = np.where(kinds == LINEAR, straight, by_handle)
        return np.where(self.sloped & (kinds != CONSTANT), slopes, 0.0)


def _eased(kind: int, easing: NDArray[np.int32], share: Values) -> Values:
    ease = EASINGS[kind]
    both = np.where(share < 0.5, ease(2 * share) / 2, 1 - ease(2 - 2 * share) / 2)
    return np.where(
        easing == EASE_OUT, 1 - ease(1 - share), np.where(easing == EASE_IN_OUT, both, ease(share))
    )


def _bezier(points: Values, curve: NDArray[np.intp], segment: NDArray[np.intp], frames: Values) -> Values:
    """Values of Bezier segments at frames, all (M,)."""
    first, last = points[curve, segment, 1], points[curve, segment + 1, 1]
    length = last[:, :1] - first[:, :1]
    # Blender shortens handles that reach beyond the segment, so that no frame has two values.
    out, into = points[curve, segment, 2] - first, points[curve, segment + 1, 0] - last
    out = out * np.minimum(1.0, length / np.maximum(np.abs(out[:, :1]), 1e-30))
    into = into * np.minimum(1.0, length / np.maximum(np.abs(into[:, :1]), 1e-30))
    controls = np.stack([np.zeros_like(first), out, last + into - first, last - first])
    parameter = _parameters(controls[1:3, :, 0] / length[:, 0], (frames - first[:, 0]) / length[:, 0])
    return np.asarray(
        first[:, 1] + _cubic(controls[1, :, 1], controls[2, :, 1], controls[3, :, 1], parameter)
    )


def _cubic(second: Values, third: Values, fourth: Values, t: Values) -> Values:
    """A cubic Bezier that begins at 0."""
    s = 1 - t
    return 3 * s * s * t * second + 3 * s * t * t * third + t * t * t * fourth


def _parameters(controls: Values, share: Values) -> Values:
    """(M,) where cubics from 0 over two controls (2, M) to 1 reach a share (M,); they rise throughout."""
    second, third = controls
    low, high, t = np.zeros_like(share), np.ones_like(share), share.copy()
    for _ in range(60):
        s = 1 - t
        missed = _cubic(second, third, np.ones_like(t), t) - share
        if np.abs(missed).max(initial=0.0) < _ROOT_PRECISION:
            break
        low, high = np.where(missed < 0, t, low), np.where(missed > 0, t, high)
        slope = 3 * s * s * second + 6 * s * t * (third - second) + 3 * t * t * (1 - third)
        newton = t - missed / np.maximum(slope, 1e-12)
        t = np.where((newton > low) & (newton < high), newton, (low + high) / 2)
    return t


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
    """The keys of F-curves that have any, those together that are keyed at the same frames.

    Raises: NotReadable for sampled curves, other modifiers than one plain Cycles, and the
        interpolations EXPO, BACK, BOUNCE and ELASTIC.
    """
    groups: dict[tuple[bytes, Cycles], list[tuple[Any, dict[str, NDArray[Any]]]]] = {}
    for curve in curves:
        keys = _keys(curve)
        groups.setdefault((keys["co"][:, 0].tobytes(), _cycles(curve)), []).append((curve, keys))
    return [
        ([curve for curve, _ in members], _together(members, cycles))
        for (_, cycles), members in groups.items()
    ]


def _keys(curve: Any) -> dict[str, NDArray[Any]]:
    """A curve's keys; handles and easing, which cost as much as the rest, only where they count."""
    if len(curve.sampled_points):
        raise NotReadable(curve.data_path)
    points = curve.keyframe_points
    kinds = _integers(points, "interpolation")
    distinct = {int(kinds[0])} if (kinds == kinds[0]).all() else set(kinds.tolist())
    if not _KNOWN.issuperset(distinct):
        raise NotReadable(curve.data_path)
    keys: dict[str, NDArray[Any]] = {"co": _floats(points, "co"), "interpolation": kinds}
    curved = not distinct.issubset({CONSTANT, LINEAR}) or curve.extrapolation != "CONSTANT"
    for handle in ("handle_left", "handle_right"):
        keys[handle] = _floats(points, handle) if curved else keys["co"]
    keys["easing"] = _integers(points, "easing") if curved else np.zeros_like(kinds)
    return keys


def _together(members: list[tuple[Any, dict[str, NDArray[Any]]]], cycles: Cycles) -> Keyframes:
    points = np.empty((len(members), len(members[0][1]["co"]), 3, 2))
    for row, (_, keys) in enumerate(members):
        for place, name in enumerate(_HANDLES):
            points[row, :, place] = keys[name]
    return Keyframes(
        points,
        np.stack([keys["interpolation"] for _, keys in members]),
        np.stack([keys["easing"] for _, keys in members]),
        np.array([curve.extrapolation == "LINEAR" for curve, _ in members]),
        cycles,
    )


def _cycles(curve: Any) -> Cycles:
    """Raises: NotReadable for modifiers that do more than to repeat the keys."""
    if not len(curve.modifiers):
        return Cycles()
    first = curve.modifiers[0]
    restricted = first.type != "CYCLES" or first.use_restricted_range or first.use_influence or first.mute
    if len(curve.modifiers) > 1 or restricted:
        raise NotReadable(curve.data_path)
    return Cycles(first.mode_before, first.mode_after, first.cycles_before, first.cycles_after)


def _floats(points: Any, name: str) -> NDArray[np.float32]:
    buffer = np.empty(2 * len(points), dtype=np.float32)
    points.foreach_get(name, buffer)
    return buffer.reshape(-1, 2)


def _integers(points: Any, name: str) -> NDArray[np.int32]:
    buffer = np.empty(len(points), dtype=np.int32)
    points.foreach_get(name, buffer)
    return buffer
