# mypy: disable-error-code="valid-type,misc"
"""What the user sets for a scene, saved with the file."""

import zlib
from typing import Any

import bpy

from ..core.options import GenerateOptions
from . import dance_range, destination, markers, mix, model_card, music, playback, preferences
from .model_card import AUTO

# From 4.5 on, Blender marks paths that begin with // as wrong where a property does not allow them.
BLEND_RELATIVE = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5) else set()

MAX_TAKES = 8

_genre_items: list[tuple[str, str, str, int]] = []
"""Blender does not keep the strings of a dynamic enum alive: this does."""


def genre_items(_settings: Any, _context: Any) -> list[tuple[str, str, str, int]]:
    """The genres of the chosen model.

    Each has a number of its own that it keeps in every model, since files store the number.
    """
    items = [(AUTO, "Any", "Leave the genre to the dance", 0)]
    for genre in model_card.genres(preferences.checkpoint()):
        number = zlib.crc32(genre.encode()) & 0x7FFFFFFF
        items.append((genre, genre.replace("_", " ").title(), f"Music in the style of {genre}", number))
    if items != _genre_items:
        _genre_items[:] = items
    return _genre_items


def _mix_changed(settings: Any, _context: Any) -> None:
    scene = settings.id_data
    mix.apply_to_all(scene, dance_range.scene_clock(scene))


def _markers_changed(settings: Any, context: Any) -> None:
    scene = settings.id_data
    takes = music.current_takes(context) if context.scene == scene else []
    markers.update(scene, dance_range.scene_clock(scene), music.audible(takes))


def _sync_changed(settings: Any, context: Any) -> None:
    scene = settings.id_data
    if not settings.sync_playback:
        playback.restore(scene)
    elif music.current_takes(context):
        playback.follow(scene)


class KINETONE_PG_scene(bpy.types.PropertyGroup):
    """Settings of Generate Music, saved with the file."""

    genre: bpy.props.EnumProperty(
        name="Genre",
        description="Style of the music, out of those that the model knows",
        items=genre_items,
    )
    genre_strength: bpy.props.FloatProperty(
        name="Strength",
        description="How strictly the music keeps to the genre. 0 leaves it to the dance, 1 is usual, "
        "more exaggerates the genre",
        default=1.0,
        min=0.0,
        soft_max=3.0,
        max=10.0,
        step=10,
    )
    energy: bpy.props.FloatProperty(
        name="Energy",
        description="How lively the music takes the dance to be: 1 as it is, 2 as if it were danced with "
        "twice the energy",
        default=1.0,
        min=0.25,
        max=2.0,
        step=5,
    )
    tempo_from: bpy.props.EnumProperty(
        name="Tempo",
        description="What sets the pulse of the music",
        items=[
            ("DANCE", "From the Dance", "The music finds its pulse in the dance"),
            ("FIXED", "Fixed", "The music keeps to a tempo that you set"),
        ],
    )
    tempo_bpm: bpy.props.FloatProperty(
        name="BPM",
        description="Beats a minute that the music keeps to",
        default=120.0,
        min=30.0,
        max=300.0,
        soft_min=60.0,
        soft_max=200.0,
        step=100,
        precision=1,
    )
    seed: bpy.props.IntProperty(
        name="Seed",
        description="Another number gives another piece of music for the same dance; "
        "the same number gives the same music again",
        min=0,
    )
    temperature: bpy.props.FloatProperty(
        name="Temperature",
        description="How adventurous the music is. 0 always takes the likeliest turn, high values "
        "take surprising and sometimes wrong ones",
        default=GenerateOptions().temperature,
        min=0.0,
        soft_max=1.5,
        max=10.0,
        step=5,
    )
    takes: bpy.props.IntProperty(
        name="Takes",
        description="How many different pieces to make for the dance in one go. One of them plays, "
        "the others wait on muted channels",
        default=1,
        min=1,
        max=MAX_TAKES,
    )
    range: bpy.props.EnumProperty(
        name="Range",
        description="The part of the timeline that gets music",
        items=[
            ("ACTION", "Action", "From the armature's first keyframe or NLA strip to its last"),
            ("SCENE", "Scene", "From the scene's start frame to its end frame"),
            ("PREVIEW", "Preview", "The preview range of the timeline"),
        ],
    )
    storage: bpy.props.EnumProperty(
        name="Keep Music",
        description="Where the music is kept",
        items=[
            ("FILE", "In Files", "Every take is a file in the folder below, with a .json beside it that "
             "tells how it was made"),
            ("PACKED", "In the .blend", "The music lies inside the .blend file, which grows by about 3 MB "
             "for every minute and take as WAV, about half of that as FLAC"),
        ],
    )  # fmt: skip
    folder: bpy.props.StringProperty(
        name="Folder",
        description="Where the music is written, every take to a file of its own. "
        "// stands for the folder of the saved file",
        subtype="DIR_PATH",
        default="//kinetone/",
        options=BLEND_RELATIVE,
    )
    file_name: bpy.props.StringProperty(
        name="File Name",
        description="How the files are called. What stands in braces is filled in: "
        + "; ".join(f"{{{field}}} {meaning}" for field, meaning in destination.FIELDS.items())
        + ". A number is added where the name is taken",
        default=destination.DEFAULT_PATTERN,
    )
    file_format: bpy.props.EnumProperty(
        name="Format",
        description="Kind of the music files. Both sound exactly alike",
        items=[
            ("WAV", "WAV", "Opens everywhere"),
            ("FLAC", "FLAC", "About half the size, without any loss"),
        ],
    )
    fade_in_s: bpy.props.FloatProperty(
        name="Fade In",
        description="Seconds in which the music rises from silence. Made of keyframes of the strip's volume; "
        "the file stays as it is. Replaces volume keyframes of your own on Kinetone's strips",
        min=0.0,
        soft_max=10.0,
        subtype="TIME_ABSOLUTE",
        update=_mix_changed,
    )
    fade_out_s: bpy.props.FloatProperty(
        name="Fade Out",
        description="Seconds in which the music sinks into silence at its end, likewise",
        min=0.0,
        soft_max=10.0,
        subtype="TIME_ABSOLUTE",
        update=_mix_changed,
    )
    loudness_db: bpy.props.FloatProperty(
        name="Loudness (dB)",
        description="Louder or softer than the file, in decibels: 6 is about twice the amplitude, "
        "-6 about half. Sets the strip's volume; the file stays as it is",
        min=-60.0,
        max=20.0,
        soft_min=-24.0,
        soft_max=12.0,
        step=50,
        precision=1,
        update=_mix_changed,
    )
    mark_dance_beats: bpy.props.BoolProperty(
        name="Dance Beats",
        description="Show the beats of the dance that plays as timeline markers “Kinetone ●”. Off takes "
        "them away again; your own markers are left alone",
        update=_markers_changed,
    )
    mark_music_beats: bpy.props.BoolProperty(
        name="Music Beats",
        description="Show the beats found in the music that plays as timeline markers “Kinetone ♪”. Off "
        "takes them away again; your own markers are left alone",
        update=_markers_changed,
    )
    sync_playback: bpy.props.BoolProperty(
        name="Play in Sync",
        description="Keep playback in step with the sound and let scrubbing be heard. Off brings back what "
        "was set before Kinetone's first music",
        default=True,
        update=_sync_changed,
    )
    earlier_sync: bpy.props.StringProperty(
        name="Earlier Playback",
        description="The sync mode of playback before Kinetone changed it; empty if it did not",
        options={"HIDDEN"},
    )
    earlier_scrub: bpy.props.BoolProperty(
        name="Earlier Scrubbing",
        description="Whether scrubbing could be heard before Kinetone switched it on",
        options={"HIDDEN"},
    )


def register() -> None:
    """Register the settings and hang them on scenes."""
    bpy.utils.register_class(KINETONE_PG_scene)
    bpy.types.Scene.kinetone = bpy.props.PointerProperty(type=KINETONE_PG_scene)


def unregister() -> None:
    """Take the settings back; what files stored stays in them."""
    del bpy.types.Scene.kinetone
    bpy.utils.unregister_class(KINETONE_PG_scene)
