# mypy: disable-error-code="misc,valid-type"
"""The table of joints and bones: opened, dropped, kept as a preset, written to and read from files."""

from pathlib import Path
from typing import Any

import bpy
from bpy_extras.io_utils import ExportHelper, ImportHelper

from ...core.errors import KinetoneError
from ...core.motion.skeleton import JOINT_NAMES
from .. import rig_presets
from ..armature import found_bones, shown_armature


class _JointListOperator(bpy.types.Operator):
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Needs an armature that may be edited."""
        try:
            armature = shown_armature(context)
        except KinetoneError as error:
            cls.poll_message_set(str(error))
            return False
        if not armature.is_editable:
            cls.poll_message_set(f"“{armature.name}” comes from another file; make a library override first")
            return False
        return True


def _fill(armature: Any, bones: dict[str, str]) -> None:
    """Open the table with these bones in it."""
    joints = armature.kinetone_joints
    joints.clear()
    for name in JOINT_NAMES:
        item = joints.add()
        item.name, item.bone = name, bones.get(name, "")


class KINETONE_OT_choose_bones(_JointListOperator):
    """List the 24 joints, to choose bones for those that were not found, or not rightly"""

    bl_idname = "kinetone.choose_bones"
    bl_label = "Choose Bones"

    def execute(self, context: Any) -> set[str]:
        """Fill the list with the joints' names."""
        _fill(shown_armature(context), {})
        return {"FINISHED"}


class KINETONE_OT_forget_bones(_JointListOperator):
    """Drop the bones chosen by hand and find all joints automatically again"""

    bl_idname = "kinetone.forget_bones"
    bl_label = "Find Automatically"

    def execute(self, context: Any) -> set[str]:
        """Empty the list."""
        shown_armature(context).kinetone_joints.clear()
        return {"FINISHED"}


class KINETONE_OT_save_rig_preset(_JointListOperator):
    """Keep this armature's bones as a preset, for other armatures with the same bone names"""

    bl_idname = "kinetone.save_rig_preset"
    bl_label = "Save as Preset"
    bl_options = {"REGISTER"}

    name: bpy.props.StringProperty(name="Name", description="What the preset is called")

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Ask for the name."""
        self.name = self.name or shown_armature(context).name
        answer: set[str] = context.window_manager.invoke_props_dialog(self)
        return answer

    def execute(self, context: Any) -> set[str]:
        """Write the preset."""
        try:
            bones = dict(found_bones(shown_armature(context)).bones)
            rig_presets.write_mapping(rig_presets.preset_path(self.name), bones)
        except KinetoneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class KINETONE_OT_remove_rig_preset(bpy.types.Operator):
    """Delete this preset. Armatures that it was applied to keep their bones"""

    bl_idname = "kinetone.remove_rig_preset"
    bl_label = "Remove Preset"
    bl_options = {"REGISTER", "INTERNAL"}

    name: bpy.props.StringProperty(name="Name", description="Of the preset")

    def execute(self, _context: Any) -> set[str]:
        """Delete the preset's file."""
        try:
            rig_presets.preset_path(self.name).unlink(missing_ok=True)
        except KinetoneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class _MappingReader(_JointListOperator):
    def apply(self, context: Any, path: Path) -> set[str]:
        """Open the table with a mapping's bones, those that the armature has."""
        armature = shown_armature(context)
        try:
            bones = rig_presets.read_mapping(path)
        except KinetoneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        there = {joint: bone for joint, bone in bones.items() if bone in armature.pose.bones}
        if bones and not there:
            self.report({"ERROR"}, f"“{armature.name}” has none of the bones in {path.name}")
            return {"CANCELLED"}
        _fill(armature, there)
        if len(there) < len(bones):
            missing = ", ".join(sorted(set(bones.values()) - set(there.values())))
            self.report({"WARNING"}, f"“{armature.name}” lacks: {missing}")
        return {"FINISHED"}


class KINETONE_OT_apply_rig_preset(_MappingReader):
    """Take the bones from this preset"""

    bl_idname = "kinetone.apply_rig_preset"
    bl_label = "Apply Preset"

    name: bpy.props.StringProperty(name="Name", description="Of the preset")

    def execute(self, context: Any) -> set[str]:
        """Apply the preset."""
        try:
            path = rig_presets.preset_path(self.name)
        except KinetoneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return self.apply(context, path)


class KINETONE_OT_import_rig(_MappingReader, ImportHelper):
    """Take the bones from a mapping in a file"""

    bl_idname = "kinetone.import_rig"
    bl_label = "Load Mapping"
    filename_ext = ".json"
    filter_glob: bpy.props.StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: Any) -> set[str]:
        """Apply the file."""
        return self.apply(context, Path(self.filepath))


class KINETONE_OT_export_rig(_JointListOperator, ExportHelper):
    """Write this armature's bones to a file, to hand on"""

    bl_idname = "kinetone.export_rig"
    bl_label = "Save Mapping"
    bl_options = {"REGISTER"}
    filename_ext = ".json"
    filter_glob: bpy.props.StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: Any) -> set[str]:
        """Write the file."""
        try:
            bones = dict(found_bones(shown_armature(context)).bones)
            rig_presets.write_mapping(Path(self.filepath), bones)
        except KinetoneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


CLASSES = (
    KINETONE_OT_choose_bones,
    KINETONE_OT_forget_bones,
    KINETONE_OT_save_rig_preset,
    KINETONE_OT_remove_rig_preset,
    KINETONE_OT_apply_rig_preset,
    KINETONE_OT_import_rig,
    KINETONE_OT_export_rig,
)


def register() -> None:
    """Register the operators."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take the operators back."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
