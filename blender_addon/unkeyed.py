"""Keeps what the user has posed or moved without a key, which Blender forgets at every change of frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import actions

Values = dict[tuple[str, str, int], float]
"""By object, data path and index."""


@contextmanager
def unkeyed_kept(scene: Any) -> Iterator[None]:
    """Gives all animated properties of the scene's objects back what they showed before.

    To be left at the frame at which it was entered: only what keys do not say differs then, and is set.
    """
    before = _values(scene)
    try:
        yield
    finally:
        after = _values(scene)
        for place, value in before.items():
            if after.get(place, value) != value:
                _set(scene, place, value)


def _values(scene: Any) -> Values:
    """What the animated properties are now: numbers alone, in objects that belong to this file."""
    values: Values = {}
    for obj in scene.objects:
        if obj.animation_data is None or not obj.is_editable:
            continue
        for path, index in _animated(obj.animation_data):
            value = _get(obj, path, index)
            if isinstance(value, float):
                values[obj.name, path, index] = value
    return values


def _animated(animation: Any) -> set[tuple[str, int]]:
    curves = actions.fcurves(animation)
    for strip in actions.nla_strips(animation):
        curves += actions.strip_fcurves(strip)
    return {(curve.data_path, curve.array_index) for curve in curves}


def _get(obj: Any, path: str, index: int) -> Any:
    try:
        value = obj.path_resolve(path)
        return value[index] if hasattr(value, "__len__") else value
    except (ValueError, IndexError, TypeError):  # a curve of what is not there any more
        return None


def _set(scene: Any, place: tuple[str, str, int], value: float) -> None:
    name, path, index = place
    holder, _, attribute = path.rpartition(".")
    obj = scene.objects[name]
    owner = obj.path_resolve(holder) if holder else obj
    now = getattr(owner, attribute)
    if hasattr(now, "__len__"):
        now[index] = value
    else:
        setattr(owner, attribute, value)
