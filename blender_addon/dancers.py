# mypy: disable-error-code="valid-type,misc"
"""The scene's list of dancers, for music that follows several. Saved with the file."""

from typing import Any

import bpy


def _is_armature(_item: Any, obj: Any) -> bool:
    return bool(obj.type == "ARMATURE")


class KINETONE_PG_dancer(bpy.types.PropertyGroup):
    """One of the armatures that the music follows."""

    armature: bpy.props.PointerProperty(
        name="Armature",
        description="An armature whose dance the music follows together with the others'",
        type=bpy.types.Object,
        poll=_is_armature,
    )


def register() -> None:
    """Register the list and hang it on scenes."""
    bpy.utils.register_class(KINETONE_PG_dancer)
    bpy.types.Scene.kinetone_dancers = bpy.props.CollectionProperty(
        name="Dancers",
        description="The armatures that the music follows, the first of which it belongs to. "
        "Empty: the active armature",
        type=KINETONE_PG_dancer,
    )


def unregister() -> None:
    """Take the list back; what files stored stays in them."""
    del bpy.types.Scene.kinetone_dancers
    bpy.utils.unregister_class(KINETONE_PG_dancer)
