"""Armatures read from their keys alone, against Blender's evaluation of every frame."""

import math

import bpy
import numpy as np
import pytest
from conftest import fcurves, import_bvh
from dancers import write_bvh

MODES = ["QUATERNION", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE"]


@pytest.fixture
def readers(addon):
    """Reads an armature from its keys and by stepping; gives both and whether the keys were enough."""

    def read(armature, kind="ACTION"):
        scene, layer = bpy.context.scene, bpy.context.view_layer
        layer.update()
        span = addon("blender_addon.dance_range").dance_range(scene, armature, kind)
        mapping = addon("blender_addon.armature").joint_mapping(armature)
        module = addon("blender_addon.reader")
        reader, stepping = (module.DanceReader(span, {armature.name: mapping}) for _ in range(2))
        stepping._keyed_poses = lambda *_: None
        for each in (reader, stepping):
            assert each.read_slice(scene, {armature.name: layer}, float("inf"))
        return reader.joints()[0], stepping.joints()[0], reader._keyed is not None

    return read


def turned_by(mode):
    """The property that turns a bone or an object in a rotation mode."""
    other = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}
    return other.get(mode, "rotation_euler")


def rekeyed(armature, rng, mode):
    """A dance of random poses with Bezier keys; the bones turn in one of Blender's ways, grow and move."""
    armature.animation_data_clear()
    for bone in armature.pose.bones:
        bone.rotation_mode = mode
        for frame in (1, 9, 17.5, 30):
            bone.rotation_quaternion = rng.normal(0, 1, 4)
            bone.rotation_euler = rng.normal(0, 0.8, 3)
            bone.rotation_axis_angle = (rng.normal(), *rng.normal(0, 1, 3))
            bone.scale = rng.uniform(0.8, 1.2, 3)
            bone.location = rng.normal(0, 0.1, 3)
            for name in (turned_by(mode), "scale", "location"):
                bone.keyframe_insert(name, frame=frame)
    return armature


@pytest.fixture
def rig(fresh_scene, tmp_path):
    return import_bvh(write_bvh(tmp_path / "rig.bvh", 0.5))


@pytest.mark.parametrize("mode", MODES)
def test_every_way_to_turn_a_bone(readers, rig, mode):
    armature = rekeyed(rig, np.random.default_rng(MODES.index(mode)), mode)
    keyed, stepped, plain = readers(armature)
    assert plain
    assert np.abs(keyed - stepped).max() < 1e-4


def test_bones_that_turn_in_different_ways_and_bones_without_keys(readers, rig):
    armature = rekeyed(rig, np.random.default_rng(5), "QUATERNION")
    for number, bone in enumerate(armature.pose.bones):
        bone.rotation_mode = MODES[number % len(MODES)]  # of which only quaternions have keys
    keyed, stepped, plain = readers(armature)
    assert plain
    assert np.abs(keyed - stepped).max() < 1e-4


@pytest.mark.parametrize("mode", ["QUATERNION", "YZX", "AXIS_ANGLE"])
def test_an_object_that_alone_is_keyed(readers, rig, mode):
    armature, rng = rig, np.random.default_rng(6)
    armature.animation_data_clear()
    armature.rotation_mode = mode
    path = turned_by(mode)
    for frame in (1, 12, 30):
        setattr(armature, path, rng.normal(0, 1, 3 if path == "rotation_euler" else 4))
        armature.scale, armature.location = rng.uniform(0.5, 2, 3), rng.normal(0, 1, 3)
        for name in (path, "scale", "location"):
            armature.keyframe_insert(name, frame=frame)
    keyed, stepped, plain = readers(armature)
    assert plain
    assert np.abs(keyed - stepped).max() < 1e-4


def test_a_curve_of_a_number_that_there_is_not(readers, rig):
    armature = rekeyed(rig, np.random.default_rng(7), "XYZ")
    curves = fcurves(armature)
    curves.new('pose.bones["LeftArm"].rotation_euler', index=3).keyframe_points.insert(1, 5.0)
    keyed, stepped, plain = readers(armature)
    assert plain
    assert np.abs(keyed - stepped).max() < 1e-4


def test_an_imported_dance(readers, dancer):
    keyed, stepped, plain = readers(dancer)
    assert plain
    assert np.abs(keyed - stepped).max() < 1e-5


def test_parents_places_and_remapped_time(readers, rig, fresh_scene):
    armature = rekeyed(rig, np.random.default_rng(0), "XYZ")
    carrier, stage = (bpy.data.objects.new(name, None) for name in ("Carrier", "Stage"))
    for obj in (carrier, stage):
        fresh_scene.collection.objects.link(obj)
    carrier.parent, stage.location, stage.scale = stage, (3, -2, 1), (1.5, 1.5, 1.5)
    carrier.rotation_euler.z = 0.7
    armature.parent = carrier
    armature.matrix_parent_inverse = carrier.matrix_world.inverted()
    for frame, angle in ((1, 0.0), (30, 2.0)):
        armature.rotation_mode = "XYZ"
        armature.rotation_euler = (0.1, 0.2, angle)
        armature.keyframe_insert("rotation_euler", frame=frame)
        carrier.location.x = angle
        carrier.keyframe_insert("location", index=0, frame=frame)
    fresh_scene.render.frame_map_new = 150
    keyed, stepped, plain = readers(armature)
    assert plain
    assert np.abs(keyed - stepped).max() < 1e-4


def test_cycles_and_channels_that_are_partly_keyed(readers, rig, fresh_scene):
    armature = rekeyed(rig, np.random.default_rng(1), "XYZ")
    curves = fcurves(armature)
    for curve in list(curves):
        if curve.array_index == 2:
            curves.remove(curve)
        elif "Arm" in curve.data_path:
            curve.modifiers.new("CYCLES").mode_after = "MIRROR"
        elif "Leg" in curve.data_path:
            curve.mute = True
    fresh_scene.frame_start, fresh_scene.frame_end = -20, 80
    keyed, stepped, plain = readers(armature, "SCENE")
    assert plain
    assert np.abs(keyed - stepped).max() < 1e-4


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ"])
def test_broken_keys_are_named_not_smoothed_over(readers, rig, mode):
    armature = rekeyed(rig, np.random.default_rng(8), mode)
    for curve in fcurves(armature):
        if "Hips" in curve.data_path and turned_by(mode) in curve.data_path:
            for point in curve.keyframe_points:
                if point.co.x == 9:
                    point.co.y = math.nan
            curve.update()
    with pytest.raises(Exception, match="no valid position"):
        readers(armature)


def add_ik(armature, _scene):
    armature.pose.bones["LeftHand"].constraints.new("IK").chain_count = 2


def add_constraint(armature, scene):
    goal = bpy.data.objects.new("Goal", None)
    scene.collection.objects.link(goal)
    armature.pose.bones["Hips"].constraints.new("COPY_ROTATION").target = goal


def add_driver(armature, _scene):
    driver = armature.pose.bones["LeftArm"].driver_add("rotation_euler", 0).driver
    driver.expression = "frame / 20"


def add_nla(armature, _scene):
    animation = armature.animation_data
    animation.nla_tracks.new().strips.new("Dance", 5, animation.action)
    animation.action = None


def add_noise(armature, _scene):
    next(curve for curve in fcurves(armature) if "LeftArm" in curve.data_path).modifiers.new("NOISE")


def keep_upright(armature, _scene):
    armature.data.bones["LeftArm"].use_inherit_rotation = False


@pytest.mark.parametrize("change", [add_ik, add_constraint, add_driver, add_nla, add_noise, keep_upright])
def test_what_keys_do_not_tell_goes_through_the_scene(readers, rig, fresh_scene, change):
    armature = rekeyed(rig, np.random.default_rng(2), "XYZ")
    change(armature, fresh_scene)
    joints, stepped, plain = readers(armature)
    assert not plain
    assert np.array_equal(joints, stepped)


def test_constraints_on_bones_that_do_not_count_change_nothing(readers, rig, fresh_scene):
    armature = rekeyed(rig, np.random.default_rng(3), "XYZ")
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    tail = armature.data.edit_bones.new("Feather")
    tail.head, tail.tail = (0, 0, 2), (0, 0, 2.2)
    tail.parent = armature.data.edit_bones["Head"]
    bpy.ops.object.mode_set(mode="OBJECT")
    add_constraint_to = armature.pose.bones["Feather"].constraints.new("COPY_LOCATION")
    add_constraint_to.target = armature
    keyed, stepped, plain = readers(armature)
    assert plain
    assert np.abs(keyed - stepped).max() < 1e-4


def test_a_script_on_every_frame_goes_through_the_scene(readers, rig):
    armature = rekeyed(rig, np.random.default_rng(4), "XYZ")

    def lean(scene, *_):
        armature.rotation_mode = "XYZ"
        armature.rotation_euler.x = math.sin(scene.frame_current_final / 5)

    bpy.app.handlers.frame_change_pre.append(lean)
    try:
        joints, stepped, plain = readers(armature)
    finally:
        bpy.app.handlers.frame_change_pre.remove(lean)
    assert not plain
    assert np.array_equal(joints, stepped)
