"""Many dances from a few: each changes a dance and its beats together, so that they stay in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator

from ...core.motion.canonical import heading
from ...core.motion.rotations import axis_rotations
from ...core.motion.skeleton import mirror_image
from ...core.timing import FRAME_RATE
from .body import bone_lengths, smooth_noise, with_bone_lengths
from .grid import BeatGrid
from .mocap import Dance

MOST_STRETCHED = 1.25
"""How much slower or faster than it was danced a dance still looks human."""

_BLEND_S = 0.35
_SWAY_M = 0.012


def mirrored(dance: Dance) -> Dance:
    """The dance in a mirror: left and right change places."""
    return replace(dance, joints=mirror_image(dance.joints))


def stretched(dance: Dance, factor: float) -> Dance:
    """The dance in ``factor`` times its time."""
    duration_s = round(dance.grid.duration_s * factor * FRAME_RATE) / FRAME_RATE
    grid = replace(dance.grid, times_s=dance.grid.times_s * factor, duration_s=duration_s)
    frames = np.arange(round(duration_s * FRAME_RATE)) / factor
    return replace(dance, joints=_at_frames(dance.joints, frames), grid=_within(grid))


def song_beats(felt_bpm: float, song_bpm: float) -> int:
    """How many beats of a song a dancer's felt beat takes, 1 or 2; 0 if neither can be danced.

    It is the number at which the dance is stretched less, and never more than MOST_STRETCHED.
    """
    stretch = {beats: abs(np.log(felt_bpm * beats / song_bpm)) for beats in (1, 2)}
    beats = min(stretch, key=stretch.__getitem__)
    return beats if stretch[beats] <= np.log(MOST_STRETCHED) else 0


def steadied(dance: Dance, tempo_bpm: float, beats: int = 1) -> Dance:
    """The dance warped in time so that its beats come at an even tempo.

    What lies between the beats moves along, so that hits a little off them stay so.

    Args:    beats: of the tempo for each beat of the dance; the grid gets as many more.
    """
    grid = _divided(dance.grid, beats)
    period = 60.0 / tempo_bpm
    ends = [0.0, grid.duration_s]
    before, after = np.abs(grid.position_at(np.array(ends)) - (0, len(grid) - 1))
    even = (before + np.arange(len(grid))) * period
    duration_s = round((even[-1] + after * period) * FRAME_RATE) / FRAME_RATE
    warp = _warp(even, grid.times_s, duration_s, grid.duration_s)
    frames = warp(np.arange(round(duration_s * FRAME_RATE)) / FRAME_RATE) * FRAME_RATE
    steady = replace(grid, times_s=even, duration_s=duration_s)
    return replace(dance, joints=_at_frames(dance.joints, frames), grid=_within(steady))


def _divided(grid: BeatGrid, parts: int) -> BeatGrid:
    """The grid with every beat divided into some of the same energy; phrases are as many beats long."""
    times_s = grid.time_at(np.arange(parts * (len(grid) - 1) + 1) / parts)
    energy = np.repeat(grid.energy, parts)[: len(times_s)]
    return replace(grid, times_s=times_s, energy=energy, phase=grid.phase * parts % grid.phrase_beats)


def _warp(
    even: np.ndarray, times_s: np.ndarray, duration_s: float, old_duration_s: float
) -> PchipInterpolator:
    """The smooth rising function from new times to old ones that takes beats to beats, ends to ends."""
    new, old = np.concatenate([[0.0], even, [duration_s]]), np.concatenate([[0.0], times_s, [old_duration_s]])
    apart = np.concatenate([[True], np.diff(new) > 1e-3])
    return PchipInterpolator(new[apart], old[apart])


def cut(dance: Dance, start_s: float, duration_s: float) -> Dance:
    """A part of the dance, whole in frames."""
    first = round(start_s * FRAME_RATE)
    count = min(round(duration_s * FRAME_RATE), len(dance.joints) - first)
    start_s, duration_s = first / FRAME_RATE, count / FRAME_RATE
    moved = replace(dance.grid, times_s=dance.grid.times_s - start_s, duration_s=duration_s)
    return replace(dance, joints=dance.joints[first : first + count], grid=_within(moved))


def joined(first: Dance, second: Dance) -> Dance:
    """One dance after the other, beat to beat and bar to bar, near the end of the first one.

    The second begins where the first stands, facing the same way. Both are danced by one body.
    """
    ahead = int(first.grid.counts[-2] - second.grid.counts[1]) % first.grid.beats_per_bar
    at = len(first.grid) - 2 - ahead
    out_s, in_s = float(first.grid.times_s[at]), float(second.grid.times_s[1])
    out, into = round(out_s * FRAME_RATE), round(in_s * FRAME_RATE)
    arriving = _moved_to(second.joints, into, first.joints[out])
    joints = _crossfaded(first.joints, out, arriving, into)
    later = second.grid.times_s[2:] - into / FRAME_RATE + out / FRAME_RATE
    times_s = np.concatenate([first.grid.times_s[: at + 1], later])
    energy = np.concatenate([first.grid.energy[: at + 1], second.grid.energy[2:]])
    grid = replace(first.grid, times_s=times_s, energy=energy, duration_s=len(joints) / FRAME_RATE)
    return Dance(f"{first.name}+{second.name}", joints, grid)


def paused(dance: Dance, beat: int, n_beats: int, rng: np.random.Generator) -> Dance:
    """The dance with the pose at a beat held for some beats, swaying slightly; energy 0 there."""
    grid = dance.grid
    period = float(grid.times_s[beat + 1] - grid.times_s[beat])
    held_frames = round(n_beats * period * FRAME_RATE)
    frame = min(round(grid.times_s[beat] * FRAME_RATE), len(dance.joints) - 1)
    frames = _eased_stop(len(dance.joints), frame, held_frames)
    joints = _at_frames(dance.joints, frames)
    sway = smooth_noise((len(joints), 1, 3), 25.0, rng) * _SWAY_M * (1.0, 1.0, 0.2)
    held_s = held_frames / FRAME_RATE
    waiting = grid.times_s[beat] + held_s * np.arange(n_beats) / n_beats
    times_s = np.concatenate([grid.times_s[:beat], waiting, grid.times_s[beat:] + held_s])
    # The held beats are still; the beat on which the dance goes on has its energy again.
    energy = np.concatenate([grid.energy[:beat], np.zeros(n_beats), grid.energy[beat:]])
    longer = replace(grid, times_s=times_s, energy=energy, duration_s=len(joints) / FRAME_RATE)
    return Dance(dance.name, _swayed(joints, sway), _within(longer))


def _eased_stop(n_frames: int, frame: int, held: int) -> np.ndarray:
    """(N,) fractional frames of a dance that stops at a frame for some time and starts again gently.

    It arrives a little late and leaves a little early, which takes the jerk out of both.
    """
    ease = min(round(_BLEND_S * FRAME_RATE), frame, n_frames - 1 - frame, held // 3)
    times = np.arange(n_frames + held, dtype=np.float64)
    if ease < 2:
        return np.where(times < frame, times, np.maximum(frame, times - held))
    knots = np.array([frame - ease, frame + ease / 2, frame + held - ease / 2, frame + held + ease])
    reached = np.array([frame - ease, frame, frame, frame + ease])
    # Cubic Hermite pieces with speeds 1, 0, 0, 1 at the knots.
    speeds = np.array([1.0, 0.0, 0.0, 1.0])
    index = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, 2)
    span = knots[index + 1] - knots[index]
    u = np.clip((times - knots[index]) / span, 0.0, 1.0)
    eased = (
        (1 + 2 * u) * (1 - u) ** 2 * reached[index]
        + u * (1 - u) ** 2 * span * speeds[index]
        + u**2 * (3 - 2 * u) * reached[index + 1]
        + u**2 * (u - 1) * span * speeds[index + 1]
    )
    return np.where(times < knots[0], times, np.where(times > knots[-1], times - held, eased))


def _swayed(joints: np.ndarray, sway: np.ndarray) -> np.ndarray:
    """Joints with the body leaning by a slow sway that grows with height."""
    height = np.clip(joints[..., 2:] / max(float(joints[..., 2].max()), 1e-6), 0.0, 1.0)
    return with_bone_lengths(joints + sway * height, bone_lengths(joints))


def _at_frames(joints: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """(M, 24, 3) the joints at fractional frames."""
    spline = CubicSpline(np.arange(len(joints)), joints.reshape(len(joints), -1))
    return np.asarray(spline(np.clip(frames, 0, len(joints) - 1)).reshape(-1, *joints.shape[1:]))


def _moved_to(joints: np.ndarray, frame: int, pose: np.ndarray) -> np.ndarray:
    """The joints moved and turned across the floor so that one frame stands and faces as a pose does."""
    turn = axis_rotations(2, heading(pose) - heading(joints[frame]))
    pivot = joints[frame, 0] * (1.0, 1.0, 0.0)
    target = pose[0] * (1.0, 1.0, 0.0)
    return np.asarray((joints - pivot) @ turn.T + target)


def _crossfaded(first: np.ndarray, out: int, second: np.ndarray, into: int) -> np.ndarray:
    """The first up to ``out`` and the second from ``into``, blended over a while around that moment."""
    half = min(round(_BLEND_S * FRAME_RATE), out, len(first) - 1 - out, into, len(second) - 1 - into)
    share = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, 2 * half + 1) / (2 * half + 1))
    share = share[:, None, None]
    before, after = first[out - half : out + half], second[into - half : into + half]
    lengths = (1 - share[..., 0]) * bone_lengths(before) + share[..., 0] * bone_lengths(after)
    blend = with_bone_lengths((1 - share) * before + share * after, lengths)
    return np.concatenate([first[: out - half], blend, second[into + half :]])


def _within(grid: BeatGrid) -> BeatGrid:
    """The grid without the beats that lie outside of the piece."""
    inside = (grid.times_s >= 0) & (grid.times_s < grid.duration_s)
    first = int(np.argmax(inside))
    return replace(
        grid,
        times_s=grid.times_s[inside],
        energy=grid.energy[inside],
        phase=(grid.phase + first) % grid.phrase_beats,
    )
