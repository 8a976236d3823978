"""A genre's palette: all that its songs choose their kit, players, patterns, chords and sound from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Groove = Mapping[str, str]
"""Drum sound to its bars (see notation.rhythm), ``|`` between them; shorter ones repeat."""


@dataclass(frozen=True)
class Sound:
    """A drum sound: a sample's name, or ``gm:KEY`` for a key of the soundfont's percussion.

    Args:
        source: sample file without its suffix, or ``gm:`` and a General MIDI percussion key.
        level_db: peak level at full strength.
        length_s: cut, with a fade, after this time.
    """

    source: str
    level_db: float
    length_s: float


Kit = dict[str, Sound]
"""Drum sounds by name."""


_GROUPS: Mapping[str, str] = {
    "kick": "kick",
    "stomp": "kick",
    "impact": "kick",
    "snare": "snare",
    "clap": "snare",
    "rim": "snare",
    "snap": "snare",
    "hat": "hats",
    "open": "hats",
    "ride": "hats",
    "crash": "hats",
}
"""Sounds that belong together; all others are percussion."""

DRUM_GROUPS = ("kick", "snare", "hats", "percussion")
"""The groups of a kit's sounds, each with a bus of its own."""


def group(sound: str) -> str:
    """The group of a drum sound: kick, snare, hats or percussion."""
    return _GROUPS.get(sound, "percussion")


@dataclass(frozen=True)
class Voice:
    """Who plays a part.

    Args:
        program: General MIDI program, counted from 0.
        velocity: at full energy.
        strum_s: between one note of a chord and the next.
        effect: an effect of mix.EFFECTS, or none.
        octaves: played so many octaves higher than written.
    """

    program: int
    velocity: int = 100
    strum_s: float = 0.0
    effect: str = ""
    octaves: int = 0


@dataclass(frozen=True)
class Harmony:
    """A scale and chord progressions in it, written on C (see harmony.progression).

    Args:
        scale: a name in harmony.SCALES.
        verse, chorus, bridge: progressions of one, two, four or eight bars to choose from.
    """

    scale: str
    verse: tuple[str, ...]
    chorus: tuple[str, ...]
    bridge: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """A way to play an accompanying part, a bar each: in verses, in choruses, at the end of four bars."""

    verse: str
    chorus: str
    turn: str


@dataclass(frozen=True)
class Room:
    """How a song is mixed.

    Args:
        size: of the reverberating room, 0 to 1.
        wet: level of the reverb, 0 to 1.
        pump: how far each kick pushes down what sounds with it, 0 to 1.
        drive_db: into the saturation of the drums.
        bright_db: above 5 kHz.
    """

    size: float = 0.4
    wet: float = 0.12
    pump: float = 0.0
    drive_db: float = 0.0
    bright_db: float = 0.0


LEVELS_DB: Mapping[str, float] = {"bass": -5.0, "chords": -10.0, "pad": -18.0, "lead": -8.0, "stabs": -10.0}
"""Loudness of the parts over the drums', unless a palette says otherwise."""


@dataclass(frozen=True)
class Palette:
    """Everything that a genre's songs are made of.

    The first choice of everything makes the genre's plain song.

    Args:
        kits: drum kits; they know the same sounds.
        grooves: by layer of the drums (kick, snare, hats, ...) the patterns to choose from.
        extra: percussion that joins at high energy.
        fills: what closes four bars ("small", the last beat) and eight ("large", half a bar).
        voices: by part (bass, chords, pad, lead, stabs) who may play it.
        bass: figures of tokens that harmony.bass_pitch knows.
        comping: figures of tokens that parts.chord_tones knows.
        stabs: riffs of such tokens in choruses.
        motifs: rhythms of a bar of melody, ``x`` where a note begins, ``-`` where it goes on.
        endings: rhythms of a phrase's last bar.
        harmonies: scales with their chords.
        rooms: ways to mix.
        bass_low: the lowest bass note, as a MIDI pitch.
        chord_center, lead_center: pitches that chords and melodies stay around.
        swings: shares of a unit by which every second unit is late.
        swing_steps: sixteenths of that unit: 1 in funk and hip-hop, 2 in jazz.
        beats_per_bar: of the genre's metre.
        levels_db: where its balance differs from LEVELS_DB.
        leap: largest steps of its melodies, in steps of the scale.
        plain_level_db: level of plain music, so that a groove comes out at about -16 dB RMS.
    """

    kits: tuple[Kit, ...]
    grooves: Mapping[str, tuple[Groove, ...]]
    extra: tuple[Groove, ...]
    fills: Mapping[str, tuple[Groove, ...]]
    voices: Mapping[str, tuple[Voice, ...]]
    bass: tuple[Figures, ...]
    comping: tuple[Figures, ...]
    stabs: tuple[str, ...]
    motifs: tuple[str, ...]
    endings: tuple[str, ...]
    harmonies: tuple[Harmony, ...]
    rooms: tuple[Room, ...]
    bass_low: int = 31
    chord_center: int = 62
    lead_center: int = 74
    swings: tuple[float, ...] = (0.0,)
    swing_steps: int = 1
    beats_per_bar: int = 4
    levels_db: Mapping[str, float] = field(default_factory=dict)
    leap: int = 3
    plain_level_db: float = 0.0
