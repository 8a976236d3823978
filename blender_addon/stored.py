"""Reads settings back as a .blend file holds them: from a stranger's file, anything may come.

Blender holds what is typed to a property's limits, but not what a file brings; and a text in a file may be
no text at all.
"""

from __future__ import annotations

import math
from typing import Any


def setting(owner: Any, name: str) -> Any:
    """A property of ours within its limits; its default where the file has nothing that can be used."""
    prop = owner.bl_rna.properties[name]
    try:
        value = getattr(owner, name)
        if prop.type == "STRING":
            value.encode()  # a path may hold halves of characters
    except UnicodeError:
        return prop.default
    if prop.type == "ENUM":
        return value or prop.default
    if prop.type in ("INT", "FLOAT"):
        return max(prop.hard_min, min(prop.hard_max, value)) if math.isfinite(value) else prop.default
    return value
