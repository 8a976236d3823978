"""Break: funk drum breaks full of ghost notes, a minor vamp, wah guitar and clavinet, horn hits."""

from ..palette import Figures, Harmony, Palette, Room, Voice
from .kits import ACOUSTIC_FILLS, ROOM, STUDIO, VINYL

BREAK = Palette(
    kits=(STUDIO, VINYL, ROOM),
    grooves={
        "kick": (
            {"kick": "X.x...x...x...x."},
            {"kick": "X.x.......xx....|X.x.......x..x.."},
            {"kick": "X.....x.X.x....."},
            {"kick": "X.x....x..xx...."},
        ),
        "snare": (
            {"snare": "....X..-.-..X..-"},
            {"snare": "....X..-.-.-X...|....X..-.-....x."},
            {"snare": "....X.--.-..X.--"},
            {"snare": "-..-X..-.-.-X..-"},
        ),
        "hats": (
            {"hat": "x.o.x.o.x.o.x.o."},
            {"ride": "x.o.x.o.x.o.x.o.", "hat": "....o.......o..."},
            {"hat": "x-o-x-o-x-o-x-o-"},
            {"hat": "x.o.x.o.x.o.x...", "open": "..............x."},
        ),
    },
    extra=(
        {"bongo_high": "o-oo-oo-o-oo-oo-", "bongo_low": "...o..o....o..o."},
        {"tambourine": "o-o-x-o-o-o-x-o-"},
        {"cowbell": "x...x...x...x...", "conga_high": "..oo...o..oo...o"},
        {"conga_high": "x-o-x-oox-o-x-oo", "scratch": "......o.......o."},
    ),
    fills=ACOUSTIC_FILLS,
    voices={
        "bass": (Voice(33, 112), Voice(34, 110), Voice(36, 104), Voice(33, 112, effect="drive")),
        "chords": (
            Voice(28, 112, 0.006, "wah"),
            Voice(7, 104, effect="wah"),
            Voice(27, 104, 0.008, "phaser"),
            Voice(18, 92),
            Voice(4, 104, effect="phaser"),
        ),
        "pad": (Voice(18, 76), Voice(16, 80), Voice(48, 80)),
        "lead": (Voice(66, 104), Voice(18, 96), Voice(29, 88), Voice(73, 108), Voice(56, 108)),
        "stabs": (Voice(61, 116), Voice(56, 112), Voice(66, 112)),
    },
    bass=(
        Figures(
            "R/2 R/1 8/1 ./2 7/2 R/2 ./2 5/2 7/2",
            "R/1 R/1 ./1 8/1 7/2 5/2 R/2 ./1 R/1 5/2 7/2",
            "R/2 R/1 8/1 ./2 7/2 R/2 5/2 U/2 L/2",
        ),
        Figures(
            "R/3 R/3 8/2 ./2 7/2 5/2 7/2",
            "R/1 ./2 R/1 8/2 7/2 ./2 R/2 5/2 7/2",
            "R/3 R/3 8/2 7/2 5/2 3/2 L/2",
        ),
        Figures(
            "R/2 ./2 5/1 7/1 8/2 ./2 8/2 7/2 5/2",
            "R/2 8/1 R/1 5/1 7/1 8/2 R/2 8/2 7/1 5/1 7/2",
            "R/2 ./2 5/1 7/1 8/2 R/4 L/4",
        ),
        Figures(
            "R/1 ./1 R/2 ./2 8/1 R/1 ./2 7/2 8/2 5/2",
            "R/1 ./1 R/1 R/1 5/2 8/1 R/1 ./1 7/1 7/2 8/2 5/2",
            "R/1 ./1 R/2 ./2 8/2 7/2 5/2 U/2 L/2",
        ),
    ),
    comping=(
        Figures(
            "c/2 i/1 i/1 ./1 i/1 c/2 ./2 i/1 i/1 c/2 i/2",
            "c/1 i/1 i/1 c/1 i/1 i/1 c/1 i/1 c/1 i/1 i/1 c/1 i/1 i/1 c/1 i/1",
            "c/2 i/1 i/1 ./1 i/1 c/2 c/4 c/4",
        ),
        Figures(
            "./2 c/1 ./3 c/1 ./1 ./2 c/1 ./3 c/2",
            "./2 c/1 c/1 ./2 c/1 c/1 ./2 c/1 c/1 ./2 c/2",
            "./2 c/1 ./3 c/1 ./1 c/4 c/4",
        ),
        Figures("c/6 c/2 ./8", "c/6 c/2 ./2 c/2 c/4", "c/6 c/2 c/4 c/4"),
        Figures(
            "o/1 ./1 i/1 o/1 ./1 i/1 o/1 i/1 o/1 ./1 i/1 o/1 ./1 i/1 i/2",
            "o/1 i/1 i/1 o/1 i/1 i/1 o/1 i/1 o/1 i/1 i/1 o/1 i/1 i/1 c/2",
            "o/1 ./1 i/1 o/1 ./1 i/1 o/1 i/1 c/4 c/4",
        ),
    ),
    stabs=(
        "c/1 ./2 c/1 ./12",
        "./8 c/1 ./1 c/1 ./1 c/1 ./3",
        "c/2 ./4 c/1 ./1 c/2 ./6",
        "./4 c/1 ./5 c/1 ./1 c/4",
    ),
    motifs=(
        "x.xx..x-........",
        "x-x-..x-x-x-....",
        "x..x..x-..x-x---",
        "xx.x-...xx.x-...",
        "x---....x.x.x-..",
        "..x-x-x-x.......",
    ),
    endings=("x-------........", "x.x.x-------....", "xx.x--------...."),
    harmonies=(
        Harmony(
            "dorian",
            ("Cm7", "Cm7 F9", "Cm7 Cm7 Cm7 F7", "Cm7 Cm7-F7"),
            ("F7 F7 Cm7 Cm7", "Eb F Cm7 Cm7", "Bb F Cm7 Cm7"),
            ("Gm7 F7 Gm7 F7", "F9 F9 Ab7 G7"),
        ),
        Harmony(
            "mixolydian",
            ("C7", "C9 C9 F9 C9", "C7 Bb C7 Bb"),
            ("F9 F9 C9 C9", "Bb F C7 C7"),
            ("Gm7 F9 Gm7 F9",),
        ),
        Harmony(
            "minor",
            ("Cm7 Cm7 Fm7 Cm7", "Cm7 Bb Ab Bb"),
            ("Ab Bb Cm7 Cm7", "Fm7 Gm7 Cm7 Cm7"),
            ("Fm7 Fm7 Ab7 G7",),
        ),
    ),
    rooms=(Room(0.3, 0.08, 0.0, 6.0), Room(0.2, 0.05, 0.0, 8.0, 1.0), Room(0.45, 0.11, 0.0, 4.0)),
    bass_low=31,
    swings=(0.0, 0.08, 0.15),
    levels_db={"bass": -4.0, "stabs": -8.0},
    plain_level_db=-2.6,
)
