# mypy: disable-error-code="misc,valid-type"
"""The bones that the user chooses for joints: one by one, as a preset, or from a file."""

from pathlib import Path
from typing import Any

import bpy
from bpy_extras.io_utils import ExportHelper, ImportHelper

from ...core.errors import KinetoneError
from ...core.motion.skeleton import JOINT_NAMES
from .. import rig_presets
from ..armature import found_bones, pose_bones, shown_armature
from ..stored import setting


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
    """Make these the bones that are chosen by hand."""
    joints = armature.kinetone_joints
    joints.clear()
    for name in JOINT_NAMES:
        item = joints.add()
        item.name, item.bone = name, bones.get(name, "")


def _chosen(armature: Any) -> dict[str, str]:
    """The bones that are chosen by hand, by joint."""
    chosen = {setting(item, "name"): setting(item, "bone") for item in armature.kinetone_joints}
    return {joint: bone for joint, bone in chosen.items() if bone}


_bone_items: list[tuple[str, str, str]] = []
"""Blender does not keep the strings of a dynamic enum alive: this does."""


def _items(_operator: Any, context: Any) -> list[tuple[str, str, str]]:
    try:
        names = [bone.name for bone in pose_bones(shown_armature(context))]
    except KinetoneError:
        names = []
    items = [(name, name, "") for name in names]
    if items != _bone_items:
        _bone_items[:] = items
    return _bone_items


class KINETONE_OT_choose_bone(_JointListOperator):
    """Choose the bone whose head is this joint"""

    bl_idname = "kinetone.choose_bone"
    bl_label = "Choose Bone"
    bl_property = "bone"

    joint: bpy.props.EnumProperty(
        name="Joint", description="Which joint", items=[(name, name, "") for name in JOINT_NAMES]
    )
    bone: bpy.props.EnumProperty(name="Bone", description="The bone whose head it is", items=_items)

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Let the user search among the bones."""
        context.window_manager.invoke_search_popup(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        """Note the choice; the others stay as they are."""
        armature = shown_armature(context)
        _fill(armature, _chosen(armature) | {self.joint: self.bone})
        for area in context.screen.areas if context.screen is not None else ():
            area.tag_redraw()
        return {"FINISHED"}


class KINETONE_OT_forget_bones(_JointListOperator):
    """Find joints automatically again instead of by the bones chosen by hand"""

    bl_idname = "kinetone.forget_bones"
    bl_label = "Find All Automatically"

    joint: bpy.props.StringProperty(name="Joint", description="Which joint; empty for all")

    def execute(self, context: Any) -> set[str]:
        """Drop the choices; the last one takes the list with it."""
        armature = shown_armature(context)
        chosen = _chosen(armature)
        chosen.pop(self.joint, None)
        if self.joint and chosen:
            _fill(armature, chosen)
        else:
            armature.kinetone_joints.clear()
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
        """Choose a mapping's bones, those that the armature has."""
        armature = shown_armature(context)
        try:
            bones = rig_presets.read_mapping(path)
        except KinetoneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        names = {bone.name for bone in pose_bones(armature)}
        there = {joint: bone for joint, bone in bones.items() if bone in names}
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
    KINETONE_OT_choose_bone,
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
