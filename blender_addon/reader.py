"""Reads an armature's dance from the evaluated scene at 60 Hz, in slices that keep Blender alive."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import KinetoneError, MotionError, RigError
from ..core.motion.rigs import JointMapping
from ..core.motion.skeleton import JOINT_NAMES
from .clock import split
from .dance_range import DanceRange
from .keyed_pose import KeyedPose, NotPlain

Joints = NDArray[np.float64]

STILL = 1e-5
"""Joints that stay within this part of the body's own size do not dance."""

SAME = 5e-5
"""Keys and Blender may differ by this part of the body's own size: Blender computes in 32 bits."""

BLOCK_FRAMES = 256
"""Frames of which all bones are held at once: a production rig has many hundreds, most of them no joints."""

KEYED_BLOCK_FRAMES = 1024
"""The same where the keys are read, which costs little a frame and more a block."""


class DanceReader:
    """Joints of one armature over a range, gathered slice by slice.

    The scene is passed to every slice anew: between two of them the user may undo, which
    replaces all of Blender's data.
    """

    def __init__(self, span: DanceRange, mapping: JointMapping) -> None:
        self._span = span
        self._mapping = mapping
        self._slices: list[Joints] = []
        self._keyed: KeyedPose | None = None
        self.frames_read = 0

    @property
    def fraction(self) -> float:
        """Part of the range that has been read, 0 to 1."""
        return self.frames_read / self._span.motion_frames

    def read_slice(self, scene: Any, view_layer: Any, armature_name: str, budget_s: float) -> bool:
        """Read for about ``budget_s`` seconds, at least one frame; True once all is read.

        The user's frame is shown again when this returns. At least half of the time goes into
        reading, however long the scene takes to go back to that frame.

        Raises: MotionError (motion.not_finite) naming the first bad frame and joint.
        """
        began = time.perf_counter()
        with user_frame_kept(scene):
            if self.frames_read == 0:
                self._keyed = self._keyed_pose(scene, view_layer, armature_name)
            late = False
            while self.frames_read < self._span.motion_frames and not late:
                late = self._read_block(scene, view_layer, armature_name, began + budget_s)
        return self.frames_read == self._span.motion_frames

    def _read_block(self, scene: Any, view_layer: Any, armature_name: str, deadline_s: float) -> bool:
        """Read up to BLOCK_FRAMES frames, at least one; whether the time is up."""
        first = self.frames_read
        block = BLOCK_FRAMES if self._keyed is None else KEYED_BLOCK_FRAMES
        wanted = range(first, min(first + block, self._span.motion_frames))
        if self._keyed is not None:
            heads, tails = self._keyed.bone_ends(self._key_frames(wanted))
            joints = self._mapping.of_used_bones().joints(heads, tails)
        else:
            joints = self._mapping.joints(
                *self._stepped(scene, view_layer, armature_name, wanted, deadline_s)
            )
        joints = joints * scene.unit_settings.scale_length
        self._check_finite(joints, first)
        self._slices.append(joints)
        self.frames_read += len(joints)
        return time.perf_counter() > deadline_s

    def _stepped(
        self, scene: Any, view_layer: Any, armature_name: str, wanted: range, deadline_s: float
    ) -> tuple[Joints, Joints]:
        """Heads and tails (n, B, 3) by showing frame after frame, until the time is up."""
        ends = []
        for n in wanted:
            show_frame(scene, self._frame(n))
            ends.append(bone_ends(armature_name, view_layer))
            if time.perf_counter() > deadline_s:
                break
        return np.stack([heads for heads, _ in ends]), np.stack([tails for _, tails in ends])

    def _keyed_pose(self, scene: Any, view_layer: Any, armature_name: str) -> KeyedPose | None:
        """The armature's keys, if they alone give what Blender shows in the first, middle and last frame."""
        counted = self._mapping.used_bones
        try:
            keyed = KeyedPose(scene.objects[armature_name], counted)
        except NotPlain:
            return None
        checked = sorted({0, self._span.motion_frames // 2, self._span.motion_frames - 1})
        read = np.stack(keyed.bone_ends(self._key_frames(checked)), 1)
        for n, ends in zip(checked, read, strict=True):
            show_frame(scene, self._frame(n))
            shown = np.stack(bone_ends(armature_name, view_layer))[:, counted]
            if not np.abs(shown - ends).max() <= SAME * np.ptp(shown, axis=(0, 1)).max():
                return None
        return keyed

    def _key_frames(self, wanted: Sequence[int]) -> Joints:
        """The animation's own frames of motion frames, before time remapping."""
        clock = self._span.clock
        return clock.key_frames(clock.motion_frames(self._span.start, wanted))

    def joints(self) -> Joints:
        """(N, 24, 3) metres, Z up, 60 Hz, with the dance's first pelvis position as the origin.

        Raises: KinetoneError (scene.no_animation) if nothing moves.
        """
        joints = np.concatenate(self._slices)
        joints -= joints[0, 0]
        size = np.ptp(joints[0], axis=0).max()
        if np.ptp(joints, axis=0).max() <= STILL * size:
            raise KinetoneError(
                f"The armature does not move from frame {self._span.start:g} to {self._span.end:g}.",
                code="scene.no_animation",
                hint="Choose the range in which it dances.",
            )
        return joints

    def _frame(self, n: int) -> float:
        return self._span.clock.motion_frame(self._span.start, n)

    def _check_finite(self, joints: Joints, first: int) -> None:
        bad = np.argwhere(~np.isfinite(joints).all(axis=2))
        if len(bad):
            n, joint = bad[0]
            raise MotionError(
                f"The joint {JOINT_NAMES[joint]} has no valid position at frame "
                f"{self._frame(first + int(n)):.2f} (not a number).",
                code="motion.not_finite",
                hint="Look for broken keyframes or constraints there.",
            )


def bone_ends(armature_name: str, view_layer: Any) -> tuple[Joints, Joints]:
    """World positions of all evaluated pose bones' heads and tails, each (B, 3), in Blender units.

    Blender gives them in the armature's own space and in 32 bits; the way into the world is taken
    in 64, so that where the armature stands costs them no digits.

    Raises: RigError (rig.hidden) if Blender leaves the armature out of its evaluation.
    """
    armature = view_layer.objects[armature_name].evaluated_get(view_layer.depsgraph)
    if not armature.is_evaluated:
        raise RigError(
            f"The armature “{armature_name}” is disabled in viewports, so Blender does not animate it.",
            code="rig.hidden",
            hint="Enable it, and its collection, in the Outliner (the screen icon).",
        )
    bones = armature.pose.bones
    world = np.array(armature.matrix_world, dtype=np.float64)
    ends = []
    for end in ("head", "tail"):
        buffer = np.empty(3 * len(bones), dtype=np.float32)
        bones.foreach_get(end, buffer)
        ends.append(buffer.reshape(-1, 3).astype(np.float64) @ world[:3, :3].T + world[:3, 3])
    return ends[0], ends[1]


def show_frame(scene: Any, frame: float) -> None:
    """Evaluate the scene at a timeline frame, which may lie between two whole ones."""
    whole, subframe = split(frame)
    scene.frame_set(whole, subframe=subframe)


@contextmanager
def user_frame_kept(scene: Any) -> Iterator[None]:
    """Shows the frame and subframe again that were current before."""
    # Blender gives a frame below zero a negative subframe; frame_float would round to 32 bits.
    frame = scene.frame_current + scene.frame_subframe
    try:
        yield
    finally:
        show_frame(scene, frame)
