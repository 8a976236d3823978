"""Makes salsa.blend: a CMU salsa dance on an armature with SMPL's joints and names, and a mannequin.

    python assets/sample/make_sample.py 60_03_salsa.bvh assets/sample/salsa.blend

Runs in Blender's Python module (bpy 4.2, so that every later Blender opens the file). Every joint is
put where the BVH has it and follows the rotation of the BVH's own bone, so that the new armature
stands exactly where the recorded one stood; the largest difference is printed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.motion.rigs import joint_sources
from core.motion.skeleton import JOINT_NAMES, PARENTS

DRIVERS = {
    "pelvis": "hip",
    "spine1": "hip",
    "spine2": "abdomen",
    "spine3": "chest",
    "neck": "neck",
    "head": "head",
    **{
        f"{side}_{joint}": side[0] + bone
        for side in ("left", "right")
        for joint, bone in {
            "hip": "Thigh",
            "knee": "Shin",
            "ankle": "Foot",
            "foot": "Foot",
            "collar": "Collar",
            "shoulder": "Shldr",
            "elbow": "ForeArm",
            "wrist": "Hand",
            "hand": "Hand",
        }.items()
    },
}
"""Whose rotation each joint follows, in the file's spelling."""

HEIGHT = 1.68
"""Metres from the soles to the top of the head; the file's own unit is not the metre."""

FRAME_RATE = 30
FIRST_FRAME = 5
"""Before it the recording still comes out of the T-pose that the BVH begins with."""

KEY_STEP = 1e-4
"""Keys are rounded to this (metres, quaternion parts), far below what a recording resolves: it packs well."""

HEAD_LENGTH = 0.16
THICKNESS = {
    "pelvis": 0.13, "spine1": 0.125, "spine2": 0.13, "spine3": 0.11, "neck": 0.055, "head": 0.085,
    "hip": 0.085, "knee": 0.06, "ankle": 0.045, "foot": 0.04, "collar": 0.055, "shoulder": 0.05,
    "elbow": 0.042, "wrist": 0.034, "hand": 0.032,
}  # fmt: skip
"""Half widths of the mannequin's parts in metres."""


def main() -> None:
    """Import, retarget, dress, save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("bvh", type=Path)
    parser.add_argument("blend", type=Path)
    options = parser.parse_args()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    recorded = import_bvh(options.bvh)
    rest, rotations, joints = sample(recorded)
    bpy.data.batch_remove([recorded, recorded.data, *bpy.data.actions])
    dancer = build_armature(rest)
    animate(dancer, rest, rotations, joints[:, 0])
    add_mannequin(dancer, rest)
    add_stage(joints)
    worst = compare(dancer, joints)
    bpy.ops.wm.save_as_mainfile(filepath=str(options.blend.absolute()), compress=True)
    size = options.blend.stat().st_size
    sys.stdout.write(
        f"{options.blend}: {len(joints)} frames at {FRAME_RATE} fps, {size / 1024:.0f} KiB; "
        f"joints within {worst * 1000:.2f} mm of the recording\n"
    )


def import_bvh(path: Path) -> Any:
    """The recorded armature, Z up and facing -Y, one scene frame for every 1/60 s."""
    bpy.ops.import_anim.bvh(filepath=str(path), rotate_mode="QUATERNION", update_scene_duration=True)
    return bpy.context.object


def sample(recorded: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rest joints (24, 3), rotations from rest (T, 24, 3, 3), joints (T, 24, 3) in metres on the floor."""
    bones = list(recorded.data.bones)
    mapping = joint_sources(
        [bone.name for bone in bones], {b.name: b.parent.name if b.parent else None for b in bones}
    )
    heads = np.array([bone.head_local for bone in bones])
    tails = np.array([bone.tail_local for bone in bones])
    rest = mapping.joints(heads[None], tails[None])[0]
    rest_rotations = np.array(
        [recorded.data.bones[DRIVERS[name]].matrix_local.to_3x3() for name in JOINT_NAMES]
    )
    joints, rotations = [], []
    scene = bpy.context.scene
    for frame in range(FIRST_FRAME, scene.frame_end + 1, 60 // FRAME_RATE):
        scene.frame_set(frame)
        pose = recorded.pose.bones
        ends = (np.array([getattr(pose[b.name], end) for b in bones])[None] for end in ("head", "tail"))
        joints.append(mapping.joints(*ends)[0])
        posed = np.array([pose[DRIVERS[name]].matrix.to_3x3() for name in JOINT_NAMES])
        rotations.append(posed @ rest_rotations.transpose(0, 2, 1))
    scale = (HEIGHT - HEAD_LENGTH) / np.ptp(rest[:, 2])
    moved = np.array(joints) * scale
    floor = np.array([0, 0, moved[:, :, 2].min() - THICKNESS["foot"]])
    middle = (moved[:, 0].min(0) + moved[:, 0].max(0)) / 2 * (1, 1, 0)
    return rest * scale, np.array(rotations), moved - floor - middle


def build_armature(rest: np.ndarray) -> Any:
    """An armature with SMPL's joints as bones, in the recording's rest pose."""
    data = bpy.data.armatures.new("Dancer")
    dancer = bpy.data.objects.new("Dancer", data)
    bpy.context.scene.collection.objects.link(dancer)
    bpy.context.view_layer.objects.active = dancer
    dancer.select_set(True)
    bpy.ops.object.mode_set(mode="EDIT")
    for joint, name in enumerate(JOINT_NAMES):
        bone = data.edit_bones.new(name)
        bone.head, bone.tail = rest[joint], bone_tail(rest, joint)
        if PARENTS[joint] >= 0:
            bone.parent = data.edit_bones[JOINT_NAMES[PARENTS[joint]]]
    bpy.ops.object.mode_set(mode="OBJECT")
    return dancer


def bone_tail(rest: np.ndarray, joint: int) -> np.ndarray:
    """At the next joint along the body; end joints go on in their own direction."""
    name = JOINT_NAMES[joint]
    if name == "head":
        return rest[joint] + (0, 0, HEAD_LENGTH)
    following = {"pelvis": "spine1", "spine3": "neck"}.get(name)
    children = [child for child, parent in enumerate(PARENTS) if parent == joint]
    if following or len(children) == 1:
        return rest[JOINT_NAMES.index(following) if following else children[0]]
    along = rest[joint] - rest[PARENTS[joint]]
    return rest[joint] + along / np.linalg.norm(along) * 0.08


def animate(dancer: Any, rest: np.ndarray, rotations: np.ndarray, pelvis: np.ndarray) -> None:
    """Key every bone's rotation, and the pelvis's location, on every frame from 1 on."""
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = FRAME_RATE, 1.0
    scene.frame_start, scene.frame_end = 1, len(rotations)
    action = bpy.data.actions.new("Salsa")
    dancer.animation_data_create().action = action
    for joint, name in enumerate(JOINT_NAMES):
        bone = dancer.data.bones[name].matrix_local.to_3x3()
        parent = rotations[:, PARENTS[joint]] if PARENTS[joint] >= 0 else np.eye(3)[None]
        local = np.array(bone).T @ np.swapaxes(parent, 1, 2) @ rotations[:, joint] @ np.array(bone)
        key(action, name, "rotation_quaternion", steady_quaternions(local))
        if name == "pelvis":
            key(action, name, "location", (pelvis - rest[0]) @ np.array(bone))


def steady_quaternions(matrices: np.ndarray) -> np.ndarray:
    """(T, 4) quaternions of (T, 3, 3) rotations, without jumps between q and -q."""
    quaternions = np.array([Matrix(matrix).to_quaternion() for matrix in matrices])
    signs = np.sign((quaternions[1:] * quaternions[:-1]).sum(1))
    quaternions[1:] *= np.cumprod(signs)[:, None]
    return quaternions


def key(action: Any, bone: str, channel: str, values: np.ndarray) -> None:
    """Straight-line keys of one channel on frames 1, 2, … T."""
    for index, column in enumerate(np.round(values.T / KEY_STEP) * KEY_STEP):
        curve = action.fcurves.new(f'pose.bones["{bone}"].{channel}', index=index, action_group=bone)
        curve.keyframe_points.add(len(column))
        points = np.column_stack([np.arange(1, len(column) + 1), column]).ravel()
        for part in ("co", "handle_left", "handle_right"):
            curve.keyframe_points.foreach_set(part, points)
        linear = bpy.types.Keyframe.bl_rna.properties["interpolation"].enum_items["LINEAR"].value
        curve.keyframe_points.foreach_set("interpolation", np.full(len(column), linear))
        curve.update()


def add_mannequin(dancer: Any, rest: np.ndarray) -> None:
    """A rounded body part on every bone, in one mesh that the armature deforms."""
    vertices: list[Vector] = []
    faces: list[tuple[int, ...]] = []
    owners: list[tuple[str, range]] = []
    for joint, name in enumerate(JOINT_NAMES):
        first = len(vertices)
        part, sides = body_part(rest[joint], bone_tail(rest, joint), THICKNESS[name.rpartition("_")[2]])
        vertices += part
        faces += [tuple(first + corner for corner in side) for side in sides]
        owners.append((name, range(first, len(vertices))))
    mesh = bpy.data.meshes.new("Mannequin")
    mesh.from_pydata(vertices, [], faces)
    mesh.shade_smooth()
    body = bpy.data.objects.new("Mannequin", mesh)
    bpy.context.scene.collection.objects.link(body)
    for name, owned in owners:
        body.vertex_groups.new(name=name).add(list(owned), 1.0, "REPLACE")
    body.parent = dancer
    body.modifiers.new("Armature", "ARMATURE").object = dancer
    mesh.materials.append(plain_material("Mannequin", (0.80, 0.36, 0.22, 1)))


def body_part(
    head: np.ndarray, tail: np.ndarray, radius: float
) -> tuple[list[Vector], list[tuple[int, ...]]]:
    """An ellipsoid from head to tail, a little longer than both, in rings of 12."""
    along = Vector(tail - head)
    middle, turn = Vector((head + tail) / 2), along.to_track_quat("Z", "Y")
    half = along.length / 2 + radius * 0.6
    rings, segments = 8, 12
    vertices = [middle + turn @ Vector((0, 0, -half))]
    for ring in range(1, rings):
        polar = np.pi * ring / rings
        for segment in range(segments):
            angle = 2 * np.pi * segment / segments
            wide = radius * np.sin(polar) ** 0.6
            point = Vector((wide * np.cos(angle), wide * np.sin(angle), -half * np.cos(polar)))
            vertices.append(middle + turn @ point)
    vertices.append(middle + turn @ Vector((0, 0, half)))
    last = len(vertices) - 1
    faces: list[tuple[int, ...]] = []
    for segment in range(segments):
        this, after = 1 + segment, 1 + (segment + 1) % segments
        faces.append((0, after, this))
        for ring in range(rings - 2):
            low, high = ring * segments, (ring + 1) * segments
            faces.append((this + low, after + low, after + high, this + high))
        top = (rings - 2) * segments
        faces.append((this + top, after + top, last))
    return vertices, faces


def add_stage(joints: np.ndarray) -> None:
    """Floor, camera and light around the dance."""
    collection = bpy.context.scene.collection
    floor = bpy.data.meshes.new("Floor")
    floor.from_pydata([(-6, -6, 0), (6, -6, 0), (6, 6, 0), (-6, 6, 0)], [], [(0, 1, 2, 3)])
    floor.materials.append(plain_material("Floor", (0.12, 0.14, 0.18, 1)))
    collection.objects.link(bpy.data.objects.new("Floor", floor))
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy = 3.0
    sun.rotation_euler = (0.7, 0.2, 0.5)
    collection.objects.link(sun)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    reach = float(np.ptp(joints[:, 0, :2], axis=0).max())
    camera.location = (0, -(3.8 + reach), 1.3)
    camera.rotation_euler = (1.5, 0, 0)
    collection.objects.link(camera)
    bpy.context.scene.camera = camera
    world = bpy.data.worlds.new("World")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.35, 0.38, 0.45, 1)
    bpy.context.scene.world = world


def plain_material(name: str, colour: tuple[float, float, float, float]) -> Any:
    """A material of one colour, for every way of shading the viewport."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = colour
    material.diffuse_color = colour
    return material


def compare(dancer: Any, joints: np.ndarray) -> float:
    """Largest distance in metres between the new armature's joints and the recorded ones."""
    worst = 0.0
    for frame, expected in enumerate(joints, start=1):
        bpy.context.scene.frame_set(frame)
        heads = np.array([dancer.pose.bones[name].head for name in JOINT_NAMES])
        worst = max(worst, float(np.linalg.norm(heads - expected, axis=1).max()))
    bpy.context.scene.frame_set(1)
    return worst


if __name__ == "__main__":
    main()
