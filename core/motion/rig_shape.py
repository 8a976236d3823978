"""Finds the joints of a rig whose names say nothing, from how its bones hang together and lie at rest.

A body is looked for: two legs that go down from one bone, two arms that reach out to the sides from
one bone above it, a head on top. Where bones could be taken in several ways (a collar bone or twist
bones in an arm, toes or an end bone on a leg), the way is taken whose lengths come nearest to those
of the average body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from .axes import Z_UP_FROM_Y_UP
from .skeleton import JOINT_INDEX, REFERENCE_HEIGHT, REST_JOINTS

Points = npt.NDArray[np.float64]

Value = TypeVar("Value")

_Leg = tuple[float, tuple[int, int, int]]
"""Hip, knee and ankle, and how unlike a leg they are."""

_FLOOR = 0.15
"""Feet reach below this share of the rig's height."""

_UPRIGHT = 0.5
"""A leg goes down by far more than it goes sideways; what does not belongs to a rig that lies on its side."""

_LIMB_BONES = 24
"""A limb or a spine has no more, twists and fingers included: what goes on is a rope, a tail or hair."""

_LEGS = 16
"""So many legs of one bone are looked at, the best ones, two by two."""

_HANGING = 0.2
"""Hands that hang down reach this share of the body's height below the hips."""


@dataclass(frozen=True)
class RestPose:
    """A rig at rest.

    Attributes:
        heads, tails: (B, 3) of all bones in their order; any unit, Z or Y up.
    """

    heads: Points
    tails: Points

    def turned(self, rotation: Points) -> RestPose:
        """The same in other axes."""
        return RestPose(self.heads @ rotation.T, self.tails @ rotation.T)


def joints_by_shape(
    bone_names: Sequence[str], parents: Mapping[str, str | None], rest: RestPose
) -> dict[str, str]:
    """The bones whose heads are joints, by joint name; as many as the rig's shape shows.

    Args:
        parents: each bone's parent, or None.
    Returns: {} if the rig has no legs and arms that can be told.
    """
    index = {name: number for number, name in reversed(list(enumerate(bone_names)))}
    numbers = [index.get(parents.get(name) or "", -1) for name in bone_names]
    for upright in (rest, rest.turned(Z_UP_FROM_Y_UP)):
        if found := _joints(_Tree(numbers, upright)):
            return {joint: bone_names[bone] for joint, bone in found.items()}
    return {}


def _joints(tree: _Tree) -> dict[str, int]:
    """Bones by joint, for a rig that stands along Z; {} if no body is found."""
    legs = _find_legs(tree)
    arms = _find_arms(tree, legs) if legs is not None else None
    if legs is None or arms is None:
        return {}
    return {**legs.joints(), **arms.joints(), **_find_trunk(tree, legs, arms)}


class _Tree:
    """The bones as a tree; points are those of their heads, in shares of the rig's height."""

    def __init__(self, parents: Sequence[int], rest: RestPose) -> None:
        self.parents = parents
        self.children: list[list[int]] = [[] for _ in parents]
        for bone, parent in enumerate(parents):
            if parent >= 0:
                self.children[parent].append(bone)
        height = np.ptp(rest.heads[:, 2]) if len(parents) else 0.0
        scale = 1.0 / height if height > 0 else 1.0
        bottom = rest.heads[:, 2].min() if len(parents) else 0.0
        origin = np.array([0.0, 0.0, bottom])
        self.heads: Points = (rest.heads - origin) * scale
        self.tails: Points = (rest.tails - origin) * scale
        self._order: list[int] = []
        for bone, parent in enumerate(parents):
            if parent < 0:
                self._order += self.below(bone)
        self.legs = _best_legs(self)
        heights = self.heads[:, 2].tolist()
        self.lowest, self.highest = self.furthest(heights, min), self.furthest(heights, max)

    def below(self, bone: int) -> Iterator[int]:
        """The bone and all that hang on it."""
        waiting = [bone]
        while waiting:
            bone = waiting.pop()
            yield bone
            waiting += self.children[bone]

    def furthest(self, values: Sequence[Value], choose: Callable[[Value, Value], Value]) -> list[Value]:
        """For each bone the one value that ``choose`` takes out of those of all that hangs on it."""
        chosen = list(values)
        for bone in reversed(self._order):  # children before their parents
            if (parent := self.parents[bone]) >= 0:
                chosen[parent] = choose(chosen[parent], chosen[bone])
        return chosen

    def distances(self, bone: int) -> list[float]:
        """From the head of a bone to those of all."""
        return np.linalg.norm(self.heads - self.heads[bone], axis=1).tolist()

    def path(self, bone: int, most: int | None = None) -> list[int]:
        """From the root to the bone, or the last of them."""
        found: list[int] = []
        while bone >= 0 and len(found) != most:
            found.append(bone)
            bone = self.parents[bone]
        return found[::-1]

    def fork(self, a: int, b: int) -> int:
        """The last bone that the paths to both share; -1 if there is none."""
        shared = [one for one, other in zip(self.path(a), self.path(b), strict=False) if one == other]
        return shared[-1] if shared else -1

    def length(self, a: int, b: int) -> float:
        """Between the heads of two bones."""
        return float(np.linalg.norm(self.heads[a] - self.heads[b]))


@dataclass(frozen=True)
class _Legs:
    """Both legs; each a dictionary by joint without its side.

    Attributes:
        fork: the bone on which both hang.
        lateral: (3,) towards the body's left.
        unit: how much larger than the average body's the legs are, that body being 1 high.
    """

    left: Mapping[str, int]
    right: Mapping[str, int]
    fork: int
    lateral: Points
    unit: float

    def joints(self) -> dict[str, int]:
        return _sided(self.left, self.right)


@dataclass(frozen=True)
class _Arms:
    left: Mapping[str, int]
    right: Mapping[str, int]
    fork: int

    def joints(self) -> dict[str, int]:
        return _sided(self.left, self.right)


def _sided(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    return {
        f"{side}_{part}": bone
        for side, limb in (("left", left), ("right", right))
        for part, bone in limb.items()
    }


def _body(a: str, b: str) -> float:
    """Distance between two joints of the average body, in shares of its height."""
    off = REST_JOINTS[JOINT_INDEX[a]] - REST_JOINTS[JOINT_INDEX[b]]
    return float(np.linalg.norm(off)) / REFERENCE_HEIGHT


def _level(joint: str) -> float:
    """Height of a joint of the average body, in shares of its height."""
    return float(REST_JOINTS[JOINT_INDEX[joint], 2]) / REFERENCE_HEIGHT


def _find_legs(tree: _Tree) -> _Legs | None:
    """The best pair of limbs that hang on one bone and go down side by side to the floor."""
    best: tuple[float, int, tuple[int, int, int], tuple[int, int, int]] | None = None
    for fork in range(len(tree.parents)):
        legs = [leg for child in tree.children[fork] if (leg := _leg(tree, child)) is not None]
        for (cost_a, a), (cost_b, b) in combinations(sorted(legs)[:_LEGS], 2):
            apart = np.linalg.norm(tree.heads[a[0], :2] - tree.heads[b[0], :2])
            uneven = sum(abs(tree.heads[i, 2] - tree.heads[j, 2]) for i, j in zip(a, b, strict=True))
            if apart < 0.02:
                continue
            cost = cost_a + cost_b + 5 * uneven
            if best is None or cost < best[0]:
                best = cost, fork, a, b
    if best is None:
        return None
    _, fork, a, b = best
    across = tree.heads[a[0]] - tree.heads[b[0]]
    across[2] = 0.0
    across /= np.linalg.norm(across)
    if across @ _left(tree, a[2], b[2], across) < 0:
        a, b, across = b, a, -across
    reach = np.mean([tree.length(leg[0], leg[1]) + tree.length(leg[1], leg[2]) for leg in (a, b)])
    unit = float(reach) / (_body("left_hip", "left_knee") + _body("left_knee", "left_ankle"))
    left, right = (
        dict(zip(("hip", "knee", "ankle"), leg, strict=True)) | _foot(tree, leg[2], unit) for leg in (a, b)
    )
    return _Legs(left, right, fork, across, unit)


def _leg(tree: _Tree, start: int) -> _Leg | None:
    """Hip, knee and ankle of what hangs on a bone, and how unlike a leg they are; None if no leg does."""
    leg = tree.legs[start]
    if leg is None or tree.lowest[start] > _FLOOR or not 0.25 <= tree.highest[start] <= 0.75:
        return None
    hip, knee, ankle = leg[1]
    return leg if leg[0] < -_UPRIGHT * (tree.length(hip, knee) + tree.length(knee, ankle)) else None


def _best_legs(tree: _Tree) -> list[_Leg | None]:
    """For each bone the best leg of all that hangs on it."""
    best: list[_Leg | None] = [None] * len(tree.parents)
    for ankle in range(len(tree.parents)):
        line = tree.path(ankle, _LIMB_BONES)
        if len(line) < 3:
            continue
        costs = _leg_costs(tree.heads[line])
        for hip, (bone, knee) in enumerate(zip(line, costs.argmin(axis=1), strict=True)):
            if hip < len(line) - 2:
                leg = float(costs[hip, knee]), (bone, line[knee], ankle)
                best[bone] = _better(best[bone], leg)
    return tree.furthest(best, _better)


def _better(one: _Leg | None, other: _Leg | None) -> _Leg | None:
    return min(one, other) if one is not None and other is not None else one or other


def _leg_costs(points: Points) -> Points:
    """(K, K) for each hip and knee along K points that lead to an ankle; infinite where the knee is no knee.

    Small for two long bones of about one length that stand upright, low for those that reach far down.
    """
    upper, lower = points[None] - points[:, None], points[-1] - points
    lengths, flat = np.linalg.norm(upper, axis=2), np.linalg.norm(upper[..., :2], axis=2)
    uneven = np.abs(lengths - np.linalg.norm(lower, axis=1))
    costs = uneven + flat + np.linalg.norm(lower[:, :2], axis=1) + lower[:, None, 2]
    hips, knees = np.indices(costs.shape)
    return np.asarray(np.where((hips < knees) & (knees < len(points) - 1), costs, np.inf))


def _left(tree: _Tree, ankle_a: int, ankle_b: int, across: Points) -> Points:
    """The body's left: the toes point forward. Without toes it faces -Y, as Blender's characters do."""
    forward = np.zeros(3)
    for ankle in (ankle_a, ankle_b):
        points = [tree.heads[bone] for bone in tree.below(ankle)] + [
            tree.tails[bone] for bone in tree.below(ankle)
        ]
        reach = np.array(points) - tree.heads[ankle]
        reach[:, 2] = 0.0
        reach -= np.outer(reach @ across, across)
        forward += reach[np.linalg.norm(reach, axis=1).argmax()]
    if np.linalg.norm(forward) < 0.02:
        forward = np.array([0.0, -1.0, 0.0])
    return np.cross([0.0, 0.0, 1.0], forward)


def _foot(tree: _Tree, ankle: int, unit: float) -> dict[str, int]:
    """The ball of the foot, if there is a bone about as far from the ankle as it is."""
    return _next_joint(tree, "foot", ankle, _body("left_ankle", "left_foot") * unit)


def _next_joint(tree: _Tree, part: str, end: int, usual: float) -> dict[str, int]:
    """The first bone beyond a limb's end, at about the usual distance; of several the furthest reaching."""
    away = tree.distances(end)
    near = [
        bone
        for bone in tree.below(end)
        if 0.4 * usual < away[bone] < 3 * usual and away[tree.parents[bone]] <= 0.4 * usual
    ]
    reach = tree.furthest(away, max) if near else away
    return {part: max(near, key=lambda bone: reach[bone])} if near else {}


def _find_arms(tree: _Tree, legs: _Legs) -> _Arms | None:
    """The limbs that reach furthest to both sides, outside of the legs."""
    centre = (tree.heads[legs.left["hip"]] + tree.heads[legs.right["hip"]]) / 2
    sideways = (tree.heads - centre) @ legs.lateral
    of_legs = {*tree.below(_limb(tree, legs, "left")), *tree.below(_limb(tree, legs, "right"))}
    lowest = centre[2] - _HANGING * legs.unit
    high = [bone for bone in range(len(sideways)) if tree.heads[bone, 2] > lowest and bone not in of_legs]

    @cache
    def arm(tip: int, fork: int) -> tuple[float, dict[str, int]] | None:
        return _arm(tree, tip, fork, sideways, legs.unit)

    best = None
    for tip_left, tip_right in product(_outermost(high, sideways, 1), _outermost(high, sideways, -1)):
        fork = tree.fork(tip_left, tip_right)
        left, right = (arm(tip, fork) if fork >= 0 else None for tip in (tip_left, tip_right))
        if left is None or right is None:
            continue
        parts = ("shoulder", "elbow", "wrist")
        uneven = sum(abs(sideways[left[1][part]] + sideways[right[1][part]]) for part in parts)
        cost = left[0] + right[0] + 5 * uneven
        if best is None or cost < best[0]:
            best = cost, _Arms(left[1], right[1], fork)
    return None if best is None else best[1]


def _limb(tree: _Tree, legs: _Legs, side: str) -> int:
    """The bone with which a leg begins at the fork."""
    path = tree.path((legs.left if side == "left" else legs.right)["hip"])
    return path[path.index(legs.fork) + 1]


def _outermost(bones: Sequence[int], sideways: Points, sign: int) -> list[int]:
    """The bones furthest out to one side: fingers, most likely, of which any will do."""
    return sorted((b for b in bones if sign * sideways[b] > 0.05), key=lambda b: -sign * sideways[b])[:8]


def _arm(
    tree: _Tree, tip: int, fork: int, sideways: Points, unit: float
) -> tuple[float, dict[str, int]] | None:
    """Shoulder, elbow and wrist on the way from the fork to a tip, with collar and hand if there are any."""
    path = tree.path(tip)
    path = path[path.index(fork) + 1 :][:_LIMB_BONES]
    best = None
    for arm in combinations(path, 3):
        cost = _arm_cost(tree, arm, abs(sideways[arm[0]]), unit)
        if best is None or cost < best[0]:
            best = cost, arm
    if best is None or best[0] > 4:
        return None
    cost, (shoulder, elbow, wrist) = best
    found = {"shoulder": shoulder, "elbow": elbow, "wrist": wrist}
    before = path[: path.index(shoulder)]
    if before and abs(sideways[before[-1]]) > 0.1 * abs(sideways[shoulder]):
        found["collar"] = before[-1]
    return cost, found | _hand(tree, wrist, unit)


def _arm_cost(tree: _Tree, arm: tuple[int, ...], out: float, unit: float) -> float:
    """How unlike an arm's its lengths are, and how far from a shoulder's it begins."""
    shoulder, elbow, wrist = arm
    usual_out = float(REST_JOINTS[JOINT_INDEX["left_shoulder"], 0]) / REFERENCE_HEIGHT
    pairs = (
        (tree.length(shoulder, elbow), _body("left_shoulder", "left_elbow") * unit),
        (tree.length(elbow, wrist), _body("left_elbow", "left_wrist") * unit),
        (out, usual_out * unit),
    )
    cost = sum(np.log(max(length, 1e-6) / usual) ** 2 for length, usual in pairs)
    # A wrist carries a hand, and where fingers branch off, it is one.
    carried = len(tree.children[wrist])
    return float(cost) - 0.1 * (carried >= 1) - 0.1 * (carried >= 3)


def _hand(tree: _Tree, wrist: int, unit: float) -> dict[str, int]:
    """The knuckle of the longest finger, or the bone of all fingers."""
    return _next_joint(tree, "hand", wrist, _body("left_wrist", "left_hand") * unit)


def _find_trunk(tree: _Tree, legs: _Legs, arms: _Arms) -> dict[str, int]:
    """Pelvis, spine, neck and head, as far as they are there."""
    hips = (tree.heads[legs.left["hip"], 2] + tree.heads[legs.right["hip"], 2]) / 2
    shoulders = (tree.heads[arms.left["shoulder"], 2] + tree.heads[arms.right["shoulder"], 2]) / 2
    stretch = (shoulders - hips) / (_level("left_shoulder") - _level("left_hip"))

    def usual(joint: str) -> float:
        return float(hips + (_level(joint) - _level("left_hip")) * stretch)

    found = {}
    # MMD's legs hang on a bone that begins at the waist.
    if -0.12 * stretch < tree.heads[legs.fork, 2] - usual("pelvis") < 0.05 * stretch:
        found["pelvis"] = legs.fork
    way = tree.path(arms.fork)
    turn = tree.fork(legs.fork, arms.fork)
    waist = tree.heads[legs.fork, 2] if found else usual("pelvis")
    spine = way[way.index(turn) if turn in way else 0 :]
    spine = [bone for bone in spine if tree.heads[bone, 2] > waist + 0.01 * stretch]
    found |= _in_order(tree, spine, {joint: usual(joint) for joint in ("spine1", "spine2", "spine3")})
    of_arms = {*tree.below(arms.left["shoulder"]), *tree.below(arms.right["shoulder"]), arms.fork}
    above = [bone for bone in tree.below(arms.fork) if bone not in of_arms]
    if above:
        top = max(above, key=lambda bone: tree.heads[bone, 2])
        way = tree.path(top)
        way = way[way.index(arms.fork) + 1 :]
        found |= _in_order(tree, way, {joint: usual(joint) for joint in ("neck", "head")})
    return found


def _in_order(tree: _Tree, bones: Sequence[int], heights: Mapping[str, float]) -> dict[str, int]:
    """Bones along a way up, given to joints in the same order, each as near as can be to its usual height."""
    bones = bones[:_LIMB_BONES]
    n = min(len(bones), len(heights))

    def off(pairing: tuple[tuple[int, ...], tuple[str, ...]]) -> float:
        return sum(abs(tree.heads[bone, 2] - heights[joint]) for bone, joint in zip(*pairing, strict=True))

    bones, joints = min(product(combinations(bones, n), combinations(heights, n)), key=off)
    return dict(zip(joints, bones, strict=True))
