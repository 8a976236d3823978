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
