"""Bones chosen by hand, and where the choice is kept."""

import bpy
import pytest
from conftest import import_bvh
from dancers import write_bvh


@pytest.fixture
def linked(fresh_scene, tmp_path):
    """The collection of a character, linked from another file."""
    import_bvh(write_bvh(tmp_path / "dance.bvh"))
    library = str(tmp_path / "character.blend")
    character = bpy.data.collections.new("Character")
    fresh_scene.collection.children.link(character)
    character.objects.link(bpy.context.object)
    bpy.ops.wm.save_as_mainfile(filepath=library)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(library, link=True) as (_, data):
        data.collections = ["Character"]
    return data.collections[0]


def test_bones_chosen_for_a_library_override_are_saved(linked, tmp_path):
    layer = bpy.context.view_layer
    override = linked.override_hierarchy_create(bpy.context.scene, layer, do_fully_editable=True)
    layer.objects.active = next(obj for obj in override.all_objects if obj.type == "ARMATURE")
    assert bpy.ops.kinetone.choose_bones() == {"FINISHED"}
    layer.objects.active.kinetone_joints["left_elbow"].bone = "LeftForeArm"

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    joints = bpy.context.view_layer.objects.active.kinetone_joints
    assert len(joints) == 24
    assert joints["left_elbow"].bone == "LeftForeArm"


def test_a_linked_character_asks_for_an_override(linked):
    armature = linked.all_objects[0]
    bpy.context.scene.collection.objects.link(armature)
    assert not bpy.ops.kinetone.choose_bones.poll()
