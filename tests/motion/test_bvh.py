"""BVH files, well-formed and not."""

import re
import time

import numpy as np
import pytest
from kinetone.core.errors import FileFormatError, MotionError, RigError
from kinetone.core.motion import bvh_parser
from kinetone.core.motion.bvh import read_bvh
from kinetone.core.motion.canonical import canonical
from kinetone.core.motion.skeleton import JOINT_INDEX, PARENTS
from kinetone.core.motion.units import true_frame_rate
from motion_samples import BVH_BONES, bvh_text
from recorded_dances import CMU_DANCES, needs_dances


@pytest.fixture
def read(tmp_path):
    """Reads the text of a BVH file."""

    def read(text):
        path = tmp_path / "dance.bvh"
        path.write_text(text)
        return read_bvh(path)

    return read


def at(motion, joint, frame=0):
    return motion.joints[frame, JOINT_INDEX[joint]].round(6).tolist()


def test_forward_kinematics_as_by_hand(read):
    # Y up in centimetres becomes Z up in metres: (x, y, z) is put at (x, -z, y).
    bent = {"Hips": [10, 95, 20, 0, 0, 0], "LeftForeArm": [90, 0, 0], "RightUpLeg": [0, -90, 0]}
    turned = {"Hips": [0, 95, 0, 0, 0, 90]}
    motion = read(bvh_text([{}, bent, turned]))
    assert motion.frame_rate == 60
    assert motion.joints.dtype == np.float64
    assert at(motion, "pelvis") == [0, 0, 0.95]
    assert at(motion, "left_elbow") == [0.46, 0, 1.41]
    assert at(motion, "left_wrist") == [0.71, 0, 1.41]
    assert at(motion, "left_foot") == [0.09, -0.13, 0.02]
    # The left forearm turned by 90 degrees about Z points up; the right leg, about X by -90, forward.
    assert at(motion, "left_wrist", 1) == [0.56, -0.2, 1.66]
    assert at(motion, "right_knee", 1) == [0.01, -0.62, 0.91]
    # The root turned about Y by 90 degrees: left, which was +X, is at -Z of the file.
    assert at(motion, "left_elbow", 2) == [0, 0.46, 1.41]


def test_rotations_apply_in_the_order_of_the_channels(read):
    zyx = read(bvh_text([{"LeftArm": [90, 90, 0]}], channels="Zrotation Yrotation Xrotation"))
    yzx = read(bvh_text([{"LeftArm": [90, 90, 0]}], channels="Yrotation Zrotation Xrotation"))
    # Rz Ry on the forearm's +X: Ry sends it to -Z, which Rz leaves. Ry Rz: Rz sends it to +Y.
    assert at(zyx, "left_elbow") == [0.18, 0.28, 1.41]
    assert at(yzx, "left_elbow") == [0.18, 0, 1.69]


@pytest.mark.parametrize("unit", [1.0, 0.01, 0.001, 0.0254, 0.0254 / 0.45])
def test_common_units_are_recognised(read, unit):
    bones = {name: (parent, tuple(v * 0.01 / unit for v in xyz)) for name, (parent, xyz) in BVH_BONES.items()}
    motion = read(bvh_text([{"Hips": [0, 0.95 / unit, 0, 0, 0, 0]}], bones=bones))
    assert at(motion, "left_wrist") == [0.71, 0, 1.41]


def test_an_unknown_unit_gives_the_reference_height(read):
    bones = {name: (parent, tuple(v * 3.7 for v in xyz)) for name, (parent, xyz) in BVH_BONES.items()}
    joints = read(bvh_text([{}], bones=bones)).joints
    assert np.allclose(canonical(joints), joints - joints[0, 0])


def test_files_with_z_up_as_blender_writes_them(read):
    bones = {name: (parent, (x, -z, y)) for name, (parent, (x, y, z)) in BVH_BONES.items()}
    motion = read(bvh_text([{"Hips": [0, 0, 95, 0, 0, 0]}], bones=bones))
    assert at(motion, "left_wrist") == [0.71, 0, 1.41]
    assert at(motion, "left_foot") == [0.09, -0.13, 0.02]


def test_layouts_of_other_writers(read):
    plain = bvh_text([{}, {"LeftArm": [30, 20, 10]}])
    head, _, numbers = plain.partition("MOTION")
    expected = read(plain).joints
    assert np.array_equal(read(plain.replace("\n", "\r\n")).joints, expected)
    assert np.array_equal(read(plain.replace("\n{", " {")).joints, expected)
    assert np.array_equal(read(head + "MOTION" + numbers.replace(" 0 0 0", "\n0\t0 0")).joints, expected)
    assert np.array_equal(read(plain.replace("rotation", "ROTATION") + "\n\n").joints, expected)


def test_position_channels_stand_for_the_offset(read):
    plain = bvh_text([{}])
    moved = plain.replace(
        "OFFSET 9 -4 0\n  CHANNELS 3 ", "OFFSET 9 -4 0\n  CHANNELS 6 Xposition Yposition Zposition "
    )
    numbers = plain.splitlines()[-1].split()
    column = 6 + 3 * re.findall(r"JOINT (\w+)", plain).index("LeftUpLeg")
    numbers[column:column] = ["11", "-5", "1"]
    motion = read("\n".join([*moved.splitlines()[:-1], " ".join(numbers)]))
    assert at(motion, "left_hip") == [0.11, -0.01, 0.90]


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("0.016667", 60), ("0.016666", 60), ("0.0166667", 60), ("0.008333", 120), ("0.0333", 30),
        ("0.033333", 30), ("0.0333667", 30_000 / 1001), ("0.016683", 60_000 / 1001),
        ("0.041708", 24_000 / 1001), ("0.0416667", 24), ("0.04", 25), ("0.02", 50), ("0.1", 10),
        ("0.025974", 38.5), ("0.5", 2),
    ],
)  # fmt: skip
def test_frame_rates_are_what_rounded_frame_times_mean(written, rate):
    assert true_frame_rate(float(written), len(written) - 2) == pytest.approx(rate, rel=2e-5)
    if rate not in (38.5,):
        assert true_frame_rate(float(written), len(written) - 2) == rate


GOOD = bvh_text([{}, {}])
BROKEN = {
    "no MOTION": (GOOD.replace("MOTION", ""), "MOTION"),
    "another format": ("\x00\x01binary", "MOTION"),
    "empty": ("", "MOTION"),
    "motion only": ("MOTION\nFrames: 1\nFrame Time: 0.1\n0 0 0\n", "channels"),
    "brace missing": (GOOD.replace("}\n", "", 1), "brace"),
    "brace too many": (GOOD.replace("MOTION", "}\nMOTION"), "brace"),
    "no opening brace": (GOOD.replace("{\n", "", 1), "line 3"),
    "offset of words": (GOOD.replace("OFFSET 0 12 0", "OFFSET a b c", 1), "line 8: OFFSET"),
    "offset too short": (GOOD.replace("OFFSET 0 12 0", "OFFSET 0 12", 1), "line 8: OFFSET"),
    "no offset": (GOOD.replace("  OFFSET 0 12 0\n", "", 1), "OFFSET for Spine"),
    "unknown channel": (GOOD.replace("Zrotation", "Wrotation", 1), "line 5.*Wrotation"),
    "channel count": (GOOD.replace("CHANNELS 6", "CHANNELS 9"), "line 5: CHANNELS"),
    "channel count of words": (GOOD.replace("CHANNELS 6", "CHANNELS six"), "line 5: CHANNELS"),
    "unknown word": (GOOD.replace("HIERARCHY", "HIERARCHY\nHELLO"), "line 2.*HELLO"),
    "second root": (GOOD.replace("MOTION", "ROOT Other\n{\nOFFSET 0 0 0\n}\nMOTION"), "second ROOT"),
    "joint without a root": ("JOINT Hips\n{\n}\nMOTION\n", "outside"),
    "no frames": (GOOD.replace("Frames: 2", "Frames: 0"), "0 frames"),
    "frames of a dozen digits": (GOOD.replace("Frames: 2", "Frames: 999999999999"), "Frames"),
    "frames in words": (GOOD.replace("Frames: 2", "Frames: two"), "Frames"),
    "negative frame time": (GOOD.replace("0.016667", "-1"), "Frame Time"),
    "frame time nan": (GOOD.replace("0.016667", "nan"), "Frame Time"),
    "a row missing": (GOOD.replace("Frames: 2", "Frames: 3"), "numbers"),
    "a row too many": (GOOD.replace("Frames: 2", "Frames: 1"), "numbers"),
    "cut off": (GOOD[:-20], "numbers"),
    "a word in the numbers": (GOOD[:-6] + "x 0 0\n", f"line {GOOD.count(chr(10))}: 'x'"),
    "a number that is none": (GOOD[:-6] + "nan 0\n", f"line {GOOD.count(chr(10))}: 'nan'"),
    "a decimal comma": (GOOD.replace("95", "95,5"), "'95,5'"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_files_are_refused_with_the_place(read, what):
    text, message = BROKEN[what]
    with pytest.raises(FileFormatError, match=message) as error:
        read(text)
    assert error.value.code == "motion.file_format"
    assert error.value.message.startswith("dance.bvh")
    assert error.value.hint


def test_more_frames_than_any_dance_has_are_refused_before_they_are_read(read):
    with pytest.raises(MotionError, match="999999999 frames") as error:
        read(GOOD.replace("Frames: 2", "Frames: 999999999"))
    assert error.value.code == "motion.too_long"


def test_limits(read, monkeypatch):
    monkeypatch.setattr(bvh_parser, "MAX_BONES", 10)
    with pytest.raises(FileFormatError, match="more than 10 joints"):
        read(GOOD)
    deep = "HIERARCHY\nROOT a\n" + "{\nOFFSET 0 0 0\nJOINT b\n" * 200_000
    began = time.perf_counter()
    with pytest.raises(FileFormatError, match="more than 10 joints"):
        read(deep + "\nMOTION\n")
    assert time.perf_counter() - began < 5


def test_bones_of_unknown_names_are_found_by_their_shape(read):
    strange = re.sub(r"(ROOT|JOINT) (\w+)", lambda found: f"{found[1]} {found[2][::-1]}", GOOD)
    assert "LeftUpLeg" not in strange
    left_out = JOINT_INDEX["spine2"]  # which of two spine bones is which cannot be told from a few
    ours, theirs = (np.delete(read(text).joints, left_out, axis=1) for text in (strange, GOOD))
    assert np.abs(ours - theirs).max() < 0.05


def test_what_is_no_body_is_refused(read):
    snake = re.sub(r"(ROOT|JOINT) (\w+)", lambda found: f"{found[1]} {found[2][::-1]}", GOOD)
    snake = re.sub(r"OFFSET.*", "OFFSET 0 0 10", snake)
    with pytest.raises(RigError, match="left_hip, right_hip") as error:
        read(snake)
    assert error.value.code == "rig.missing_joints"


@needs_dances
@pytest.mark.parametrize("name", ["60_03_salsa", "131_02_pop"])
def test_recorded_dances_are_read_by_their_shape_when_the_names_say_nothing(read, name):
    text = (CMU_DANCES / f"{name}.bvh").read_text()
    strange = re.sub(r"(ROOT|JOINT) (\w+)", lambda found: f"{found[1]} bone{found.start()}", text)
    ours, theirs = read(strange).joints, read_bvh(CMU_DANCES / f"{name}.bvh").joints
    off = np.abs(ours - theirs).max(axis=(0, 2))
    limbs = [JOINT_INDEX[f"{side}_{part}"] for side in ("left", "right") for part in ("hip", "knee", "ankle")]
    limbs += [
        JOINT_INDEX[f"{side}_{part}"] for side in ("left", "right") for part in ("shoulder", "elbow", "wrist")
    ]
    assert off[limbs].max() < 0.04  # a hip bone may begin a little above its joint
    assert off.max() < 0.2  # of several spine bones one cannot tell which is which


@needs_dances
@pytest.mark.parametrize("name", ["60_03_salsa", "61_09_salsa", "131_02_pop"])
def test_recorded_dances_are_bodies_on_a_floor(name):
    motion = read_bvh(CMU_DANCES / f"{name}.bvh")
    joints = motion.joints
    assert motion.frame_rate == 60
    feet = joints[:, [JOINT_INDEX["left_foot"], JOINT_INDEX["right_foot"]], 2]
    assert -0.1 < np.quantile(feet.min(axis=1), 0.1) < 0.1
    assert 1.2 < np.median(joints[:, JOINT_INDEX["head"], 2]) < 1.7
    hips = joints[:, JOINT_INDEX["left_hip"]] - joints[:, JOINT_INDEX["right_hip"]]
    shoulders = joints[:, JOINT_INDEX["left_shoulder"]] - joints[:, JOINT_INDEX["right_shoulder"]]
    assert np.mean(np.sum(hips * shoulders, axis=1) > 0) > 0.97
    limbs = [
        JOINT_INDEX[f"{side}_{part}"]
        for side in ("left", "right")
        for part in ("knee", "ankle", "elbow", "wrist")
    ]
    lengths = np.linalg.norm(joints[:, limbs] - joints[:, [PARENTS[limb] for limb in limbs]], axis=-1)
    assert np.ptp(lengths, axis=0).max() < 1e-4
    assert lengths.min() > 0.15
    assert lengths.max() < 0.5


@needs_dances
def test_long_files_are_read_quickly():
    began = time.perf_counter()
    motion = read_bvh(CMU_DANCES / "60_09_salsa.bvh")
    assert (time.perf_counter() - began) / motion.duration_s < 0.1
