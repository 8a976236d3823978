"""Salsa: clave, bell and congas, a tumbao bass, a piano montuno, brass.

A beat here is the felt one, two quarters of the written music: a bar of sixteen steps is one
two-bar clave. The bell and the bass drum mark every beat, as they do in a dance hall's mix; the
tumbao's anticipations stay softer than those.
"""

from ..palette import Figures, Harmony, Palette, Room, Sound, Voice
from .kits import ROOM, SOFT, STUDIO

_BAND = {"kick": Sound("drum_bass_soft", -8.0, 0.25), "bell": Sound("gm:56", -10.0, 0.3)}

_FILLS = {
    "small": (
        {"kick": "............X...", "timbale_high": "............x.oo"},
        {"kick": "............X...", "timbale_high": "............xoxo", "timbale_low": "..............x."},
        {"kick": "............X...", "conga_slap": "............x.x.", "conga_high": ".............o.o"},
    ),
    "large": (
        {"kick": "........X...X...", "timbale_high": "........x.ooX...", "timbale_low": "..............oo"},
        {"kick": "........X...X...", "timbale_high": "........xxxx....", "timbale_low": "............xxxx"},
        {"kick": "........X...X...", "conga_high": "........xo.oxo.o", "timbale_high": "..............xx"},
    ),
}

SALSA = Palette(
    kits=(
        SOFT | _BAND,
        STUDIO | {"kick": Sound("drum_bass_hard", -9.0, 0.2), "bell": Sound("drum_cowbell", -10.0, 0.3)},
        ROOM | {"kick": Sound("bd_pure", -9.0, 0.25), "bell": Sound("gm:68", -12.0, 0.25)},
    ),
    grooves={
        "kick": ({"kick": "X...X...X...X..."}, {"kick": "X...X...X...X..o"}, {"kick": "X...X..oX...X..o"}),
        "bell": (
            {"bell": "X...x...X...x..."},
            {"bell": "X...x.-.X...x.-."},
            {"bell": "X.-.x.--X.-.x.--"},
        ),
        "congas": (
            {"conga_slap": "X...x...X...x...", "conga_high": "......--......--"},
            {"conga_slap": "x...X...x...X...", "conga_low": "......--......--"},
            {
                "conga_slap": "x-.-X-..x-.-X-..",
                "conga_high": "......oo......oo",
                "conga_low": "...-......-.....",
            },
        ),
        "clave": (
            {"clave": "o..-..-...-.o..."},
            {"clave": "..-.o...o..-..-."},
            {"clave": "o..-...-..-.o..."},
        ),
    },
    extra=(
        {"maracas": "x.-.x.-.x.-.x.-."},
        {"guiro": "x.--x.--x.--x.--"},
        {"timbale_high": "o.-oo.-.o.-oo.-.", "maracas": "x.-.x.-.x.-.x.-."},
        {"bongo_high": "x--ox--ox--ox--o"},
    ),
    fills=_FILLS,
    voices={
        "bass": (Voice(32, 112), Voice(33, 104), Voice(35, 104)),
        "chords": (Voice(0, 104), Voice(1, 100), Voice(2, 100)),
        "pad": (Voice(48, 84), Voice(49, 84), Voice(52, 84)),
        "lead": (Voice(56, 104), Voice(57, 104), Voice(73, 100), Voice(59, 108), Voice(65, 100)),
        "stabs": (Voice(61, 112), Voice(56, 108), Voice(57, 110)),
    },
    bass=(
        Figures("R/4 ./2 5/2 8/4 ./2 N/2", "R/3 5/3 8/2 R/3 5/3 N/2", "R/4 ./2 5/2 8/2 5/2 3/2 N/2"),
        Figures("R/3 5/3 8/2 ./4 ./2 N/2", "R/3 5/3 8/4 5/2 3/2 N/2", "R/3 5/3 8/2 8/2 7/2 5/2 N/2"),
        Figures("R/6 5/2 8/6 N/2", "R/3 3/3 5/2 8/3 5/3 N/2", "R/4 3/2 5/2 8/4 L/2 N/2"),
    ),
    comping=(
        Figures(
            "c/3 i/1 c/2 i/2 c/3 i/1 c/2 i/2",
            "c/2 i/1 o/1 c/2 i/2 c/2 i/1 o/1 c/2 i/2",
            "c/3 i/1 c/2 i/2 c/4 c/4",
        ),
        Figures(
            "o/2 i/1 o/1 i/1 o/2 i/1 ./1 o/1 i/1 o/1 i/1 o/2 i/1",
            "o/1 i/1 o/1 i/1 c/2 i/1 o/1 i/1 o/2 i/1 c/2 i/2",
            "o/2 i/1 o/1 i/1 o/2 i/1 o/4 o/4",
        ),
        Figures(
            "c/2 o/1 i/1 ./1 o/1 i/2 c/2 o/1 i/1 ./1 o/1 i/2",
            "c/1 o/1 i/1 o/1 i/1 o/1 c/2 c/1 o/1 i/1 o/1 i/1 o/1 c/2",
            "c/2 o/1 i/1 ./1 o/1 i/2 c/2 c/2 c/4",
        ),
    ),
    stabs=(
        "c/1 ./2 c/1 ./4 c/2 ./6",
        "./6 c/2 ./6 c/2",
        "c/2 c/2 ./4 c/2 c/2 ./4",
        "./2 c/1 c/1 ./2 c/2 ./8",
    ),
    motifs=(
        "x--x--x---x-x---",
        "x-x-x---x-x-x---",
        "x---x---x---x---",
        "x-x-x-x-x-------",
        "x-----x-x-------",
        "..x-x---..x-x---",
        "x--x--x-x--x--x-",
    ),
    endings=("x-------........", "x---x---x---....", "x-x-x-------...."),
    harmonies=(
        Harmony(
            "minor",
            ("Cm Fm G7 Cm", "Cm Cm G7 G7", "Cm Bb Ab G7", "Cm7 Fm7 Bb7 Ebmaj7"),
            ("Cm Bb Ab G7", "Fm Cm G7 Cm", "Cm-Fm G7 Cm-Fm G7"),
            ("Ab Ab G7 G7", "Fm Fm Cm G7"),
        ),
        Harmony(
            "major",
            ("C F G7 C", "C Am Dm G7", "C-F G7-F C-F G7-F"),
            ("C-F G7-F C-F G7", "F G7 Em Am", "Dm7 G7 Cmaj7 A7"),
            ("Am Am Dm G7", "F C G7 C"),
        ),
        Harmony(
            "dorian",
            ("Cm7 F7", "Cm7 F7 Cm7 F7-Gm7", "Cm6 Cm6 Dm7b5 G7"),
            ("Ebmaj7 F7 Cm7 Cm7", "Gm7 F7 Cm7 Cm7"),
            ("Fm7 Bb7 Ebmaj7 G7",),
        ),
    ),
    rooms=(Room(0.35, 0.10), Room(0.5, 0.15, bright_db=1.0), Room(0.25, 0.08, drive_db=2.0)),
    bass_low=33,
    chord_center=64,
    levels_db={"chords": -7.0, "bass": -4.0},
    plain_level_db=-2.5,
)
