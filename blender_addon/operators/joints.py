# mypy: disable-error-code="misc"
"""Choose Bones: opens or drops the armature's own map from joints to bones."""

from typing import Any

import bpy

from ...core.errors import KinetoneError
from ...core.motion.skeleton import JOINT_NAMES
from ..armature import find_armature


class _JointListOperator(bpy.types.Operator):
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Needs an armature that may be edited."""
        try:
            armature = find_armature(context)
        except KinetoneError as error:
            cls.poll_message_set(str(error))
            return False
        if not armature.is_editable:
            cls.poll_message_set(f"“{armature.name}” comes from another file; make a library override first")
            return False
        return True


class KINETONE_OT_choose_bones(_JointListOperator):
    """List the 24 joints, to choose bones for those that are not found by name"""

    bl_idname = "kinetone.choose_bones"
    bl_label = "Choose Bones"

    def execute(self, context: Any) -> set[str]:
        """Fill the list with the joints' names."""
        joints = find_armature(context).kinetone_joints
        joints.clear()
        for name in JOINT_NAMES:
            joints.add().name = name
        return {"FINISHED"}


class KINETONE_OT_forget_bones(_JointListOperator):
    """Drop the bones chosen by hand and find all joints by name again"""

    bl_idname = "kinetone.forget_bones"
    bl_label = "Find by Name"

    def execute(self, context: Any) -> set[str]:
        """Empty the list."""
        find_armature(context).kinetone_joints.clear()
        return {"FINISHED"}


def register() -> None:
    """Register the operators."""
    bpy.utils.register_class(KINETONE_OT_choose_bones)
    bpy.utils.register_class(KINETONE_OT_forget_bones)


def unregister() -> None:
    """Take the operators back."""
    bpy.utils.unregister_class(KINETONE_OT_forget_bones)
    bpy.utils.unregister_class(KINETONE_OT_choose_bones)
