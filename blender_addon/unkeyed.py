"""What has been posed but not keyed yet: Blender forgets it whenever the frame changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from .keyed_pose import TRANSFORMS


@contextmanager
def unkeyed_poses_kept(objects: Iterable[Any]) -> Iterator[None]:
    """Gives objects and their bones their place, turn and size back, as far as these have changed meanwhile.

    For use around changes of the frame that end at the frame of the beginning.
    """
    kept = [
        (owner, name, tuple(getattr(owner, name)))
        for obj in objects
        for owner in (obj, *(obj.pose.bones if obj.pose is not None else ()))
        for name in TRANSFORMS
    ]
    try:
        yield
    finally:
        for owner, name, values in kept:
            if tuple(getattr(owner, name)) != values:
                setattr(owner, name, values)
