"""Frame rates, time remapping and ranges from one end of what Blender takes to the other."""

from fractions import Fraction

import bpy
import numpy as np
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st
from odd import Reader, assign, body, build, cases, fcurves, refusal

LONGEST = 60 * 60 * 60
"""Motion frames: an hour."""


@pytest.fixture
def read(addon):
    return Reader(addon)


@pytest.fixture
def slider(fresh_scene, addon):
    """A body that slides along X; its curve has keys of its own for ``slide``."""
    armature = build("slider", body(addon))
    assign(armature, bpy.data.actions.new("Slide"))
    return armature


def slide(armature, start, end):
    """Key a way of one metre from one frame to another."""
    curves = fcurves(armature.animation_data.action)
    curves.clear()
    curve = curves.new("location", index=0)
    for frame, x in ((start, 0.0), (end, 1.0)):
        curve.keyframe_points.insert(frame, x).interpolation = "LINEAR"
    curve.update()
    return curve.keyframe_points[0].co.x, curve.keyframe_points[-1].co.x


def set_clock(fps, base, old, new):
    render = bpy.context.scene.render
    render.fps, render.fps_base, render.frame_map_old, render.frame_map_new = fps, base, old, new
    return Fraction(fps) / Fraction(render.fps_base)


bases = st.floats(0.001, 100.0) | st.sampled_from([1.0, 1.001, 1e-5, 1e6, 100.0])
stretches = st.just(100) | st.integers(1, 900)


@cases(60)
@given(
    fps=st.integers(1, 32767) | st.integers(1, 120),
    base=bases,
    old=stretches,
    new=stretches,
    start=st.floats(-2000, 2000, width=32) | st.floats(-2e6, 2e6, width=32),
    wanted_s=st.floats(0.1, 6) | st.floats(0, 5000),
)
@example(fps=1, base=100.0, old=100, new=100, start=-3.5, wanted_s=225.0)  # 0.01 fps
@example(fps=1000, base=1.0, old=100, new=100, start=-3.5, wanted_s=1.0)
@example(fps=60, base=1.0, old=100, new=100, start=1.0, wanted_s=16667.0)
@example(fps=1, base=60.0, old=100, new=100, start=900_000.0, wanted_s=300.0)
@example(fps=3, base=5.0, old=1, new=100, start=0.0, wanted_s=4.0)  # a ten-thousandth of a frame each
def test_any_clock_gives_sixty_frames_a_second(slider, read, addon, fps, base, old, new, start, wanted_s):
    rate = set_clock(fps, base, old, new)
    first, last = slide(slider, start, start + wanted_s * float(rate) * old / new)
    ranges = addon("blender_addon.dance_range")
    seconds = (Fraction(last) - Fraction(first)) * new / old / rate
    try:
        span = ranges.dance_range(bpy.context.scene, slider, "ACTION")
    except addon("core.errors").MotionError as error:
        code = refusal(error)
        event(code)
        ends = [abs(frame) * new / old for frame in (first, last)]
        reasons = {
            "motion.off_timeline": max(ends) > 1_048_574,
            "motion.too_long": seconds * 60 + 2 > LONGEST,
            "motion.too_short": (last - first) * new / old < 1,
        }
        assert reasons[code]
        return
    assert 0 <= seconds * 60 + 1 - span.motion_frames < 1 or abs(seconds * 60 + 1 - span.motion_frames) < 0.51
    reading = read(slider)
    event(reading.code or "read")
    if reading.joints is not None:
        x = reading.joints[:, 0, 0]
        shares = np.arange(len(x)) / (60 * float(seconds))
        # A frame within a ten-thousandth of a key shows the key.
        near = np.minimum(shares, np.abs(1 - shares)) * (last - first) < 1.01e-4
        off = np.abs(x - shares)
        off[near] = np.minimum(off, np.abs(x - np.rint(shares)))[near]
        # Blender's keys have 24 bits.
        assert off.max() < 1e-4 + 2.0**-22 * max(abs(first), abs(last)) / (last - first)


@cases(30)
@given(
    start=st.integers(-(2**31), 2**31 - 1) | st.integers(-50, 50),
    length=st.integers(-9, 2**31) | st.integers(1, 50),
    kind=st.sampled_from(["SCENE", "PREVIEW"]),
    fps=st.integers(1, 240),
)
def test_any_range_is_read_or_refused(slider, read, start, length, kind, fps):
    set_clock(fps, 1.0, 100, 100)
    slide(slider, -60, 60)
    scene = bpy.context.scene
    scene.use_preview_range = True
    for name in ("frame_start", "frame_preview_start", "frame_end", "frame_preview_end"):
        value = start if name.endswith("start") else start + length
        prop = scene.bl_rna.properties[name]
        setattr(scene, name, max(prop.hard_min, min(prop.hard_max, value)))
    event(read(slider, kind).code or "read")


def test_a_million_frames(slider, read, addon):
    """Keyed on every frame: too long at 60 fps, half a minute at 32,767."""
    animation = slider.animation_data
    curves = fcurves(animation.action)
    curve = curves.new("location", index=0)
    curve.keyframe_points.add(1_000_000)
    numbers = [number for frame in range(1_000_000) for number in (frame, frame % 1000 / 500)]
    curve.keyframe_points.foreach_set("co", numbers)
    curve.update()
    set_clock(60, 1.0, 100, 100)
    with pytest.raises(addon("core.errors").MotionError, match="278 minutes") as error:
        addon("blender_addon.dance_range").dance_range(bpy.context.scene, slider, "ACTION")
    assert error.value.code == "motion.too_long"
    set_clock(32767, 1.0, 100, 100)
    assert read(slider).span.motion_frames == 1832
