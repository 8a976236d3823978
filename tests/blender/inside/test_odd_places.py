"""Where an armature may be: in other modes, scenes, layers, collections and files; in other units."""

import bpy
import numpy as np
import pytest
from conftest import fcurves as curves_of
from conftest import import_bvh, state
from dancers import write_bvh
from odd import Reader, refusal
from panels import draw


@pytest.fixture
def read(addon):
    return Reader(addon)


@pytest.mark.parametrize("mode", ["OBJECT", "POSE", "EDIT"])
def test_every_mode(dancer, read, addon, mode):
    plain = read(dancer)
    bpy.ops.object.mode_set(mode=mode)
    draw(addon)
    reading = read(dancer)
    assert bpy.context.mode.startswith(mode)
    if mode == "EDIT":
        assert reading.code == "rig.edit_mode"
    else:
        assert np.array_equal(reading.joints, plain.joints)


def exclude(dancer):
    collection = bpy.data.collections.new("Apart")
    bpy.context.scene.collection.children.link(collection)
    collection.objects.link(dancer)
    bpy.context.scene.collection.objects.unlink(dancer)
    bpy.context.view_layer.layer_collection.children["Apart"].exclude = True


def hide_collection(dancer):
    exclude(dancer)
    layer = bpy.context.view_layer.layer_collection.children["Apart"]
    layer.exclude, layer.hide_viewport = False, True


def disable_collection(dancer):
    exclude(dancer)
    bpy.context.view_layer.layer_collection.children["Apart"].exclude = False
    bpy.data.collections["Apart"].hide_viewport = True


def into_another_scene(dancer):
    bpy.data.scenes.new("Elsewhere").collection.objects.link(dancer)
    bpy.context.scene.collection.objects.unlink(dancer)


def unlink(dancer):
    bpy.context.scene.collection.objects.unlink(dancer)


def as_an_instance(dancer):
    exclude(dancer)
    instance = bpy.data.objects.new("Instance", None)
    instance.instance_type, instance.instance_collection = "COLLECTION", bpy.data.collections["Apart"]
    bpy.context.scene.collection.objects.link(instance)


@pytest.mark.parametrize(
    ("hide", "code"),
    [
        (exclude, "rig.hidden"),
        (hide_collection, ""),
        (disable_collection, ""),
        (into_another_scene, "rig.hidden"),
        (unlink, "rig.hidden"),
        (as_an_instance, "rig.hidden"),
        (lambda dancer: setattr(dancer, "hide_render", True), ""),
        (lambda dancer: setattr(dancer, "hide_select", True), ""),
    ],
)
def test_every_way_to_be_out_of_sight(dancer, read, addon, hide, code):
    hide(dancer)
    draw(addon)
    assert read(dancer).code == code
    draw(addon)


def test_a_second_view_layer_and_a_second_scene(dancer, read, addon):
    plain = read(dancer)
    bpy.context.scene.view_layers.new("Second")
    bpy.context.scene.view_layers[0].layer_collection.exclude = False
    other = bpy.data.scenes.new("Other")
    other.collection.objects.link(dancer)
    other.render.fps = 48
    assert np.array_equal(read(dancer).joints, plain.joints)


@pytest.mark.parametrize("how", ["link", "append", "override"])
def test_a_dancer_from_a_library(dancer, read, addon, tmp_path, how):
    plain = read(dancer)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.scene.render.fps = 24
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=how != "append") as (_, wanted):
        wanted.objects = ["dance"]
    (armature,) = wanted.objects
    bpy.context.scene.collection.objects.link(armature)
    if how == "override":
        armature = armature.override_create(remap_local_usages=True)
    bpy.context.view_layer.objects.active = armature
    bpy.context.view_layer.update()
    draw(addon)
    assert np.abs(read(armature).joints - plain.joints).max() < 1e-6
    for operator in ("choose_bone", "forget_bones", "save_rig_preset"):
        assert getattr(bpy.ops.kinetone, operator).poll() == (how != "link")


def test_a_library_that_is_gone(dancer, read, addon, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, wanted):
        wanted.objects = ["dance"]
    bpy.context.scene.collection.objects.link(wanted.objects[0])
    bpy.context.view_layer.objects.active = wanted.objects[0]
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "user.blend"))
    (tmp_path / "library.blend").unlink()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "user.blend"))
    draw(addon)
    try:
        request = addon("blender_addon.request").build_request(bpy.context)
    except addon("core.errors").KinetoneError as error:
        refusal(error)
    else:
        assert read(bpy.data.objects[request.dancers[0].name]).code


@pytest.mark.parametrize(
    ("system", "scale"), [("IMPERIAL", 1.0), ("METRIC", 0.001), ("NONE", 1000.0), ("IMPERIAL", 1e-9)]
)
def test_every_unit(dancer, read, addon, system, scale):
    features = addon("core.motion.features").motion_features
    plain = features(read(dancer).joints)
    units = bpy.context.scene.unit_settings
    units.system, units.scale_length = system, scale
    assert np.abs(features(read(dancer).joints).displacements - plain.displacements).max() < 1e-5


def test_a_scene_with_nothing_in_it(fresh_scene, addon):
    draw(addon)
    with pytest.raises(RuntimeError, match="no armature"):
        bpy.ops.kinetone.generate()


def test_armatures_that_share_everything(dancer, read):
    """One action and one set of bones for two objects, one of which has no action of its own."""
    twin = bpy.data.objects.new("Twin", dancer.data)
    bpy.context.scene.collection.objects.link(twin)
    assert read(twin).code == "rig.missing_joints"  # Blender has not looked at it yet
    bpy.context.view_layer.update()
    assert read(twin).code == "scene.no_animation"
    twin.animation_data_create().action = dancer.animation_data.action
    if hasattr(twin.animation_data, "action_slot"):
        twin.animation_data.action_slot = dancer.animation_data.action_slot
    assert read(twin).code == ""


def test_what_is_posed_but_not_keyed_stays(dancer, read, addon):
    """An artist who has turned an arm and not keyed it yet must find it turned."""
    scene = bpy.context.scene
    bone = dancer.pose.bones["LeftArm"]
    assert any("LeftArm" in curve.data_path for curve in curves_of(dancer))
    bone.rotation_euler.x = 1.25
    dancer.location.x = 3.5
    before = state(scene)
    read(dancer)
    assert state(scene) == before
    assert bone.rotation_euler.x == 1.25
    assert dancer.location.x == 3.5


@pytest.fixture
def two(dancer, tmp_path):
    return dancer, import_bvh(write_bvh(tmp_path / "other.bvh", 1.0))


def test_a_list_of_dancers_of_whom_some_are_elsewhere(two, addon):
    bpy.context.scene.kinetone_dancers.clear()
    for obj in two:
        bpy.context.scene.kinetone_dancers.add().armature = obj
    into_another_scene(two[0])
    draw(addon)
    assert addon("blender_addon.armature").find_dancers(bpy.context) == [two[1]]
