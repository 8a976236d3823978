"""Finds the 24 joints among the bones of other rigs, by name or by shape; computes those that a rig lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import numpy.typing as npt

from ..errors import RigError
from .bone_names import body_name_keys
from .motion import Joints
from .rig_families import DERIVATIONS, FAMILIES, REQUIRED, Derivation, Family
from .rig_shape import RestPose, joints_by_shape
from .skeleton import JOINT_INDEX, JOINT_NAMES, N_JOINTS


class Origin(Enum):
    """How the bone of a joint came to be known."""

    NAME = "name"
    SHAPE = "shape"
    CHOICE = "choice"


@dataclass(frozen=True)
class JointMapping:
    """How a rig's bones give the 24 joints: each joint is a weighted sum of ends of bones.

    Attributes:
        named: the bone whose head is the joint, for every joint that has a bone of its own.
        origins: how each of these was found, by joint name.
        derived: the joints that are computed from their neighbours.
        family: the naming that the rig follows; "" if it follows none.
        weights: (24, 2 B): the share of each bone's head (first B columns) and tail in each joint;
            every row sums to 1.
    """

    named: Mapping[str, str]
    origins: Mapping[str, Origin]
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
    rest: RestPose | None = None,
) -> JointMapping:
    """Which bones of a rig give which joints.

    Knows the names of SMPL (add-on and exports, with their prefixes), Mixamo, Rigify (deform,
    original, control and metarig bones), the CMU motions in BVH, VRM and Unity, MMD, VRChat, Unreal
    and Auto-Rig Pro. The family that explains most joints is taken. If no family explains all that
    are required, the rig's shape is asked. A joint that the rig lacks is derived from its neighbours.

    Args:
        bone_names: all bones, in the order in which their heads and tails will be given.
        parents: each bone's parent, or None; finds a knee or elbow of another name between a hip and
            an ankle, or a shoulder and a wrist.
        overrides: bones that the user chose, by joint name; they win over what is found.
        tails: whether the bones have ends that say something; points on a body have none.
        rest: for rigs whose names say too little; without it their shape is not asked.
    Raises: RigError: rig.missing_joints naming every hip, knee, shoulder and elbow that is
        missing; rig.unknown_joint, rig.unknown_bone for overrides that name none.
    """
    found = find_bones(bone_names, parents, overrides, rest)
    if found.missing:
        raise RigError(
            f"The rig has no bone for: {', '.join(found.missing)}.",
            code="rig.missing_joints",
            hint="Choose the bones for these joints by hand, or use a rig with the bone names of one of: "
            f"{', '.join(sorted({family.name for family in FAMILIES}))}.",
        )
    weights = _Weights(bone_names, found.bones, tails).solve()
    derived = tuple(joint for joint in JOINT_NAMES if joint not in found.bones)
    return JointMapping(found.bones, found.origins, derived, found.family, weights)


@dataclass(frozen=True)
class FoundBones:
    """What is known of a rig, be it enough or not.

    Attributes:
        bones: by joint name.
        origins: how each was found.
        family: the naming that the rig follows; "" if it follows none.
    """

    bones: Mapping[str, str]
    origins: Mapping[str, Origin]
    family: str

    @property
    def missing(self) -> list[str]:
        """The required joints that have no bone."""
        return [joint for joint in REQUIRED if joint not in self.bones]


def find_bones(
    bone_names: Sequence[str],
    parents: Mapping[str, str | None],
    overrides: Mapping[str, str] | None = None,
    rest: RestPose | None = None,
) -> FoundBones:
    """The bones whose heads are joints, for as many joints as there are.

    Args:    as of joint_sources.
    Raises:  RigError: rig.unknown_joint, rig.unknown_bone.
    """
    overrides = overrides or {}
    _check_overrides(overrides, bone_names)
    family, by_name = _best_family(bone_names)
    by_name = _with_middle_joints({**by_name, **overrides}, parents)
    by_shape: dict[str, str] = {}
    if rest is not None and not _is_body(by_name):
        by_shape = joints_by_shape(bone_names, parents, rest)
    bones = {**by_shape, **by_name, **overrides}
    bones = {joint: bones[joint] for joint in JOINT_NAMES if joint in bones}
    origins = {
        joint: Origin.CHOICE if joint in overrides else Origin.NAME if joint in by_name else Origin.SHAPE
        for joint in bones
    }
    return FoundBones(bones, origins, family.name if family else "")


def _is_body(named: Mapping[str, str]) -> bool:
    return all(joint in named for joint in REQUIRED)


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


def _best_family(bone_names: Sequence[str]) -> tuple[Family | None, dict[str, str]]:
    """The family that finds most of the required joints, then the one sure of itself, then most joints.

    None if even the best finds less than half of the required ones: these then mean nothing.
    """

    def merit(candidate: tuple[Family, dict[str, str]]) -> tuple[int, bool, int]:
        family, found = candidate
        return sum(joint in found for joint in REQUIRED), family.signature is not None, len(found)

    readings = body_name_keys(bone_names)
    family, found = max(((family, family.find(keys)) for keys in readings for family in FAMILIES), key=merit)
    if sum(joint in found for joint in REQUIRED) < len(REQUIRED) / 2:
        return None, {}
    return family, found


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
