"""Music that follows several dancers."""

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
from conftest import fcurves, import_bvh, music_files, strips
from dancers import write_bvh


@pytest.fixture
def couple(dancer, tmp_path):
    """Two dancers, both selected, the second one active."""
    partner = import_bvh(write_bvh(tmp_path / "partner.bvh", seconds=3.0))
    partner.name = "partner"
    partner.location.x = 2.0
    for curve in fcurves(partner):  # another dance
        if "Left" in curve.data_path:
            for point in curve.keyframe_points:
                point.co.y *= -0.4
    dancer.select_set(True)
    return dancer, partner


def armatures(addon):
    return addon("blender_addon.armature")


def test_the_selected_dancers_make_a_list(couple, addon, tmp_path):
    dancer, partner = couple
    assert bpy.ops.kinetone.choose_dancers() == {"FINISHED"}
    assert armatures(addon).find_dancers(bpy.context) == [partner, dancer]
    bpy.context.view_layer.objects.active = dancer
    assert armatures(addon).find_armature(bpy.context) == partner  # the list counts, not the selection
    assert armatures(addon).shown_armature(bpy.context) == dancer

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "couple.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "couple.blend"))
    names = [obj.name for obj in armatures(addon).find_dancers(bpy.context)]
    assert names == ["partner", "dance"]

    bpy.data.objects.remove(bpy.data.objects["partner"])
    assert [obj.name for obj in armatures(addon).find_dancers(bpy.context)] == ["dance"]
    assert bpy.ops.kinetone.forget_dancers(index=0) == {"FINISHED"}
    assert len(bpy.context.scene.kinetone_dancers) == 0


def test_one_alone_makes_no_list(couple):
    dancer, partner = couple
    partner.select_set(False)
    bpy.context.view_layer.objects.active = dancer
    assert not bpy.ops.kinetone.choose_dancers.poll()


@pytest.mark.usefixtures("couple")
def test_the_engine_gets_everybody_over_the_same_frames(addon, tmp_path):
    bpy.ops.kinetone.choose_dancers()
    request = addon("blender_addon.request").build_request(bpy.context)
    assert request.armature == "partner"
    assert list(request.mappings) == ["partner", "dance"]
    reader = addon("blender_addon.reader").DanceReader(request.span, request.mappings)
    layers = dict.fromkeys(request.mappings, bpy.context.view_layer)
    while not reader.read_slice(bpy.context.scene, layers, 0.01):
        pass
    together = reader.joints()
    for name, joints in zip(request.mappings, together, strict=True):
        alone = addon("blender_addon.reader").DanceReader(request.span, {name: request.mappings[name]})
        alone.read_slice(bpy.context.scene, {name: bpy.context.view_layer}, float("inf"))
        assert np.array_equal(alone.joints()[0], joints)
    paths = [tmp_path / f"{n}.npy" for n in range(2)]
    parameters = addon("blender_addon.job").engine_parameters(request, paths, [tmp_path / "out.wav"])
    assert parameters["joints"] == [str(path) for path in paths]


@pytest.mark.usefixtures("couple")
def test_music_for_two_belongs_to_the_first_and_names_both():
    bpy.ops.kinetone.choose_dancers()
    bpy.context.scene.kinetone.takes = 1
    assert bpy.ops.kinetone.generate() == {"FINISHED"}
    (strip,) = strips(bpy.context.scene)
    assert strip["kinetone_armature"] == "partner"
    (music,) = music_files(Path(bpy.data.filepath).parent)
    sidecar = json.loads(music.with_suffix(".json").read_text())
    assert '"dancers": 2' in json.dumps(sidecar)
    assert list(sidecar["about"]["partners"]) == ["dance"]


def test_a_dancer_that_cannot_be_read_is_named(couple):
    bpy.ops.kinetone.choose_dancers()
    couple[0].data.pose_position = "REST"
    with pytest.raises(RuntimeError, match="“dance” is shown in its rest position"):
        bpy.ops.kinetone.generate()
