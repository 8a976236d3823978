"""What every odd scene must come to: joints as Blender shows them, or an error that helps.

Hypothesis draws the scenes, the same ones in every run. KINETONE_ODD_CASES asks for so many times more of
them: `make test-soak` does.
"""

import os
from dataclasses import dataclass

import bpy
import numpy as np
from conftest import state
from hypothesis import HealthCheck, Phase, settings

MORE = int(os.environ.get("KINETONE_ODD_CASES", "1"))

EXACT = 1e-4
"""Metres by which the joints may be off; of a body larger than 1 m, so much of its size."""

LONGEST_READ = 1000
"""Motion frames: what is longer would only take longer."""


def cases(number):
    """So many examples of a property, or a multiple of them."""
    return settings(
        max_examples=number * MORE,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def refusal(error):
    """The code of a KinetoneError that says what is wrong and what to do."""
    assert error.code
    assert error.message
    assert error.hint
    return error.code


@dataclass
class Reading:
    """What came of reading an armature.

    Attributes:
        joints: (N, 24, 3), or None if it was refused.
        code: of the refusal, or "".
        plain: whether its keys alone were read.
    """

    joints: np.ndarray | None = None
    code: str = ""
    plain: bool = False
    span: object = None


class Reader:
    """Reads as Generate Music does; holds every reading against Blender's own evaluation of each frame."""

    def __init__(self, addon):
        self._armatures = addon("blender_addon.armature")
        self._ranges = addon("blender_addon.dance_range")
        self._readers = addon("blender_addon.reader")
        self._error = addon("core.errors").KinetoneError

    def __call__(self, armature, kind="ACTION", settled=True):
        """The reading; asserts all that must hold for it.

        Args: settled: whether Blender itself shows the same again in the same frame; not so in a circle.
        """
        scene = bpy.context.scene
        before = state(scene)
        quick = self._read(armature, kind, stepping=False)
        assert state(scene) == before
        stepped = self._read(armature, kind, stepping=True)
        assert state(scene) == before
        for reading in (quick, stepped):
            if reading.joints is not None:
                assert reading.joints.shape == (reading.span.motion_frames, 24, 3)
                assert np.isfinite(reading.joints).all()
        if not (settled or quick.plain):
            return quick
        assert quick.code == stepped.code
        if quick.joints is not None:
            size = max(1.0, np.ptp(stepped.joints[0], axis=0).max())
            allowed = EXACT * size + _coarseness(stepped)
            assert np.abs(quick.joints - stepped.joints).max() <= allowed
        return quick

    def _read(self, armature, kind, stepping):
        scene, found = bpy.context.scene, Reading()
        try:
            self._armatures.check_readable(armature)
            layer = self._armatures.view_layer_with(scene, armature)
            mapping = self._armatures.joint_mapping(armature)
            found.span = self._ranges.dance_range(scene, armature, kind)
            if found.span.motion_frames > LONGEST_READ:
                found.code = "not read here"
                return found
            reader = self._readers.DanceReader(found.span, {armature.name: mapping})
            if stepping:
                reader._keyed_poses = lambda *_: None
            while not reader.read_slice(scene, {armature.name: layer}, 1.0):
                pass
            found.joints, found.plain = reader.joints()[0], reader._keyed is not None
        except self._error as error:
            found.code = refusal(error)
        return found


def _coarseness(reading):
    """How far joints move in what Blender's 32 bits round off a frame that is far from 0."""
    span = reading.span
    rounded = 2.0**-23 * max(abs(span.start), abs(span.end)) * 60 / span.clock.frame_rate
    return np.abs(np.diff(reading.joints, axis=0)).max(initial=0.0) * rounded


def fcurves(action, slot=None):
    """The action's curves, to add to and to take from; from Blender 4.4 on those of a slot, or the first."""
    if not hasattr(action, "layers"):
        return action.fcurves
    if slot is None:
        slot = action.slots[0] if len(action.slots) else action.slots.new("OBJECT", "Dancer")
    layer = action.layers[0] if len(action.layers) else action.layers.new("Layer")
    strip = layer.strips[0] if len(layer.strips) else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(slot, ensure=True).fcurves


def assign(obj, action):
    """Let the action animate the object."""
    animation = obj.animation_data or obj.animation_data_create()
    animation.action = action
    if hasattr(action, "slots"):
        fcurves(action)
        animation.action_slot = action.slots[0]


def build(name, bones):
    """An armature of bones: name, parent or None, head, tail; active, in object mode."""
    data = bpy.data.armatures.new(name)
    armature = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    made = {}
    for bone, parent, head, tail in bones:
        made[bone] = data.edit_bones.new(bone)
        made[bone].head, made[bone].tail = head, tail
        made[bone].parent = made[parent] if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    return armature


def body(addon, names=lambda joint: joint):
    """Bones of SMPL's body, each from its joint towards the next: for ``build``."""
    skeleton = addon("core.motion.skeleton")
    rest = skeleton.REST_JOINTS
    rows = []
    for index, joint in enumerate(skeleton.JOINT_NAMES):
        parent = skeleton.PARENTS[index]
        children = [child for child, other in enumerate(skeleton.PARENTS) if other == index]
        tail = rest[children[0]] if children else rest[index] + (0.0, 0.0, 0.1)
        rows.append(
            (names(joint), names(skeleton.JOINT_NAMES[parent]) if parent >= 0 else None, rest[index], tail)
        )
    return rows
