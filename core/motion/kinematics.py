"""Forward kinematics: from each bone's own rotation to where all bones are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .rotations import Rotations


def forward_kinematics(
    parents: Sequence[int], translations: npt.NDArray[np.float64], rotations: Rotations
) -> npt.NDArray[np.float64]:
    """Positions of all bones' heads.

    Args:
        parents: (B,) index of each bone's parent, -1 for a root; parents before their children.
        translations: (T, B, 3), or (1, B, 3) for all frames, from the parent in the parent's axes.
        rotations: (T, B, 3, 3) of each bone against its parent.
    Returns: (T, B, 3).
    """
    n_frames = max(len(translations), len(rotations))
    positions = np.zeros((n_frames, len(parents), 3))
    world = np.zeros((len(parents), n_frames, 3, 3))
    for bone, parent in enumerate(parents):
        if parent < 0:
            positions[:, bone] = translations[:, bone]
            world[bone] = rotations[:, bone]
        else:
            moved = world[parent] @ translations[:, bone, :, None]
            positions[:, bone] = positions[:, parent] + moved[..., 0]
            np.matmul(world[parent], rotations[:, bone], out=world[bone])
    return positions
