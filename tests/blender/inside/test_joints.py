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
    assert bpy.ops.kinetone.choose_bone(joint="left_elbow", bone="LeftForeArm") == {"FINISHED"}

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    joints = bpy.context.view_layer.objects.active.kinetone_joints
    assert len(joints) == 24
    assert joints["left_elbow"].bone == "LeftForeArm"


def test_choices_are_made_and_dropped_one_by_one(dancer, addon):
    bpy.ops.kinetone.choose_bone(joint="head", bone="Neck")
    bpy.ops.kinetone.choose_bone(joint="neck", bone="Spine1")
    mapping = addon("blender_addon.armature").joint_mapping(dancer)
    assert (mapping.named["head"], mapping.named["neck"]) == ("Neck", "Spine1")
    chosen = [joint for joint, origin in mapping.origins.items() if origin.value == "choice"]
    assert chosen == ["neck", "head"]
    bpy.ops.kinetone.forget_bones(joint="head")
    mapping = addon("blender_addon.armature").joint_mapping(dancer)
    assert (mapping.named["head"], mapping.named["neck"]) == ("Head", "Spine1")
    bpy.ops.kinetone.forget_bones()
    assert not dancer.kinetone_joints


@pytest.fixture
def presets(addon):
    module = addon("blender_addon.rig_presets")
    yield module
    for name in module.preset_names():
        bpy.ops.kinetone.remove_rig_preset(name=name)


def test_bones_are_kept_as_a_preset(dancer, presets, addon):
    bpy.ops.kinetone.choose_bone(joint="left_elbow", bone="LeftHand")
    assert bpy.ops.kinetone.save_rig_preset(name="Ännchens Rig 踊") == {"FINISHED"}
    assert presets.preset_names() == ["Ännchens Rig 踊"]
    bpy.ops.kinetone.forget_bones()
    named = addon("blender_addon.armature").joint_mapping(dancer).named
    assert named["left_elbow"] == "LeftForeArm"

    assert bpy.ops.kinetone.apply_rig_preset(name="Ännchens Rig 踊") == {"FINISHED"}
    mapping = addon("blender_addon.armature").joint_mapping(dancer)
    assert mapping.named["left_elbow"] == "LeftHand"
    assert {origin.value for origin in mapping.origins.values()} == {"choice"}
    assert bpy.ops.kinetone.remove_rig_preset(name="Ännchens Rig 踊") == {"FINISHED"}
    assert presets.preset_names() == []


@pytest.mark.parametrize("name", ["", "  ", "..", "/"])
def test_a_preset_needs_a_name(dancer, presets, name):
    with pytest.raises(RuntimeError, match="cannot be called"):
        bpy.ops.kinetone.save_rig_preset(name=name)
    assert presets.preset_names() == []


def test_a_preset_stays_in_its_folder(dancer, presets):
    bpy.ops.kinetone.save_rig_preset(name="../../evil")
    (path,) = presets.preset_folder().glob("*.json")
    assert path.parent == presets.preset_folder()


def test_a_mapping_goes_through_a_file(dancer, addon, tmp_path):
    path = tmp_path / "mapping.json"
    bpy.ops.kinetone.choose_bone(joint="head", bone="Neck")
    assert bpy.ops.kinetone.export_rig(filepath=str(path), check_existing=False) == {"FINISHED"}
    bpy.ops.kinetone.forget_bones()
    assert bpy.ops.kinetone.import_rig(filepath=str(path)) == {"FINISHED"}
    assert dancer.kinetone_joints["head"].bone == "Neck"
    dancer.pose.bones["Neck"].name = "Nape"
    assert bpy.ops.kinetone.import_rig(filepath=str(path)) == {"FINISHED"}  # what is not there is left out
    assert dancer.kinetone_joints["head"].bone == ""


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"bones": {}}', '{"format": "kinetone joint mapping", "bones": {"nose": "Head"}}',
     '{"format": "kinetone joint mapping", "bones": {"head": 3}}'],
)  # fmt: skip
def test_what_is_no_mapping_is_refused(dancer, tmp_path, content):
    (tmp_path / "mapping.json").write_text(content)
    with pytest.raises(RuntimeError, match="is no joint mapping"):
        bpy.ops.kinetone.import_rig(filepath=str(tmp_path / "mapping.json"))
    assert not dancer.kinetone_joints


def test_a_mapping_of_another_rig_is_refused(dancer, tmp_path):
    path = tmp_path / "mapping.json"
    path.write_text('{"format": "kinetone joint mapping", "bones": {"head": "Kopf"}}')
    with pytest.raises(RuntimeError, match="none of the bones"):
        bpy.ops.kinetone.import_rig(filepath=str(path))
    assert not dancer.kinetone_joints


def test_a_linked_character_asks_for_an_override(linked):
    armature = linked.all_objects[0]
    bpy.context.scene.collection.objects.link(armature)
    assert not bpy.ops.kinetone.choose_bone.poll()
