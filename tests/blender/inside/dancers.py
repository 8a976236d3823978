"""Small dances to put into a scene."""

import math
from pathlib import Path

FRAME_RATE = 60

# name, parent, offset in BVH's units and axes (Y up), swing of its rotation in degrees, beats a second
SKELETON = [
    ("Hips", None, (0, 95, 0), 8, 1.0),
    ("LowerBack", "Hips", (0, 8, 0), 4, 1.0),
    ("Spine", "LowerBack", (0, 12, 0), 5, 1.0),
    ("Spine1", "Spine", (0, 12, 0), 5, 2.0),
    ("Neck", "Spine1", (0, 15, 0), 3, 2.0),
    ("Head", "Neck", (0, 8, 0), 3, 2.0),
    ("LeftShoulder", "Spine1", (3, 12, 0), 4, 1.0),
    ("LeftArm", "LeftShoulder", (14, 0, 0), 40, 2.0),
    ("LeftForeArm", "LeftArm", (27, 0, 0), 30, 2.0),
    ("LeftHand", "LeftForeArm", (25, 0, 0), 10, 2.0),
    ("RightShoulder", "Spine1", (-3, 12, 0), 4, 1.0),
    ("RightArm", "RightShoulder", (-14, 0, 0), 40, 2.0),
    ("RightForeArm", "RightArm", (-27, 0, 0), 30, 2.0),
    ("RightHand", "RightForeArm", (-25, 0, 0), 10, 2.0),
    ("LeftUpLeg", "Hips", (9, -4, 0), 20, 1.0),
    ("LeftLeg", "LeftUpLeg", (0, -42, 0), 25, 1.0),
    ("LeftFoot", "LeftLeg", (0, -42, 0), 10, 1.0),
    ("LeftToeBase", "LeftFoot", (0, -5, 12), 0, 1.0),
    ("RightUpLeg", "Hips", (-9, -4, 0), 20, 1.0),
    ("RightLeg", "RightUpLeg", (0, -42, 0), 25, 1.0),
    ("RightFoot", "RightLeg", (0, -42, 0), 10, 1.0),
    ("RightToeBase", "RightFoot", (0, -5, 12), 0, 1.0),
]


def write_bvh(path: Path, seconds: float = 2.0, left_out: tuple[str, ...] = ()) -> Path:
    """A BVH file of a dance, in centimetres, in the spelling of most CMU conversions."""
    joints = [joint for joint in SKELETON if joint[0] not in left_out]
    frames = round(seconds * FRAME_RATE)
    lines = [
        "HIERARCHY",
        *_joint("Hips", joints, 0),
        "MOTION",
        f"Frames: {frames}",
        f"Frame Time: {1 / FRAME_RATE}",
    ]
    order = _order("Hips", joints)
    swings = {name: (swing, beats) for name, _, _, swing, beats in joints}
    for n in range(frames):
        row = ["0", f"{95 + 3 * math.sin(2 * math.pi * n / FRAME_RATE)}", f"{20 * n / frames}"]
        for name in order:
            swing, beats = swings[name]
            angle = swing * math.sin(math.pi * beats * n / FRAME_RATE)
            row += [f"{angle:.5f}", f"{angle / 3:.5f}", "0"]
        lines.append(" ".join(row))
    path.write_text("\n".join(lines) + "\n")
    return path


def _joint(name, joints, depth):
    offset, parent = next((joint[2], joint[1]) for joint in joints if joint[0] == name)
    pad = "\t" * depth
    position = "" if parent else "Xposition Yposition Zposition "
    children = [joint[0] for joint in joints if joint[1] == name]
    inner = [f"{pad}\tOFFSET {' '.join(str(float(v)) for v in (offset if parent else (0, 0, 0)))}"]
    inner.append(f"{pad}\tCHANNELS {3 if parent else 6} {position}Zrotation Yrotation Xrotation")
    for child in children:
        inner += _joint(child, joints, depth + 1)
    if not children:
        inner += [f"{pad}\tEnd Site", f"{pad}\t{{", f"{pad}\t\tOFFSET 0.0 5.0 0.0", f"{pad}\t}}"]
    return [f"{pad}{'JOINT' if parent else 'ROOT'} {name}", f"{pad}{{", *inner, f"{pad}}}"]


def _order(name, joints):
    return [name, *(n for joint in joints if joint[1] == name for n in _order(joint[0], joints))]
