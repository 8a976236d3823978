"""Several dancers as one: what a piece of music that follows all of them is made for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..errors import MotionError
from .features import MotionFeatures, Movement, movement, with_felt_pulse
from .skeleton import N_JOINTS


def ensemble_features(dancers: Sequence[npt.ArrayLike]) -> MotionFeatures:
    """The features of all dancers together.

    Each dancer's are taken in their own canonical space, as if they danced alone. For every frame and
    joint, the displacement of the dancer counts whose joint moves most there; of dancers that move
    alike, the first one's. A frame carries a kinematic beat if it does so for any of them. The pulse is
    that of all together.

    Args:    dancers: each (N, 24, 3) at 60 Hz, any unit, Z up; the same N.
    Raises:  MotionError: those of motion_features, naming the dancer if there are several;
             motion.different_lengths.
    """
    movements = [_named(joints, number, len(dancers)) for number, joints in enumerate(dancers, 1)]
    lengths = [len(beats) for _, beats in movements]
    if len(set(lengths)) > 1:
        raise MotionError(
            f"The dancers do not dance equally long: {', '.join(map(str, lengths))} frames.",
            code="motion.different_lengths",
            hint="Read all of them over the same range.",
        )
    together = movements[0]
    for other in movements[1:]:
        together = _joined(together, other)
    return with_felt_pulse(*together)


def _joined(one: Movement, other: Movement) -> Movement:
    steps, others = (displacements.reshape(-1, N_JOINTS, 3) for displacements, _ in (one, other))
    moves_more = np.square(others).sum(2) > np.square(steps).sum(2)
    displacements = np.where(moves_more[..., None], others, steps).reshape(one[0].shape)
    return displacements, np.maximum(one[1], other[1])


def _named(joints: npt.ArrayLike, number: int, dancers: int) -> Movement:
    try:
        return movement(joints)
    except MotionError as error:
        if dancers == 1:
            raise
        message = f"Dancer {number} of {dancers}: {error.message}"
        raise MotionError(message, code=error.code, hint=error.hint) from error
