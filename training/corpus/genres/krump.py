"""Krump: heavy, dark and driving, with stamped drums, low brass, choirs and orchestra hits."""

from ..palette import Figures, Harmony, Palette, Room, Voice
from .kits import HEAVY, MACHINE_FILLS, STEEL, TRAP

KRUMP = Palette(
    kits=(HEAVY, STEEL, TRAP | {"snare": HEAVY["snare"], "clap": HEAVY["clap"]}),
    grooves={
        "kick": (
            {"kick": "X...x...X...x..."},
            {"kick": "X..ox.o.X..ox.o."},
            {"kick": "X...x.x.X...x.xx"},
            {"kick": "X.ooX...X.o.X..."},
        ),
        "snare": (
            {"snare": "....X.......X..."},
            {"snare": "....X.......X.oo", "clap": "....X.......X..."},
            {"snare": "....X..o..o.X...", "stomp": "X.......X......."},
            {"clap": "....X.......X..o", "stomp": "x...x...x...x..."},
        ),
        "hats": (
            {"hat": "X...X...X...X..."},
            {"hat": "X...X...X...X..."},
            {"stomp": "x...x...x...x...", "hat": "..o...o...o...o."},
            {"hat": "X...X...X...X..."},
        ),
    },
    extra=(
        {"stomp": "X.....x.X.....x."},
        {"impact": "X...............", "block": "x.xx.xx.x.xx.xx."},
        {"tabla_low": "x...x..ox...x..o", "tabla": "..o...o...o...o."},
        {"clap": "x...x...x...x...", "tom_low": "..o..o.o..o..o.o"},
    ),
    fills=MACHINE_FILLS,
    voices={
        "bass": (
            Voice(38, 112, effect="drive"),
            Voice(39, 108, effect="drive"),
            Voice(87, 104, effect="drive"),
            Voice(58, 116, effect="drive"),
        ),
        "chords": (
            Voice(57, 112),
            Voice(48, 112),
            Voice(62, 104),
            Voice(30, 88, effect="dark"),
            Voice(44, 112),
        ),
        "pad": (Voice(52, 92), Voice(91, 92), Voice(44, 92), Voice(95, 88)),
        "lead": (
            Voice(81, 96, effect="drive"),
            Voice(56, 108),
            Voice(84, 96),
            Voice(60, 112),
            Voice(48, 112),
        ),
        "stabs": (Voice(55, 112), Voice(61, 120), Voice(57, 120), Voice(48, 124)),
    },
    bass=(
        Figures("R/4 R/4 R/4 R/4", "R/3 R/3 R/2 R/3 R/3 8/2", "R/4 R/4 R/2 U/2 R/2 L/2"),
        Figures("R/3 R/3 R/2 8/3 R/3 U/2", "R/2 R/1 R/1 8/2 R/2 R/2 R/1 R/1 U/2 R/2", "R/3 R/3 R/2 R/4 L/4"),
        Figures("R/8 ./2 R/2 5/2 R/2", "R/4 ./2 R/2 R/4 5/2 8/2", "R/8 R/2 R/2 U/2 L/2"),
        Figures(
            "R/2 ./2 R/2 R/2 ./2 R/2 U/2 R/2", "R/2 R/2 8/2 R/2 R/2 R/2 U/2 R/2", "R/2 ./2 R/2 R/2 L/4 N/4"
        ),
    ),
    comping=(
        Figures("o/4 o/4 o/4 o/4", "o/3 o/3 o/2 o/3 o/3 c/2", "o/4 o/4 c/4 c/4"),
        Figures("c/6 c/2 ./8", "c/4 c/2 c/2 ./4 c/4", "c/6 c/2 c/4 c/4"),
        Figures(
            "o/2 i/2 o/2 i/2 o/2 i/2 o/2 i/2",
            "o/1 o/1 i/2 o/1 o/1 i/2 o/1 o/1 i/2 o/1 o/1 i/2",
            "o/2 i/2 o/2 i/2 c/4 c/4",
        ),
        Figures("./4 c/4 ./4 c/4", "./4 c/2 c/2 ./4 c/2 c/2", "./4 c/4 c/4 c/4"),
    ),
    stabs=("c/4 ./12", "c/2 ./4 c/2 ./8", "c/2 ./2 c/2 ./10", "c/2 ./2 c/2 ./2 c/4 ./4"),
    motifs=(
        "x---x---x-x-x---",
        "x--x--x-x--x--x-",
        "x-x-x-x-x-------",
        "x-------x-x-x---",
        "x---x-x-........",
        "xx.xx.x-........",
    ),
    endings=("x---------------", "x---x-----------", "x--x--x---------"),
    harmonies=(
        Harmony(
            "phrygian",
            ("Cm Db", "Cm Cm Db Db", "C5 C5 Db Cm", "Cm Bbm Cm Db"),
            ("Ab Bbm Cm Cm", "Db Eb Cm Cm", "Fm Cm Db Cm"),
            ("Ab Ab Db Db", "Bbm Bbm Db Db"),
        ),
        Harmony(
            "harmonic minor",
            ("Cm Cm Fm G", "Cm Cm Ab G", "Cm G Cm G"),
            ("Fm Cm G Cm", "Ab Fm G Cm"),
            ("Fm Fm G G", "Ab Ab G G"),
        ),
        Harmony(
            "minor",
            ("C5 C5 Ab Bb", "Cm Bb Ab Gm", "Cm Gm Ab Fm"),
            ("Ab Bb Cm Cm", "Fm Ab Bb Cm"),
            ("Fm Fm Ab Bb",),
        ),
    ),
    rooms=(Room(0.6, 0.12, 0.2, 8.0), Room(0.8, 0.16, 0.1, 6.0, -1.0), Room(0.4, 0.08, 0.3, 10.0, 1.0)),
    bass_low=28,
    chord_center=55,
    lead_center=67,
    swings=(0.0,),
    levels_db={"bass": -3.0, "stabs": -7.0, "pad": -16.0},
    plain_level_db=-3.2,
)
