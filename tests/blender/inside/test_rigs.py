"""Rigs of all families, built in Blender: one dance gives the same joints whatever the bones are called."""

import math

import bpy
import mathutils
import numpy as np
import pytest
from conftest import music_files
from rig_samples import FAMILIES, FAMILY_NAMES, sample_rig

N_FRAMES = 12


def build(rig, name):
    """An armature with the rig's bones, animated by what each joint's bone is, not by its name."""
    data = bpy.data.armatures.new(name)
    armature = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    for bone, parent in rig.parents.items():
        made = data.edit_bones.new(bone)
        made.head, made.tail = rig.heads[bone], rig.tails[bone]
        made.parent = data.edit_bones[parent] if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    return armature


def dance(armature, rig):
    """Swing every limb about the world's axes: what the bones' own axes are makes no difference."""
    swings = {
        "left_shoulder": 40, "right_shoulder": -30, "left_elbow": 25, "right_elbow": 35,
        "left_hip": 20, "right_hip": -25, "left_knee": 30, "right_knee": 15,
    }  # fmt: skip
    for joint, degrees in swings.items():
        bone = armature.pose.bones[rig.joints[joint]]
        bone.rotation_mode = "QUATERNION"
        axes = bone.bone.matrix_local.to_3x3()
        for frame in (1, N_FRAMES):
            angle = math.radians(degrees) * (frame - 1) / (N_FRAMES - 1)
            turn = mathutils.Matrix.Rotation(angle, 3, (0.3, 1.0, 0.2))
            bone.rotation_quaternion = (axes.inverted() @ turn @ axes).to_quaternion()
            bone.keyframe_insert("rotation_quaternion", frame=frame)


@pytest.fixture
def read(addon):
    def read(armature):
        scene = bpy.context.scene
        span = addon("blender_addon.dance_range").dance_range(scene, armature, "ACTION")
        mapping = addon("blender_addon.armature").joint_mapping(armature)
        reader = addon("blender_addon.reader").DanceReader(span, {armature.name: mapping})
        assert reader.read_slice(scene, {armature.name: bpy.context.view_layer}, float("inf"))
        return reader.joints()[0], mapping

    return read


@pytest.fixture
def rest_joints(addon):
    return addon("core.motion.skeleton").REST_JOINTS


@pytest.fixture
def reference(read, rest_joints):
    """The dance on an SMPL rig."""
    rig = sample_rig("SMPL", rest_joints)
    armature = build(rig, "reference")
    dance(armature, rig)
    return read(armature)[0]


def scrambled(rig, order):
    """The same rig with names that say nothing."""
    code = {name: f"Bone.{number:03}" for name, number in zip(rig.parents, order, strict=True)}
    rig.parents = {code[name]: parent and code[parent] for name, parent in rig.parents.items()}
    rig.heads = {code[name]: head for name, head in rig.heads.items()}
    rig.tails = {code[name]: tail for name, tail in rig.tails.items()}
    rig.joints = {joint: code[name] for joint, name in rig.joints.items()}
    return rig


@pytest.mark.parametrize("named", [True, False], ids=["named", "scrambled"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_dance_gives_the_same_joints(family, named, read, reference, rest_joints, addon):
    rig = sample_rig(family, rest_joints, prefix="" if named else "x")
    if not named:
        rig = scrambled(rig, np.random.default_rng(1).permutation(len(rig.parents)))
    armature = build(rig, "dancer")
    dance(armature, rig)
    joints, mapping = read(armature)
    assert mapping.named == rig.joints
    assert mapping.family == (FAMILY_NAMES[family] if named else "")
    index = addon("core.motion.skeleton").JOINT_INDEX
    given = [index[joint] for joint in rig.joints]
    origin = index["left_hip"]  # MMD has no pelvis of its own, from which positions are counted otherwise
    off = np.abs((joints - joints[0, origin]) - (reference - reference[0, origin]))
    assert off[:, given].max() < 1e-5
    assert off.max() < 0.12  # what is derived lies near


def music(armature, folder):
    """The music that Generate Music makes for the armature."""
    bpy.context.view_layer.objects.active = armature
    bpy.context.scene.kinetone.folder = str(folder)
    assert bpy.ops.kinetone.generate() == {"FINISHED"}
    (path,) = music_files(folder)
    return path.read_bytes()


def test_the_same_dance_gets_the_same_music_whatever_the_bones_are_called(read, rest_joints, tmp_path):
    """Compared are the joints, too: to the small model of the tests, many dances sound alike."""
    heard, seen = [], []
    for family in ("SMPL", "Mixamo", "Rigify", "VRM and Unity", "Unreal Engine", "Auto-Rig Pro"):
        for named in (True, False):
            rig = sample_rig(family, rest_joints, prefix="hero_")
            rig = rig if named else scrambled(rig, np.random.default_rng(2).permutation(len(rig.parents)))
            name = f"{family} {named}"
            armature = build(rig, name)
            dance(armature, rig)
            joints, mapping = read(armature)
            assert mapping.derived == ()
            seen.append(joints)
            heard.append(music(armature, tmp_path / name))
    assert all(np.array_equal(joints, seen[0]) for joints in seen)
    assert len(set(heard)) == 1


@pytest.mark.parametrize("family", [name for name in FAMILIES if name.startswith(("CMU", "MMD", "VRChat"))])
def test_rigs_that_lack_joints_get_music(family, rest_joints, tmp_path):
    rig = sample_rig(family, rest_joints)
    armature = build(rig, "dancer")
    dance(armature, rig)
    assert len(music(armature, tmp_path / "music")) > 44


def test_a_rig_without_a_body_names_what_it_lacks(addon, read):
    data = bpy.data.armatures.new("snake")
    armature = bpy.data.objects.new("snake", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    for n in range(6):
        bone = data.edit_bones.new(f"s{n}")
        bone.head, bone.tail = (0, n, 0), (0, n + 1, 0)
        bone.parent = data.edit_bones[f"s{n - 1}"] if n else None
    bpy.ops.object.mode_set(mode="OBJECT")
    found = addon("blender_addon.armature").found_bones(armature)
    assert "left_hip" in found.missing
    assert not found.bones
    with pytest.raises(RuntimeError, match="no bone for: left_hip"):
        bpy.ops.kinetone.generate()
