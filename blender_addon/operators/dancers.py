# mypy: disable-error-code="misc,valid-type"
"""The list of dancers that the music follows together."""

from typing import Any

import bpy

from ..armature import MAX_DANCERS, armature_of


def _selected_armatures(context: Any) -> list[Any]:
    """Those selected, or carrying what is selected; the active one first."""
    active = context.view_layer.objects.active
    chosen = [obj for obj in context.view_layer.objects if obj.select_get()]
    if active in chosen:
        chosen.insert(0, active)
    found = [armature_of(obj) for obj in chosen]
    return list(dict.fromkeys(armature for armature in found if armature is not None))


class KINETONE_OT_choose_dancers(bpy.types.Operator):
    """Let the music follow all selected characters together. \
It belongs to the active one of them"""

    bl_idname = "kinetone.choose_dancers"
    bl_label = "Follow Selected"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """From two armatures to as many as can be combined."""
        number = len(_selected_armatures(context))
        if 2 <= number <= MAX_DANCERS:
            return True
        cls.poll_message_set(f"Select 2 to {MAX_DANCERS} characters in the 3D view; {number} are selected")
        return False

    def execute(self, context: Any) -> set[str]:
        """Fill the list."""
        dancers = context.scene.kinetone_dancers
        dancers.clear()
        for armature in _selected_armatures(context):
            dancers.add().armature = armature
        return {"FINISHED"}


class KINETONE_OT_forget_dancers(bpy.types.Operator):
    """Take this one from the list; without a list the music follows the active character alone"""

    bl_idname = "kinetone.forget_dancers"
    bl_label = "Remove"
    bl_options = {"REGISTER", "UNDO"}

    index: bpy.props.IntProperty(
        name="Index", description="Which one of the list, from 0; -1 for all", default=-1, min=-1
    )

    def execute(self, context: Any) -> set[str]:
        """Remove one; a list of one is no list."""
        dancers = context.scene.kinetone_dancers
        if 0 <= self.index < len(dancers):
            dancers.remove(self.index)
        if self.index < 0 or len(dancers) < 2:
            dancers.clear()
        return {"FINISHED"}


def register() -> None:
    """Register the operators."""
    bpy.utils.register_class(KINETONE_OT_choose_dancers)
    bpy.utils.register_class(KINETONE_OT_forget_dancers)


def unregister() -> None:
    """Take the operators back."""
    bpy.utils.unregister_class(KINETONE_OT_forget_dancers)
    bpy.utils.unregister_class(KINETONE_OT_choose_dancers)
