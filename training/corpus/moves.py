"""Dance moves as short texts, and what a text says.

``4: 0 L>front hipL | 0.5 R>home | ...`` is a move of 4 beats, followed by its keys; a move may go on over
several lines. Each key is a place in beats and words about what the body reaches there:

``L>out``   the left foot steps to a spot (see poses.SPOTS) and takes the weight
``R.heel``  the right foot touches a spot without weight
``L^kick``  the left foot is in the air there (see poses.KICKS)
``a=guard`` both arms; ``l=high`` the left arm, ``r=hip`` the right one
``turn+90`` the dancer faces another way, degrees to the left; ``go=0.2,0.1`` walks left and forward
``hold``    all stays as at the key before; the groove does not move it either
``w=m``     the weight is on L, R or in the middle
the rest    words for the body (see poses.posture); they hold for their key only
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from .poses import ARMS, KICKS, POSTURE, SPOTS, arm, mirrored_posture, posture

_OTHER = {"L": "R", "R": "L"}
_WEIGHTS = {"L": 1.0, "R": 0.0, "m": 0.5}


@dataclass(frozen=True)
class Step:
    """A foot reaches a place.

    Attributes:
        foot: L or R.
        x, y: leg lengths to the dancer's left and forward from the middle between the feet.
        height: leg lengths above standing; 0 on the floor.
    """

    foot: str
    x: float
    y: float
    height: float = 0.0


@dataclass(frozen=True)
class Key:
    """What the body reaches at one moment of a move.

    Attributes:
        at: beats after the move's start.
        posture: (16,) see poses.POSTURE.
        arms: directions (2, 3) by side, for the arms that are told to move.
        steps: feet that arrive now.
        weight: share of the weight on the left foot, or None where it stays.
        turn: radians to the left.
        travel: leg lengths to the left and forward.
        still: nothing is added to the posture, not even the groove.
    """

    at: float
    posture: np.ndarray
    arms: dict[str, np.ndarray] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    weight: float | None = None
    turn: float = 0.0
    travel: tuple[float, float] = (0.0, 0.0)
    still: bool = False

    def mirrored(self) -> Key:
        """The key with left and right exchanged."""
        return replace(
            self,
            posture=mirrored_posture(self.posture),
            arms={_OTHER[side]: pair * (-1.0, 1.0, 1.0) for side, pair in self.arms.items()},
            steps=tuple(replace(step, foot=_OTHER[step.foot], x=-step.x) for step in self.steps),
            weight=None if self.weight is None else 1.0 - self.weight,
            turn=-self.turn,
            travel=(-self.travel[0], self.travel[1]),
        )


@dataclass(frozen=True)
class Move:
    """A move of a whole number of beats.

    Attributes:
        beats: its length.
        text: its keys, as this module's head explains.
    """

    beats: int
    text: str

    def sequence(self, mirror: bool = False) -> tuple[Key, ...]:
        """The keys, with left and right exchanged if asked."""
        keys = parse(self.text)
        return tuple(key.mirrored() for key in keys) if mirror else keys


def moves(text: str) -> tuple[Move, ...]:
    """The moves of a text, each beginning with ``beats:`` at the start of a line.

    Raises:
        ValueError: a word that is none.
    """
    parts = re.split(r"^(\d+):", text, flags=re.MULTILINE)[1:]
    found = tuple(
        Move(int(beats), " ".join(keys.split())) for beats, keys in zip(parts[::2], parts[1::2], strict=True)
    )
    for move in found:
        move.sequence()
    return found


@lru_cache(maxsize=512)
def parse(text: str) -> tuple[Key, ...]:
    """The keys of a move's text.

    Raises:
        ValueError: a word that is none.
    """
    keys: list[Key] = []
    for part in text.split("|"):
        at, *words = part.split()
        if words == ["hold"]:
            keys.append(_held(keys[-1], float(at)))
        else:
            keys.append(_key([at, *words]))
    return tuple(keys)


def _held(key: Key, at: float) -> Key:
    in_the_air = tuple(step for step in key.steps if step.height > 0)
    return replace(key, at=at, arms={}, steps=in_the_air, turn=0.0, travel=(0.0, 0.0), still=True)


def _key(words: list[str]) -> Key:
    key = Key(float(words[0]), np.zeros(len(POSTURE)))
    for word in words[1:]:
        key = _with_word(key, word)
    return key


def _with_word(key: Key, word: str) -> Key:
    body = posture(word)
    if body is not None:
        return replace(key, posture=key.posture + body)
    if word[:2] in ("a=", "l=", "r=") and word[2:] in ARMS:
        sides = {"a": "LR", "l": "L", "r": "R"}[word[0]]
        return replace(key, arms={**key.arms, **{side: arm(word[2:], side) for side in sides}})
    if word[:2] == "w=" and word[2:] in _WEIGHTS:
        return replace(key, weight=_WEIGHTS[word[2:]])
    if word.startswith("turn"):
        return replace(key, turn=np.deg2rad(float(word[4:])))
    if word.startswith("go="):
        left, forward = word[3:].split(",")
        return replace(key, travel=(float(left), float(forward)))
    return _with_step(key, word)


def _with_step(key: Key, word: str) -> Key:
    foot, kind, place = word[:1], word[1:2], word[2:]
    side = {"L": 1.0, "R": -1.0}.get(foot)
    if side is None or kind not in tuple(">.^") or place not in (KICKS if kind == "^" else SPOTS):
        raise ValueError(f"no such word in a move: {word!r}")
    x, y, height = KICKS[place] if kind == "^" else (*SPOTS[place], 0.0)
    carrying = 0.85 if (foot == "L") == (kind == ">") else 0.15
    return replace(key, steps=(*key.steps, Step(foot, side * x, y, height)), weight=carrying)
