"""Finds SMPL's joints among the bones of other rigs, and computes those that a rig lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..errors import RigError
from .bone_names import BoneName, bone_name_keys
from .motion import Joints
from .rig_families import DERIVATIONS, FAMILIES, REQUIRED, Derivation, Family
from .skeleton import JOINT_INDEX, JOINT_NAMES, N_JOINTS


@dataclass(frozen=True)
class JointMapping:
    """How a rig's bones give the 24 joints: each joint is a weighted sum of ends of bones.

    Attributes:
        named: the bone whose head is the joint, for every joint that was found by name or chosen.
        derived: the joints that are computed from their neighbours.
        family: the naming that the rig follows.
        weights: (24, 2 B): the share of each bone's head (first B columns) and tail in each joint;
            every row sums to 1.
    """

    named: Mapping[str, str]
    derived: tuple[str, ...]
    family: str
    weights: npt.NDArray[np.float64]

    @property
    def used_bones(self) -> list[int]:
        """Indices of the bones that a joint is taken or derived from."""
        used = (self.weights != 0).reshape(N_JOINTS, 2, -1).any((0, 1))
        return np.flatnonzero(used).tolist()

    def of_used_bones(self) -> JointMapping:
        """The same mapping for the heads and tails of `used_bones` alone."""
        weights = self.weights.reshape(N_JOINTS, 2, -1)[:, :, self.used_bones]
        return replace(self, weights=weights.reshape(N_JOINTS, -1))

    def joints(self, heads: npt.ArrayLike, tails: npt.ArrayLike) -> Joints:
        """The joints of every frame.

        Args:    heads, tails: (T, B, 3) each, bones in the order that was given to joint_sources.
        Returns: (T, 24, 3) float64, in the unit and axes of the bones.
        """
        used = np.flatnonzero(self.weights.any(axis=0))
        n_bones = self.weights.shape[1] // 2
        heads, tails = np.asarray(heads, dtype=np.float64), np.asarray(tails, dtype=np.float64)
        ends = np.concatenate(
            [heads[:, used[used < n_bones]], tails[:, used[used >= n_bones] - n_bones]], axis=1
        )
        return np.asarray(self.weights[:, used] @ ends)


def joint_sources(
    bone_names: Sequence[str],
    parents: Mapping[str, str | None],
    overrides: Mapping[str, str] | None = None,
    tails: bool = True,
) -> JointMapping:
    """Which bones of a rig give which joints.

    Knows the names of SMPL (add-on and exports, with their prefixes), Mixamo, Rigify (deform,
    original, control and metarig bones) and the CMU motions in BVH. The family that explains most
    joints is taken; a joint that the rig lacks is derived from its neighbours.

    Args:
        bone_names: all bones, in the order in which their heads and tails will be given.
        parents: each bone's parent, or None; finds a knee or elbow of another name between a hip and
            an ankle, or a shoulder and a wrist.
        overrides: bones that the user chose, by joint name; they win over what is found.
        tails: whether the bones have ends that say something; points on a body have none.
    Raises: RigError: rig.missing_joints naming every hip, knee, shoulder and elbow that is
        missing; rig.unknown_joint, rig.unknown_bone for overrides that name none.
    """
    overrides = overrides or {}
    _check_overrides(overrides, bone_names)
    family, found = _best_family(bone_name_keys(bone_names))
    named = _with_middle_joints({**found, **overrides}, parents)
    named = {joint: named[joint] for joint in JOINT_NAMES if joint in named}
    if missing := [joint for joint in REQUIRED if joint not in named]:
        raise RigError(
            f"The rig has no bone for: {', '.join(missing)}.",
            code="rig.missing_joints",
            hint="Choose the bones for these joints by hand, or use a rig with SMPL, Mixamo, Rigify "
            "or CMU bone names.",
        )
    weights = _Weights(bone_names, named, tails).solve()
    derived = tuple(joint for joint in JOINT_NAMES if joint not in named)
    return JointMapping(named, derived, family.name, weights)


def _check_overrides(overrides: Mapping[str, str], bone_names: Sequence[str]) -> None:
    if unknown := sorted(set(overrides) - set(JOINT_NAMES)):
        raise RigError(
            f"There are no joints called: {', '.join(unknown)}.",
            code="rig.unknown_joint",
            hint=f"The joints are: {', '.join(JOINT_NAMES)}.",
        )
    if unknown := sorted(set(overrides.values()) - set(bone_names)):
        raise RigError(
            f"The rig has no bones called: {', '.join(unknown)}.",
            code="rig.unknown_bone",
            hint="Choose bones that the rig has.",
        )


def _with_middle_joints(named: Mapping[str, str], parents: Mapping[str, str | None]) -> dict[str, str]:
    """Adds knees and elbows whose bone is the only one between those of their neighbours."""
    completed = dict(named)
    for side in ("left", "right"):
        for start, middle, end in (("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist")):
            ends = named.get(f"{side}_{start}"), named.get(f"{side}_{end}")
            between = parents.get(ends[1]) if ends[1] is not None else None
            if between is not None and ends[0] is not None and parents.get(between) == ends[0]:
                completed.setdefault(f"{side}_{middle}", between)
    return completed


def _best_family(keys: Mapping[BoneName, str]) -> tuple[Family, dict[str, str]]:
    """The family that finds most of the required joints, then the one sure of itself, then most joints."""

    def merit(candidate: tuple[Family, dict[str, str]]) -> tuple[int, bool, int]:
        family, found = candidate
        return sum(joint in found for joint in REQUIRED), family.signature is not None, len(found)

    return max(((family, family.find(keys)) for family in FAMILIES), key=merit)


class _Weights:
    """Works out the rows of the weight matrix, a derived joint from rows that are known already."""

    def __init__(self, bone_names: Sequence[str], named: Mapping[str, str], tails: bool) -> None:
        # Of bones of one name, which only files can have, the first counts.
        self._bones = {name: index for index, name in reversed(list(enumerate(bone_names)))}
        self._n_bones = len(bone_names)
        self._named = named
        self._tails = tails
        self._matrix = np.zeros((N_JOINTS, 2 * self._n_bones))
        self._known = set(named)
        for joint, bone in named.items():
            self._matrix[JOINT_INDEX[joint], self._bones[bone]] = 1.0

    def solve(self) -> npt.NDArray[np.float64]:
        for derivation in DERIVATIONS:
            if derivation.joint not in self._known and self._derive(derivation):
                self._known.add(derivation.joint)
        assert len(self._known) == N_JOINTS, "the derivations must reach every joint from the required ones"
        return self._matrix

    def _derive(self, derivation: Derivation) -> bool:
        row = self._matrix[JOINT_INDEX[derivation.joint]]
        if self._tails and (bone := self._named.get(derivation.tail_of)):
            row[self._n_bones + self._bones[bone]] = 1.0
            return True
        if not self._known.issuperset(derivation.shares):
            return False
        for source, share in derivation.shares.items():
            row += share * self._matrix[JOINT_INDEX[source]]
        return True
