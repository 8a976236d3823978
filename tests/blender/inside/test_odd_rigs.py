"""Rigs that no rigger would make: squashed, mirrored, far away, tied in knots, of thousands of bones."""

import bpy
import mathutils
import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from odd import Reader, assign, body, build, cases, fcurves
from test_odd_actions import MODES, broken, huge

sizes = st.floats(-3, 3, width=32) | st.sampled_from([0.0, -1.0, 1e-6, 1e4])
places = st.floats(-10, 10, width=32) | st.sampled_from([1e6, -1e6])
broken_sizes = sizes | broken | huge
FAR = np.array([1e6, -1e6, 0.0])

vectors = st.tuples(places, places, places)
angles = st.tuples(*[st.floats(-7, 7, width=32)] * 3)


@pytest.fixture
def read(addon):
    return Reader(addon)


def swing(armature, bone="left_shoulder", frames=(1, 20)):
    """Turn a bone, with the keys of a new action."""
    assign(armature, bpy.data.actions.new("Swing"))
    armature.pose.bones[bone].rotation_mode = "XYZ"
    curve = fcurves(armature.animation_data.action).new(f'pose.bones["{bone}"].rotation_euler', index=0)
    for frame, angle in zip(frames, (0.0, 1.5), strict=True):
        curve.keyframe_points.insert(frame, angle)


def empty(name, parent=None):
    made = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(made)
    made.parent = parent
    return made


@pytest.fixture
def family(fresh_scene, addon):
    """A body on an empty on an empty: what can be squashed and sheared."""
    armature = build("dancer", body(addon))
    swing(armature)
    stage = empty("stage")
    armature.parent = carrier = empty("carrier", stage)
    return armature, carrier, stage


@cases(40)
@given(
    scales=st.lists(st.tuples(sizes, sizes, sizes), min_size=3, max_size=3),
    turns=st.lists(angles, min_size=3, max_size=3),
    at=st.lists(vectors, min_size=3, max_size=3),
    inverse=st.lists(sizes, min_size=16, max_size=16) | st.none(),
    unit=st.sampled_from([1.0, 0.01, 1000.0, 1e-9, 1e9]),
)
def test_any_size_shear_and_place(family, read, scales, turns, at, inverse, unit):
    bpy.context.scene.unit_settings.scale_length = 1.0
    for obj, scale, turn, place in zip(family, scales, turns, at, strict=True):
        obj.scale, obj.rotation_euler, obj.location = scale, turn, place
    matrix = mathutils.Matrix() if inverse is None else mathutils.Matrix(np.reshape(inverse, (4, 4)).tolist())
    family[0].matrix_parent_inverse = matrix
    reading = read(family[0])
    event(reading.code or ("plain" if reading.plain else "stepped"))
    assert reading.code in ("", "scene.no_animation")
    bpy.context.scene.unit_settings.scale_length = unit
    assert read(family[0]).code == reading.code


@cases(20)
@given(
    numbers=st.lists(broken_sizes, min_size=9, max_size=9),
    of=st.integers(0, 2),
    channel=st.sampled_from(["scale", "location"]),
)
def test_places_that_are_no_places(family, read, numbers, of, channel):
    for obj in family:
        obj.scale, obj.rotation_euler, obj.location = (1, 1, 1), (0, 0, 0), (0, 0, 0)
    setattr(family[of], channel, numbers[:3])
    family[0].pose.bones["left_knee"].location = numbers[3:6]
    family[0].pose.bones["left_knee"].scale = numbers[6:]
    event(read(family[0]).code or "read")


bone_settings = st.fixed_dictionaries(
    {
        "use_inherit_rotation": st.booleans(),
        "use_local_location": st.booleans(),
        "use_relative_parent": st.booleans(),
        "use_deform": st.booleans(),
        "hide": st.booleans(),
        "inherit_scale": st.sampled_from(["FULL", "FIX_SHEAR", "ALIGNED", "AVERAGE", "NONE", "NONE_LEGACY"]),
    }
)


@cases(30)
@given(
    drawn=st.dictionaries(
        st.sampled_from(["left_hip", "spine2", "left_collar", "right_shoulder"]),
        st.tuples(
            bone_settings, st.tuples(sizes, sizes, sizes), angles, st.sampled_from(MODES), st.integers(1, 4)
        ),
    )
)
def test_bones_that_inherit_as_they_like(family, read, drawn):
    armature = family[0]
    for name, (settings, scale, turn, mode, segments) in drawn.items():
        bone = armature.pose.bones[name]
        bone.rotation_mode, bone.scale, bone.rotation_euler = mode, scale, turn
        bone.bone.bbone_segments = segments
        for setting, value in settings.items():
            setattr(bone.bone, setting, value)
    reading = read(armature)
    event(reading.code or ("plain" if reading.plain else "stepped"))
    assert reading.code in ("", "scene.no_animation")


CONSTRAINTS = [
    "COPY_LOCATION", "COPY_ROTATION", "COPY_SCALE", "COPY_TRANSFORMS", "LIMIT_DISTANCE", "CHILD_OF",
    "DAMPED_TRACK", "IK", "LOCKED_TRACK", "SPLINE_IK", "STRETCH_TO", "TRACK_TO", "TRANSFORM", "ARMATURE",
    "FLOOR", "PIVOT", "ACTION", "MAINTAIN_VOLUME", "LIMIT_ROTATION", "SHRINKWRAP", "CLAMP_TO",
    "FOLLOW_PATH", "TRANSFORM_CACHE",
]  # fmt: skip


@cases(40)
@given(
    drawn=st.lists(
        st.tuples(
            st.sampled_from(CONSTRAINTS),
            st.sampled_from(["left_hip", "left_knee", "pelvis", "right_elbow", "right_shoulder", "head", ""]),
            st.sampled_from(
                ["left_hip", "left_knee", "pelvis", "right_elbow", "right_shoulder", "nobody", ""]
            ),
            st.integers(0, 3),
            st.floats(-1, 2) | broken,
        ),
        max_size=6,
    )
)
def test_constraints_that_bite_their_own_tail(family, read, drawn):
    """Bones and objects that follow each other in circles: Blender breaks each circle somewhere."""
    armature, carrier, stage = family
    for owner in (*family, *armature.pose.bones):
        while owner.constraints:
            owner.constraints.remove(owner.constraints[0])
    for kind, owner, target, whom, influence in drawn:
        made = (armature.pose.bones[owner] if owner else carrier).constraints.new(kind)
        made.influence = influence
        if hasattr(made, "targets"):
            made = made.targets.new()
        if hasattr(made, "target"):
            made.target = (armature, carrier, stage, None)[whom]
            if hasattr(made, "subtarget"):
                made.subtarget = target
    reading = read(armature, settled=False)
    event(reading.code or ("plain" if reading.plain else "stepped"))
    assert reading.code in ("", "scene.no_animation", "motion.not_finite")


def test_bones_that_turn_in_a_circle_of_drivers(family, read):
    armature = family[0]
    for one, other in (("left_hip", "right_hip"), ("right_hip", "left_hip"), ("left_knee", "left_knee")):
        driver = armature.pose.bones[one].driver_add("location", 0).driver
        driver.type = "SUM"
        variable = driver.variables.new()
        variable.type = "TRANSFORMS"
        variable.targets[0].id, variable.targets[0].bone_target = armature, other
    assert read(armature, settled=False).code == ""


def changed(rows, how):
    """The body's bones, changed: rows of name, parent, head and tail."""
    rows = [(name, parent, np.array(head), np.array(tail)) for name, parent, head, tail in rows]
    if how == "swapped":
        other = {"left_knee": "right_elbow", "right_elbow": "left_knee"}
        return [
            (other.get(name, name), other.get(parent, parent), head, tail)
            for name, parent, head, tail in rows
        ]
    if how == "mirrored":
        return [(name, parent, head * (-1, 1, 1), tail * (-1, 1, 1)) for name, parent, head, tail in rows]
    if how == "in one point":
        return [(name, parent, head * 0, head * 0 + (0, 0, 1e-3)) for name, parent, head, tail in rows]
    if how == "tiny":
        return [(name, parent, head * 1e-4, tail * 1e-4) for name, parent, head, tail in rows]
    if how == "far away":
        return [(name, parent, head + FAR, tail + FAR) for name, parent, head, tail in rows]
    if how == "upside down":
        return [(name, parent, head * (1, 1, -1), tail * (1, 1, -1)) for name, parent, head, tail in rows]
    assert how == "without parents"
    return [(name, None, head, tail) for name, parent, head, tail in rows]


@pytest.mark.parametrize(
    "how", ["swapped", "mirrored", "in one point", "tiny", "far away", "upside down", "without parents"]
)
def test_bodies_that_are_put_together_wrongly(fresh_scene, addon, read, how):
    armature = build("dancer", changed(body(addon), how))
    swing(armature)
    assert read(armature).code in ("", "scene.no_animation")
    nameless = build("nameless", changed(body(addon, lambda joint: f"b{sum(map(ord, joint))}"), how))
    armatures = addon("blender_addon.armature")
    assert set(armatures.found_bones(nameless).bones) <= set(addon("core.motion.skeleton").JOINT_NAMES)


@pytest.mark.parametrize("gone", [["pelvis"], ["left_hip"], ["left_hip", "right_hip", "head"]])
def test_bodies_without_hips(fresh_scene, addon, read, gone):
    rows = [row for row in body(addon) if row[0] not in gone]
    armature = build(
        "dancer",
        [(name, None if parent in gone else parent, head, tail) for name, parent, head, tail in rows],
    )
    swing(armature)
    assert read(armature).code == ("rig.missing_joints" if "left_hip" in gone else "")


def test_bones_of_no_length(fresh_scene, addon, read):
    armature = build("dancer", [(name, parent, head, head) for name, parent, head, _ in body(addon)])
    if not len(armature.data.bones):  # Blender 4 takes them away on leaving Edit Mode
        assert read(armature).code == "rig.missing_joints"
        return
    swing(armature)
    assert read(armature).code == ""


def test_armatures_of_one_bone_and_of_none(fresh_scene, read):
    for rows in ([], [("Bone", None, (0, 0, 0), (0, 0, 1))]):
        armature = build("dancer", rows)
        armature.keyframe_insert("location", frame=1)
        assert read(armature).code == "rig.missing_joints"


@pytest.fixture
def long_haired(fresh_scene, addon):
    """A body of 24 bones and a strand of hair of 4,976."""
    rows = body(addon)
    for n in range(4976):
        head = np.array([0, 0.1 + 0.0001 * n, 1.6 + 0.0002 * n])
        rows.append(
            (f"strand{n}", f"strand{n - 1}" if n else "head", head, head + np.array([0, 0.0001, 0.0002]))
        )
    return build("dancer", rows)


def test_five_thousand_bones(long_haired, read):
    assert len(long_haired.data.bones) == 5000
    swing(long_haired, frames=(1, 4))
    assert read(long_haired).code == ""
