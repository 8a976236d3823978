"""F-curves read by numpy, against Blender's own evaluation of them."""

import bpy
import numpy as np
import pytest

FRAMES = np.sort(np.concatenate([np.arange(-60, 140, 0.37), np.arange(-60.0, 140.0)]))


@pytest.fixture
def keyframes(addon):
    return addon("blender_addon.keyframes")


def make_curves(seed, kinds, count=6, keys=9, extrapolation="CONSTANT", same_frames=True):
    """Curves with random keys and handles on a new object."""
    rng = np.random.default_rng(seed)
    obj = bpy.data.objects.new("Keyed", None)
    frames = np.sort(rng.choice(np.arange(0, 80), keys, replace=False)) + rng.random()
    curves = []
    for number in range(count):
        if not same_frames:
            frames = frames + rng.random()
        path, index = ("location", "scale", "rotation_euler")[number // 3], number % 3
        for frame in frames:
            setattr(obj, path, rng.normal(0, 3, 3))
            obj.keyframe_insert(path, index=index, frame=frame)
    action = obj.animation_data.action
    owner = (
        action.layers[0].strips[0].channelbag(obj.animation_data.action_slot)
        if hasattr(action, "layers")
        else action
    )
    for curve in owner.fcurves:
        curve.extrapolation = extrapolation
        for point in curve.keyframe_points:
            point.interpolation = str(rng.choice(kinds))
            point.easing = str(rng.choice(["AUTO", "EASE_IN", "EASE_OUT", "EASE_IN_OUT"]))
            point.back = rng.choice([1.70158, rng.uniform(-3, 3)])
            point.amplitude = rng.choice([0.0, rng.uniform(0, 12)])
            point.period = rng.choice([0.0, rng.uniform(-20, -1), rng.uniform(1, 20)])
            point.handle_left_type = point.handle_right_type = str(
                rng.choice(["FREE", "AUTO", "AUTO_CLAMPED", "VECTOR", "ALIGNED"])
            )
            if point.handle_left_type == "FREE":
                point.handle_left = (point.co.x - rng.uniform(0, 30), point.co.y + rng.normal(0, 4))
                point.handle_right = (point.co.x + rng.uniform(0, 30), point.co.y + rng.normal(0, 4))
        curve.update()
        curves.append(curve)
    return curves


def assert_same(keyframes, curves):
    read = 0
    for members, keys in keyframes.read(curves):
        values = keys.values(FRAMES)
        for row, curve in zip(values, members, strict=True):
            truth = np.array([curve.evaluate(frame) for frame in FRAMES])
            scale = np.abs(truth).max() + 1
            assert np.abs(row - truth).max() < 2e-5 * scale, (
                curve.data_path,
                FRAMES[np.abs(row - truth).argmax()],
            )
            read += 1
    assert read == len(curves)


EASED = ["SINE", "QUAD", "CUBIC", "QUART", "QUINT", "EXPO", "CIRC", "BACK", "BOUNCE", "ELASTIC"]
ALL = ["CONSTANT", "LINEAR", "BEZIER", *EASED]


@pytest.mark.parametrize("kinds", [*([kind] for kind in ALL), ALL], ids=[*ALL, "all"])
@pytest.mark.parametrize("extrapolation", ["CONSTANT", "LINEAR"])
def test_every_interpolation_is_blenders(keyframes, kinds, extrapolation):
    for seed in range(4):
        assert_same(
            keyframes, make_curves(seed, kinds, extrapolation=extrapolation, same_frames=bool(seed % 2))
        )


@pytest.mark.parametrize("keys", [1, 2])
@pytest.mark.parametrize("extrapolation", ["CONSTANT", "LINEAR"])
def test_one_or_two_keys(keyframes, keys, extrapolation):
    for seed in range(3):
        assert_same(
            keyframes, make_curves(seed, ["BEZIER", "LINEAR"], keys=keys, extrapolation=extrapolation)
        )


@pytest.mark.parametrize("mode", ["REPEAT", "REPEAT_OFFSET", "MIRROR"])
@pytest.mark.parametrize("counts", [(0, 0), (1, 2)])
def test_cycles(keyframes, mode, counts):
    for seed in range(3):
        curves = make_curves(seed, ["BEZIER", "LINEAR"], keys=4)
        for curve in curves:
            cycles = curve.modifiers.new("CYCLES")
            cycles.mode_before = cycles.mode_after = mode
            cycles.cycles_before, cycles.cycles_after = counts
        assert_same(keyframes, curves)


@pytest.mark.parametrize("change", ["noise", "quick swings", "restricted", "sampled"])
def test_what_is_not_known_is_said(keyframes, change):
    curve = make_curves(0, ["BEZIER"])[0]
    keyframes.read([curve])
    if change == "noise":
        curve.modifiers.new("NOISE")
    elif change == "quick swings":
        curve.keyframe_points[2].interpolation, curve.keyframe_points[2].period = "ELASTIC", 0.01
    elif change == "restricted":
        curve.modifiers.new("CYCLES").use_restricted_range = True
    else:
        curve.convert_to_samples(0, 30)
    with pytest.raises(keyframes.NotReadable):
        keyframes.read([curve])
