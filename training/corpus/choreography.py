"""Choreography made in code: a dance of a genre on a beat grid, for the body of choice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...core.motion.rotations import axis_angle_rotations
from ...core.timing import FRAME_RATE
from .body import Body, Poses, joints_of, random_body, smooth_noise, tipped, with_jitter
from .footwork import Footing, Placement, foot_tracks
from .grid import GENRES, BeatGrid
from .moves import Key, Move, parse
from .poses import POSTURE, within_limits
from .style import Style
from .vocabulary import STYLES

TIMING_SD_S = 0.011
"""Spread of the moments that a dancer hits, against the beat."""

_LEAST_SIZE = 0.2  # of a movement at no energy, against one at full energy
_LIMB_SD_S = 0.004
_JITTER_M = 0.0012
_PACES = (0.5, 1.0, 2.0)
_REBOUND_S = 0.16
_ELBOW_LIMIT = np.deg2rad(148.0)  # between upper arm and forearm, 0 where the arm is straight
_FASTEST_ARM = 6.5  # radians a second from key to key, on the whole; nearly twice as fast in between
_ANTICIPATION = 0.6  # beats before the end of a break in which the dancer gets going


@dataclass(frozen=True)
class Cue:
    """A key that is danced: where on the grid, and how large.

    Attributes:
        position: beats of the grid.
        key: what is reached.
        size: of the movement; 0 is standing at ease.
    """

    position: float
    key: Key
    size: float


def choreograph(
    genre: str, number: int, grid: BeatGrid, rng: np.random.Generator, body: Body | None = None
) -> np.ndarray:
    """A dance of a genre whose hits fall on the grid's beats and, in passing, on half-beats.

    Movement grows with the grid's energy; below BREAK_ENERGY the dancer stands nearly still.

    Args:
        genre: one of vocabulary.STYLES.
        number: of the choreography; it says which moves are danced in which phrase, whatever the song.
        grid: the beats.
        rng: chooses how it is danced: the dancer, how exactly and with what noise.
        body: the dancer, instead of a chosen one.

    Returns:
        (N, 24, 3) metres, Z up, N = round(duration_s * 60) frames at 60 Hz. Bones keep their lengths.
    """
    style = STYLES[genre]
    body = body or random_body(rng)
    idea = np.random.default_rng((GENRES.index(genre), number))
    cues = with_breaks(script(style, grid, idea), grid, rng)
    poses = _poses(cues, grid, style, body, rng)
    return with_jitter(joints_of(body, poses), _JITTER_M, rng)


def script(style: Style, grid: BeatGrid, rng: np.random.Generator) -> list[Cue]:
    """The keys from before the first beat to after the last: 8 counts, repeated with sides changed."""
    cues: list[Cue] = []
    phrase = _phrase(style, grid.phrase_beats, rng)
    mirror = bool(rng.integers(2))
    for start in range(-grid.phase - grid.phrase_beats, len(grid) + 2, grid.phrase_beats):
        size = style.size * float(np.clip(rng.normal(1.0, 0.08), 0.8, 1.2))
        pace = float(rng.choice(_PACES, p=style.paces))
        drift = rng.normal(0.0, style.roaming, 2)
        curve = float(rng.normal(0.0, 1.2 * style.roaming))
        keys = _danced(phrase, style, mirror, pace, grid.phrase_beats)
        for key in _syncopated(keys, style.syncopation, rng):
            energy = float(grid.energy[min(max(int(start + key.at), 0), len(grid) - 1)])
            human = float(np.clip(rng.normal(1.0, 0.06), 0.85, 1.15))
            accent = style.accents[int(key.at) % len(style.accents)] if key.at % 1 == 0 else 1.0
            key = _roaming(key, drift, curve) if key.steps else key
            share = _LEAST_SIZE + (1.0 - _LEAST_SIZE) * energy
            cues.append(Cue(start + key.at, key, size * human * accent * share))
        mirror = not mirror
        if rng.random() < 0.6:
            phrase = _phrase(style, grid.phrase_beats, rng)
    return cues


def _phrase(style: Style, beats: int, rng: np.random.Generator) -> list[tuple[float, Move, bool]]:
    """Moves that fill 8 counts: start, move, mirrored. Half of the time a move comes twice, mirrored."""
    moves: list[tuple[float, Move, bool]] = []
    at = 0
    while at < beats:
        fitting = [move for move in style.moves if move.beats <= beats - at]
        move = fitting[int(rng.integers(len(fitting)))]
        moves.append((at, move, False))
        at += move.beats
        if at + move.beats <= beats and rng.random() < 0.5:
            moves.append((at, move, True))
            at += move.beats
    return moves


def _danced(
    phrase: list[tuple[float, Move, bool]], style: Style, mirror: bool, pace: float, beats: int
) -> list[Key]:
    """The phrase's keys by time, with the groove on every beat.

    At pace 0.5 its first half takes all 8 counts; at pace 2 the groove comes back on half-beats.
    """
    keys: dict[float, Key] = {}
    for start, move, mirrored in phrase:
        for key in move.sequence(mirrored != mirror):
            keys[start + key.at] = key
    turning = {int(np.ceil(at)) for at, key in keys.items() if key.turn}
    for beat in range(beats):
        groove = parse(f"0 {style.groove[beat % len(style.groove)]}")[0]
        key = keys.get(float(beat), groove)
        if not key.still:
            keys[float(beat)] = replace(key, posture=key.posture + 0.6 * groove.posture)
        if pace > 1 and any(style.groove) and beat + 1 not in turning:
            keys.setdefault(beat + 0.5, parse("0 rise")[0])
    slowness = 2.0 if pace < 1 else 1.0
    return [replace(keys[at], at=at * slowness) for at in sorted(keys) if at * slowness < beats]


def _syncopated(keys: list[Key], chance: float, rng: np.random.Generator) -> list[Key]:
    """The keys with some of those on weak beats half a beat early, where neither another
    key nor a turn is in their way."""
    early = rng.random(len(keys)) < chance
    moved = []
    for index, key in enumerate(keys):
        free = index > 0 and keys[index - 1].at <= key.at - 1.0 and not key.turn
        moved.append(replace(key, at=key.at - 0.5) if early[index] and free and key.at % 2 == 1 else key)
    return moved


def _roaming(key: Key, drift: np.ndarray, curve: float) -> Key:
    """The key with its steps taken while walking (leg lengths, left and forward) on a curve (radians)."""
    travel = (key.travel[0] + float(drift[0]), key.travel[1] + float(drift[1]))
    return replace(key, travel=travel, turn=key.turn + curve)


def with_breaks(cues: list[Cue], grid: BeatGrid, rng: np.random.Generator) -> list[Cue]:
    """The cues without those in breaks; a break begins with a pose to be held, then a breath to start."""
    is_break = np.concatenate([[False], grid.is_break, [False]])
    edges = np.flatnonzero(np.diff(is_break.astype(int)))
    for first, end in edges.reshape(-1, 2):
        # A break that touches an end of the piece goes on beyond it.
        start = -np.inf if first == 0 else float(first)
        stop = np.inf if end == len(grid) else float(end)
        held = Cue(first, _resting(rng), 0.5 if rng.random() < 0.5 else 0.0)
        inside = [cue for cue in cues if start <= cue.position < stop]
        if not inside:
            continue
        held = Cue(max(start, inside[0].position), held.key, held.size)
        before = [cue for cue in cues if cue.position < start]
        after = [cue for cue in cues if cue.position >= stop]
        release = [Cue(min(stop, len(grid) + 2.0) - _ANTICIPATION, held.key, held.size)]
        cues = [*before, held, *release, *after]
    return cues


def _resting(rng: np.random.Generator) -> Key:
    """Both feet at home, weight between them; half of the time the arms stay where they are."""
    arms = rng.choice(["", "", "a=loose", "a=hip", "l=hip r=loose", "a=down"])
    return parse(f"0 L>home R>home w=m {arms}")[0]


def _poses(cues: list[Cue], grid: BeatGrid, style: Style, body: Body, rng: np.random.Generator) -> Poses:
    """The poses of every frame: each part moves from key to key, on time but not to the millisecond."""
    footing = Footing(body, arm_start=str(rng.choice(style.first_arms)))
    placements = [footing.follow(cue.key, cue.size) for cue in cues]
    times = grid.time_at(np.array([cue.position for cue in cues]))
    times = times + _spread(TIMING_SD_S, len(cues), rng)
    frames = np.arange(round(grid.duration_s * FRAME_RATE)) / FRAME_RATE

    def own_time(spread_s: float, chosen: np.ndarray) -> Tween:
        limb_times = times[chosen] + _spread(spread_s, len(chosen), rng)
        return tween(frames, np.maximum.accumulate(limb_times), style.hold, style.rebound)

    every = np.arange(len(cues))
    rows = [_trunk_row(cue, place, body) for cue, place in zip(cues, placements, strict=True)]
    trunk = own_time(_LIMB_SD_S, every).values(np.stack(rows))
    # Arms that no key stops on a half-beat go on from beat to beat.
    armed = np.array([index for index in every if cues[index].key.arms or cues[index].position % 1 != 0.5])
    directions = _reached(np.stack([placements[index].arms for index in armed]), times[armed], style.hold)
    both = [_arm(own_time(style.arms_spread_s, armed), directions[:, side]) for side in (0, 1)]
    arms = np.stack(both, axis=1)
    ankles, yaw, pitch = foot_tracks(frames, times, placements, body)
    trunk += _idle(len(frames), rng)
    heels = np.maximum(trunk[:, 4 + POSTURE.index("heels")], 0.0)
    for side in range(2):
        ankles[:, side], pitch[:, side] = tipped(
            body, ankles[:, side], yaw[:, side], pitch[:, side], heels, side
        )
    pelvis = trunk[:, :3].copy()
    pelvis[:, 2] = body.standing_m - trunk[:, 2] * body.leg_m
    return Poses(pelvis, trunk[:, 3], trunk[:, 4:], arms, ankles, yaw, pitch)


def _reached(directions: np.ndarray, times: np.ndarray, hold: float) -> np.ndarray:
    """(K, 2, 2, 3) how far the arms get in the time there is: quick movements are smaller ones."""
    reached = directions.copy()
    gaps = np.diff(times, prepend=times[:1])
    farthest = _FASTEST_ARM * gaps / _lateness(gaps, hold)
    for index in range(1, len(times)):
        start, end = reached[index - 1], directions[index]
        angle = np.arccos(np.clip(np.sum(start * end, axis=-1, keepdims=True), -0.995, 0.995))
        share = np.minimum(1.0, farthest[index] / angle)
        way = np.sin((1 - share) * angle) * start + np.sin(share * angle) * end
        reached[index] = way / np.linalg.norm(way, axis=-1, keepdims=True)
    return reached


def _arm(tween: Tween, keys: np.ndarray) -> np.ndarray:
    """(N, 2, 3) upper arm and forearm between keys (K, 2, 3): the elbow bends and never folds over.

    From key to key the plane that the elbow bends in is carried along with the upper arm and turned
    about it evenly, so that it is defined everywhere.
    """
    upper = keys[:, 0]
    cosine = np.sum(upper * keys[:, 1], axis=-1, keepdims=True)
    aside = _unit(keys[:, 1] - cosine * upper)
    axis = np.cross(upper[:-1], upper[1:])
    angle = np.arctan2(np.linalg.norm(axis, axis=-1), np.sum(upper[:-1] * upper[1:], axis=-1))
    swing = _unit(axis) * angle[:, None]
    back = np.einsum("kij,kj->ki", axis_angle_rotations(-swing), aside[1:])
    beside = np.cross(upper[:-1], aside[:-1])
    roll = np.arctan2(np.sum(back * beside, axis=-1), np.sum(back * aside[:-1], axis=-1))

    share, index = tween.share[:, None], tween.index
    turned = roll[index, None] * share
    aside = np.cos(turned) * aside[index] + np.sin(turned) * beside[index]
    aside = np.einsum("nij,nj->ni", axis_angle_rotations(swing[index] * share), aside)
    along = _unit(tween.directions(upper))
    aside = _unit(aside - np.sum(aside * along, axis=-1, keepdims=True) * along)
    bent = np.clip(tween.values(np.arccos(np.clip(cosine, -1.0, 1.0))), 0.0, _ELBOW_LIMIT)
    return np.stack([along, np.cos(bent) * along + np.sin(bent) * aside], axis=1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6))


def _spread(sd_s: float, count: int, rng: np.random.Generator) -> np.ndarray:
    return sd_s * np.clip(rng.standard_normal(count), -2.5, 2.5)


def _trunk_row(cue: Cue, place: Placement, body: Body) -> np.ndarray:
    """(20,) pelvis across the floor in metres, its drop in leg lengths, facing, and the posture."""
    posture = within_limits(cue.key.posture * cue.size)
    sway = posture[:2] * body.leg_m
    facing = place.facing
    left, ahead = np.array([np.cos(facing), np.sin(facing)]), np.array([np.sin(facing), -np.cos(facing)])
    across = place.pelvis + left * sway[0] + ahead * sway[1]
    return np.concatenate([across, [posture[POSTURE.index("drop")], facing], posture])


@dataclass(frozen=True)
class Tween:
    """How frames lie between keys: a standstill at each key, movement from one to the next.

    Attributes:
        index: (N,) the key before each frame.
        share: (N,) how much of the way to the next one is done, 0 to 1.
        spring: (N,) how far the body springs back from the key before, as a share of the way into it.
    """

    index: np.ndarray
    share: np.ndarray
    spring: np.ndarray

    def values(self, keys: np.ndarray) -> np.ndarray:
        """(N, D) what keys (K, D) are at the frames."""
        into = np.diff(keys, axis=0, prepend=keys[:1])[self.index]
        between = keys[self.index + 1] - keys[self.index]
        return np.asarray(keys[self.index] + self.share[:, None] * between - self.spring[:, None] * into)

    def directions(self, keys: np.ndarray) -> np.ndarray:
        """(N, ..., 3) unit directions: from one of keys (K, ..., 3) to the next at an even angular speed."""
        start, end = keys[self.index], keys[self.index + 1]
        angle = np.arccos(np.clip(np.sum(start * end, axis=-1, keepdims=True), -0.995, 0.995))
        share = self.share.reshape(-1, *[1] * (keys.ndim - 1))
        spring = self.spring.reshape(share.shape)
        into = np.diff(keys, axis=0, prepend=keys[:1])[self.index]
        turned = (np.sin((1 - share) * angle) * start + np.sin(share * angle) * end) / np.sin(angle)
        return np.asarray(turned - spring * into)


def tween(frames: np.ndarray, times: np.ndarray, hold: float, rebound: float) -> Tween:
    """Frames between keys.

    Args:
        frames: (N,) seconds; times: (K,) seconds of the keys, rising.
        hold: how much later than evenly the movement comes in long intervals, see Style.
        rebound: how far a movement springs back right after its end, as a share of it.
    """
    index = np.clip(np.searchsorted(times, frames, side="right") - 1, 0, len(times) - 2)
    gap = times[index + 1] - times[index]
    u = np.clip((frames - times[index]) / np.maximum(gap, 1e-6), 0.0, 1.0)
    late = u ** _lateness(gap, hold)
    share = 0.5 - 0.5 * np.cos(np.pi * late)
    spring = rebound * np.sin(np.pi * np.clip(u * gap / _REBOUND_S, 0.0, 1.0)) ** 2
    return Tween(index, share, spring)


def _lateness(gap_s: np.ndarray, hold: float) -> np.ndarray:
    """How much later and quicker than evenly the movement comes in an interval; 1 is evenly."""
    return np.asarray(1.0 + hold * np.clip((gap_s - 0.25) / 0.3, 0.0, 1.0))


def _idle(n_frames: int, rng: np.random.Generator) -> np.ndarray:
    """(N, 20) what never stands quite still: slow sway and breath."""
    idle = smooth_noise((n_frames, 4 + len(POSTURE)), 40.0, rng) * 0.006
    idle[:, 2] *= 0.2
    idle[:, 4 + POSTURE.index("heels")] = 0.0
    breath = np.sin(2 * np.pi * (rng.uniform(0.2, 0.3) * np.arange(n_frames) / FRAME_RATE + rng.random()))
    idle[:, 4 + POSTURE.index("chest")] += 0.012 * breath
    return idle
