"""How much it matters on whose body a dance is put: SMPL's licensed one, or Kinetone's average one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from ...core.motion.beats import beat_frames
from ...core.motion.canonical import canonical
from ...core.motion.features import motion_features
from ...core.motion.motion import Joints
from .folder import read_joints
from .smpl_model import model_joints, read_smpl_body

_TOLERANCE_FRAMES = 2


@dataclass(frozen=True)
class BodyDifference:
    """What the same dances on two bodies differ by, in canonical space.

    Attributes:
        dances: how many.
        distance_cm: mean distance of a joint from its twin.
        displacement_share: size of the displacements' difference against the displacements themselves,
            root of the mean squares.
        beats_shared: F1 of the kinematic beats, within 2 frames (33 ms).
    """

    dances: int
    distance_cm: float
    displacement_share: float
    beats_shared: float

    def __str__(self) -> str:
        return (
            f"{self.dances} dances on two bodies: joints {self.distance_cm:.1f} cm apart, displacements "
            f"{self.displacement_share:.0%} off, {self.beats_shared:.0%} of the kinematic beats in common."
        )


def compare_bodies(pairs: Iterable[tuple[Joints, Joints]]) -> BodyDifference:
    """Compares dances (N, 24, 3) at 60 Hz, each on one body and on another."""
    distances, errors, sizes, beats = [], [], [], []
    for one, other in pairs:
        features = motion_features(one), motion_features(other)
        moved = [each.displacements.astype(np.float64) for each in features]
        distances.append(np.linalg.norm(canonical(one) - canonical(other), axis=-1).mean())
        errors.append(np.mean((moved[0] - moved[1]) ** 2))
        sizes.append(np.mean(moved[0] ** 2))
        beats.append(_shared(*(beat_frames(each.kinematic_beats) for each in features)))
    hits, total = np.sum(beats, axis=0)
    return BodyDifference(
        len(distances),
        100 * float(np.mean(distances)),
        float(np.sqrt(np.mean(errors) / np.mean(sizes))),
        float(hits / max(total, 1)),
    )


def _shared(one: np.ndarray, other: np.ndarray) -> tuple[int, int]:
    """How many beats of both have a twin in the other, and how many beats both have."""
    near = np.abs(one[:, None] - other) <= _TOLERANCE_FRAMES
    return int(near.any(1).sum() + near.any(0).sum()), len(one) + len(other)


def smpl_difference(aistpp: Path, model: Path, dances: int) -> BodyDifference:
    """The difference between SMPL's body and Kinetone's on the first dances of AIST++, by name.

    Raises: what ``read_smpl_body`` and ``read_aistpp`` raise.
    """
    theirs = partial(model_joints, body=read_smpl_body(model))
    paths = islice(sorted((aistpp / "motions").glob("*.pkl")), dances)
    return compare_bodies((theirs(path), read_joints(path)) for path in paths)
