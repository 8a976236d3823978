"""Data sets on disk: which pairs they give, how they are divided, and what is left out."""

import io
import json
import pickle
import shutil
import struct
from functools import partial

import numpy as np
import pytest
import soundfile
from kinetone.core.errors import FileFormatError, KinetoneError
from kinetone.core.motion.canonical import canonical
from kinetone.core.motion.features import motion_features
from kinetone.core.motion.skeleton import JOINT_INDEX, PARENTS, REST_JOINTS
from kinetone.core.timing import HOP_LENGTH, SAMPLE_RATE
from kinetone.training.audio import AudioCrops, audio_length, read_audio
from kinetone.training.data.aistpp import AistppSettings
from kinetone.training.data.ballroom import BALLROOM_JOINTS, ballroom_joints
from kinetone.training.data.bodies import smpl_difference
from kinetone.training.data.datasets import DatasetSettings, codec_music, load_dataset
from kinetone.training.data.smpl_model import model_joints, read_smpl_body
from kinetone.training.data.source import SourcePair, check_split, split_by_song
from mini_aistpp import IGNORED, SEQUENCES, sequence_name
from recorded_dances import BALLROOM, needs_ballroom


def load(folder, **aist):
    return load_dataset(folder, DatasetSettings(aist=AistppSettings(**aist)))


def names(dataset, split):
    return [pair.name for pair in dataset.pairs if pair.split == split]


def refused(code, function, *arguments, **settings):
    with pytest.raises(KinetoneError) as caught:
        function(*arguments, **settings)
    assert caught.value.code == code
    assert caught.value.hint
    return caught.value.message


def swinging(frames=90):
    joints = np.repeat(REST_JOINTS[None], frames, axis=0)
    joints[:, JOINT_INDEX["left_hand"], 2] += 0.3 * np.sin(np.arange(frames) / 5)
    return joints


def write_pair(stem, pitch=220, seconds=1.5, joints=None):
    stem.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    soundfile.write(stem.with_suffix(".wav"), 0.4 * np.sin(2 * np.pi * pitch * time_s), SAMPLE_RATE)
    np.savez(stem.with_suffix(".npz"), joints=swinging() if joints is None else joints, fps=60)


def test_the_papers_split_of_aist_keeps_ten_songs_for_testing(mini_aistpp):
    dataset = load(mini_aistpp)
    assert names(dataset, "test") == [sequence_name(song, ch) for song in ("BR0", "PO1") for ch in (1, 2)]
    assert {pair.song for pair in dataset.pairs if pair.split == "train"} == {"BR1", "BR2", "PO0", "PO2"}
    assert [(skipped.name, skipped.code) for skipped in dataset.skipped] == [(IGNORED, "data.ignored")]
    first = dataset.pairs[0]
    assert first.name == sequence_name("BR0", 1)
    assert (first.genre, first.music.name) == ("break", "mBR0.wav")
    assert first.joints().shape == (240, 24, 3)


def test_the_official_split_of_aist_is_read_from_its_lists(mini_aistpp, tmp_path):
    dataset = load(mini_aistpp, split="crossmodal")
    assert names(dataset, "test") == [sequence_name("BR0", 2)]
    assert names(dataset, "val") == [sequence_name("PO1", 2)]
    assert len(names(dataset, "train")) == 4
    assert {skipped.code for skipped in dataset.skipped} == {"data.ignored", "data.not_in_split"}
    assert len(dataset.pairs) + len(dataset.skipped) == len(SEQUENCES)
    shutil.copytree(mini_aistpp / "motions", tmp_path / "motions")
    shutil.copytree(mini_aistpp / "music", tmp_path / "music")
    refused("data.no_split", load, tmp_path, split="crossmodal")


def test_a_split_that_leaks_a_song_is_refused(tmp_path, mini_aistpp):
    folder = shutil.copytree(mini_aistpp, tmp_path / "aistpp")
    with (folder / "splits" / "crossmodal_train.txt").open("a") as file:
        file.write("\n" + sequence_name("PO1", 1))
    assert "PO1" in refused("data.song_leak", load, folder, split="crossmodal")
    pair = SourcePair("a", "song", "test", "", swinging, tmp_path)
    refused("data.no_training", check_split, [pair])


def test_aist_sequences_that_cannot_be_used_are_named(tmp_path, mini_aistpp):
    folder = shutil.copytree(mini_aistpp, tmp_path / "aistpp")
    (folder / "music" / "mBR2.wav").unlink()
    (folder / "motions" / "my dance.pkl").write_bytes(b"")
    left_out = {skipped.name: skipped.code for skipped in load(folder).skipped}
    assert left_out == {
        IGNORED: "data.ignored",
        "my dance": "data.unknown_name",
        sequence_name("BR2", 1): "data.no_music",
        sequence_name("BR2", 2): "data.no_music",
    }
    shutil.rmtree(folder / "keypoints3d")
    refused("data.no_sequences", load, folder, motion="keypoints3d")
    (folder / "cameras" / "mapping.txt").unlink()
    refused("data.no_cameras", load, folder, motion="keypoints2d")
    refused("data.no_cameras", load, mini_aistpp, motion="keypoints2d", camera="c10")


def test_music_may_lie_elsewhere(tmp_path, mini_aistpp):
    shutil.copytree(mini_aistpp / "motions", tmp_path / "motions")
    refused("training.no_audio", load, tmp_path)
    assert len(load(tmp_path, music=mini_aistpp / "music").pairs) == len(SEQUENCES)


def test_keypoints_and_poses_are_of_one_dance(mini_aistpp):
    poses, points = (load(mini_aistpp, motion=kind).pairs[0].joints() for kind in ("smpl", "keypoints3d"))
    for name in ("left_wrist", "right_knee", "head", "left_hip"):
        index = JOINT_INDEX[name]
        ours, theirs = (joints[:, index] - joints[:, JOINT_INDEX["right_hip"]] for joints in (poses, points))
        ratio = np.linalg.norm(theirs, axis=1) / np.linalg.norm(ours, axis=1)
        assert np.allclose(ratio, ratio[0]), name  # but for the unit, which keypoints do not say


def test_keypoints_in_a_picture_become_a_dance_without_depth(mini_aistpp):
    space = load(mini_aistpp).pairs[0].joints()
    plane = load(mini_aistpp, motion="keypoints2d").pairs[0].joints()
    assert plane.shape == space.shape
    assert not plane[..., 1].any()
    for name in ("left_wrist", "right_knee", "head", "left_ankle"):
        # The first camera looks straight at a dancer who stays in one plane, but for perspective.
        seen, real = (
            joints[:, JOINT_INDEX[name]] - joints[:, JOINT_INDEX["right_hip"]] for joints in (plane, space)
        )
        size = np.linalg.norm(seen[0]) / np.linalg.norm(real[0, [0, 2]])
        assert np.abs(seen[:, [0, 2]] - size * real[:, [0, 2]]).max() < 0.05, name
    assert motion_features(plane).displacements.any()
    side = load(mini_aistpp, motion="keypoints2d", camera="c03").pairs[0].joints()
    across = [np.ptp(canonical(joints)[:, JOINT_INDEX["left_wrist"], 0]) for joints in (plane, side)]
    assert across[1] < across[0], "seen from the side, arms do not reach as far"


def test_a_keypoint_that_was_not_seen_is_filled_in(mini_aistpp, tmp_path):
    folder = shutil.copytree(mini_aistpp, tmp_path / "aistpp")
    whole = load(folder, motion="keypoints2d").pairs[0].joints()
    path = folder / "keypoints2d" / f"{SEQUENCES[0]}.pkl"
    keypoints = pickle.loads(path.read_bytes())
    keypoints["keypoints2d"][0, 20:22, 9] = (0, 0, 0)
    keypoints["keypoints2d"][0, 50, 9] = np.nan
    path.write_bytes(pickle.dumps(keypoints))
    assert np.abs(load(folder, motion="keypoints2d").pairs[0].joints() - whole).max() < 0.02


class Sparse:
    """Pickled as SciPy pickled its matrices when SMPL was published."""

    def __init__(self, state):
        self.__dict__.update(state)


def smpl_model(vertices=60):
    """A body with SMPL's arrays, of few vertices and chance shape."""
    rng = np.random.default_rng(0)
    regressor = rng.random((24, vertices)) * (rng.random((24, vertices)) < 0.2)
    parents = np.array(PARENTS)
    parents[0] = 2**32 - 1
    return {
        "v_template": rng.normal(0, 0.5, (vertices, 3)),
        "J_regressor": regressor / regressor.sum(1, keepdims=True),
        "shapedirs": rng.normal(0, 0.01, (vertices, 3, 10)),
        "posedirs": rng.normal(0, 0.01, (vertices, 3, 207)),
        "weights": rng.dirichlet(np.ones(24), vertices),
        "f": np.zeros((1, 3), np.uint32),
        "kintree_table": np.stack([parents, np.arange(24)]),
    }


def test_poses_on_the_body_of_a_model_file_are_what_smplx_says(mini_aistpp, tmp_path):
    import smplx
    import torch
    from smplx.utils import Struct

    model = smpl_model()
    (tmp_path / "SMPL_MALE.pkl").write_bytes(pickle.dumps(model))
    path = mini_aistpp / "motions" / f"{SEQUENCES[0]}.pkl"
    joints = load(mini_aistpp, smpl_model=tmp_path / "SMPL_MALE.pkl").pairs[0].joints()
    parameters = pickle.loads(path.read_bytes())
    poses = torch.tensor(parameters["smpl_poses"])
    reference = smplx.SMPL(
        "",
        data_struct=Struct(**model),
        batch_size=len(poses),
        dtype=torch.float64,
        vertex_ids=dict.fromkeys(("nose", "reye", "leye", "rear", "lear"), 0),
        use_hands=False,
        use_feet_keypoints=False,
    )
    translations = torch.tensor(parameters["smpl_trans"] / parameters["smpl_scaling"], dtype=torch.float64)
    with torch.no_grad():
        output = reference(body_pose=poses[:, 3:], global_orient=poses[:, :3], transl=translations)
    expected = output.joints[:, :24].numpy()[..., [0, 2, 1]] * (1, -1, 1)
    assert np.abs(joints - expected).max() < 1e-6


def test_model_files_are_read_in_all_the_forms_they_come_in(mini_aistpp, tmp_path):
    scipy_sparse = pytest.importorskip("scipy.sparse")
    model = smpl_model()
    path = mini_aistpp / "motions" / f"{SEQUENCES[0]}.pkl"
    (tmp_path / "plain.pkl").write_bytes(pickle.dumps(model))
    expected = model_joints(path, read_smpl_body(tmp_path / "plain.pkl"))
    np.savez(tmp_path / "model.npz", **model)
    for kind in (scipy_sparse.csc_matrix, scipy_sparse.csr_matrix):
        sparse = {**model, "J_regressor": kind(model["J_regressor"])}
        (tmp_path / f"{kind.__name__}.pkl").write_bytes(pickle.dumps(sparse, protocol=2))
    (tmp_path / "chumpy.pkl").write_bytes(chumpy_pickle(model))
    for name in ("model.npz", "csc_matrix.pkl", "csr_matrix.pkl", "chumpy.pkl"):
        assert np.allclose(model_joints(path, read_smpl_body(tmp_path / name)), expected), name
    (tmp_path / "other.pkl").write_bytes(pickle.dumps({"v_template": model["v_template"]}))
    refused("data.smpl_model", read_smpl_body, tmp_path / "other.pkl")
    (tmp_path / "unsafe.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    refused("motion.unsafe_pickle", read_smpl_body, tmp_path / "unsafe.pkl")


def test_the_difference_between_bodies_is_measured(mini_aistpp, tmp_path):
    # A model whose joints are those of Kinetone's body, by a regressor that picks 24 vertices.
    rest = REST_JOINTS[:, [0, 2, 1]] * (1, 1, -1)
    np.savez(tmp_path / "same.npz", v_template=rest, J_regressor=np.eye(24))
    same = smpl_difference(mini_aistpp, tmp_path / "same.npz", 3)
    assert same.dances == 3
    assert same.distance_cm < 1e-4
    assert same.displacement_share < 1e-4
    assert same.beats_shared == 1
    longer = rest.copy()
    longer[[18, 20, 22], 0] += 0.1  # the left arm, from the elbow on
    np.savez(tmp_path / "longer.npz", v_template=longer, J_regressor=np.eye(24))
    other = smpl_difference(mini_aistpp, tmp_path / "longer.npz", 3)
    assert other.distance_cm == pytest.approx(100 * 3 * 0.1 / 24, rel=0.01)
    assert other.displacement_share > 0.01
    assert "3 dances" in str(other)


def chumpy_pickle(model):
    """The model with its template as chumpy, which is not installed, pickles an array in protocol 2."""
    import sys
    import types

    modules = {name: types.ModuleType(name) for name in ("chumpy", "chumpy.ch")}
    array_type = type("Ch", (), {"__module__": "chumpy.ch"})
    modules["chumpy.ch"].Ch = array_type
    array = array_type()
    array.__dict__.update(x=model["v_template"], _dirty_vars=set(), _itr=None)
    sys.modules.update(modules)
    try:
        return pickle.dumps({**model, "v_template": array}, protocol=2)
    finally:
        for name in modules:
            del sys.modules[name]


def test_a_folder_of_dances_beside_their_music(tmp_path):
    for index in range(7):
        write_pair(tmp_path / "salsa" / f"s{index}", 200 + index)
    write_pair(tmp_path / "top")
    np.savez(tmp_path / "salsa" / "alone.npz", joints=swinging(), fps=60)
    dataset = load_dataset(tmp_path, DatasetSettings(test_share=0.3))
    assert {pair.name: pair.genre for pair in dataset.pairs}["top"] == ""
    assert {pair.genre for pair in dataset.pairs} == {"salsa", ""}
    assert [(skipped.name, skipped.code) for skipped in dataset.skipped] == [("salsa/alone", "data.no_music")]
    assert len(names(dataset, "test")) == 2
    assert all(name.startswith("salsa/s") for name in names(dataset, "test"))
    assert np.allclose(dataset.pairs[0].joints(), swinging())


def test_copies_of_one_song_stay_on_one_side_of_the_split(tmp_path):
    for index in range(8):
        write_pair(tmp_path / f"{index}", 200 + index % 2)
    dataset = load_dataset(tmp_path, DatasetSettings(test_share=0.5))
    assert {pair.song for pair in dataset.pairs} == {"0", "1"}
    assert len(names(dataset, "test")) == 4
    check_split(dataset.pairs)


def test_a_songs_side_does_not_change_with_the_order_of_the_files(tmp_path):
    pairs = [SourcePair(str(i), f"song{i}", "train", "g", swinging, tmp_path) for i in range(10)]
    chosen = {pair.song for pair in split_by_song(pairs, 0.2) if pair.split == "test"}
    assert len(chosen) == 2
    assert {pair.song for pair in split_by_song(pairs[::-1], 0.2) if pair.split == "test"} == chosen


def test_settings_that_would_change_nothing_are_refused(tmp_path, mini_aistpp):
    refused("data.unused_setting", load_dataset, mini_aistpp, DatasetSettings(test_share=0.5))
    refused("data.unused_setting", load, mini_aistpp, camera="c03")
    refused("data.unused_setting", load, mini_aistpp, motion="keypoints3d", smpl_model=tmp_path)
    write_pair(tmp_path / "a")
    refused("data.unused_setting", load, tmp_path, motion="keypoints3d")
    refused("data.test_share", load_dataset, tmp_path, DatasetSettings(test_share=1.0))
    (tmp_path / "empty").mkdir()
    refused("data.empty", load, tmp_path / "empty")


def test_the_projects_corpus_keeps_its_own_split(tmp_path):
    for name in ("a", "b", "c"):
        write_pair(tmp_path / name)
    about = {"a": ("train", "pop-01"), "b": ("test", "pop-07"), "c": ("train", "house-01")}
    pieces = [{"name": n, "split": s, "song": song, "genre": song[:-3]} for n, (s, song) in about.items()]
    (tmp_path / "index.json").write_text(json.dumps({"pieces": pieces}))
    (tmp_path / "c.wav").unlink()
    dataset = load_dataset(tmp_path, DatasetSettings())
    found = {pair.name: (pair.split, pair.song) for pair in dataset.pairs}
    assert found == {"a": about["a"], "b": about["b"]}
    assert [skipped.name for skipped in dataset.skipped] == ["c"]


def ballroom_points(joints):
    """23 points in centimetres with Y up, of which the joints are the means."""
    points = np.zeros((len(joints), 23, 3))
    for name, indices in BALLROOM_JOINTS.items():
        points[:, list(indices)] = joints[:, None, JOINT_INDEX[name]]
    return 100 * points[..., [0, 2, 1]] * (1, 1, -1)


def test_ballroom_dances_have_23_points_in_centimetres(tmp_path):
    joints = swinging(50)
    write_pair(tmp_path / "waltz_01")
    write_pair(tmp_path / "tango_05")
    points = ballroom_points(joints).astype(np.float32)
    for name in ("waltz_01", "tango_05"):
        np.savez(tmp_path / f"{name}.npz", joints=points, fps=np.float32(25))
    np.savez(tmp_path / "rumba_01.npz", joints=points, fps=np.float32(25))
    dataset = load_dataset(tmp_path, DatasetSettings())
    assert {pair.name: pair.genre for pair in dataset.pairs} == {"tango_05": "tango", "waltz_01": "waltz"}
    assert dataset.skipped[0].name == "rumba_01"
    found = dataset.pairs[0].joints()
    assert len(found) == 118  # 49 intervals of 1/25 s at 60 Hz, both ends included
    for name in BALLROOM_JOINTS:
        assert np.allclose(found[0, JOINT_INDEX[name]], joints[0, JOINT_INDEX[name]], atol=1e-5), name
    assert np.abs(found[0] - joints[0]).max() < 0.12


@pytest.mark.parametrize("arrays", [{"fps": 25}, {"joints": np.zeros((9, 22, 3)), "fps": 25}])
def test_archives_that_are_no_ballroom_dances_are_refused(tmp_path, arrays):
    np.savez(tmp_path / "waltz_01.npz", **arrays)
    refused("motion.file_format", ballroom_joints, tmp_path / "waltz_01.npz")
    (tmp_path / "waltz_01.npz").write_bytes(b"no archive")
    refused("motion.file_format", ballroom_joints, tmp_path / "waltz_01.npz")


@needs_ballroom
def test_recorded_ballroom_dances():
    dataset = load_dataset(BALLROOM, DatasetSettings())
    assert len(dataset.pairs) == 33
    assert not dataset.skipped
    for pair in dataset.pairs[::11]:
        frames, samples = len(pair.joints()), audio_length(pair.music)
        assert 0 <= samples / 400 - frames < 150, "music and dance last the same time, within 2.5 s"
        assert read_audio(pair.music, samples // 2, 1000).abs().max() > 0.001


def test_a_codec_learns_from_the_songs_of_the_training_split(mini_aistpp, tmp_path, caplog):
    train, test = codec_music(mini_aistpp, DatasetSettings())
    assert [path.stem for path in train] == ["mBR1", "mBR2", "mPO0", "mPO2"]
    assert [path.stem for path in test] == ["mBR0", "mPO1"]
    for index in range(11):
        soundfile.write(tmp_path / f"{index:02d}.wav", np.zeros(100), SAMPLE_RATE)
    train, test = codec_music(tmp_path, DatasetSettings())
    assert [path.stem for path in test] == ["00", "10"]
    assert len(train) == 9
    (tmp_path / "05.wav").write_bytes(b"no music")
    assert len(codec_music(tmp_path, DatasetSettings())[0]) == 8
    assert "05.wav" in caplog.text


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000])
def test_a_stretch_of_music_at_another_rate_is_that_of_the_whole(tmp_path, rate):
    rng = np.random.default_rng(0)
    smooth = np.apply_along_axis(partial(np.convolve, np.ones(16) / 16), 0, rng.normal(size=(3 * rate, 2)))
    soundfile.write(tmp_path / "a.wav", smooth, rate, subtype="FLOAT")
    whole = read_audio(tmp_path / "a.wav")
    assert whole.shape[1] == audio_length(tmp_path / "a.wav") == len(smooth) * SAMPLE_RATE // rate
    for start in (0, 777, 30_001):
        assert np.allclose(
            read_audio(tmp_path / "a.wav", start, 5000), whole[:, start : start + 5000], atol=1e-4
        )
    assert not read_audio(tmp_path / "a.wav", whole.shape[1] + 10, 100).any()


def test_crops_begin_with_a_code_frame_anywhere_in_a_file(tmp_path):
    path = tmp_path / "ramp.wav"
    ramp = np.arange(20 * HOP_LENGTH + 7, dtype=np.int32)
    soundfile.write(path, ramp, SAMPLE_RATE, subtype="PCM_32")
    crops = AudioCrops([path], 4 * HOP_LENGTH, 0).batch(0, 400)[:, 0, 0].double() * 2**31
    starts = {round(float(first)) for first in crops}
    assert starts == {frame * HOP_LENGTH for frame in range(17)}


def test_a_tone_keeps_its_pitch_and_loses_its_second_channel(tmp_path):
    time_s = np.arange(44_100) / 44_100
    tone = 0.5 * np.sin(2 * np.pi * 600 * time_s)
    soundfile.write(tmp_path / "a.wav", np.stack([tone, 0 * tone], axis=1), 44_100)
    found = read_audio(tmp_path / "a.wav")[0].numpy()
    expected = 0.25 * np.sin(2 * np.pi * 600 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    assert np.abs(found - expected)[200:-200].max() < 1e-3


def ogg_page(serial, body, first):
    """A page of an Ogg file that holds one packet, with the checksum of RFC 3533."""
    segments = bytes([255] * (len(body) // 255) + [len(body) % 255])
    flags, number = (2, 0) if first else (0, 1)
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, 0, serial, number, 0, len(segments))
    page = header + segments + body
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1) ^ (0x104C11DB7 if checksum & 0x80000000 else 0)
    return page[:22] + struct.pack("<I", checksum) + page[26:]


def test_music_with_a_cover_picture_in_its_ogg_file_is_read(tmp_path):
    tone = 0.4 * np.sin(np.arange(SAMPLE_RATE) / 20)
    plain = io.BytesIO()
    soundfile.write(plain, tone, SAMPLE_RATE, format="OGG", subtype="VORBIS")
    content = plain.getvalue()
    picture = ogg_page(7, b"\x80theora" + bytes(300), first=True)
    more = ogg_page(7, b"\x81theora" + bytes(70), first=False)
    second = content.index(b"OggS", 4)
    (tmp_path / "cover.ogg").write_bytes(picture + content[:second] + more + content[second:])
    with pytest.raises(soundfile.LibsndfileError):
        soundfile.read(tmp_path / "cover.ogg")
    (tmp_path / "plain.ogg").write_bytes(content)
    assert np.array_equal(read_audio(tmp_path / "cover.ogg"), read_audio(tmp_path / "plain.ogg"))
    (tmp_path / "silent film.ogg").write_bytes(picture + more)
    with pytest.raises(FileFormatError):
        read_audio(tmp_path / "silent film.ogg")


def test_music_with_values_that_are_no_numbers_is_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.array([0.0, np.nan, 0.0]), SAMPLE_RATE, subtype="FLOAT")
    refused("training.unreadable_audio", read_audio, tmp_path / "a.wav")
