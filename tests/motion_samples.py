"""Small bodies, dances and files that the motion tests share."""

import numpy as np
from kinetone.core.motion.skeleton import JOINT_INDEX, REST_JOINTS


def still_body(frames):
    """A body in a T-pose, (frames, 24, 3)."""
    return np.repeat(REST_JOINTS[None], frames, axis=0)


def waving_body(heights):
    """A body whose left hand is lifted to the heights (metres, one a frame), the arm with it."""
    joints = still_body(len(heights))
    for name, share in (("left_elbow", 0.5), ("left_wrist", 0.9), ("left_hand", 1.0)):
        joints[:, JOINT_INDEX[name], 2] += share * np.asarray(heights)
    return joints


def dancing_body(frames, seed=0):
    """A body whose joints all swing, each in its own rhythm, while it travels and turns."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(frames)[:, None, None] / 60
    rate, phase = rng.uniform(0.5, 3, (24, 3)), rng.uniform(0, 2 * np.pi, (24, 3))
    joints = REST_JOINTS + 0.08 * np.sin(2 * np.pi * rate * time_s + phase)
    joints = turned(joints, 0.3 * time_s[:, 0, 0])
    return joints + 0.2 * time_s * [1.0, 0.5, 0.0]


def turned(joints, angle):
    """Turned about Z by radians, one angle or one a frame."""
    cosine, sine = np.cos(angle), np.sin(angle)
    x, y, z = np.moveaxis(joints, -1, 0)
    cosine, sine = (np.asarray(value)[..., None] for value in (cosine, sine))
    return np.stack([cosine * x - sine * y, sine * x + cosine * y, z], axis=-1)


BVH_BONES = {
    "Hips": (None, (0, 0, 0)),
    "Spine": ("Hips", (0, 12, 0)),
    "Spine1": ("Spine", (0, 12, 0)),
    "Spine2": ("Spine1", (0, 12, 0)),
    "Neck": ("Spine2", (0, 15, 0)),
    "Head": ("Neck", (0, 8, 0)),
    **{
        f"{side}{name}": (parent and parent.replace("~", side), (sign * x, y, z))
        for side, sign in (("Left", 1), ("Right", -1))
        for name, parent, (x, y, z) in (
            ("Shoulder", "Spine2", (5, 10, 0)),
            ("Arm", "~Shoulder", (13, 0, 0)),
            ("ForeArm", "~Arm", (28, 0, 0)),
            ("Hand", "~ForeArm", (25, 0, 0)),
            ("UpLeg", "Hips", (9, -4, 0)),
            ("Leg", "~UpLeg", (0, -42, 0)),
            ("Foot", "~Leg", (0, -41, 0)),
            ("ToeBase", "~Foot", (0, -6, 13)),
        )
    },
}
"""Bones of a Mixamo rig in centimetres, Y up, facing +Z: parent and offset."""


def bvh_text(frames, *, bones=BVH_BONES, channels="Zrotation Xrotation Yrotation", frame_time="0.016667"):
    """A BVH file. Each frame is {bone: [root: 3 positions, then] 3 rotations in the channels' order}."""
    order = []

    def hierarchy(name):
        order.append(name)
        parent, offset = bones[name]
        kind, position = ("JOINT", "") if parent else ("ROOT", "Xposition Yposition Zposition ")
        n_channels = 3 if parent else 6
        children = [child for child, (its_parent, _) in bones.items() if its_parent == name]
        return [
            f"{kind} {name}",
            "{",
            f"  OFFSET {offset[0]} {offset[1]} {offset[2]}",
            f"  CHANNELS {n_channels} {position}{channels}",
            *(line for child in children for line in hierarchy(child)),
            *([] if children else ["  End Site", "  {", "    OFFSET 0 0 5", "  }"]),
            "}",
        ]

    lines = ["HIERARCHY", *hierarchy(next(iter(bones))), "MOTION"]
    lines += [f"Frames: {len(frames)}", f"Frame Time: {frame_time}"]
    for frame in frames:
        numbers = []
        for name in order:
            numbers += frame.get(name, [0, 0, 0] if bones[name][0] else [0, 95, 0, 0, 0, 0])
        lines.append(" ".join(str(number) for number in numbers))
    return "\n".join(lines) + "\n"
