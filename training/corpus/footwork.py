"""Where the feet are: steps, weight, turns and walking, key by key and then frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.motion.skeleton import JOINT_INDEX as J
from .body import Body
from .moves import Key, Step, parse
from .poses import SPOTS, arm

_SIDES = {"L": 0, "R": 1}
_FARTHEST = 0.5  # leg lengths from home at which a foot that was left behind comes after
_ROAM = 2.2  # leg lengths from the start beyond which the dancer walks back
_LONGEST_STEP_S = 0.42
_LONGEST = 1.4  # of a step, against its spot
_TURNED_OUT = 0.18  # radians that feet at ease point away from each other
_MOST_TWISTED = 0.8  # radians that a foot on the floor is turned against the pelvis before it pivots


@dataclass(frozen=True)
class Placement:
    """Where a key puts feet, pelvis and arms.

    Attributes:
        feet: (2, 3) metres, ankles across the floor and above their height in standing.
        yaw: (2,) radians, where the feet point.
        stepping: (2,) bool: the foot arrives here from elsewhere.
        pelvis: (2,) metres, the point across the floor that the weight is over.
        facing: radians to the left.
        arms: (2, 2, 3) directions.
    """

    feet: np.ndarray
    yaw: np.ndarray
    stepping: np.ndarray
    pelvis: np.ndarray
    facing: float
    arms: np.ndarray


class Footing:
    """Follows the keys of a dance: the place, the way it faces, the feet, the weight, the arms.

    Args:
        body: the dancer, whose legs are the measure of steps.
        arm_start: words for the arms' first pose.
    """

    def __init__(self, body: Body, arm_start: str) -> None:
        self.body = body
        self.leg_m = body.leg_m
        self.place = np.zeros(2)
        self.facing = 0.0
        self.weight = 0.5
        self.ease = np.stack([arm("loose", side) for side in _SIDES])
        start = parse(f"0 {arm_start}")[0].arms
        self.arms = np.stack([start[side] for side in _SIDES])
        home = SPOTS["home"]
        self.feet = np.array([[home[0], home[1], 0.0], [-home[0], home[1], 0.0]]) * self.leg_m
        self.feet[:, 1] *= -1.0
        self.yaw = np.zeros(2)

    def follow(self, key: Key, size: float) -> Placement:
        """Where a key of this size leads."""
        self.facing += key.turn
        self._walk(np.array(key.travel) * size)
        steps = {step.foot: step for step in (*self._left_behind(), *key.steps)}
        stepping = np.zeros(2, dtype=bool)
        for foot, step in steps.items():
            self._step(_SIDES[foot], step, size)
            stepping[_SIDES[foot]] = True
        self._pivot(stepping)
        if key.weight is not None:
            self.weight = key.weight
        arms = self._reach(key, size)
        weight = np.clip(self.weight, 0.12, 0.88)
        pelvis = weight * self.feet[0, :2] + (1.0 - weight) * self.feet[1, :2]
        return Placement(self.feet.copy(), self.yaw.copy(), stepping, pelvis, self.facing, arms)

    def _axes(self) -> np.ndarray:
        """(2, 2) rows: the dancer's left and forward across the floor."""
        return np.array(
            [[np.cos(self.facing), np.sin(self.facing)], [np.sin(self.facing), -np.cos(self.facing)]]
        )

    def _walk(self, travel: np.ndarray) -> None:
        if np.any(travel):
            self.place = self.place + travel @ self._axes() * self.leg_m
            away = float(np.linalg.norm(self.place)) / (_ROAM * self.leg_m)
            self.place /= max(1.0, away)

    def _left_behind(self) -> list[Step]:
        """Steps home for feet that are in the air or too far from the dancer's place."""
        steps = []
        for foot, side in _SIDES.items():
            away = np.linalg.norm(self.feet[side, :2] - self.place) / self.leg_m
            if self.feet[side, 2] > 0 or away > _FARTHEST:
                x, y = SPOTS["home"]
                steps.append(Step(foot, x if side == 0 else -x, y))
        return steps

    def _step(self, side: int, step: Step, size: float) -> None:
        home = np.array([SPOTS["home"][0] * (1 if side == 0 else -1), 0.0])
        spot = home + (np.array([step.x, step.y]) - home) * min(size, _LONGEST)
        self.feet[side, :2] = self.place + spot @ self._axes() * self.leg_m
        self.feet[side, 2] = step.height * min(size, _LONGEST) * self.leg_m
        self.yaw[side] = self.facing + (_TURNED_OUT if side == 0 else -_TURNED_OUT)

    def _pivot(self, stepping: np.ndarray) -> None:
        """Turns feet that stay where they are along with a body that turns far, on their balls."""
        twist = self.yaw - self.facing
        turned = ~stepping & (np.abs(twist) > _MOST_TWISTED)
        yaw = np.where(turned, self.facing + np.clip(twist, -_TURNED_OUT, _TURNED_OUT), self.yaw)
        self.feet[:, :2] += _balls(self.body, self.yaw) - _balls(self.body, yaw)
        self.yaw = yaw
        stepping |= turned

    def _reach(self, key: Key, size: float) -> np.ndarray:
        for side, pair in key.arms.items():
            self.arms[_SIDES[side]] = pair
        share = float(np.clip(0.1 + 0.9 * size, 0.0, 1.05))
        arms = self.ease + share * (self.arms - self.ease)
        return np.asarray(arms / np.linalg.norm(arms, axis=-1, keepdims=True))


def _balls(body: Body, yaw: np.ndarray) -> np.ndarray:
    """(..., 2, 2) where the balls of the feet are across the floor against the ankles, yaw (..., 2)."""
    feet = body.offsets[[J["left_foot"], J["right_foot"]], :2]
    cosine, sine = np.cos(yaw), np.sin(yaw)
    return np.stack(
        [cosine * feet[:, 0] - sine * feet[:, 1], sine * feet[:, 0] + cosine * feet[:, 1]], axis=-1
    )


def foot_tracks(
    frames: np.ndarray, times: np.ndarray, placements: list[Placement], body: Body
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The feet at frame times: planted where they stand, lifted from there to the next place.

    A foot that turns in its place turns on its ball.

    Args:
        frames: (N,) seconds; times: (K,) seconds of the placements.

    Returns:
        ankles (N, 2, 3) metres, yaw (N, 2) and pitch (N, 2) radians.
    """
    feet = np.stack([place.feet for place in placements])
    yaws = np.stack([place.yaw for place in placements])
    feet[..., :2] += _balls(body, yaws)
    ankles, yaw, pitch = np.zeros((len(frames), 2, 3)), np.zeros((len(frames), 2)), np.zeros((len(frames), 2))
    index = np.clip(np.searchsorted(times, frames, side="right") - 1, 0, len(times) - 2)
    gap = times[index + 1] - times[index]
    for side in range(2):
        stepping = np.array([place.stepping[side] for place in placements])
        step_s = np.clip(0.9 * gap, 1e-6, _LONGEST_STEP_S)
        u = np.clip(1.0 - (times[index + 1] - frames) / step_s, 0.0, 1.0) * stepping[index + 1]
        s = u**2 * (3 - 2 * u)
        start, end = feet[index, side], feet[index + 1, side]
        ankles[:, side] = start + s[:, None] * (end - start)
        length = np.linalg.norm(end - start, axis=1)
        lift = np.minimum(0.03 + 0.15 * length, 0.1 * body.leg_m) * np.sin(np.pi * u) ** 2 * (length > 1e-3)
        ankles[:, side, 2] += body.ankle_m + lift
        yaw[:, side] = yaws[index, side] + s * (yaws[index + 1, side] - yaws[index, side])
        pitch[:, side] = np.minimum(2.5 * (ankles[:, side, 2] - body.ankle_m), 0.5)
    ankles[..., :2] -= _balls(body, yaw)
    return ankles, yaw, pitch
