"""Actions that no animator would make: broken keys, empty curves, paths that lead nowhere, slots."""

import math

import bpy
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st
from odd import Reader, assign, body, build, cases, fcurves

BONES = ("left_hip", "left_knee", "right_elbow", "pelvis", "head")
CHANNELS = ["location", "scale", "rotation_quaternion", "rotation_euler", "rotation_axis_angle"]
INTERPOLATIONS = ["CONSTANT", "LINEAR", "BEZIER", "SINE", "QUAD", "CUBIC", "QUART", "QUINT", "EXPO", "CIRC"]
INTERPOLATIONS += ["BACK", "BOUNCE", "ELASTIC"]
EASINGS = ["AUTO", "EASE_IN", "EASE_OUT", "EASE_IN_OUT"]
MODES = ["QUATERNION", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE"]

usual_frames = st.floats(-40, 60, width=32) | st.integers(-40, 60)
usual_values = st.floats(-3, 3, width=32)
broken = st.sampled_from([math.nan, math.inf, -math.inf])
huge = st.sampled_from([1e5, -1e6, 1e10, -1e20, 3e38, -3e38, 1e-40])
any_frames = usual_frames | broken | huge
any_values = usual_values | broken | huge


@pytest.fixture
def read(addon):
    return Reader(addon)


@pytest.fixture
def dancer(fresh_scene, addon):
    """A body in its rest pose."""
    return build("dancer", body(addon))


def keys(frames, values):
    return st.lists(
        st.tuples(frames, values, st.sampled_from(INTERPOLATIONS), st.sampled_from(EASINGS), usual_values),
        min_size=1,
        max_size=5,
    )


def curves(frames=usual_frames, values=usual_values):
    """Data paths with keys."""
    place = st.tuples(st.sampled_from(BONES), st.sampled_from(CHANNELS), st.integers(0, 3))
    drawn = st.tuples(keys(frames, values), st.sampled_from(["CONSTANT", "LINEAR"]), st.booleans())
    return st.dictionaries(place, drawn, min_size=1, max_size=8)


def animate(dancer, drawn, modes, sway=True):
    """Give the dancer a new action with these curves."""
    dancer.animation_data_clear()
    for owner in (dancer, *dancer.pose.bones):
        owner.location, owner.scale, owner.rotation_euler = (0, 0, 0), (1, 1, 1), (0, 0, 0)
        owner.rotation_quaternion, owner.rotation_axis_angle = (1, 0, 0, 0), (0, 0, 1, 0)
        owner.rotation_mode = modes[len(owner.name) % len(modes)]
    action = bpy.data.actions.new("Dance")
    assign(dancer, action)
    if sway:
        curve = fcurves(action).new("location", index=0)
        for frame, x in ((0.5, 0.0), (30.0, 1.0)):
            curve.keyframe_points.insert(frame, x)
    for (bone, channel, index), (points, extrapolation, mute) in drawn.items():
        path = channel if bone is None else f'pose.bones["{bone}"].{channel}'
        curve = fcurves(action).new(path, index=index)
        curve.extrapolation, curve.mute = extrapolation, mute
        for frame, value, interpolation, easing, reach in points:
            point = curve.keyframe_points.insert(frame, value, options={"FAST"})
            point.interpolation, point.easing = interpolation, easing
            point.back, point.amplitude, point.period = reach, abs(reach), 2 * abs(reach)
            point.handle_left_type = point.handle_right_type = "FREE"
            point.handle_left = (frame - 4 * abs(reach), value + reach)
            point.handle_right = (frame + 3 * abs(reach), value - reach)
        curve.update()


@cases(40)
@given(drawn=curves(), modes=st.lists(st.sampled_from(MODES), min_size=1, max_size=3))
def test_any_curves_are_read_as_blender_plays_them(dancer, read, drawn, modes):
    animate(dancer, drawn, modes)
    reading = read(dancer)
    event(reading.code or ("plain" if reading.plain else "stepped"))
    assert reading.code in ("", "scene.no_animation", "motion.too_short", "motion.not_finite")


@cases(40)
@given(drawn=curves(any_frames, any_values), modes=st.lists(st.sampled_from(MODES), min_size=1, max_size=3))
def test_broken_and_huge_keys_are_read_or_refused(dancer, read, drawn, modes):
    animate(dancer, drawn, modes)
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 3, 20
    for kind in ("ACTION", "SCENE"):
        reading = read(dancer, kind)
        event(reading.code or "read")


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
paths = words | st.sampled_from(
    [
        ".", "location.x", "location[0]", "pose", "pose.bones", 'pose.bones["left_hip"]',
        "pose.bones[1].scale", 'pose.bones["nobody"].location', 'pose.bones["left_hip].location',
        'pose.bones["left_hip"].location.x', 'pose.bones["a\\"]"].scale', "rotation", "data.name",
        "__import__('os').system('false')", '["kinetone_joints"]', "kinetone_id",
        'pose.bones["left_hip"].constraints["gone"].influence', "matrix_world",
        'pose.bones["left_hip"]["planted"]', "delta_location",
    ]
)  # fmt: skip


@cases(40)
@given(drawn=st.lists(st.tuples(paths, st.integers(-1, 9)), max_size=5), value=any_values)
@example(drawn=[("location", 7), ("rotation_quaternion", 4)], value=0.5)
def test_curves_whose_path_leads_nowhere(dancer, read, drawn, value):
    animate(dancer, {}, ["XYZ"])
    curves = fcurves(dancer.animation_data.action)
    for path, index in drawn:
        if (path, index) not in {(curve.data_path, curve.array_index) for curve in curves} and index >= 0:
            curves.new(path, index=index).keyframe_points.insert(7.0, value)
    reading = read(dancer)
    # Some do lead somewhere: to a bone by its number, which can become so large that the body hardly moves.
    still = ["scene.no_animation"] if abs(value) >= 1e5 else []
    assert reading.code in ("", "motion.not_finite", *still)


modifiers = st.fixed_dictionaries(
    {
        "before": st.sampled_from(["NONE", "REPEAT", "REPEAT_OFFSET", "MIRROR"]),
        "after": st.sampled_from(["NONE", "REPEAT", "REPEAT_OFFSET", "MIRROR"]),
        "before_count": st.integers(0, 3),
        "after_count": st.integers(0, 32767),
        "mute": st.booleans(),
        "restricted": st.booleans(),
    }
)


@cases(30)
@given(drawn=curves(), cycles=modifiers, start=st.integers(0, 30))
def test_curves_that_repeat_themselves(dancer, read, drawn, cycles, start):
    animate(dancer, drawn, ["XYZ", "QUATERNION"])
    for curve in fcurves(dancer.animation_data.action):
        made = curve.modifiers.new("CYCLES")
        made.mode_before, made.mode_after = cycles["before"], cycles["after"]
        made.cycles_before, made.cycles_after = cycles["before_count"], cycles["after_count"]
        made.mute, made.use_restricted_range = cycles["mute"], cycles["restricted"]
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = start, start + 40
    assert read(dancer, "SCENE").code in ("", "scene.no_animation")


@cases(30)
@given(
    numbers=st.lists(any_values | st.integers(-(2**31), 2**31 - 1).map(float), min_size=3, max_size=3),
    bone=st.sampled_from(BONES),
    channel=st.sampled_from(CHANNELS[:2]),
    kind=st.sampled_from(["SUM", "AVERAGE", "MIN", "SCRIPTED"]),
    expression=st.sampled_from(
        ["v + frame * 0", "v / 0", "v +", "sqrt(-1 - v * v)", "log(0)", "gone", "1e400 * v"]
    ),
)
def test_drivers_with_any_value(dancer, read, numbers, bone, channel, kind, expression):
    animate(dancer, {}, ["XYZ"])
    for index, number in enumerate(numbers):
        dancer[f"value{index}"] = number
        driver = dancer.pose.bones[bone].driver_add(channel, index).driver
        driver.type, driver.expression = kind, expression
        variable = driver.variables.new()
        variable.name, variable.targets[0].id = "v", dancer
        variable.targets[0].data_path = f'["value{index}"]' if kind != "MIN" else "gone"
    reading = read(dancer, settled=False)  # a driver that fails leaves the value as it happens to be
    event(reading.code or "read")
    assert reading.code in ("", "motion.not_finite", "scene.no_animation")


def test_actions_without_anything_in_them(dancer, read):
    action = bpy.data.actions.new("Empty")
    dancer.animation_data_create().action = action
    assert read(dancer).code == "scene.no_animation"
    assign(dancer, action)
    assert read(dancer).code == "scene.no_animation"
    curve = fcurves(action).new("location", index=0)
    assert read(dancer).code == "scene.no_animation"
    curve.keyframe_points.insert(12.0, 1.0)
    assert read(dancer).code == "motion.too_short"
    action.use_frame_range = True
    action.frame_start, action.frame_end = 30, 10
    assert read(dancer).code in ("motion.too_short", "scene.no_animation")
    action.frame_start, action.frame_end = 10, 30
    assert read(dancer).code == "scene.no_animation"  # one key moves nothing


@pytest.mark.skipif(bpy.app.version < (4, 4), reason="slots came with Blender 4.4")
def test_only_the_slot_that_plays_counts(dancer, read):
    animate(dancer, {}, ["XYZ"])
    action = dancer.animation_data.action
    mine, other = action.slots[0], action.slots.new("OBJECT", "Somebody else")
    curve = fcurves(action, other).new("location", index=2)
    curve.keyframe_points.insert(1.0, 0.0)
    curve.keyframe_points.insert(300.0, 9.0)
    assert read(dancer).span.end == 30
    dancer.animation_data.action_slot = other
    assert read(dancer).span.end == 300
    dancer.animation_data.action_slot = None
    assert read(dancer).code == "scene.no_animation"
    dancer.animation_data.action_slot = mine
    action.slots.remove(mine)
    assert read(dancer).code == "scene.no_animation"
    action.layers.remove(action.layers[0])
    assert read(dancer).code == "scene.no_animation"


@pytest.mark.parametrize(
    ("path", "values"),
    [("pose.bones[1].location", (0.0, 5.0)), ('pose.bones["left_shoulder"].rotation_mode', (1, 0))],
)
def test_bones_by_number_and_keyed_modes(dancer, read, path, values):
    """They show in a few frames alone, between those that are looked at to see whether keys are enough."""
    animate(dancer, {}, ["XYZ"])
    curves = fcurves(dancer.animation_data.action)
    turn = curves.new('pose.bones["left_shoulder"].rotation_quaternion', index=1)
    turn.keyframe_points.insert(1, 0.5)
    curve = curves.new(path, index=0)
    for frame, value in ((1, values[0]), (20, values[1]), (22, values[0])):
        curve.keyframe_points.insert(frame, value).interpolation = "CONSTANT"
    reading = read(dancer)
    assert reading.code == ""
    assert not reading.plain
