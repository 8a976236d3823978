"""NLA: strips reversed, repeated, stretched, blended, muted and soloed; tracks with nothing in them."""

import bpy
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st
from odd import Reader, assign, body, build, cases, fcurves

BLENDS = ["REPLACE", "COMBINE", "ADD", "SUBTRACT", "MULTIPLY"]

strips = st.fixed_dictionaries(
    {
        "start": st.floats(-60, 60, width=32) | st.integers(-60, 60),
        "action": st.integers(0, 2),
        "scale": st.floats(0.0001, 8) | st.just(1.0),
        "repeat": st.floats(0.1, 6) | st.just(1.0),
        "use_reverse": st.booleans(),
        "mute": st.booleans(),
        "blend_type": st.sampled_from(BLENDS),
        "extrapolation": st.sampled_from(["NOTHING", "HOLD", "HOLD_FORWARD"]),
        "blend_in": st.floats(0, 20),
        "influence": st.floats(0, 1) | st.none(),
        "ends": st.tuples(st.floats(-50, 50), st.floats(-50, 50)) | st.none(),
    }
)
tracks = st.lists(
    st.tuples(st.lists(strips, max_size=3), st.booleans(), st.integers(0, 4)),
    max_size=4,
)


@pytest.fixture
def read(addon):
    return Reader(addon)


@pytest.fixture
def dancer(fresh_scene, addon):
    """A body with three actions to make strips of: a way, a turn, and nothing."""
    armature = build("dancer", body(addon))
    for name, path, keys in (
        ("way", "location", [(1, 0.0), (12.5, 1.0), (25, 0.3)]),
        ("turn", 'pose.bones["left_shoulder"].rotation_quaternion', [(-3, 0.0), (9, 0.7)]),
        ("nothing", "location", []),
    ):
        action = bpy.data.actions.new(name)
        action.use_fake_user = True
        assign(armature, action)
        curve = fcurves(action).new(path, index=1)
        for frame, value in keys:
            curve.keyframe_points.insert(frame, value)
    armature.animation_data_clear()
    return armature


@cases(30)
@given(drawn=tracks, active=st.sampled_from(["way", "nothing", None]), use_nla=st.booleans())
@example(drawn=[([], False, 0), ([], True, 1)], active=None, use_nla=True)
@example(drawn=[([], False, 1)], active="way", use_nla=True)
def test_any_tracks_are_read_as_blender_plays_them(dancer, read, drawn, active, use_nla):
    dancer.animation_data_clear()
    animation = dancer.animation_data_create()
    actions = [bpy.data.actions[name] for name in ("way", "turn", "nothing")]
    solo = None
    for rows, mute, switch in drawn:
        track = animation.nla_tracks.new()
        track.mute = mute
        solo = track if switch == 1 else solo
        for row in rows:
            add_strip(track, actions[row["action"]], row)
    if active:
        assign(dancer, bpy.data.actions[active])
    if solo is not None:
        solo.is_solo = True
    animation.use_nla = use_nla
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 0, 40
    assert read(dancer, "SCENE").code in ("", "scene.no_animation")
    reading = read(dancer)
    event(reading.code or "read")
    # Strips that are stretched and repeated may last longer than what is compared frame by frame.
    assert reading.code in ("", "scene.no_animation", "motion.too_short", "not read here")


def add_strip(track, action, row):
    """A strip; where it would lie on another one, Blender refuses it."""
    try:
        strip = track.strips.new(action.name, int(row["start"]), action)
    except RuntimeError:
        return
    if hasattr(strip, "action_slot") and len(action.slots):
        strip.action_slot = action.slots[0]
    for name in ("scale", "repeat", "use_reverse", "mute", "blend_type", "extrapolation", "blend_in"):
        setattr(strip, name, row[name])
    if row["ends"] is not None:
        strip.action_frame_start, strip.action_frame_end = row["ends"]
    if row["influence"] is not None:
        strip.use_animated_influence, strip.influence = True, row["influence"]
    strip.frame_start = row["start"]


def test_strips_that_have_lost_their_action(dancer, read):
    animation = dancer.animation_data_create()
    animation.nla_tracks.new().strips.new("way", 1, bpy.data.actions["way"])
    assert read(dancer).code == ""
    bpy.data.actions.remove(bpy.data.actions["way"])
    assert read(dancer).code in ("scene.no_animation", "motion.too_short")


def test_a_track_that_is_being_tweaked(dancer, read):
    animation = dancer.animation_data_create()
    track = animation.nla_tracks.new()
    track.strips.new("way", 11, bpy.data.actions["way"]).select = True
    animation.nla_tracks.active = track
    assert read(dancer).code == ""
    animation.use_tweak_mode = True
    assert animation.use_tweak_mode
    assert read(dancer).code == ""
    assert animation.use_tweak_mode
