"""A miniature AIST++ in its exact file formats: two genres, six songs, two choreographies.

Fixture: ``mini_aistpp``, a folder as :func:`write_mini_aistpp` makes it.
"""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile
from kinetone.core.motion.aistpp import read_aistpp
from kinetone.core.motion.points import COCO_KEYPOINTS
from kinetone.core.motion.skeleton import JOINT_INDEX

SONG_BPM = {"BR0": 150, "BR1": 120, "BR2": 100, "PO0": 112.5, "PO1": 90, "PO2": 138.46}
"""Two genres with three songs each; BR0 and PO1 are songs that the paper's split tests with."""

MUSIC_RATE = 44_100
SCALING = 93.77
CAMERAS = tuple(f"c0{number}" for number in range(1, 10))


def sequence_name(song, choreography):
    return f"g{song[:2]}_sBM_cAll_d{10 + choreography}_m{song}_ch{choreography:02d}"


SEQUENCES = sorted(sequence_name(song, choreography) for song in SONG_BPM for choreography in (1, 2))
IGNORED = sequence_name("PO2", 2)


@pytest.fixture(scope="session")
def mini_aistpp(tmp_path_factory):
    """A folder with annotations and music; tests must not change it."""
    return write_mini_aistpp(tmp_path_factory.mktemp("aistpp"))


def write_mini_aistpp(folder: Path, seconds=4.0):
    """Writes twelve sequences with their songs; each lasts so many seconds."""
    for name in ("motions", "keypoints2d", "keypoints3d", "cameras", "splits", "music"):
        (folder / name).mkdir(parents=True)
    cameras = [camera(index) for index in range(len(CAMERAS))]
    (folder / "cameras" / "setting1.json").write_text(json.dumps(cameras))
    (folder / "cameras" / "mapping.txt").write_text("".join(f"{name} setting1\n" for name in SEQUENCES))
    (folder / "ignore_list.txt").write_text(f"{IGNORED} \n\n")
    for song, bpm in SONG_BPM.items():
        soundfile.write(folder / "music" / f"m{song}.wav", music(bpm, seconds + 0.5), MUSIC_RATE)
        for choreography in (1, 2):
            write_sequence(
                folder, sequence_name(song, choreography), cameras, motion(bpm, choreography, seconds)
            )
    tested = ("BR0", "PO1")
    lists = {
        "train": [sequence_name(song, 1) for song in SONG_BPM if song not in tested],
        "val": [sequence_name("PO1", 2)],
        "test": [sequence_name("BR0", 2)],
    }
    for split, names in lists.items():
        (folder / "splits" / f"crossmodal_{split}.txt").write_text("\n".join(names))
    return folder


def music(bpm, seconds):
    """A bass note that falls on every beat and a click with it, stereo."""
    time_s = np.arange(round(seconds * MUSIC_RATE)) / MUSIC_RATE
    since = time_s % (60 / bpm)
    pitch = 110 * 2 ** (round(bpm) % 12 / 12)
    left = 0.5 * np.exp(-since / 0.12) * np.sin(2 * np.pi * pitch * since)
    right = left + 0.2 * np.exp(-since / 0.01) * np.sin(2 * np.pi * 2000 * since)
    return np.stack([left, right], axis=1)


def motion(bpm, choreography, seconds):
    """SMPL's parameters of a body that bobs and swings its arms with the beat."""
    frames = round(seconds * 60)
    phase = np.pi * bpm / 60 * np.arange(frames) / 60
    poses = np.zeros((frames, 24, 3))
    poses[:, JOINT_INDEX["left_shoulder"], 2] = -1.2 + 0.5 * np.sin(phase)
    poses[:, JOINT_INDEX["right_shoulder"], 2] = 1.2 + 0.5 * np.sin(phase if choreography == 1 else -phase)
    poses[:, JOINT_INDEX["left_elbow"], 1] = -0.4 * choreography * np.abs(np.sin(phase))
    translations = np.zeros((frames, 3))
    translations[:, 1] = 0.9 + 0.06 * np.abs(np.sin(phase))
    return {
        "smpl_loss": 0.01,
        "smpl_poses": poses.reshape(frames, 72),
        "smpl_scaling": np.array([SCALING]),
        "smpl_trans": (translations * SCALING).astype(np.float32),
    }


def write_sequence(folder, name, cameras, parameters):
    path = folder / "motions" / f"{name}.pkl"
    path.write_bytes(pickle.dumps(parameters))
    points = coco_keypoints(read_aistpp(path).joints)
    points = points[..., [0, 2, 1]] * (1, 1, -1) * SCALING  # Y up, as AIST++ has them
    keypoints = {"keypoints3d": points, "keypoints3d_optim": points}
    (folder / "keypoints3d" / f"{name}.pkl").write_bytes(pickle.dumps(keypoints))
    seen = np.stack([projected(points, entry) for entry in cameras])
    confidence = np.full((*seen.shape[:3], 1), 0.9)
    keypoints = {
        "keypoints2d": np.concatenate([seen, confidence], axis=-1),
        "det_scores": np.ones(seen.shape[:2]),
        "timestamps": np.arange(len(points)) * 1_000_000 // 60,
    }
    (folder / "keypoints2d" / f"{name}.pkl").write_bytes(pickle.dumps(keypoints))


def coco_keypoints(joints):
    """COCO's keypoints of a body, (T, 17, 3), in the axes and the unit of its joints."""
    head = joints[:, JOINT_INDEX["head"]]
    face = [np.add(head, (0, -0.1, 0))] * 3
    ears = [np.add(head, (side * 0.07, 0, 0)) for side in (1, -1)]
    return np.stack([*face, *ears, *(joints[:, JOINT_INDEX[name]] for name in COCO_KEYPOINTS[5:])], axis=1)


def camera(index):
    """A camera on a circle around the stage; the first looks at the dancers' faces."""
    return {
        "name": CAMERAS[index],
        "size": [1920, 1080],
        "matrix": [[1500.0, 0.0, 960.0], [0.0, 1490.0, 540.0], [0.0, 0.0, 1.0]],
        "rotation": [0.0, 2 * np.pi * index / len(CAMERAS), 0.0],
        "translation": [0.0, 100.0, 450.0],
        "distortions": [-0.1, 0.05, 0.001, -0.001, 0.0],
    }


def projected(points, camera):
    """Pixels (T, 17, 2) of points with Y up, by OpenCV's model of a lens, written out by hand."""
    angle = camera["rotation"][1]
    x = np.cos(angle) * points[..., 0] + np.sin(angle) * points[..., 2]
    depth = camera["translation"][2] + np.sin(angle) * points[..., 0] - np.cos(angle) * points[..., 2]
    u, v = x / depth, (camera["translation"][1] - points[..., 1]) / depth
    k1, k2, p1, p2, _ = camera["distortions"]
    r = u**2 + v**2
    bent = 1 + k1 * r + k2 * r**2
    seen = (
        u * bent + 2 * p1 * u * v + p2 * (r + 2 * u**2),
        v * bent + p1 * (r + 2 * v**2) + 2 * p2 * u * v,
    )
    (fx, _, cx), (_, fy, cy), _ = camera["matrix"]
    return np.stack([fx * seen[0] + cx, fy * seen[1] + cy], axis=-1)
