"""What is read from the scene, and what is left as it was."""

import math

import bpy
import numpy as np
import pytest
from conftest import fcurves, import_bvh, state
from dancers import write_bvh


@pytest.fixture
def read(addon):
    """Reads the joints of an armature; returns them and the range."""

    def read(armature, kind="ACTION", budget_s=float("inf"), between=lambda: None):
        scene = bpy.context.scene
        span = addon("blender_addon.dance_range").dance_range(scene, armature, kind)
        mapping = addon("blender_addon.armature").joint_mapping(armature)
        reader = addon("blender_addon.reader").DanceReader(span, {armature.name: mapping})
        while not reader.read_slice(scene, {armature.name: bpy.context.view_layer}, budget_s):
            between()
        return reader.joints()[0], span

    return read


def key_location(obj, frames_and_x, interpolation="LINEAR"):
    for frame, x in frames_and_x:
        obj.location.x = x
        obj.keyframe_insert("location", index=0, frame=frame)
    for curve in fcurves(obj):
        for point in curve.keyframe_points:
            point.interpolation = interpolation


def sliding_dancer(tmp_path, frames_and_x):
    """A rig that holds its pose and slides along X by its object's keys."""
    armature = import_bvh(write_bvh(tmp_path / "slide.bvh", 0.1))
    armature.animation_data_clear()
    key_location(armature, frames_and_x)
    return armature


@pytest.mark.parametrize(
    ("fps", "fps_base"),
    [(24, 1.001), (24, 1), (30, 1.001), (30, 1), (50, 1), (60, 1.001), (60, 1), (120, 1)],
)
@pytest.mark.parametrize("start", [-40, 1])
def test_joints_are_sampled_at_sixtieths_of_a_second(read, fresh_scene, tmp_path, fps, fps_base, start):
    fresh_scene.render.fps, fresh_scene.render.fps_base = fps, fps_base
    end = start + 2 * fps
    seconds = (end - start) / (fps / fresh_scene.render.fps_base)
    armature = sliding_dancer(tmp_path, [(start, 0.0), (end, seconds)])  # one metre a second
    joints, span = read(armature)
    assert len(joints) == span.motion_frames == int(seconds * 60 + 1e-6) + 1
    assert np.abs(joints[:, 0, 0] - np.arange(len(joints)) / 60).max() < 2e-5


def test_remapped_time_is_respected(read, fresh_scene, tmp_path):
    armature = sliding_dancer(tmp_path, [(0, 0.0), (24, 1.0)])
    fresh_scene.render.frame_map_new = 200  # half speed
    joints, span = read(armature)
    assert (span.start, span.end) == (0, 48)
    assert np.abs(joints[:, 0, 0] - np.arange(121) / 120).max() < 1e-5


def test_a_range_may_begin_between_frames(read, addon, fresh_scene, tmp_path):
    if not addon("blender_addon.sequencer").subframe_starts():
        pytest.skip("before Blender 4.3 such ranges begin at the next whole frame")
    armature = sliding_dancer(tmp_path, [(10.25, 0.0), (34.25, 1.0)])
    joints, span = read(armature)
    assert span.start == 10.25
    assert np.abs(joints[:, 0, 0] - np.arange(61) / 60).max() < 1e-5


def test_parents_constraints_and_nla_count(read, fresh_scene, tmp_path):
    armature = import_bvh(write_bvh(tmp_path / "still.bvh", 0.1))
    armature.animation_data_clear()
    carrier = bpy.data.objects.new("Carrier", None)
    fresh_scene.collection.objects.link(carrier)
    armature.parent = carrier
    key_location(carrier, [(1, 0.0), (25, 1.0)])
    goal = bpy.data.objects.new("Goal", None)
    fresh_scene.collection.objects.link(goal)
    goal.location = (0, 0, 5)
    hand = armature.pose.bones["LeftHand"].constraints.new("COPY_LOCATION")
    hand.target = goal
    fresh_scene.frame_start, fresh_scene.frame_end = 1, 25
    joints, _ = read(armature, "SCENE")
    assert joints[-1, 0, 0] - joints[0, 0, 0] == pytest.approx(1.0, abs=1e-5)
    wrist = joints[:, 20] - joints[:, 0] + np.array(armature.matrix_world @ armature.pose.bones["Hips"].head)
    assert wrist[0, 2] == pytest.approx(5.0, abs=1e-4)

    key_location(armature, [(1, 0.0), (25, 2.0)])
    action = armature.animation_data.action
    strip = armature.animation_data.nla_tracks.new().strips.new("Slide", 11, action)
    armature.animation_data.action = None
    joints, span = read(armature)
    assert (span.start, span.end) == (strip.frame_start, strip.frame_end) == (11, 35)
    assert joints[10, 0, 0] > joints[0, 0, 0]


def test_the_range_follows_what_the_nla_lets_through(addon, fresh_scene, tmp_path):
    key_range = addon("blender_addon.actions").key_range
    armature = sliding_dancer(tmp_path, [(1, 0.0), (25, 1.0)])
    animation = armature.animation_data
    for start in (101, 201):
        animation.nla_tracks.new().strips.new(f"Slide {start}", start, animation.action)
    second = animation.nla_tracks[1]
    assert key_range(armature) == (1, 225)
    second.mute = True
    assert key_range(armature) == (1, 125)
    second.is_solo = True  # alone, muted or not, and without the action
    assert key_range(armature) == (201, 225)
    animation.use_nla = False
    assert key_range(armature) == (1, 25)


def test_scene_and_preview_ranges(read, dancer, fresh_scene):
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 5, 29
    assert read(dancer, "SCENE")[1].motion_frames == 61
    with pytest.raises(Exception, match="preview range is off"):
        read(dancer, "PREVIEW")
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 5, 17
    assert read(dancer, "PREVIEW")[1].motion_frames == 31


def test_slices_give_the_same_and_show_the_users_frame_between_them(read, dancer):
    scene = bpy.context.scene
    scene.frame_set(-7, subframe=0.375)
    shown = scene.frame_current, scene.frame_subframe
    dancer.pose.bones["LeftHand"].constraints.new("LIMIT_SCALE")  # so that the scene is stepped through
    pose = np.array(dancer.pose.bones["LeftHand"].matrix)
    seen = []
    whole, _ = read(dancer)

    def between():
        seen.append((scene.frame_current, scene.frame_subframe))
        assert np.array_equal(np.array(dancer.pose.bones["LeftHand"].matrix), pose)

    sliced, _ = read(dancer, budget_s=0.0, between=between)
    assert len(seen) == len(whole) - 1
    assert set(seen) == {shown}
    assert np.array_equal(whole, sliced)


def test_reading_leaves_frame_selection_and_mode(read, dancer):
    scene = bpy.context.scene
    bpy.ops.object.mode_set(mode="POSE")
    scene.frame_set(13, subframe=0.5)
    before = state(scene)
    read(dancer)
    assert state(scene) == before


@pytest.mark.parametrize(
    ("place", "turned", "size", "unit_scale"),
    [((12.3, -7.7, 0.4), 77.0, 2.5, 1.0), ((120.0, -35.0, 3.0), 120.0, 2.5, 0.01)],
)
def test_moving_turning_and_scaling_changes_no_feature(read, addon, dancer, place, turned, size, unit_scale):
    features = addon("core.motion.features").motion_features
    plain = features(read(dancer)[0])
    assert plain.kinematic_beats.sum() >= 3
    dancer.location = place
    dancer.rotation_mode = "XYZ"
    dancer.rotation_euler.z += math.radians(turned)
    dancer.scale = (size, size, size)
    bpy.context.scene.unit_settings.scale_length = unit_scale
    joints, _ = read(dancer)
    moved = features(joints)
    assert np.ptp(joints[0, :, 2]) > 1.4 * size * unit_scale, "the character is as large as it was made"
    assert np.abs(moved.displacements - plain.displacements).max() < 1e-6
    assert np.array_equal(moved.kinematic_beats, plain.kinematic_beats)


def test_far_from_the_origin_no_digit_is_lost(read, dancer):
    """World positions in 32 bits would be a millimetre off here."""
    near, _ = read(dancer)
    dancer.location = (10_000.0, -20_000.0, 0.0)
    far, _ = read(dancer)
    assert np.abs(far - near).max() < 1e-9


def test_long_dances_are_read_block_by_block(read, addon, dancer, monkeypatch):
    whole, _ = read(dancer)
    monkeypatch.setattr(addon("blender_addon.reader"), "BLOCK_FRAMES", 7)
    blocks, _ = read(dancer)
    assert np.array_equal(whole, blocks)


def test_hidden_armatures_are_read_and_disabled_ones_refused(read, dancer):
    plain, _ = read(dancer)
    dancer.hide_set(True)
    hidden, _ = read(dancer)
    assert np.array_equal(plain, hidden)
    dancer.hide_viewport = True
    with pytest.raises(Exception, match="disabled in viewports") as error:
        read(dancer)
    assert error.value.code == "rig.hidden"


@pytest.mark.parametrize("way", ["keys", "frames"])
def test_place_heading_and_size_are_taken_out_to_the_last_digit(read, addon, dancer, way):
    features = addon("core.motion.features").motion_features
    if way == "frames":
        dancer.data.bones["LeftArm"].inherit_scale = "NONE"
    before = features(read(dancer)[0]).stacked()
    dancer.location = (40.0, 7.0, 3.0)
    dancer.rotation_euler.z += 1.0
    dancer.scale = (1.7, 1.7, 1.7)
    bpy.context.view_layer.update()
    # Rounding to eight bits, as the engine does, makes a difference of 1e-8 one of notes.
    assert np.abs(features(read(dancer)[0]).stacked() - before).max() < 1e-12
