"""The words that dances are written in: how the body is held, where arms point, where feet stand.

All of it is said for a body that faces forward, lateral things for its left side: x to the dancer's
left, y forward, z up. The right side mirrors it.
"""

from __future__ import annotations

import numpy as np

POSTURE = (
    "sway_x",  # pelvis to the left, in leg lengths
    "sway_y",  # pelvis forward, in leg lengths
    "drop",  # pelvis down, in leg lengths
    "hip_yaw",  # pelvis turned to the left, radians from here on
    "hip_roll",  # left hip down
    "hip_pitch",  # pelvis tipped forward
    "lean",  # torso forward
    "bend",  # torso to the left
    "twist",  # shoulders turned to the left
    "chest",  # upper torso pushed out
    "nod",  # head down
    "look",  # head turned to the left
    "tilt",  # head to the left shoulder
    "heels",  # both heels off the floor, radians that the feet are tipped forward
    "shrug_left",
    "shrug_right",
)
"""What a posture consists of, in the order of its numbers."""

POSTURE_LIMITS = {
    "sway_x": (-0.22, 0.22),
    "sway_y": (-0.2, 0.2),
    "drop": (-0.1, 0.58),
    "hip_yaw": (-0.7, 0.7),
    "hip_roll": (-0.35, 0.35),
    "hip_pitch": (-0.35, 0.6),
    "lean": (-0.5, 1.25),
    "bend": (-0.6, 0.6),
    "twist": (-0.9, 0.9),
    "chest": (-0.38, 0.38),
    "nod": (-0.7, 0.6),
    "look": (-1.1, 1.1),
    "tilt": (-0.6, 0.6),
    "heels": (0.0, 0.75),
    "shrug_left": (-0.1, 0.5),
    "shrug_right": (-0.1, 0.5),
}
"""How far each part of a posture goes, however large the movement."""

_LATERAL = ("sway_x", "hip_yaw", "hip_roll", "bend", "twist", "look", "tilt")
_LOWEST, _HIGHEST = np.array([POSTURE_LIMITS[name] for name in POSTURE]).T
_SIGNS = np.array([-1.0 if name in _LATERAL else 1.0 for name in POSTURE])

_SIDED = {
    "hip": {"sway_x": 0.055, "hip_roll": -0.13, "bend": -0.04},
    "roll": {"sway_x": 0.04, "hip_roll": -0.2, "hip_yaw": 0.12},
    "turn": {"hip_yaw": 0.35, "twist": 0.1},
    "twist": {"twist": 0.5, "hip_yaw": -0.1},
    "bend": {"bend": 0.32, "sway_x": -0.02},
    "look": {"look": 0.6},
    "tilt": {"tilt": 0.3},
    "shoulder": {"shrug_left": 0.35, "bend": -0.07, "twist": 0.08},
    "lunge": {"sway_x": 0.1, "drop": 0.1, "bend": -0.08},
    "swing": {"sway_x": 0.085, "hip_roll": -0.24, "hip_yaw": 0.12, "bend": -0.14},
    "slant": {"bend": 0.2, "tilt": 0.16, "sway_x": 0.05},
}
_WORDS = {
    "drop": {"drop": 0.055, "lean": 0.07},
    "deep": {"drop": 0.13, "lean": 0.22, "nod": -0.1},
    "low": {"drop": 0.22, "lean": 0.38, "nod": -0.15},
    "rise": {"drop": -0.012, "chest": 0.06},
    "lean": {"lean": 0.32, "sway_y": -0.04, "nod": -0.1},
    "back": {"lean": -0.16, "sway_y": 0.06, "drop": 0.04},
    "chest": {"chest": 0.24, "sway_y": 0.015},
    "cave": {"chest": -0.24, "lean": 0.1, "drop": 0.025},
    "push": {"sway_y": 0.08, "hip_pitch": -0.16, "drop": 0.03},
    "pull": {"sway_y": -0.06, "hip_pitch": 0.14, "drop": 0.035},
    "nod": {"nod": 0.26},
    "up": {"nod": -0.22},
    "tall": {"drop": -0.05, "chest": 0.06, "nod": -0.06},
    "toes": {"heels": 0.6, "drop": -0.055},
    "crouch": {"drop": 0.58, "lean": 0.95, "hip_pitch": 0.5, "nod": -0.5},
    "sit": {"drop": 0.24, "lean": 0.16, "hip_pitch": -0.1},
    "hinge": {"lean": 0.62, "hip_pitch": 0.3, "sway_y": -0.1, "nod": -0.3, "drop": 0.05},
    "arch": {"lean": -0.28, "chest": 0.22, "nod": -0.3, "sway_y": 0.05},
    "buck": {"chest": 0.34, "lean": -0.12, "nod": -0.12, "drop": 0.07},
    "brace": {"chest": -0.2, "lean": 0.26, "drop": 0.12, "nod": 0.08},
    "shrug": {"shrug_left": 0.32, "shrug_right": 0.32},
}

ARMS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "down": ((0.17, 0.0, -1.0), (0.1, 0.22, -1.0)),
    "loose": ((0.28, 0.02, -1.0), (0.16, 0.5, -0.8)),
    "bent": ((0.3, -0.12, -0.95), (0.02, 1.0, 0.12)),
    "guard": ((0.36, 0.18, -0.9), (-0.18, 0.72, 0.66)),
    "frame": ((0.5, 0.42, -0.75), (-0.12, 0.95, 0.28)),
    "open": ((0.75, 0.35, -0.5), (0.6, 0.8, 0.05)),
    "ahead": ((0.18, 0.62, -0.76), (-0.05, 0.98, -0.1)),
    "behind": ((0.24, -0.62, -0.75), (0.16, -0.2, -0.96)),
    "out": ((1.0, 0.12, 0.02), (1.0, 0.2, 0.06)),
    "wing": ((0.85, 0.05, -0.5), (0.9, 0.3, -0.35)),
    "vee": ((0.72, 0.12, 0.65), (0.6, 0.15, 0.8)),
    "high": ((0.26, 0.16, 1.0), (0.1, 0.12, 1.0)),
    "roof": ((0.75, 0.12, 0.5), (-0.55, 0.2, 0.85)),
    "reach": ((0.12, 0.95, 0.1), (0.0, 1.0, 0.12)),
    "lift": ((0.16, 0.8, 0.55), (0.08, 0.72, 0.7)),
    "punch": ((0.08, 0.95, -0.2), (-0.1, 1.0, 0.02)),
    "cross": ((0.2, 0.6, -0.75), (-0.92, 0.42, 0.16)),
    "over": ((0.0, 0.85, 0.2), (-0.8, 0.5, 0.35)),
    "clap": ((0.22, 0.72, -0.65), (-0.62, 0.72, 0.28)),
    "clap_high": ((0.4, 0.5, 0.75), (-0.6, 0.3, 0.75)),
    "hip": ((0.66, -0.16, -0.75), (-0.42, 0.45, -0.78)),
    "heart": ((0.55, 0.22, -0.8), (-0.82, 0.5, 0.4)),
    "head": ((0.85, 0.12, 0.4), (-0.62, -0.05, 0.78)),
    "goal": ((1.0, 0.08, 0.0), (0.12, 0.2, 1.0)),
    "hook": ((1.0, 0.08, 0.05), (0.12, 0.25, -1.0)),
    "wave_up": ((0.95, 0.12, 0.34), (0.9, 0.2, -0.4)),
    "wave_down": ((0.95, 0.12, -0.36), (0.9, 0.2, 0.46)),
    "point": ((0.7, 0.35, 0.62), (0.66, 0.35, 0.68)),
    "dig": ((0.1, 0.5, -0.85), (-0.55, 0.55, -0.65)),
    "pump": ((0.5, 0.2, 0.75), (0.05, 0.35, 0.95)),
    "pulled": ((0.45, -0.55, -0.7), (0.0, 0.95, 0.25)),
    "spread": ((0.9, -0.15, -0.25), (0.95, 0.05, 0.0)),
    "floor": ((0.25, 0.9, -0.45), (0.08, 0.92, -0.45)),
    "lock": ((0.8, 0.22, -0.55), (-0.15, 0.7, -0.7)),
    "twirl": ((0.75, 0.3, 0.2), (-0.05, 0.3, 0.95)),
    "uncle": ((0.45, 0.75, -0.4), (0.4, 0.9, -0.25)),
    "fold": ((1.0, 0.1, 0.08), (-0.88, 0.42, 0.12)),
    "strike": ((0.6, 0.05, 0.8), (0.62, 0.02, 0.78)),
    "whip": ((0.7, -0.1, 0.65), (-0.55, -0.5, 0.6)),
    "sweep": ((0.55, 0.25, -0.8), (0.5, 0.4, -0.75)),
    "elbows": ((0.85, -0.4, -0.35), (0.15, 0.8, -0.55)),
    "smash": ((0.35, 0.75, -0.6), (0.1, 0.8, -0.6)),
    "swung": ((0.4, 0.6, 0.7), (0.1, 0.75, 0.65)),
    "first": ((0.5, 0.42, -0.75), (-0.4, 0.72, -0.55)),
    "second": ((0.96, 0.26, -0.04), (0.94, 0.32, -0.1)),
    "fifth": ((0.5, 0.2, 0.85), (-0.36, 0.15, 0.92)),
    "long": ((0.22, 0.94, 0.24), (0.12, 0.97, 0.2)),
    "trail": ((0.8, -0.5, 0.08), (0.84, -0.46, 0.02)),
    "hold_out": ((0.9, 0.32, -0.12), (0.62, 0.6, 0.42)),
    "hold_in": ((0.74, 0.5, -0.24), (-0.66, 0.74, 0.02)),
    "collar": ((0.5, 0.4, -0.6), (-0.55, 0.1, 0.85)),
    "slice": ((0.45, 0.85, 0.25), (0.5, 0.85, 0.1)),
}
"""Directions of the left upper arm and forearm against the chest, by name."""

SPOTS: dict[str, tuple[float, float]] = {
    "home": (0.11, 0.0),
    "in": (0.06, 0.02),
    "out": (0.27, 0.0),
    "wide": (0.4, 0.0),
    "front": (0.1, 0.27),
    "back": (0.1, -0.27),
    "fdiag": (0.27, 0.24),
    "bdiag": (0.27, -0.24),
    "xfront": (-0.1, 0.2),
    "xback": (-0.09, -0.2),
    "heel": (0.12, 0.34),
    "under": (-0.22, 0.24),
    "long": (0.12, 0.46),
    "away": (0.13, -0.46),
    "far": (0.52, 0.0),
}
"""Where a left foot can stand against the middle between the feet, in leg lengths."""

KICKS: dict[str, tuple[float, float, float]] = {
    "knee": (0.11, 0.16, 0.36),
    "kick": (0.1, 0.5, 0.28),
    "side": (0.52, 0.1, 0.24),
    "flick": (0.13, -0.34, 0.28),
    "cross": (-0.14, 0.4, 0.2),
    "passe": (0.2, 0.1, 0.42),
    "line": (0.1, 0.95, 0.6),
    "beside": (0.95, 0.05, 0.6),
    "arabesque": (0.08, -0.9, 0.5),
    "stub": (0.52, 0.3, 0.1),
}
"""Where a left foot can be in the air, its ankle's height last, in leg lengths."""


def _vector(parts: dict[str, float]) -> np.ndarray:
    return np.array([parts.get(name, 0.0) for name in POSTURE])


def mirrored_posture(posture: np.ndarray) -> np.ndarray:
    """(..., 16) the posture with left and right exchanged."""
    mirrored = posture * _SIGNS
    mirrored[..., -2:] = posture[..., [-1, -2]]
    return np.asarray(mirrored)


def within_limits(postures: np.ndarray) -> np.ndarray:
    """(..., 16) postures no part of which goes further than POSTURE_LIMITS."""
    return np.clip(postures, _LOWEST, _HIGHEST)


def posture(word: str) -> np.ndarray | None:
    """(16,) what a word such as ``drop`` or ``hipL`` does to the body, or None if it is no such word."""
    if word in _WORDS:
        return _vector(_WORDS[word])
    if word[:-1] in _SIDED and word[-1] in "LR":
        left = _vector(_SIDED[word[:-1]])
        return left if word[-1] == "L" else mirrored_posture(left)
    return None


def arm(name: str, side: str) -> np.ndarray:
    """(2, 3) unit directions of upper arm and forearm in the chest's frame (x left, y forward, z up)."""
    directions = np.array(ARMS[name])
    directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return np.asarray(directions * (1.0 if side == "L" else -1.0, 1.0, 1.0))
