"""Files that are small and claim to be large, or take for ever: each ends soon, in little memory."""

import io
import pickle
import struct
import zipfile

import numpy as np
import pytest
import scipy.sparse
from bounded import read_alone
from kinetone.core.errors import MotionError
from kinetone.core.motion.motion import Motion
from kinetone.core.motion.read import joints_at_60hz
from motion_samples import bvh_text, dancing_body

MOTION = "kinetone.core.motion.read:read_motion"


def npy(shape, kind="<f8", content=b""):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + content


def archive(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method, compresslevel=1) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return file.getvalue()


FPS = npy("()", content=struct.pack("<d", 60))
FRAMES = 2_000_000


def lying(content, size):
    """An archive whose directory says that its first member unpacks to another size."""
    at = content.index(b"PK\1\2") + 24
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


def many_entries(count):
    entry = (
        struct.pack("<4s4B4H3L5H2L", b"PK\1\2", *[20, 0, 20, 0], *[0] * 4, *[0] * 3, 1, *[0] * 4, 0, 0) + b"a"
    )
    return entry * count + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9999, 9999, len(entry) * count, 0, 0)


ARCHIVES = {
    "zeros": (
        lambda: archive({"fps.npy": FPS, "joints.npy": npy((FRAMES, 24, 3), "|i1", bytes(72 * FRAMES))}),
        "motion.too_long",
        200,  # what it may unpack to, and does
    ),
    "poses without end": (
        lambda: archive({"fps.npy": FPS, "trans.npy": npy((1, 3), "<f8", bytes(24)),
                         "poses.npy": npy((1, 1 << 27), "|i1", bytes(1 << 27))}),
        "taken",
        400,
    ),
    "a shape of terabytes": (
        lambda: archive({"fps.npy": FPS, "joints.npy": npy((10**12, 24, 3))}), "motion.file_format", 30
    ),
    "a shape beyond all numbers": (
        lambda: archive({"fps.npy": FPS, "joints.npy": npy((10**400, 24, 3))}), "motion.file_format", 30
    ),
    "objects": (
        lambda: archive({"fps.npy": FPS, "joints.npy": npy((1, 24, 3), "|O", pickle.dumps(1))}),
        "motion.file_format",
        30,
    ),
    "a header of a megabyte": (
        lambda: archive({"joints.npy": b"\x93NUMPY\2\0" + struct.pack("<L", 1 << 20) + b"(" * (1 << 20)}),
        "motion.file_format",
        30,
    ),
    "a size that is a lie": (
        lambda: lying(archive({"joints.npy": npy((FRAMES, 24, 3), "|i1", bytes(72 * FRAMES))}), 300),
        "motion.file_format",
        30,
    ),
    "sizes of gigabytes": (
        lambda: lying(archive({"joints.npy": npy((1, 24, 3), "|i1", bytes(72))}), (1 << 32) - 2),
        "motion.file_format",
        30,
    ),
    "a hundred thousand entries": (lambda: many_entries(100_000), "motion.file_format", 30),
    "a dictionary of gigabytes": (
        lambda: archive({"fps.npy": FPS, "joints.npy": npy((1, 24, 3))}, zipfile.ZIP_LZMA),
        "motion.file_format",
        30,
    ),
    "fps that is no array": (lambda: archive({"fps": b"60", "joints": b""}), "motion.file_format", 30),
}  # fmt: skip


@pytest.mark.parametrize("what", ARCHIVES)
def test_archives(tmp_path, what):
    content, code, most_mb = ARCHIVES[what]
    (tmp_path / "a.npz").write_bytes(content())
    end = read_alone(MOTION, tmp_path / "a.npz")
    assert (end.code, end.growth_mb < most_mb) == (code, True), end


GOOD = bvh_text([{}, {}])
HEAD, _, NUMBERS = GOOD.partition("MOTION")
ONE_FRAME = "\nMOTION\nFrames: 1\nFrame Time: 1\n0\n"
HEAVY = "HIERARCHY\nROOT r\n{\nOFFSET 0 0 0\nCHANNELS 1 Xposition\n"


def limbs(bones):
    """A body of unknown names whose limbs are chains of so many bones."""
    chain = "JOINT {0}{1}\n{{\nOFFSET {2:g} {3:g} 0\n"
    lines = [HEAVY]
    for name, across, down in (("a", 10, -95), ("b", -10, -95), ("c", 70, 40), ("d", -70, 40)):
        for number in range(bones):
            first = number == 0
            x = across if first else across / bones * (abs(across) > 20)
            lines.append(chain.format(name, number, x, down if first and down > 0 else min(down, 0) / bones))
        lines.append("}\n" * bones)
    return "".join(lines) + "}\nMOTION\nFrames: 1\nFrame Time: 0.1\n0\n"


TEXTS = {
    "a million empty lines": (lambda: "\n" * (1 << 20), "motion.file_format"),
    "empty lines before the motion": (lambda: HEAD + "\n" * (1 << 20) + "MOTION" + NUMBERS, "taken"),
    "a million words on a line": (lambda: "HIERARCHY " * (1 << 19) + GOOD, "taken"),
    "a million offsets on a line": (
        lambda: HEAVY + "OFFSET 0 0 0 " * (1 << 18) + "}\nMOTION\nFrames: 1\nFrame Time: 1\n0\n",
        "rig.missing_joints",
    ),
    "a billion frames": (lambda: GOOD.replace("Frames: 2", "Frames: 999999999"), "motion.too_long"),
    "a hundred thousand joints in each other": (
        lambda: "HIERARCHY\nROOT a\n" + "{\nOFFSET 0 0 0\nJOINT b\n" * 100_000 + "\nMOTION\n",
        "motion.file_format",
    ),
    "two thousand joints in each other": (
        lambda: HEAVY + "JOINT b\n{\nOFFSET 0 1 0\n" * 1999 + "} " * 2000 + ONE_FRAME,
        "rig.missing_joints",
    ),
    "joints that are called as their parents' parents": (
        lambda: HEAVY + "JOINT a\n{\nOFFSET 0 1 0\nJOINT r\n{\nOFFSET 0 1 0\nJOINT a\n{\nOFFSET 0 1 0\n"
        + "} " * 4 + "\nMOTION\nFrames: 1\nFrame Time: 1\n0\n",
        "rig.missing_joints",
    ),
    "joints that are called as others would be then": (
        lambda: HEAVY + "".join(f"JOINT {name}\n{{\nOFFSET 0 1 0\n" for name in ("r [3]", "b", "r"))
        + "} " * 4 + ONE_FRAME,
        "rig.missing_joints",
    ),
    "limbs of a hundred bones": (lambda: limbs(100), "rig.missing_joints"),
    "a frame time of a megabyte": (lambda: GOOD.replace("0.016667", "9" * (1 << 20)), "motion.file_format"),
    "a number of a megabyte": (lambda: GOOD[:-2] + "9" * (1 << 20) + "\n", "motion.file_format"),
}  # fmt: skip


@pytest.mark.parametrize("what", TEXTS)
def test_bvh(tmp_path, what):
    content, code = TEXTS[what]
    (tmp_path / "a.bvh").write_text(content())
    end = read_alone(MOTION, tmp_path / "a.bvh", timeout_s=30)
    assert (end.code, end.growth_mb < 150) == (code, True), end


@pytest.mark.parametrize(("frames", "frame_rate"), [(2, 1e-9), (2, 5e-324), (1000, 0.1)])
def test_frames_that_last_for_years_are_refused(frames, frame_rate):
    with pytest.raises(MotionError) as caught:
        joints_at_60hz(Motion(dancing_body(frames), frame_rate, "a.npz"))
    assert caught.value.code == "motion.too_long"


def sparse_body(starts, shape=(24, 5)):
    """A body's pickle with a sparse matrix whose rows begin where they are told to."""
    matrix = scipy.sparse.csc_matrix(np.eye(*shape))
    matrix.indptr = np.array(starts)
    return pickle.dumps({"v_template": np.zeros((5, 3)), "J_regressor": matrix}, 2)


BODIES = {
    "rows of gigabytes": lambda: sparse_body([0, 1 << 40, 1 << 41]),
    "rows backwards": lambda: sparse_body(np.array([0, 5, 1, 5], np.uint32)),
    "a matrix of gigabytes": lambda: sparse_body([0, 1]).replace(b"K\x18K\x05\x86", b"J\0\0\0\x01K\x05\x86"),
}


@pytest.mark.parametrize("what", BODIES)
def test_bodies(tmp_path, what):
    (tmp_path / "a.pkl").write_bytes(BODIES[what]())
    end = read_alone("kinetone.training.data.smpl_model:read_smpl_body", tmp_path / "a.pkl")
    assert (end.code, end.growth_mb < 50) == ("motion.file_format", True), end
