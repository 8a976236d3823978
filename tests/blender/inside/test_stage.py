"""Dances that are read in a scene of their own: they look the same, and the user's scene stays as it is."""

import bpy
import numpy as np
import pytest
from conftest import fcurves, import_bvh, state
from dancers import write_bvh

OFF_ITS_KEY = (0.5, 0.5, -0.5, 0.5)


@pytest.fixture
def stage(addon):
    return addon("blender_addon.stage")


@pytest.fixture
def rig(fresh_scene, tmp_path):
    armature = import_bvh(write_bvh(tmp_path / "rig.bvh", 0.4))
    bpy.context.view_layer.update()
    return armature


@pytest.fixture
def reader(addon):
    """A reader of one armature's keys, and what it reads from."""

    def reader(armature):
        scene, layer = bpy.context.scene, bpy.context.view_layer
        span = addon("blender_addon.dance_range").dance_range(scene, armature, "ACTION")
        mapping = addon("blender_addon.armature").joint_mapping(armature)
        made = addon("blender_addon.reader").DanceReader(span, {armature.name: mapping})
        return made, lambda: made.read_slice(scene, {armature.name: layer}, float("inf"))

    return reader


@pytest.fixture
def read(reader):
    def read(armature):
        made, go = reader(armature)
        assert go()
        return made.joints()[0]

    return read


def add_empty(name, keys=()):
    empty = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(empty)
    for frame, x in keys:
        empty.location.x = x
        empty.keyframe_insert("location", index=0, frame=frame)
    return empty


def drive(armature, expression, id_type=None, target=None, path="", variable="SINGLE_PROP"):
    driver = armature.pose.bones["LeftHand"].driver_add("scale", 1).driver
    driver.expression = expression
    if variable:
        var = driver.variables.new()
        var.type = variable
        if id_type:
            var.targets[0].id_type = id_type
            var.targets[0].id = target
        var.targets[0].data_path = path


def by_limit(armature):
    armature.pose.bones["LeftHand"].constraints.new("LIMIT_SCALE")


def by_ik(armature):
    ik = armature.pose.bones["LeftHand"].constraints.new("IK")
    ik.target, ik.chain_count = add_empty("Goal", [(1, 0.0), (9, 1.0)]), 3


def by_a_hidden_target_that_is_driven(armature):
    goal = add_empty("Goal", [(1, 0.0), (9, 1.0)])
    goal.hide_viewport = True
    follower = add_empty("Follower")
    curve = follower.driver_add("location", 1).driver
    curve.expression = "var * 2"
    curve.variables.new().targets[0].id = goal
    curve.variables[0].targets[0].data_path = "location.x"
    bpy.context.scene.collection.objects.unlink(follower)  # in no scene at all
    armature.pose.bones["LeftHand"].constraints.new("COPY_LOCATION").target = follower


def by_a_bone_of_another_armature(armature):
    other = armature.copy()
    other.animation_data.action = armature.animation_data.action.copy()
    bpy.context.scene.collection.objects.link(other)
    other.location.x = 2.0
    armature.parent, armature.parent_type, armature.parent_bone = other, "BONE", "RightHand"


def by_the_nla(armature):
    animation = armature.animation_data
    strip = animation.nla_tracks.new().strips.new("Dance", 4, animation.action)
    animation.action, strip.scale = None, 1.7


def by_a_driver_of_the_frame(armature):
    drive(armature, "1 + frame / 10", variable="")


@pytest.mark.parametrize(
    "moved",
    [
        by_limit,
        by_ik,
        by_a_hidden_target_that_is_driven,
        by_a_bone_of_another_armature,
        by_the_nla,
        by_a_driver_of_the_frame,
    ],
)
def test_the_dance_is_the_same_on_a_stage_of_its_own(stage, read, rig, fresh_scene, monkeypatch, moved):
    moved(rig)
    fresh_scene.render.frame_map_new = 130
    bpy.context.view_layer.update()
    assert not stage._needs_its_scene(rig)
    alone = read(rig)
    monkeypatch.setattr(stage, "_needs_its_scene", lambda _: True)
    assert np.array_equal(alone, read(rig))


def by_the_scenes_frame(armature):
    drive(armature, "1 + var / 10", "SCENE", bpy.context.scene, "frame_current")


def by_a_context_property(armature):
    drive(armature, "1 + var / 10", path="frame_current", variable="CONTEXT_PROP")


def by_a_script(armature):
    bpy.app.driver_namespace["scene_frame"] = lambda: bpy.context.scene.frame_current
    drive(armature, "1 + scene_frame() / 10", variable="")


def by_physics(armature):
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object
    bpy.ops.rigidbody.object_add()
    armature.parent = cube


def by_cloth(armature):
    bpy.ops.mesh.primitive_plane_add()
    plane = bpy.context.object
    plane.modifiers.new("Cloth", "CLOTH")
    armature.parent, armature.parent_type = plane, "VERTEX"


@pytest.mark.parametrize(
    "moved", [by_the_scenes_frame, by_a_context_property, by_a_script, by_physics, by_cloth]
)
def test_what_needs_its_scene_is_shown_there(stage, read, rig, fresh_scene, moved):
    moved(rig)
    bpy.context.view_layer.update()
    assert stage._needs_its_scene(rig)
    fresh_scene.frame_set(3, subframe=0.5)
    read(rig)
    assert (fresh_scene.frame_current, fresh_scene.frame_subframe) == (3, 0.5)


@pytest.mark.parametrize("plain", [True, False])
def test_poses_without_keys_stay(read, rig, fresh_scene, plain):
    if not plain:
        by_ik(rig)
    fresh_scene.frame_set(3)
    bone = rig.pose.bones["RightArm"]
    bone.rotation_mode, bone.rotation_quaternion = "QUATERNION", OFF_ITS_KEY
    rig.location.y = 7.0
    bone.location = (0.1, 0.2, 0.3)
    bpy.context.view_layer.update()
    hips = rig.pose.bones["Hips"]
    hips.location.x += 0.5  # which is keyed
    bpy.context.view_layer.update()
    matrices = [np.array(bone.matrix) for bone in rig.pose.bones]
    read(rig)
    bpy.context.view_layer.update()
    assert tuple(bone.rotation_quaternion) == OFF_ITS_KEY
    assert all(
        np.array_equal(np.array(bone.matrix), matrix)
        for bone, matrix in zip(rig.pose.bones, matrices, strict=True)
    )


def test_nothing_else_of_the_scene_is_evaluated(read, rig, fresh_scene):
    seen = []
    bpy.app.driver_namespace["look"] = lambda frame: seen.append(frame) or 0.0
    add_empty("Heavy").driver_add("location", 2).driver.expression = "look(frame)"
    by_ik(rig)
    bpy.context.view_layer.update()
    fresh_scene.frame_set(3)
    assert seen
    seen.clear()
    read(rig)
    assert not seen


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_no_scene_is_left_behind_whatever_happens(addon, reader, rig, monkeypatch, error):
    by_ik(rig)
    before, users = list(bpy.data.scenes), rig.users
    module = addon("blender_addon.reader")
    show, shown = module.show_frame, []

    def fail(scene, frame):
        show(scene, frame)
        shown.append(scene.name)
        if len(shown) == 3:
            raise error

    monkeypatch.setattr(module, "show_frame", fail)
    _, go = reader(rig)
    with pytest.raises(error):
        go()
    assert bpy.context.scene.name not in shown
    assert list(bpy.data.scenes) == before
    assert rig.users == users


def test_undo_and_saved_files_know_nothing_of_it(read, rig, fresh_scene, tmp_path):
    by_ik(rig)
    name = rig.name
    bpy.ops.ed.undo_push(message="before")
    rig.location.x = 5.0
    bpy.ops.ed.undo_push(message="moved")
    before = state(fresh_scene)
    read(rig)
    assert state(fresh_scene) == before
    bpy.ops.ed.undo()
    rig = bpy.data.objects[name]
    assert rig.location.x == 0.0
    read(rig)
    bpy.ops.ed.redo()
    rig = bpy.data.objects[name]
    assert rig.location.x == 5.0
    again = read(rig)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    assert len(bpy.data.scenes) == 1
    assert np.array_equal(read(bpy.data.objects[name]), again)


def test_two_dancers_share_the_stage(addon, rig, tmp_path):
    scene, layer = bpy.context.scene, bpy.context.view_layer
    partner = import_bvh(write_bvh(tmp_path / "partner.bvh", 0.4))
    for curve in fcurves(partner):
        curve.modifiers.new("NOISE")
    layer.update()
    span = addon("blender_addon.dance_range").dance_range(scene, rig, "ACTION")
    mapping = addon("blender_addon.armature").joint_mapping
    both = {each.name: mapping(each) for each in (rig, partner)}
    reader = addon("blender_addon.reader").DanceReader(span, both)
    assert reader.read_slice(scene, dict.fromkeys(both, layer), float("inf"))
    first, second = reader.joints()
    assert first.shape == second.shape
    assert not np.array_equal(first, second)
