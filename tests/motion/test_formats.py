"""AIST++ motion, NumPy archives, and reading by extension."""

import io
import os
import pickle
import zipfile

import numpy as np
import pytest
from kinetone.core.errors import FileFormatError, MotionError
from kinetone.core.motion import npz
from kinetone.core.motion.points import COCO_KEYPOINTS
from kinetone.core.motion.read import joints_at_60hz, read_motion
from kinetone.core.motion.skeleton import JOINT_INDEX, PARENTS, REST_JOINTS
from kinetone.core.motion.smpl import smpl_joints
from motion_samples import bvh_text, dancing_body

RNG = np.random.default_rng(5)
AIST = {
    "smpl_loss": 0.01,
    "smpl_poses": RNG.normal(0, 0.4, (30, 72)),
    "smpl_scaling": np.array([93.77]),
    "smpl_trans": RNG.normal(0, 90, (30, 3)).astype(np.float32),
}


@pytest.fixture
def aist(tmp_path):
    """Reads a pickled object as an AIST++ file."""

    def read(content, protocol=4):
        path = tmp_path / "gBR_sBM_cAll_d04_mBR0_ch01.pkl"
        path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content, protocol=protocol))
        return read_motion(path)

    return read


def test_smpl_joints_are_those_of_the_reference_implementation():
    torch = pytest.importorskip("torch")
    lbs = pytest.importorskip("smplx.lbs")
    poses = torch.tensor(AIST["smpl_poses"])
    rest = torch.tensor(REST_JOINTS[:, [0, 2, 1]] * [1, 1, -1])[None].expand(30, -1, -1)
    rotations = lbs.batch_rodrigues(poses.reshape(-1, 3)).reshape(-1, 24, 3, 3)
    expected, _ = lbs.batch_rigid_transform(rotations, rest, torch.tensor(PARENTS), dtype=torch.float64)
    joints = smpl_joints(AIST["smpl_poses"], np.zeros((30, 3)))
    assert np.abs(joints - (expected - expected[:, :1]).numpy()).max() < 1e-7


def test_aist_is_brought_to_metres_and_z_up(aist):
    standing = {
        "smpl_poses": np.zeros((2, 72)),
        "smpl_trans": np.array([[0, 100.0, 0], [50, 100, 200]]),
        "smpl_scaling": np.array([100.0]),
    }
    motion = aist(standing)
    assert motion.frame_rate == 60
    assert motion.joints[:, 0].tolist() == [[0, 0, 1], [0.5, -2, 1]]  # their +Z, to the front, is our -Y
    assert np.allclose(motion.joints[0] - motion.joints[0, 0], REST_JOINTS - REST_JOINTS[0])


def coco_keypoints(joints):
    """COCO's keypoints of a body, (T, 17, 3), with Y up and in centimetres as AIST++ has them."""
    named = {name: joints[:, index] for name, index in JOINT_INDEX.items()}
    ears = [named["head"] + (side * 0.07, 0, 0) for side in (1, -1)]
    face = [named["head"] + (0, -0.1, 0)] * 3
    limbs = [named[name] for name in COCO_KEYPOINTS[5:]]
    return 100 * np.stack([*face, *ears, *limbs], axis=1)[..., [0, 2, 1]] * (1, 1, -1)


def test_aist_keypoints_give_all_joints(aist):
    body = dancing_body(30)
    points = coco_keypoints(body)
    gap = points.copy()
    gap[10:12, 9] = np.nan
    motion = aist({"keypoints3d": np.zeros_like(points), "keypoints3d_optim": gap.astype(np.float32)})
    assert motion.frame_rate == 60
    for name in ("left_hip", "right_knee", "left_elbow", "right_wrist", "left_ankle", "head"):
        index = JOINT_INDEX[name]
        assert np.allclose(motion.joints[:, index], body[:, index], atol=1e-5), name
    still = aist({"keypoints3d": coco_keypoints(np.repeat(REST_JOINTS[None], 2, axis=0))}).joints[0]
    off = dict(zip(JOINT_INDEX, np.linalg.norm(still - REST_JOINTS, axis=1), strict=True))
    assert max(off.pop("left_foot"), off.pop("right_foot")) < 0.2, "there is no keypoint on a foot"
    assert max(off.values()) < 0.08


@pytest.mark.parametrize("protocol", range(6))
def test_aist_pickles_of_all_protocols(aist, protocol):
    expected = aist(AIST).joints
    assert np.array_equal(aist(AIST, protocol).joints, expected)
    swapped = {**AIST, "smpl_poses": np.asfortranarray(AIST["smpl_poses"]).astype(">f8")}
    assert np.array_equal(aist(swapped, protocol).joints, expected)
    scalar = {**AIST, "smpl_scaling": np.float64(93.77)}
    assert np.array_equal(aist(scalar, protocol).joints, expected)


def test_aist_pickles_of_numpy_1_and_2(aist):
    written = pickle.dumps(AIST, protocol=2)
    one = written.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    two = one.replace(b"numpy.core.multiarray", b"numpy._core.multiarray")
    assert one != two
    assert np.array_equal(aist(one).joints, aist(two).joints)


class Command:
    """Runs a command when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch unpickled",)


UNSAFE = {
    "a command": Command(),
    "a command within": {**AIST, "more": [Command()]},
    "a function": {"smpl_poses": os.getcwd},
    "an array of objects": {**AIST, "smpl_poses": np.array([Command()], dtype=object)},
    "an array of text": {**AIST, "smpl_poses": np.array(["text"])},
    "builtins": b"cbuiltins\neval\n(S'1+1'\ntR.",
    "another numpy function": b"cnumpy\nload\n(S'x'\ntR.",
}


@pytest.mark.parametrize("what", UNSAFE)
def test_pickles_that_are_more_than_arrays_are_refused(aist, what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileFormatError) as error:
        aist(UNSAFE[what])
    assert error.value.code == "motion.unsafe_pickle"
    assert not (tmp_path / "unpickled").exists()


BROKEN = {
    "empty": b"",
    "no pickle": b"hello, world",
    "cut off": pickle.dumps(AIST)[:-100],
    "a list": [1, 2, 3],
    "other arrays": {"joints": np.zeros((5, 17, 3))},
    "other keypoints": {"keypoints3d": np.zeros((5, 16, 3))},
    "a keypoint never seen": {"keypoints3d": np.full((5, 17, 3), np.nan)},
    "no translations": {key: value for key, value in AIST.items() if key != "smpl_trans"},
    "other lengths": {**AIST, "smpl_trans": np.zeros((29, 3))},
    "another shape": {**AIST, "smpl_poses": np.zeros((30, 71))},
    "scaling zero": {**AIST, "smpl_scaling": np.zeros(1)},
    "scaling nan": {**AIST, "smpl_scaling": np.array([np.nan])},
    "a far memo": b"\x80\x02}r\xff\xff\xff\x7f.",
    "a shape that does not fit": pickle.dumps(AIST, 2).replace(b"K\x1eKH\x86", b"K\xffKH\x86"),
    "many calls": pickle.dumps({n: np.zeros(1) for n in range(200)}),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_aist_files_are_refused(aist, what):
    with pytest.raises(FileFormatError) as error:
        aist(BROKEN[what])
    assert error.value.code == "motion.file_format"
    assert error.value.hint


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("key", ["fps", "frame_rate", "mocap_framerate"])
def test_archives_of_joints(tmp_path, key):
    joints = dancing_body(20).astype(np.float32)
    motion = read_motion(save(tmp_path / "dance.npz", joints=joints, genre=np.array("salsa"), **{key: 30}))
    assert motion.frame_rate == 30
    assert np.array_equal(motion.joints, joints)
    assert motion.source == "dance.npz"
    assert joints_at_60hz(motion).shape == (39, 24, 3)


@pytest.mark.parametrize("parameters", [72, 156, 165])
def test_archives_of_smpl_parameters(tmp_path, parameters):
    poses = np.zeros((4, parameters))
    poses[:, 0] = np.pi / 2  # AMASS stands SMPL's Y-up body upright in a world with Z up
    poses[:, 3 * 22 :] = 1.0  # hands and faces
    trans = np.arange(12.0).reshape(4, 3)
    motion = read_motion(save(tmp_path / "amass.npz", poses=poses, trans=trans, mocap_framerate=120.0))
    assert motion.frame_rate == 120
    assert np.allclose(motion.joints, REST_JOINTS - REST_JOINTS[0] + trans[:, None])


def test_broken_archives_are_refused(tmp_path, monkeypatch):
    joints = dancing_body(5)
    path = tmp_path / "dance.npz"
    for arrays in (
        {"joints": joints},
        {"fps": 60},
        {"joints": joints[:, :23], "fps": 60},
        {"joints": joints.astype(str), "fps": 60},
        {"joints": joints, "fps": -1},
        {"joints": joints, "fps": np.nan},
        {"joints": joints, "fps": np.ones(3)},
        {"joints": joints.astype(object), "fps": 60},
        {"poses": np.zeros((5, 60)), "trans": np.zeros((5, 3)), "fps": 60},
        {"poses": np.zeros((5, 72)), "trans": np.zeros((4, 3)), "fps": 60},
        {"poses": np.full((5, 72), "a word"), "trans": np.zeros((5, 3)), "fps": 60},
    ):
        with pytest.raises(FileFormatError) as error:
            read_motion(save(path, **arrays))
        assert error.value.code == "motion.file_format"
    whole = save(path, joints=joints, fps=60).read_bytes()
    for content in (b"", b"no archive", whole[:-30], whole[:200] + b"\xff" * 50 + whole[250:]):
        path.write_bytes(content)
        with pytest.raises(FileFormatError):
            read_motion(path)
    path.write_bytes(whole)
    monkeypatch.setattr(npz, "MAX_BYTES", 1000)
    with pytest.raises(FileFormatError, match="unpacks to more"):
        read_motion(path)


def test_an_array_that_claims_to_be_larger_than_any_memory_is_refused(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (10**15, 24, 3)}
    )
    with zipfile.ZipFile(tmp_path / "dance.npz", "w") as archive:
        archive.writestr("joints.npy", header.getvalue())
    with pytest.raises(FileFormatError) as error:
        read_motion(tmp_path / "dance.npz")
    assert error.value.code == "motion.file_format"


def test_motion_with_bad_numbers_is_refused_with_the_files_own_frame(tmp_path):
    joints = dancing_body(9)
    joints[7, JOINT_INDEX["neck"]] = np.nan
    with pytest.raises(MotionError, match=r"neck .* frame 7"):
        read_motion(save(tmp_path / "dance.npz", joints=joints, fps=30))
    with pytest.raises(MotionError) as error:
        read_motion(save(tmp_path / "dance.npz", joints=joints[:0], fps=30))
    assert error.value.code == "motion.too_short"


def test_what_is_no_file_or_no_dance_is_refused(tmp_path):
    (tmp_path / "song.mp3").write_bytes(b"")
    (tmp_path / "folder.bvh").mkdir()
    for name, code in (
        ("nothing.bvh", "motion.missing_file"),
        ("nothing.mp3", "motion.missing_file"),
        ("folder.bvh", "motion.missing_file"),
        ("song.mp3", "motion.unknown_format"),
    ):
        with pytest.raises(FileFormatError, match=name) as error:
            read_motion(str(tmp_path / name))
        assert error.value.code == code
        assert error.value.hint


def test_extensions_in_capitals(tmp_path):
    path = tmp_path / "DANCE.BVH"
    path.write_text(bvh_text([{}, {}]))
    assert len(read_motion(path).joints) == 2
