"""A dancing body: its bones, and the joints of its poses by forward and inverse kinematics."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...core.motion.rotations import axis_angle_rotations, axis_rotations
from ...core.motion.skeleton import JOINT_INDEX as J
from ...core.motion.skeleton import JOINT_NAMES, PARENTS, REST_JOINTS
from .poses import POSTURE

SIDES = ("left", "right")

_TOE_HEIGHT_M = 0.02
_HAND_HEIGHT_M = 0.03
_ANKLE_LIMITS = np.deg2rad([78.0, 168.0])  # between shin and foot; standing flat it is about 110
_HEEL_PASSES = 3
_AIR_SLACK = 2.0
_REACH = 0.985  # of the leg's length: knees are never locked
_TRUNK = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")
_FORWARD = np.array([1.0, -1.0, 1.0])  # from (left, forward, up) to world axes at rest: forward is -Y


@dataclass(frozen=True)
class Body:
    """Bones of one dancer.

    Attributes:
        offsets: (24, 3) metres from each joint's parent at rest (T-pose, Z up, facing -Y).
    """

    offsets: np.ndarray

    @property
    def bone_lengths(self) -> np.ndarray:
        """(24,) metres from each joint to its parent; the pelvis has 0."""
        return np.asarray(np.linalg.norm(self.offsets, axis=1))

    @property
    def leg_m(self) -> float:
        """Thigh and shin, metres."""
        return float(self.bone_lengths[J["left_knee"]] + self.bone_lengths[J["left_ankle"]])

    @property
    def ankle_m(self) -> float:
        """Height of the ankle of a foot that stands flat, metres."""
        return float(_TOE_HEIGHT_M - min(0.0, self.offsets[J["left_foot"], 2]))

    @property
    def standing_m(self) -> float:
        """Height of the pelvis when standing at ease, metres."""
        return self.ankle_m + 0.965 * self.leg_m - float(self.offsets[J["left_hip"], 2])


@dataclass(frozen=True)
class Poses:
    """Poses of N frames.

    Attributes:
        pelvis: (N, 3) metres; its height is lowered where the legs would not reach the floor.
        facing: (N,) radians, 0 along -Y, to the left.
        posture: (N, 16), see poses.POSTURE.
        arms: (N, 2, 2, 3) left and right, upper arm and forearm: directions (left, forward, up)
            against the chest, of any length.
        ankles: (N, 2, 3) metres.
        foot_yaw, foot_pitch: (N, 2) radians, to the left and toes down.
    """

    pelvis: np.ndarray
    facing: np.ndarray
    posture: np.ndarray
    arms: np.ndarray
    ankles: np.ndarray
    foot_yaw: np.ndarray
    foot_pitch: np.ndarray


def average_body() -> Body:
    """The body of the rest pose."""
    offsets = np.array(REST_JOINTS, dtype=np.float64)
    offsets[1:] -= np.asarray(REST_JOINTS)[list(PARENTS[1:])]
    offsets[0] = 0.0
    return Body(offsets)


def random_body(rng: np.random.Generator) -> Body:
    """A body of another size and slightly other proportions; left and right stay alike."""
    offsets = average_body().offsets * rng.uniform(0.88, 1.12)
    for words, spread in (
        (("knee", "ankle", "foot"), 0.04),
        (("spine", "neck", "head"), 0.04),
        (("elbow", "wrist", "hand"), 0.05),
        (("collar", "shoulder"), 0.06),
        (("hip",), 0.06),
    ):
        rows = [index for name, index in J.items() if any(word in name for word in words)]
        offsets[rows] *= 1.0 + float(np.clip(rng.normal(0.0, spread / 2), -spread, spread))
    return Body(offsets)


def _turned(yaw: np.ndarray, roll: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    return np.asarray(axis_rotations(2, yaw) @ axis_rotations(1, roll) @ axis_rotations(0, pitch))


def joints_of(body: Body, poses: Poses) -> np.ndarray:
    """The joints of poses: spine, head and arms forwards, legs backwards from where the feet are.

    Returns:
        (N, 24, 3) metres; every bone has exactly its length in every frame.
    """
    joints = np.zeros((len(poses.pelvis), len(J), 3))
    rotations = _trunk_rotations(poses)
    joints[:, 0] = poses.pelvis
    joints[:, 0, 2] = _reachable_height(body, poses, rotations["pelvis"])
    for name in _TRUNK[1:]:
        parent = JOINT_NAMES[PARENTS[J[name]]]
        joints[:, J[name]] = joints[:, J[parent]] + rotations[parent] @ body.offsets[J[name]]
    for side in range(2):
        _place_arm(joints, body, poses, rotations["spine3"], side)
        for _ in range(_HEEL_PASSES):
            _place_leg(joints, body, poses, rotations["pelvis"], side)
            poses = _with_ankle_eased(joints, body, poses, side)
        _place_leg(joints, body, poses, rotations["pelvis"], side)
    return joints


def tipped(
    body: Body, ankles: np.ndarray, yaw: np.ndarray, pitch: np.ndarray, angle: np.ndarray, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """A foot with its heel raised by an angle while its ball stays where it is.

    Args:
        ankles: (N, 3) metres; yaw, pitch, angle: (N,) radians.

    Returns: ankles and pitch.
    """
    foot = body.offsets[J[f"{SIDES[side]}_foot"]]
    shift = (axis_rotations(0, pitch) - axis_rotations(0, pitch + angle)) @ foot
    return ankles + np.einsum("nij,nj->ni", axis_rotations(2, yaw), shift), pitch + angle


def _with_ankle_eased(joints: np.ndarray, body: Body, poses: Poses, side: int) -> Poses:
    """The poses with the foot tipped where its ankle would be bent too far: in a crouch the heel rises."""
    knee, ankle, foot = (joints[:, J[f"{SIDES[side]}_{part}"]] for part in ("knee", "ankle", "foot"))
    shin, sole = knee - ankle, foot - ankle
    cosine = np.sum(shin * sole, axis=1) / np.linalg.norm(shin, axis=1) / np.linalg.norm(sole, axis=1)
    yaw = poses.foot_yaw[:, side]
    left = np.stack([np.cos(yaw), np.sin(yaw), np.zeros_like(yaw)], axis=1)
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    pointed = (np.sum(np.cross(shin, sole) * left, axis=1) < 0) & (angle > np.pi / 2)
    angle = np.where(pointed, 2 * np.pi - angle, angle)
    missing = np.clip(angle, *_ANKLE_LIMITS) - angle
    ankles, pitch = poses.ankles.copy(), poses.foot_pitch.copy()
    ankles[:, side], pitch[:, side] = tipped(body, ankles[:, side], yaw, pitch[:, side], missing, side)
    return replace(poses, ankles=ankles, foot_pitch=pitch)


def _trunk_rotations(poses: Poses) -> dict[str, np.ndarray]:
    """(N, 3, 3) world rotations of pelvis, spine, neck and head."""
    p = {name: poses.posture[:, index] for index, name in enumerate(POSTURE)}
    # The torso stays upright over a tilted pelvis: the spine takes the tilt back.
    bend, lean = (p["bend"] - p["hip_roll"]) / 3, (p["lean"] - p["hip_pitch"]) / 3
    chest = {"spine1": 0.7 * p["chest"], "spine2": -0.4 * p["chest"], "spine3": -1.0 * p["chest"]}
    world = {"pelvis": _turned(poses.facing + p["hip_yaw"], p["hip_roll"], p["hip_pitch"])}
    last = "pelvis"
    for name in _TRUNK[1:4]:
        world[name] = world[last] @ _turned(p["twist"] / 3, bend, lean + chest[name])
        last = name
    for name in _TRUNK[4:]:
        local = _turned(p["look"] / 2, p["tilt"] / 2, (p["nod"] - 0.5 * p["lean"]) / 2)
        world[name] = world[last] @ local
        last = name
    return world


def _place_arm(joints: np.ndarray, body: Body, poses: Poses, chest: np.ndarray, side: int) -> None:
    name = SIDES[side]
    collar, shoulder = J[f"{name}_collar"], J[f"{name}_shoulder"]
    joints[:, collar] = joints[:, J["spine3"]] + chest @ body.offsets[collar]
    shrug = poses.posture[:, POSTURE.index(f"shrug_{name}")] * (1.0 if side else -1.0)
    lifted = chest @ axis_rotations(1, shrug)
    joints[:, shoulder] = joints[:, collar] + lifted @ body.offsets[shoulder]
    directions = poses.arms[:, side] * _FORWARD
    directions = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    # A relaxed wrist: the hand bends a little further the way that the elbow does.
    hand = 1.2 * directions[:, 1] - 0.2 * directions[:, 0]
    chain = (("elbow", directions[:, 0]), ("wrist", directions[:, 1]), ("hand", hand))
    last = shoulder
    for part, direction in chain:
        joint = J[f"{name}_{part}"]
        along = np.einsum("nij,nj->ni", chest, direction / np.linalg.norm(direction, axis=1, keepdims=True))
        joints[:, joint] = joints[:, last] + along * body.bone_lengths[joint]
        last = joint
    ahead = np.einsum("nij,j->ni", chest, [0.0, -1.0, 0.0])
    for part, _ in reversed(chain):
        _lift(joints, ahead, shoulder, J[f"{name}_{part}"], [J[f"{name}_{part}"] for part, _ in chain])


def _lift(joints: np.ndarray, ahead: np.ndarray, shoulder: int, lowest: int, arm: list[int]) -> None:
    """Turns the arm up about the shoulder in the frames in which one of its joints is in the floor."""
    start = joints[:, shoulder]
    low = np.flatnonzero(joints[:, lowest, 2] < _HAND_HEIGHT_M)
    if not len(low):
        return
    reach = joints[low, lowest] - start[low]
    length = np.linalg.norm(reach, axis=1)
    across = (reach + 0.3 * ahead[low]) * (1.0, 1.0, 0.0)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    wanted = np.clip((_HAND_HEIGHT_M - start[low, 2]) / length, -1.0, 1.0)
    angle = np.arcsin(wanted) - np.arcsin(np.clip(reach[:, 2] / length, -1.0, 1.0))
    axis = np.stack([across[:, 1], -across[:, 0], np.zeros(len(low))], axis=1)
    turn = axis_angle_rotations(axis * angle[:, None])
    for joint in arm:
        joints[low, joint] = start[low] + np.einsum("nij,nj->ni", turn, joints[low, joint] - start[low])


def _reachable_height(body: Body, poses: Poses, pelvis: np.ndarray) -> np.ndarray:
    """(N,) height of the pelvis, lowered smoothly so that both legs reach their feet on the floor."""
    wanted = poses.pelvis[:, 2]
    for side, name in enumerate(SIDES):
        hip = pelvis @ body.offsets[J[f"{name}_hip"]]
        across = np.linalg.norm(poses.pelvis[:, :2] + hip[:, :2] - poses.ankles[:, side, :2], axis=1)
        reach = _REACH * body.leg_m
        highest = poses.ankles[:, side, 2] + np.sqrt(np.maximum(reach**2 - across**2, 0.01)) - hip[:, 2]
        # A leg that is out of reach in the air is straight instead.
        foot = axis_rotations(0, poses.foot_pitch[:, side]) @ body.offsets[J[f"{name}_foot"]]
        in_the_air = np.maximum(poses.ankles[:, side, 2] + foot[:, 2] - _TOE_HEIGHT_M, 0.0)
        highest = highest + _AIR_SLACK * in_the_air
        wanted = wanted - 0.008 * np.logaddexp(0.0, (wanted - highest) / 0.008)
    return np.asarray(wanted)


def _place_leg(joints: np.ndarray, body: Body, poses: Poses, pelvis: np.ndarray, side: int) -> None:
    """Hip, knee, ankle and foot: the knee by the triangle of thigh, shin and hip to ankle."""
    hip, knee, ankle, foot = (J[f"{SIDES[side]}_{part}"] for part in ("hip", "knee", "ankle", "foot"))
    thigh, shin = body.bone_lengths[knee], body.bone_lengths[ankle]
    joints[:, hip] = joints[:, 0] + pelvis @ body.offsets[hip]
    line = poses.ankles[:, side] - joints[:, hip]
    length = np.linalg.norm(line, axis=1, keepdims=True)
    line = line / length
    length = np.clip(length, abs(thigh - shin) + 0.02, 0.998 * (thigh + shin))
    along = (length**2 + thigh**2 - shin**2) / (2 * length)
    yaw = 0.5 * (poses.foot_yaw[:, side] + poses.facing)
    left = np.stack([np.cos(yaw), np.sin(yaw), np.zeros_like(yaw)], axis=1)
    # In front of a standing leg, above one stretched forward, below one stretched back.
    ahead = np.cross(line, left) + 0.3 * np.stack([left[:, 1], -left[:, 0], left[:, 2]], axis=1)
    ahead = ahead - line * np.sum(ahead * line, axis=1, keepdims=True)
    ahead = ahead / np.linalg.norm(ahead, axis=1, keepdims=True)
    joints[:, knee] = joints[:, hip] + line * along + ahead * np.sqrt(np.maximum(thigh**2 - along**2, 0.0))
    joints[:, ankle] = joints[:, hip] + line * length
    turned = axis_rotations(2, poses.foot_yaw[:, side]) @ axis_rotations(0, poses.foot_pitch[:, side])
    joints[:, foot] = joints[:, ankle] + turned @ body.offsets[foot]


def with_bone_lengths(joints: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Joints whose bones keep their directions and get other lengths, from the pelvis outwards.

    Args:
        joints: (N, 24, 3) metres.
        lengths: (24,) or (N, 24) metres, as :func:`bone_lengths` gives them.
    """
    result = joints.copy()
    scale = lengths / np.maximum(bone_lengths(joints), 1e-9)
    for index in range(1, len(J)):
        bone = joints[:, index] - joints[:, PARENTS[index]]
        result[:, index] = result[:, PARENTS[index]] + bone * scale[:, index, None]
    return result


def bone_lengths(joints: np.ndarray) -> np.ndarray:
    """(N, 24) metres from each joint to its parent; the pelvis has 0."""
    lengths = np.zeros(joints.shape[:2])
    lengths[:, 1:] = np.linalg.norm(joints[:, 1:] - joints[:, list(PARENTS[1:])], axis=-1)
    return lengths


def with_jitter(joints: np.ndarray, sd_m: float, rng: np.random.Generator) -> np.ndarray:
    """Joints with the small error of a motion capture: smooth over a few frames, bones kept.

    Args:
        joints: (N, 24, 3) metres.
        sd_m: standard deviation of a joint's error in metres.
    """
    noise = smooth_noise(joints.shape, 3.0, rng) * sd_m
    return with_bone_lengths(joints + noise, bone_lengths(joints[:1])[0])


def smooth_noise(shape: tuple[int, ...], frames: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise of standard deviation 1, smoothed over frames along the first axis."""
    radius = int(np.ceil(3 * frames))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / frames) ** 2)
    kernel /= np.sqrt(np.sum(kernel**2))
    length = shape[0] + 2 * radius
    white = rng.standard_normal((length, int(np.prod(shape[1:], dtype=int))))
    size = 1 << (length + 2 * radius).bit_length()
    spectrum = np.fft.rfft(white, size, axis=0) * np.fft.rfft(kernel, size)[:, None]
    smooth = np.fft.irfft(spectrum, size, axis=0)[2 * radius : 2 * radius + shape[0]]
    return np.asarray(smooth.reshape(shape))
