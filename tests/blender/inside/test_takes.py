"""Several takes of one click: on channels of their own, switched, kept and dropped; undone and redone."""

import json

import bpy
import pytest
from conftest import music_files, strips


@pytest.fixture
def takes(dancer):
    """Three takes of the dancer's music."""
    bpy.context.scene.kinetone.takes = 3
    bpy.ops.ed.undo_push(message="three takes")
    assert bpy.ops.kinetone.generate() == {"FINISHED"}
    return own()


def own():
    return sorted(strips(bpy.context.scene), key=lambda strip: strip["kinetone_take"])


def heard():
    return [strip["kinetone_take"] for strip in own() if not strip.mute]


def test_each_take_lies_on_a_channel_of_its_own_and_the_best_plays(takes, tmp_path):
    assert [strip["kinetone_take"] for strip in takes] == [1, 2, 3]
    assert len({strip.channel for strip in takes}) == 3
    assert len({strip.sound.filepath for strip in takes}) == 3
    assert {strip.frame_start for strip in takes} == {1}
    assert len(music_files(tmp_path)) == 3
    codes = {json.loads(path.read_text())["codes"]["data"] for path in tmp_path.rglob("*.json")}
    assert len(codes) == 3
    hits = {strip["kinetone_take"]: strip["kinetone_hit"] for strip in takes}
    assert all(0 <= hit <= 1 for hit in hits.values())
    assert heard() == [max(hits, key=lambda take: (hits[take], -take))]


def test_a_click_switches_and_undo_switches_back(takes):
    first = heard()
    other = next(take for take in (1, 2, 3) if [take] != first)
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.kinetone.switch_take(take=other) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="switched")
    assert heard() == [other]
    assert "plays" not in bpy.context.window_manager.kinetone.message, "what was said of another take"
    bpy.ops.ed.undo()
    assert heard() == first
    bpy.ops.ed.redo()
    assert heard() == [other]


def test_a_take_that_is_not_there_is_named_with_those_that_are(takes):
    with pytest.raises(RuntimeError, match=r"no such take.*1, 2, 3"):
        bpy.ops.kinetone.switch_take(take=9)


def test_keeping_one_drops_the_rest_and_leaves_their_files(takes, tmp_path):
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.kinetone.keep_take(take=2) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="kept")
    (strip,) = own()
    assert strip["kinetone_take"] == 2
    assert heard() == [2]
    assert len(bpy.data.sounds) == 1
    assert len(music_files(tmp_path)) == 3
    bpy.ops.ed.undo()
    assert len(own()) == 3
    assert len(bpy.data.sounds) == 3


def test_keeping_one_deletes_the_other_files_if_that_is_wished(takes, tmp_path):
    kept = bpy.path.abspath(takes[1].sound.filepath)
    assert bpy.ops.kinetone.keep_take(take=2, delete_files=True) == {"FINISHED"}
    assert [str(path) for path in music_files(tmp_path)] == [kept]
    assert len(list(tmp_path.rglob("*.json"))) == 1


def test_files_that_another_strip_plays_are_never_deleted(takes, tmp_path):
    bpy.context.scene.copy()  # with its strips, which share the sounds
    bpy.ops.kinetone.keep_take(take=1, delete_files=True)
    assert len(music_files(tmp_path)) == 3


def test_without_a_number_the_take_that_plays_is_meant(takes):
    bpy.ops.kinetone.switch_take(take=3)
    bpy.ops.kinetone.keep_take()
    assert [strip["kinetone_take"] for strip in own()] == [3]


def test_dropping_the_take_that_plays_lets_another_play(takes):
    bpy.ops.kinetone.switch_take(take=2)
    bpy.ops.kinetone.drop_take(take=2)
    assert [strip["kinetone_take"] for strip in own()] == [1, 3]
    assert heard() == [1]
    bpy.ops.kinetone.drop_take(take=1)
    bpy.ops.kinetone.drop_take()
    assert own() == []
    assert not bpy.ops.kinetone.drop_take.poll()


def test_generating_again_replaces_all_takes(takes, tmp_path):
    channels = [strip.channel for strip in takes]
    scene = bpy.context.scene
    scene.kinetone.takes = 2
    bpy.ops.kinetone.generate()
    assert [strip["kinetone_take"] for strip in own()] == [1, 2]
    assert [strip.channel for strip in own()] == channels[:2]
    assert len(music_files(tmp_path)) == 5
    assert len(bpy.data.sounds) == 2


def test_takes_are_as_many_as_asked_for_up_to_eight(dancer):
    settings = bpy.context.scene.kinetone
    settings.takes = 99
    assert settings.takes == 8
    settings.takes = 0
    assert settings.takes == 1


def test_they_need_room_for_all(dancer, tmp_path):
    scene = bpy.context.scene
    editor = scene.sequence_editor_create()
    for number in range(1, 127):
        editor.channels[number].lock = True
    scene.kinetone.takes = 3
    with pytest.raises(RuntimeError, match=r"128 channels.*Free 3 there"):
        bpy.ops.kinetone.generate()
    assert strips(scene) == []
    assert music_files(tmp_path) == []


def test_music_is_found_whatever_is_selected(takes, addon):
    bpy.context.view_layer.objects.active = None
    other = bpy.data.objects.new("Other", bpy.data.armatures.new("Other"))
    bpy.context.scene.collection.objects.link(other)
    assert len(addon("blender_addon.music").current_takes(bpy.context)) == 3
