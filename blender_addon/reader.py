"""Reads armatures' dance from the evaluated scene at 60 Hz, in slices that keep Blender alive."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import KinetoneError, MotionError, RigError
from ..core.motion.rigs import JointMapping
from ..core.motion.skeleton import JOINT_NAMES
from .dance_range import DanceRange
from .keyed_pose import KeyedPose, NotPlain
from .stage import show_frame, stage

Joints = NDArray[np.float64]

STILL = 1e-5
"""Joints that stay within this part of the body's own size do not dance."""

SAME = 5e-5
"""Keys and Blender may differ by this part of the body's own size: Blender computes in 32 bits."""

ROUNDING = 1e-6
"""Part of a matrix's size up to which its numbers may be off in 32 bits."""

BLOCK_FRAMES = 256
"""Frames of which all bones are held at once: a production rig has many hundreds, most of them no joints."""

KEYED_BLOCK_FRAMES = 512
"""The same where the keys are read, which costs little a frame and more a block."""

Ends = dict[str, tuple[Joints, Joints]]
"""By armature name: heads and tails of its bones, each (n, B, 3) in the world, in Blender units."""


class DanceReader:
    """Joints of all dancers over a range, gathered slice by slice.

    The scene is passed to every slice anew: between two of them the user may undo, which
    replaces all of Blender's data.

    Args:
        mappings: by armature name.
    """

    def __init__(self, span: DanceRange, mappings: Mapping[str, JointMapping]) -> None:
        self._span = span
        self._mappings = mappings
        self._slices: dict[str, list[Joints]] = {name: [] for name in mappings}
        self._keyed: dict[str, KeyedPose] | None = None
        self.frames_read = 0

    @property
    def fraction(self) -> float:
        """Part of the range that has been read, 0 to 1."""
        return self.frames_read / self._span.motion_frames

    def read_slice(self, scene: Any, view_layers: Mapping[str, Any], budget_s: float) -> bool:
        """Read for about ``budget_s`` seconds, at least one frame; True once all is read.

        The scene shows the user's frame when this returns, as before.

        Args:    view_layers: one in which the armature takes part, by armature name.
        Raises:  MotionError (motion.not_finite) naming the first bad frame and joint.
        """
        began = time.perf_counter()
        if self.frames_read == 0:
            self._keyed = self._keyed_poses(scene, view_layers)
        late = False
        while self.frames_read < self._span.motion_frames and not late:
            late = self._read_block(scene, view_layers, began + budget_s)
        return self.frames_read == self._span.motion_frames

    def _read_block(self, scene: Any, view_layers: Mapping[str, Any], deadline_s: float) -> bool:
        """Read a block of frames, at least one; whether the time is up."""
        first = self.frames_read
        block = BLOCK_FRAMES if self._keyed is None else KEYED_BLOCK_FRAMES
        wanted = range(first, min(first + block, self._span.motion_frames))
        if self._keyed is None:
            ends = self._stepped(scene, view_layers, wanted, deadline_s)
        else:
            key_frames = self._key_frames(wanted)
            ends = {name: keyed.bone_ends(key_frames) for name, keyed in self._keyed.items()}
        for name, (heads, tails) in ends.items():
            mapping = self._mappings[name]
            mapping = mapping if self._keyed is None else mapping.of_used_bones()
            joints = mapping.joints(heads, tails) * scene.unit_settings.scale_length
            self._check_finite(joints, first)
            self._slices[name].append(joints)
        self.frames_read += len(joints)
        return time.perf_counter() > deadline_s

    def _stepped(
        self, scene: Any, view_layers: Mapping[str, Any], wanted: Sequence[int], deadline_s: float
    ) -> Ends:
        """All bones' ends by showing frame after frame, until the time is up."""
        ends: dict[str, list[tuple[Joints, Joints]]] = {name: [] for name in self._mappings}
        with stage(scene, view_layers) as (shown, layers):
            for n in wanted:
                show_frame(shown, self._frame(n))
                for name, read in ends.items():
                    read.append(bone_ends(name, layers[name]))
                if time.perf_counter() > deadline_s:
                    break
        return {name: _stacked(read) for name, read in ends.items()}

    def _keyed_poses(self, scene: Any, view_layers: Mapping[str, Any]) -> dict[str, KeyedPose] | None:
        """All dancers' keys, if they alone give what Blender shows in the first, middle and last frame."""
        counted = {name: mapping.used_bones for name, mapping in self._mappings.items()}
        try:
            keyed = {name: KeyedPose(scene.objects[name], bones) for name, bones in counted.items()}
        except NotPlain:
            return None
        checked = sorted({0, self._span.motion_frames // 2, self._span.motion_frames - 1})
        stepped = self._stepped(scene, view_layers, checked, float("inf"))
        for name, pose in keyed.items():
            read = np.stack(pose.bone_ends(self._key_frames(checked)))
            shown = np.stack(stepped[name])[:, :, counted[name]]
            size = np.ptp(shown[:, 0], axis=(0, 1)).max()
            if not np.abs(shown - read).max() <= SAME * size:
                return None
        return keyed

    def _key_frames(self, wanted: Sequence[int]) -> Joints:
        """The animation's own frames of motion frames, before time remapping."""
        clock = self._span.clock
        return clock.key_frames(clock.motion_frame(self._span.start, np.array(wanted, dtype=np.float64)))

    def joints(self) -> list[Joints]:
        """For each dancer (N, 24, 3) metres, Z up, 60 Hz, with the first pelvis position as the origin.

        Raises: KinetoneError (scene.no_animation) if nobody moves.
        """
        dances = [_from_first_pelvis(np.concatenate(slices)) for slices in self._slices.values()]
        if all(_is_still(joints) for joints in dances):
            who = "The armature does not move" if len(dances) == 1 else "None of the dancers moves"
            raise KinetoneError(
                f"{who} from frame {self._span.start:g} to {self._span.end:g}.",
                code="scene.no_animation",
                hint="Choose the range in which there is a dance.",
            )
        return dances

    def _frame(self, n: int) -> float:
        return self._span.clock.motion_frame(self._span.start, n)

    def _check_finite(self, joints: Joints, first: int) -> None:
        finite = np.isfinite(joints)
        if not finite.all():
            n, joint, _ = np.argwhere(~finite)[0]
            raise MotionError(
                f"The joint {JOINT_NAMES[joint]} has no valid position at frame "
                f"{self._frame(first + int(n)):.2f} (not a number).",
                code="motion.not_finite",
                hint="Look for broken keyframes or constraints there.",
            )


def _stacked(ends: list[tuple[Joints, Joints]]) -> tuple[Joints, Joints]:
    return np.stack([heads for heads, _ in ends]), np.stack([tails for _, tails in ends])


def _from_first_pelvis(joints: Joints) -> Joints:
    return joints - joints[0, 0]


def _is_still(joints: Joints) -> bool:
    size = np.ptp(joints[0], axis=0).max()
    return bool(np.ptp(joints, axis=0).max() <= STILL * size)


def bone_ends(armature_name: str, view_layer: Any) -> tuple[Joints, Joints]:
    """World positions of all evaluated pose bones' heads and tails, each (B, 3), in Blender units.

    Blender gives them in the armature's own space and in 32 bits; the way into the world is taken
    in 64, so that where the armature stands, and how large, costs them no digits.

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
    axes = unrounded(world[:3, :3])
    ends = []
    for end in ("head", "tail"):
        buffer = np.empty(3 * len(bones), dtype=np.float32)
        bones.foreach_get(end, buffer)
        ends.append(buffer.reshape(-1, 3).astype(np.float64) @ axes.T + world[:3, 3])
    return ends[0], ends[1]


def unrounded(axes: Joints) -> Joints:
    """An object's axes (3, 3) as long as each other and at right angles to the last digit.

    That is what they are if it was only turned and scaled alike, but for Blender's 32 bits: then a dancer who
    is turned or scaled has the same features. Others stay as they are.
    """
    if not np.isfinite(axes).all():
        return axes
    left, lengths, right = np.linalg.svd(axes)
    if np.ptp(lengths) > ROUNDING * lengths[0]:
        return axes
    return lengths.mean() * (left @ right)
