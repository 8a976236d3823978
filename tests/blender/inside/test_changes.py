"""A changed dance is noticed, and the part of the music that it concerns made anew."""

import json
import time

import bpy
import numpy as np
import pytest
from conftest import fcurves, import_bvh, music_files, preferences, strips
from dancers import write_bvh
from sounds import read_wav


@pytest.fixture
def changes(addon):
    return addon("blender_addon.changes")


@pytest.fixture
def scene(fresh_scene, tmp_path):
    """Four seconds of dance from frame 11 on, at 24 fps, with their music."""
    import_bvh(write_bvh(tmp_path / "dance.bvh", 4.0), frame_start=11)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "dance.blend"))
    bpy.ops.kinetone.generate()
    return bpy.context.scene


def edit(first, last, by=0.5, path='pose.bones["LeftArm"].rotation_euler'):
    """Turn a bone further from one frame to another."""
    curve = fcurves(bpy.context.view_layer.objects.active).find(path, index=0)
    for point in curve.keyframe_points:
        if first <= point.co.x <= last:
            point.co.y += by
    curve.update()


def found(scene, changes):
    return changes.find_change(scene, strips(scene)[0])


def test_nothing_has_changed_at_first(scene, changes):
    assert found(scene, changes) is None
    with pytest.raises(RuntimeError, match="as it was when its music was made"):
        bpy.ops.kinetone.regenerate()


def test_a_change_is_found_from_where_to_where(scene, changes):
    edit(40, 60)
    change = found(scene, changes)
    assert 40 - 5 <= change.start <= 40
    assert 60 <= change.end <= 60 + 5
    edit(40, 60, -0.5)
    assert found(scene, changes) is None


def keyed_empty(name, frames_and_x):
    """An empty that moves along X."""
    empty = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(empty)
    for frame, x in frames_and_x:
        empty.location.x = x
        empty.keyframe_insert("location", index=0, frame=frame)
    for point in fcurves(empty)[0].keyframe_points:
        point.interpolation = "LINEAR"
    return empty


def as_constraint(armature, empty):
    armature.pose.bones["LeftHand"].constraints.new("COPY_LOCATION").target = empty


def as_driver(armature, empty):
    driver = armature.pose.bones["LeftHand"].driver_add("scale", 0).driver
    target = driver.variables.new().targets[0]
    target.id, target.data_path = empty, "location.x"
    driver.expression = "1 + var"


def as_parent(armature, empty):
    armature.parent = empty


def as_parents_constraint(armature, empty):
    armature.parent = keyed_empty("Carrier", [(11, 0.0)])
    armature.parent.constraints.new("COPY_LOCATION").target = empty


@pytest.mark.parametrize("moves", [as_constraint, as_driver, as_parent, as_parents_constraint])
def test_what_moves_the_dancer_from_outside_counts(scene, changes, moves):
    armature = bpy.context.view_layer.objects.active
    empty = keyed_empty("Mover", [(11, 0.0), (40, 0.5), (60, 0.5), (107, 0.0)])
    moves(armature, empty)
    bpy.ops.kinetone.generate()
    assert found(scene, changes) is None
    for point in fcurves(empty)[0].keyframe_points:
        if point.co.x == 60:
            point.co.y = 0.8
    fcurves(empty)[0].update()
    change = found(scene, changes)
    assert 30 <= change.start <= 45
    assert 60 <= change.end <= 112


def test_moving_a_parent_as_a_whole_changes_nothing(scene, changes):
    armature = bpy.context.view_layer.objects.active
    empty = keyed_empty("Mover", [(11, 0.0), (107, 0.5)])
    as_parent(armature, empty)
    bpy.ops.kinetone.generate()
    for point in fcurves(empty)[0].keyframe_points:
        point.co.y += 3.0
    fcurves(empty)[0].update()
    assert found(scene, changes) is None


def test_a_single_key_is_enough_and_every_curve_counts(scene, changes):
    edit(50, 50.3, 0.02)
    change = found(scene, changes)
    assert change.start <= 50 <= change.end <= change.start + 9
    edit(50, 50.3, -0.02)
    edit(70, 71, 1.0, 'pose.bones["Hips"].location')
    assert found(scene, changes).start >= 60


def test_moving_the_dance_or_its_dancer_is_no_change(scene, changes):
    dancer = bpy.context.view_layer.objects.active
    dancer.location = (3, 4, 5)
    for curve in fcurves(dancer):
        for point in curve.keyframe_points:
            point.co.x += 1000
        curve.update()
    assert found(scene, changes) is None
    dancer.location = (0, 0, 0)
    scene.render.fps = 30  # the same keys are another dance at another pace
    assert found(scene, changes) is not None


def test_nla_strips_count(scene, changes):
    animation = bpy.context.view_layer.objects.active.animation_data
    animation.nla_tracks.new().strips.new("Dance", 11, animation.action)
    animation.action = None
    assert found(scene, changes) is None, "the same keys, played by a strip"
    dance = animation.nla_tracks[0].strips[0]
    dance.use_reverse = True
    assert found(scene, changes) is not None
    dance.use_reverse = False
    assert found(scene, changes) is None


@pytest.mark.parametrize("start", [-5000, 5000])
def test_nla_strips_elsewhere_on_the_timeline_are_no_part_of_the_dance(scene, addon, start):
    fingerprint = addon("blender_addon.fingerprint").fingerprint
    clock = addon("blender_addon.dance_range").scene_clock(scene)
    dancer = bpy.context.view_layer.objects.active
    action = dancer.animation_data.action
    before = fingerprint([dancer], clock, 11.0, 240)
    dancer.animation_data.nla_tracks.new().strips.new("Elsewhere", start, action)
    assert fingerprint([dancer], clock, 11.0, 240) == before


@pytest.mark.parametrize("kind", ["LINEAR", "BEZIER", "CONSTANT"])
def test_strips_whose_curves_blender_evaluated_stay_unchanged(scene, addon, monkeypatch, kind):
    """Keys are read since; before, Blender was asked for each value."""
    module = addon("blender_addon.fingerprint")
    clock = addon("blender_addon.dance_range").scene_clock(scene)
    dancer = bpy.context.view_layer.objects.active
    for curve in fcurves(dancer):
        for point in curve.keyframe_points:
            point.interpolation = kind
            point.handle_left_type = point.handle_right_type = "AUTO_CLAMPED"
        curve.update()
    by_keys = module.fingerprint([dancer], clock, 11.0, 241)

    def refuse(curves):
        raise module.keyframes.NotReadable(curves[0].data_path)

    monkeypatch.setattr(module.keyframes, "read", refuse)
    assert module.difference(by_keys, module.fingerprint([dancer], clock, 11.0, 241)) is None
    edit(40, 60, 0.02)
    assert module.difference(by_keys, module.fingerprint([dancer], clock, 11.0, 241)) is not None


def test_an_edit_is_noticed_by_itself_and_a_look_is_cut_into_slices(scene, changes, monkeypatch):
    view_layer = bpy.context.view_layer
    view_layer.update()
    changes._timer()
    if bpy.app.timers.is_registered(changes._timer):
        bpy.app.timers.unregister(changes._timer)
    edit(40, 60)
    view_layer.update()
    assert bpy.app.timers.is_registered(changes._timer), "the edit asks for a look"
    monkeypatch.setattr(changes, "SLICE_S", 0.0)
    slices, longest = 0, 0.0
    while True:
        began = time.perf_counter()
        again = changes._timer()
        longest = max(longest, time.perf_counter() - began)
        slices += 1
        if again is None:
            break
    assert slices > 3
    assert longest < 0.25
    assert changes.change_of(scene, strips(scene)[0]) is not None


def test_playing_asks_for_no_look(scene, changes):
    bpy.context.view_layer.update()
    changes._timer()
    if bpy.app.timers.is_registered(changes._timer):
        bpy.app.timers.unregister(changes._timer)
    for frame in range(11, 40):
        scene.frame_set(frame)
    assert not bpy.app.timers.is_registered(changes._timer)


def test_a_dancer_that_goes_while_it_is_looked_at_does_no_harm(scene, changes, monkeypatch):
    monkeypatch.setattr(changes, "SLICE_S", 0.0)
    changes.look_soon()
    assert changes._timer() is not None
    bpy.data.objects.remove(bpy.context.view_layer.objects.active)
    while changes._timer() is not None:
        pass


@pytest.fixture
def trained(scene, addon):
    """The music of the model that comes with Kinetone: of a random one, every piece sounds alike."""
    if not (addon("blender_addon.model_card").DEFAULT_CHECKPOINT / "card.json").exists():
        pytest.skip("the extension was built without its default model")
    preferences().checkpoint = ""
    bpy.ops.kinetone.generate()
    return scene


def music(scene):
    (strip,) = strips(scene)
    return read_wav(bpy.path.abspath(strip.sound.filepath))


def test_only_the_changed_part_is_made_anew(trained, changes, tmp_path):
    scene = trained
    (strip,) = strips(scene)
    strip.volume, channel = 0.4, strip.channel
    before, files = music(scene), music_files(tmp_path)
    edit(40, 60)
    change = found(scene, changes)
    scene.kinetone.seed = 5
    bpy.ops.ed.undo_push(message="changed")
    assert bpy.ops.kinetone.regenerate() == {"FINISHED"}

    (strip,) = strips(scene)
    after = music(scene)
    assert len(after) == len(before)
    first, last = (round((frame - 11) / 24 * 24_000) for frame in (change.start, change.end))
    assert np.array_equal(after[: first - 400], before[: first - 400])
    assert np.array_equal(after[last + 30 * 400 :], before[last + 30 * 400 :])
    assert not np.array_equal(after[first:last], before[first:last])
    assert (strip.channel, strip.frame_start) == (channel, 11)
    assert strip.volume == pytest.approx(0.4)
    assert len(bpy.data.sounds) == 1
    assert all(path.exists() for path in files), "undo comes back to the earlier file"
    assert found(scene, changes) is None
    bpy.ops.ed.undo()
    assert np.array_equal(music(bpy.context.scene), before)


def test_a_range_of_ones_own_and_what_is_wrong_with_it(scene, tmp_path):
    assert bpy.ops.kinetone.regenerate(start=30, end=50) == {"FINISHED"}
    (strip,) = strips(scene)
    sidecar = json.loads(
        (tmp_path / "kinetone" / bpy.path.basename(strip.sound.filepath)).with_suffix(".json").read_text()
    )
    part = sidecar["renewed"][-1]
    assert part["start_s"] == pytest.approx((30 - 11) / 24, abs=1 / 60)
    assert part["end_s"] == pytest.approx((50 - 11) / 24, abs=1 / 60)
    with pytest.raises(RuntimeError, match=r"there is no music to renew.*frame 11"):
        bpy.ops.kinetone.regenerate(start=500, end=600)
    with pytest.raises(RuntimeError, match="there is no music to renew"):
        bpy.ops.kinetone.regenerate(start=50, end=30)


def test_of_several_takes_the_one_that_plays_is_changed(fresh_scene, scene):
    scene.kinetone.takes = 2
    bpy.ops.kinetone.generate()
    bpy.ops.kinetone.switch_take(take=2)
    before = {strip["kinetone_take"]: strip.sound.filepath for strip in strips(scene)}
    bpy.ops.kinetone.regenerate(start=30, end=50)
    after = {strip["kinetone_take"]: strip.sound.filepath for strip in strips(scene)}
    assert after[1] == before[1]
    assert after[2] != before[2]
    assert [strip["kinetone_take"] for strip in strips(scene) if not strip.mute] == [2]
    for strip in strips(scene):
        strip.mute = True
    with pytest.raises(RuntimeError, match="All takes are muted"):
        bpy.ops.kinetone.regenerate(start=30, end=50)


def test_a_dance_that_goes_on_longer_gets_music_to_its_new_end(scene, changes):
    dancer = bpy.context.view_layer.objects.active
    (strip,) = strips(scene)
    end = strip.frame_final_end
    curve = fcurves(dancer).find('pose.bones["LeftArm"].rotation_euler', index=0)
    for frame in range(107, 131):
        curve.keyframe_points.insert(frame, 0.1 * (frame % 5))
    curve.update()
    change = found(scene, changes)
    assert change.start >= 100
    assert change.end == pytest.approx(130, abs=0.5)
    assert bpy.ops.kinetone.regenerate() == {"FINISHED"}
    (strip,) = strips(scene)
    assert strip.frame_final_end > end + 20
    assert strip["kinetone_motion_frames"] == pytest.approx((130 - 11) / 24 * 60, abs=1.5)
    assert found(scene, changes) is None


def test_missing_files_are_named(scene, tmp_path):
    for sidecar in tmp_path.rglob("*.json"):
        sidecar.unlink()
    with pytest.raises(RuntimeError, match=r"no .*\.json.*generate the whole music anew"):
        bpy.ops.kinetone.regenerate(start=30, end=50)


def test_packed_music_is_changed_too(scene, tmp_path):
    scene.kinetone.storage = "PACKED"
    bpy.ops.kinetone.generate()
    files = sorted(tmp_path.rglob("*"))
    assert bpy.ops.kinetone.regenerate(start=30, end=50) == {"FINISHED"}
    (strip,) = strips(scene)
    assert strip.sound.packed_file
    assert json.loads(strip["kinetone_sidecar"])["renewed"]
    assert sorted(tmp_path.rglob("*")) == files


def test_a_partner_who_dances_differently_is_noticed_too(scene, changes, tmp_path):
    dancer = bpy.context.view_layer.objects.active
    partner = import_bvh(write_bvh(tmp_path / "partner.bvh", 4.0), frame_start=11)
    dancer.select_set(True)
    bpy.context.view_layer.objects.active = dancer
    bpy.ops.kinetone.choose_dancers()
    bpy.ops.kinetone.generate()
    assert found(scene, changes) is None
    bpy.context.view_layer.objects.active = partner
    edit(40, 60)
    change = found(scene, changes)
    assert 35 <= change.start <= 40
    assert bpy.ops.kinetone.regenerate() == {"FINISHED"}
    assert found(scene, changes) is None


def test_an_edit_while_the_music_is_made_shows_as_a_change(scene, changes, addon):
    job = addon("blender_addon.generation").Generation(
        addon("blender_addon.request").build_request(bpy.context), float("inf")
    )
    status = addon("blender_addon.status").status
    status.begin()
    while status.stage in ("Starting", "Reading the dance"):
        assert job.step()
        time.sleep(0.01)
    edit(40, 60)
    while job.step():
        time.sleep(0.01)
    status.running = False
    assert found(scene, changes) is not None
