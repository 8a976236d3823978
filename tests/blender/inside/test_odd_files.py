"""Files from strangers: whatever they hold under Kinetone's names does no harm, and breaks no panel."""

import math

import bpy
import pytest
from conftest import fcurves, music_files, preferences, state, strips
from hypothesis import event, example, given
from hypothesis import strategies as st
from odd import Reader, cases
from panels import draw

OPERATORS = ("realign", "restore_playback", "reroll_seed", "switch_take", "forget_dancers", "forget_bones")

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.sampled_from(
    [
        "../../../etc/passwd", "//../../..", "/dev/zero", "//\\\\host\\share", "CON",
        "{armature.__class__}", "{seed:>999999999}", "{", "__import__('os').system('false')", "\n\n",
        "A" * 5000, "PREVIEW", "AUTO", "~root/x", b"\xff\xfe\x80",
    ]
)  # fmt: skip
numbers = (
    st.integers(-(2**31), 2**31 - 1)
    | st.integers(-3, 9)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.sampled_from([math.nan, math.inf, -1e300, 1e300])
)
arrays = st.lists(st.floats(), max_size=5) | st.lists(st.integers(-(2**31), 2**31 - 1), max_size=3)
groups = st.dictionaries(st.text("abc", min_size=1, max_size=2), numbers | arrays, max_size=2)
anything = numbers | texts | arrays | groups | st.booleans() | st.lists(groups, max_size=2)


def stored(owner):
    """The properties that a file holds for add-ons: beside the user's own ones since Blender 5.0."""
    return (
        owner.bl_system_properties_get(do_create=True)
        if hasattr(owner, "bl_system_properties_get")
        else owner
    )


def plant(owner, name, value):
    """Store a value under a name, whatever was there."""
    where = stored(owner)
    if name in where:
        del where[name]
    where[name] = value


@pytest.fixture
def read(addon):
    return Reader(addon)


@pytest.fixture
def with_music(dancer):
    """A dancer with two takes on the timeline."""
    bpy.context.scene.kinetone.takes = 2
    bpy.ops.kinetone.generate()
    assert len(strips(bpy.context.scene)) == 2
    return dancer


def outcome(addon, operator, **arguments):
    """Runs an operator as a click does: it may be refused, but may not fail otherwise."""
    try:
        return getattr(bpy.ops.kinetone, operator)(**arguments)
    except RuntimeError as error:
        said = str(error)
    assert "Traceback" not in said
    return said


SETTINGS = [
    "genre", "genre_strength", "energy", "tempo_from", "tempo_bpm", "seed", "temperature", "takes",
    "range", "storage", "folder", "file_name", "file_format", "fade_in_s", "fade_out_s", "loudness_db",
    "mark_dance_beats", "mark_music_beats", "sync_playback", "earlier_sync", "earlier_scrub",
]  # fmt: skip


def test_all_settings_are_planted_below(fresh_scene):
    known = set(fresh_scene.kinetone.bl_rna.properties.keys()) - {"rna_type", "name"}
    assert known == set(SETTINGS)


@cases(40)
@given(planted=st.dictionaries(st.sampled_from(SETTINGS), anything, min_size=1, max_size=8))
@example(planted={"takes": 2_000_000_000, "energy": math.nan, "temperature": math.inf, "seed": -5})
@example(planted={"file_name": b"\xff", "folder": b"\xff", "earlier_sync": b"\xff"})
@example(
    planted={"file_format": 77, "storage": -1, "range": 99, "tempo_from": 12, "earlier_sync": "nonsense"}
)
def test_planted_settings(with_music, addon, tmp_path_factory, planted):
    scene = bpy.context.scene
    plant(scene, "kinetone", {})
    for name, value in planted.items():
        plant_in(stored(scene)["kinetone"], name, value)
    draw(addon)
    try:
        request = addon("blender_addon.request").build_request(bpy.context)
    except addon("core.errors").KinetoneError as error:
        event(error.code)
    else:
        event("request")
        options = request.options
        assert 1 <= request.takes <= 8
        assert 0 <= options.seed < 2**31
        assert 0 <= options.genre_strength <= 10
        assert 0.25 <= options.energy <= 2
        assert 0 <= options.temperature <= 10
        assert options.tempo_bpm is None or 30 <= options.tempo_bpm <= 300
        assert request.destination.suffix in (".wav", ".flac")
        goal = request.destination
        claim = addon("blender_addon.destination").claim
        path = claim(tmp_path_factory.mktemp("music"), goal.pattern, {**goal.values, "take": 1}, goal.suffix)
        assert len(path.name.encode()) < 140
    for operator in OPERATORS:
        if getattr(bpy.ops.kinetone, operator).poll():
            outcome(addon, operator)


def plant_in(group, name, value):
    if name in group:
        del group[name]
    group[name] = value


FACTS = [
    "armature", "armature_id", "seed", "genre", "motion_frames", "start", "partners", "take", "takes",
    "lead_s", "keys_s", "animated", "hit", "dance_beats_s", "music_beats_s", "fingerprint", "sidecar",
]  # fmt: skip


def test_all_facts_of_a_strip_are_planted_below(with_music, addon):
    from dataclasses import fields

    music = addon("blender_addon.music")
    assert {field.name for field in fields(music.Music)} | {"fingerprint", "sidecar"} == set(FACTS)


@pytest.fixture
def original(with_music):
    """The facts that Kinetone itself kept in each strip; its dancer has few curves."""
    for curve in list(fcurves(with_music))[2:]:
        fcurves(with_music).remove(curve)
    return [
        {name: value.to_list() if hasattr(value, "to_list") else value for name, value in strip.items()}
        for strip in strips(bpy.context.scene)
    ]


@cases(40)
@given(
    planted=st.dictionaries(st.sampled_from(FACTS), anything, min_size=1, max_size=8),
    both=st.booleans(),
    start=st.integers(-20, 40),
    fps=st.sampled_from([1, 24, 32767]),
)
@example(planted={"take": "one", "armature": 5, "partners": "nobody\nelse"}, both=True, start=1, fps=24)
@example(
    planted={"lead_s": 1e300, "motion_frames": 2**31 - 1, "start": -1e300}, both=True, start=1, fps=32767
)
@example(
    planted={"dance_beats_s": [math.nan, math.inf, 1e300], "fingerprint": [1.0]}, both=True, start=1, fps=24
)
def test_planted_facts_of_strips(with_music, original, addon, planted, both, start, fps):
    scene = bpy.context.scene
    for strip, facts in zip(strips(scene), original, strict=True):
        for name, value in facts.items():
            plant_in(strip, name, value)
    for strip in strips(scene)[: 2 if both else 1]:
        for name, value in planted.items():
            plant_in(strip, f"kinetone_{name}", value)
    scene.render.fps = fps
    settings = scene.kinetone
    settings.mark_dance_beats = settings.mark_music_beats = start % 2 == 0
    settings.fade_in_s = float(start % 3)
    draw(addon)
    music, changes = addon("blender_addon.music"), addon("blender_addon.changes")
    for strip in strips(scene):
        assert 0 <= music.read(strip).take < 2**31
        assert len(music.fingerprint_of(strip)) % 2 == 0
    changes.look(scene)
    draw(addon)
    for operator in OPERATORS:
        if getattr(bpy.ops.kinetone, operator).poll():
            event(f"{operator} {str(outcome(addon, operator))[:20]}")
    regeneration = addon("blender_addon.regeneration")
    for strip in music.current_takes(bpy.context):
        try:
            span = regeneration.dance_of(strip, scene, with_music)
            regeneration.renewal(strip, span, start, start + 10)
        except addon("core.errors").KinetoneError as error:
            event(error.code)
    assert len(scene.timeline_markers) < 1000


@cases(40)
@given(
    joints=anything
    | st.lists(st.dictionaries(st.sampled_from(["name", "bone"]), texts | numbers, max_size=2), max_size=3),
    lasting=anything,
    dancers=anything,
)
@example(joints=[{"name": "nonsense", "bone": "Hips"}], lasting=b"\xff", dancers=[{"armature": 5}])
@example(joints=[{"name": "left_hip", "bone": b"\xff"}], lasting="", dancers={})
def test_planted_joints_and_dancers(dancer, addon, read, joints, lasting, dancers):
    plant(dancer, "kinetone_joints", joints)
    plant(dancer, "kinetone_id", lasting)
    plant(bpy.context.scene, "kinetone_dancers", dancers)
    draw(addon)
    assert read(dancer).code == ""
    assert isinstance(addon("blender_addon.armature").lasting_id(dancer), str)
    for operator in ("choose_bone", "forget_bones", "forget_dancers"):
        outcome(addon, operator)


def test_a_list_of_dancers_that_are_none(dancer, addon):
    """A file may name any object: what the interface offers does not bind it."""
    scene = bpy.context.scene
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    scene.collection.objects.link(lamp)
    for obj in (lamp, dancer, dancer):
        scene.kinetone_dancers.add().armature = obj
    draw(addon)
    assert addon("blender_addon.armature").listed_dancers(scene) in ([dancer], [])


def test_a_strip_without_a_sound(with_music, addon):
    scene = bpy.context.scene
    for sound in list(bpy.data.sounds):
        bpy.data.sounds.remove(sound)
    draw(addon)
    for strip in strips(scene):
        assert strip.sound is None
    assert "no sound" in outcome(addon, "regenerate", start=5, end=20)
    outcome(addon, "drop_take", take=1, delete_files=True)
    draw(addon)


@pytest.mark.parametrize("name", ["mine.wav", "precious.txt", "", "x" * 5000])
def test_dropping_a_strip_that_names_a_file_of_the_user(with_music, addon, tmp_path, name):
    """Only music with Kinetone's sidecar beside it is deleted, even when asked to delete."""
    for mine in ("mine.wav", "precious.txt", "mine.json", "precious.json"):
        (tmp_path / mine).write_text("mine")
    for strip in strips(bpy.context.scene):
        strip.sound.filepath = name if name in ("", "/") else f"//{name}"
    draw(addon)
    outcome(addon, "regenerate", start=5, end=20)
    outcome(addon, "drop_take", take=1, delete_files=True)
    outcome(addon, "keep_take", take=2, delete_files=True)
    for mine in ("mine.wav", "precious.txt", "mine.json", "precious.json"):
        assert (tmp_path / mine).read_text() == "mine"


@pytest.mark.parametrize("name", ["..", "", "a/../../b"])
def test_packed_music_whose_name_leads_elsewhere(dancer, addon, tmp_path, name):
    scene = bpy.context.scene
    scene.kinetone.storage = "PACKED"
    bpy.ops.kinetone.generate()
    (strip,) = strips(scene)
    strip.sound.filepath = f"//{name}"
    before = sorted(tmp_path.rglob("*"))
    assert outcome(addon, "regenerate", start=5, end=20) == {"FINISHED"}
    assert sorted(tmp_path.rglob("*")) == before


def test_opening_a_file_starts_nothing(with_music, addon, tmp_path):
    scene = bpy.context.scene
    plant(scene, "kinetone", {"takes": 2_000_000_000, "folder": "/"})
    text = bpy.data.texts.new("planted.py")
    text.write("raise SystemExit('code of the file ran')")
    text.use_module = True
    bpy.ops.wm.save_mainfile()
    addon("blender_addon.engine").close()
    files = music_files(tmp_path)
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath, use_scripts=False)
    assert not addon("blender_addon.jobs").status.running
    assert addon("blender_addon.engine")._client is None
    before = state(bpy.context.scene)
    changes = addon("blender_addon.changes")
    while bpy.app.timers.is_registered(changes._timer) and changes._timer() is not None:
        pass
    assert state(bpy.context.scene) == before
    assert music_files(tmp_path) == files


def test_a_key_moved_to_the_end_of_the_world_freezes_nothing(with_music, addon):
    """The look for changes starts by itself after an edit: it must not go on for a thousand years."""
    first, *others = fcurves(with_music)
    first.keyframe_points[-1].co.x = 1e9
    for curve in others:
        fcurves(with_music).remove(curve)
    addon("blender_addon.changes").look(bpy.context.scene)
    draw(addon)
    outcome(addon, "realign")


def test_preferences_lead_into_no_file_s_folder(dancer, tmp_path):
    """What is relative to the open file is made absolute at once: other files lie beside other programs."""
    preferences().engine_python = "//engine/python"
    preferences().checkpoint = "//model"
    assert preferences().engine_python == str(tmp_path / "engine" / "python")
    assert preferences().checkpoint == str(tmp_path / "model")


def test_a_thousand_parents(dancer, addon):
    """Deeper than Python can call itself."""
    child = None
    top = dancer
    for n in range(1500):
        child = bpy.data.objects.new(f"p{n}", None)
        child.parent = top
        top = child
    bpy.context.scene.collection.objects.link(child)
    bpy.context.view_layer.objects.active = child
    assert addon("blender_addon.armature").find_armature(bpy.context) == dancer
