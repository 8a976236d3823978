"""Popping: electro-funk of drum machines and synthesizers, with room for a hit on every beat."""

from ..palette import Figures, Harmony, Palette, Room, Voice
from .kits import CLUB, ELECTRO, MACHINE, MACHINE_FILLS

POP = Palette(
    kits=(MACHINE, ELECTRO, MACHINE | {"kick": CLUB["kick"], "snare": ELECTRO["snare"]}),
    grooves={
        "kick": (
            {"kick": "X...x...X...x..."},
            {"kick": "X.....x.X......o|X.....x.X..x...."},
            {"kick": "X..x..x...x....."},
            {"kick": "X......xX.x....."},
        ),
        "snare": (
            {"clap": "....X.......X..."},
            {"snare": "....X.......X...", "clap": "....X.......X..."},
            {"snare": "....X..-....X.-.", "clap": "............X..."},
            {"clap": "....X..-....X..o|....X.......X.oo"},
        ),
        "hats": (
            {"hat": "x.-.x.-.x.-.x.-."},
            {"hat": "xoxoxoxoxoxoxoxo"},
            {"hat": "x.oox.oox.oox.oo"},
            {"hat": "x-o-x-o-x-o-x-r-", "open": "..............o."},
        ),
    },
    extra=(
        {"tambourine": "x.-.X.-.x.-.X.-."},
        {"cowbell": "x..x..x.x..x...."},
        {"blip": "..x..x....x..x..", "ping": ".......x.......x"},
        {"cowbell": "o.x.o.xoo.x.o.xo", "conga_high": "...o..o....o..o."},
    ),
    fills=MACHINE_FILLS,
    voices={
        "bass": (Voice(38, 104), Voice(39, 100), Voice(87, 100), Voice(36, 100, effect="chorus")),
        "chords": (
            Voice(90, 92),
            Voice(62, 96),
            Voice(5, 104, effect="chorus"),
            Voice(50, 96),
            Voice(63, 96),
        ),
        "pad": (Voice(50, 88), Voice(51, 88), Voice(90, 80), Voice(95, 84)),
        "lead": (Voice(81, 96), Voice(80, 92), Voice(85, 96), Voice(54, 104), Voice(62, 100)),
        "stabs": (Voice(62, 116), Voice(55, 100), Voice(81, 100), Voice(90, 108)),
    },
    bass=(
        Figures(
            "R/4 R/2 8/2 R/4 7/2 8/2", "R/2 ./1 R/1 8/2 R/2 ./2 7/2 8/2 5/2", "R/4 R/2 8/2 R/2 5/2 7/2 L/2"
        ),
        Figures(
            "R/1 ./1 R/1 8/1 ./2 R/2 ./2 7/2 8/2 R/2",
            "R/1 ./1 R/1 8/1 ./1 R/1 7/2 R/2 8/2 7/2 5/2",
            "R/1 ./1 R/1 8/1 ./2 R/2 R/2 5/2 7/2 8/2",
        ),
        Figures("R/3 R/3 ./2 8/2 7/2 5/2 7/2", "R/3 8/3 R/2 7/2 8/2 5/2 R/2", "R/3 R/3 ./2 R/2 U/2 ./2 L/2"),
        Figures(
            "R/2 R/2 ./2 R/1 8/1 ./2 R/2 7/2 5/2",
            "R/2 8/2 R/1 R/1 8/2 R/2 8/2 7/1 8/1 R/2",
            "R/2 R/2 ./2 R/1 8/1 R/4 N/4",
        ),
    ),
    comping=(
        Figures("c/4 c/4 c/4 c/4", "c/4 c/2 c/2 c/4 c/2 c/2", "c/4 c/4 c/2 c/2 c/4"),
        Figures("./4 c/2 ./2 ./4 c/2 ./2", "./4 c/2 ./1 c/1 ./4 c/2 c/2", "./4 c/2 ./2 c/2 ./2 c/4"),
        Figures("c/12 ./4", "c/6 c/6 c/4", "c/8 c/8"),
        Figures(
            "1/1 2/1 3/1 4/1 1/1 2/1 3/1 4/1 1/1 2/1 3/1 4/1 1/1 2/1 3/1 4/1",
            "4/1 3/1 2/1 3/1 4/1 3/1 2/1 1/1 4/1 3/1 2/1 3/1 4/1 3/1 2/1 1/1",
            "1/1 2/1 3/1 4/1 c/4 c/4 c/4",
        ),
    ),
    stabs=("./4 c/1 ./7 c/1 ./3", "c/1 ./2 c/1 ./12", "./4 c/2 ./6 c/1 ./1 c/2", "c/1 ./5 c/1 ./5 c/1 ./3"),
    motifs=(
        "x.x.x-x.....x.x.",
        "x--x--x-........",
        "x-x-x-x-x-------",
        "..x.x.x-..x.x.x-",
        "x-----x-x---....",
        "xxx.x-..x.x-....",
        "x...x-x-x-----..",
    ),
    endings=("x-----------....", "x.x.x-----......", "....x-------...."),
    harmonies=(
        Harmony(
            "dorian",
            ("Cm7 F7", "Cm7 Cm7 F9 F9", "Cm7 Bb Cm7 F", "Cm9 Ebmaj7 F9 Cm9"),
            ("Ebmaj7 F Cm7 Cm7", "Fm7 Gm7 Cm7 Bb", "Bb F Cm7 Cm7"),
            ("Gm7 F7 Ebmaj7 F7", "Eb Eb F F"),
        ),
        Harmony(
            "minor",
            ("Cm7 Cm7 Abmaj7 Bb", "Cm Bb Ab Bb", "Cm7 Fm7"),
            ("Ab Bb Cm Cm", "Fm7 Gm7 Abmaj7 Bb", "Abmaj7 Gm7 Fm7 Cm7"),
            ("Fm7 Fm7 Gm7 Gm7",),
        ),
        Harmony(
            "mixolydian",
            ("C7 C7 F7 C7", "C7 Bb F7 C7", "C9 F9"),
            ("F7 F7 C7 C7", "Bb F C7 C7"),
            ("Gm7 F7 Gm7 F7",),
        ),
    ),
    rooms=(Room(0.3, 0.08, 0.15, 2.0, 2.0), Room(0.5, 0.12, 0.0, 4.0, 1.0), Room(0.2, 0.06, 0.25, 2.0, 3.0)),
    bass_low=31,
    chord_center=64,
    swings=(0.0, 0.1, 0.18),
    levels_db={"bass": -4.0, "stabs": -8.0},
    plain_level_db=-1.9,
)
