"""Names in every script and out of every trap: armatures, bones, actions, scenes, files, genres, presets."""

import bpy
import pytest
from conftest import fcurves as curves_of
from conftest import music_files, preferences, strips
from hypothesis import event, example, given
from hypothesis import strategies as st
from odd import Reader, assign, body, build, cases, refusal
from panels import draw

TRAPS = [
    "راقصة", "舞者", "ダンサー", "무용수", "นักเต้น", "рыба", "💃🏽👯‍♀️", "e\u0301a\u0308\u0323",
    "\u202eabc\u202c", "\u200f\u200e\u200b", "a/b", "..", ".", "../../x", "a\\b", "a\nb", "a\tb", 'a"b',
    "a'b", "[0]", '"]', '\\"]["x', "{armature}", "%s%n", "$(true)", "CON", "con.001", "COM¹", "nul ",
    "LPT9.wav", " ", "_", "-rf", "~", "x" * 63, "舞" * 21, "é" * 31, "²", "፩", "①", "٣", "½", "left_hip",
    "LEFT_HIP", "Left_Hip", "l", "0", "ﬁ", "\u00a0", "\ufeff", "ß", "İ",
]  # fmt: skip
names = st.sampled_from(TRAPS) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20
)


@pytest.fixture
def read(addon):
    return Reader(addon)


@cases(40)
@given(
    drawn=st.lists(names, min_size=24, max_size=24, unique=True), armature=names, action=names, scene=names
)
@example(drawn=TRAPS[:24], armature="a/b", action='"]', scene="\n")
@example(drawn=TRAPS[-24:], armature="\u202e", action="💃🏽", scene="CON")
def test_bones_of_any_name_are_read(fresh_scene, addon, read, drawn, armature, action, scene):
    """Chosen by hand, they dance; what they are called makes no difference to what is keyed and read."""
    bpy.context.scene.name = scene
    joints = list(addon("core.motion.skeleton").JOINT_NAMES)
    dancer = build(armature, body(addon))
    for joint in joints:
        dancer.data.bones[joint].name = f"old {joint}"
    for joint, name in zip(joints, drawn, strict=True):
        dancer.data.bones[f"old {joint}"].name = name
    called = {joint: bone.name for joint, bone in zip(joints, dancer.data.bones, strict=True)}
    for joint, bone in called.items():
        item = dancer.kinetone_joints.add()
        item.name, item.bone = joint, bone
    assign(dancer, bpy.data.actions.new(action))
    bone = dancer.pose.bones[called["left_shoulder"]]
    bone.rotation_mode = "XYZ"
    for frame, angle in ((1, 0.0), (12, 1.0)):
        bone.rotation_euler.x = angle
        bone.keyframe_insert("rotation_euler", index=0, frame=frame)
    draw(addon)
    reading = read(dancer)
    assert reading.code == ""
    assert reading.plain
    assert dict(addon("blender_addon.armature").joint_mapping(dancer).named) == called
    bpy.data.objects.remove(dancer)


@cases(60)
@given(drawn=st.lists(names | st.sampled_from(["", "a" * 200, "9" * 5000]), max_size=40))
def test_any_names_are_told_apart(addon, drawn):
    """Whether or not they name a body."""
    found = addon("core.motion.rigs").find_bones(drawn, dict.fromkeys(drawn))
    assert set(found.bones.values()) <= set(drawn)


@cases(60)
@given(
    pattern=st.sampled_from(["{armature}", "{scene}_{file}", "{genre}{take}", "{{x}}"]) | names,
    values=st.fixed_dictionaries(dict.fromkeys(("armature", "scene", "file", "genre"), names)),
    takes=st.integers(1, 8),
)
@example(
    pattern="{armature}", values=dict.fromkeys(("armature", "scene", "file", "genre"), "CON.001"), takes=2
)
@example(pattern="舞" * 300, values=dict.fromkeys(("armature", "scene", "file", "genre"), "x"), takes=1)
def test_any_names_make_names_of_files(addon, tmp_path_factory, pattern, values, takes):
    """They can be made on every system, lie in the folder, and no two are alike."""
    destination = addon("blender_addon.destination")
    folder = tmp_path_factory.mktemp("music")
    try:
        destination.check_pattern(pattern)
    except addon("core.errors").AudioError as error:
        event(refusal(error))
        return
    facts = [{**values, "seed": 1, "take": take} for take in range(1, takes + 1)]
    paths = [destination.claim(folder, pattern, each, ".wav") for each in facts]
    assert len({path.name.casefold() for path in paths}) == takes
    for path in paths:
        addon("core.unfinished").unfinished_path(path).rename(path)
        assert path.parent == folder
        assert path.name.partition(".")[0].upper().rstrip() not in {"CON", "NUL", "COM1", "COM¹", "LPT9", ""}
        assert not set(path.name) & set('<>:"/\\|?*\n\t')
    assert len(list(folder.iterdir())) == takes


@cases(40)
@given(drawn=names | st.just("x" * 4000), bones=st.dictionaries(st.sampled_from(["left_hip", "head"]), names))
@example(drawn="CON", bones={"head": "a\nb"})
def test_presets_of_any_name(addon, drawn, bones):
    presets, errors = addon("blender_addon.rig_presets"), addon("core.errors")
    try:
        path = presets.preset_path(drawn)
        presets.write_mapping(path, bones)
    except errors.KinetoneError as error:
        event(refusal(error))
        return
    assert path.parent == presets.preset_folder()
    assert path.stem in presets.preset_names()
    assert presets.read_mapping(path) == bones
    draw(addon)
    path.unlink()


@pytest.mark.parametrize(
    "content", ["", "[" * 100_000, '{"format": 1e999}', '{"bones": [["', "nul", '"\\ud800"', "pipe"]
)
def test_files_that_are_no_mapping(addon, tmp_path, content):
    import os

    path = tmp_path / "mapping.json"
    os.mkfifo(path) if content == "pipe" else path.write_text(content)
    with pytest.raises(addon("core.errors").FileFormatError) as error:
        addon("blender_addon.rig_presets").read_mapping(path)
    assert error.value.code == "rig.preset_file"


@pytest.mark.parametrize(
    "genres",
    [
        '["舞", "AUTO", "", "a\\nb", "\\ud800", "x", "x", 5, null]',
        "[" * 100_000,
        '{"a": 1}',
        '"salsa"',
        "[" + '"g",' * 9 + '"h"]',
    ],
)
def test_genres_of_any_name(fresh_scene, addon, tmp_path, genres):
    (tmp_path / "card.json").write_text('{"genres": ' + genres + "}")
    preferences().checkpoint = str(tmp_path)
    listed = [item.identifier for item in fresh_scene.kinetone.bl_rna.properties["genre"].enum_items]
    assert listed.count("AUTO") <= 1
    known = addon("blender_addon.model_card").genres(tmp_path)
    assert known in (("舞", "x"), ("g", "h"), ())
    for genre in known:
        fresh_scene.kinetone.genre = genre
        assert addon("blender_addon.request").options(fresh_scene.kinetone).genre == genre
    draw(addon)


def test_music_for_dancers_with_names_like_each_other(dancer, addon, tmp_path):
    """Names that differ in case alone make two files everywhere; those with slashes stay in the folder."""
    for name in ("Dance/r", "dance/R"):
        dancer.name = name
        curves_of(dancer)  # its action goes with it
        assert bpy.ops.kinetone.generate() == {"FINISHED"}
        assert dancer.name == name
    made = {path.name.casefold() for path in music_files(tmp_path)}
    assert len(made) == 2
    assert all(path.parent == tmp_path / "kinetone" for path in music_files(tmp_path))
    assert len(strips(bpy.context.scene)) == 1  # by its lasting id, it is one dancer
