"""Ballet jazz: a piano trio with strings and woodwinds, swung eighths, long lines and harp."""

from ..palette import Figures, Harmony, Palette, Room, Voice
from .kits import ACOUSTIC_FILLS, ROOM, SOFT, STUDIO

BALLET_JAZZ = Palette(
    kits=(SOFT, ROOM | {"snare": SOFT["snare"], "kick": SOFT["kick"]}, STUDIO | {"kick": SOFT["kick"]}),
    grooves={
        "kick": (
            {"kick": "X.......x......."},
            {"kick": "x...x...x...x..."},
            {"kick": "X.......x.....o."},
        ),
        "snare": (
            {"rim": "....x.......x..."},
            {"snare": "....o.......o.-."},
            {"snare": "....x.-.....x...", "rim": "..............-."},
        ),
        "ride": (
            {"ride": "X...X.x.X...X.x.", "hat": "....x.......x..."},
            {"ride": "X...X...X...X...", "hat": "....X.......X..."},
            {"ride": "X.o.X.o.X.o.X.o.", "hat": "....X.......X..."},
            {"hat": "X.o.X.o.X.o.X.o."},
        ),
    },
    extra=(
        {"snare": "..-...-...-...-.", "triangle": "x..............."},
        {"tambourine": "....o.......o..."},
        {"snap": "....X.......X..."},
        {"cabasa": "x.o.x.o.x.o.x.o."},
    ),
    fills=ACOUSTIC_FILLS,
    voices={
        "bass": (Voice(32, 116), Voice(35, 100), Voice(32, 108)),
        "chords": (
            Voice(0, 100),
            Voice(46, 104),
            Voice(26, 104, 0.014),
            Voice(11, 104),
            Voice(24, 104, 0.012),
        ),
        "pad": (Voice(48, 92), Voice(49, 92), Voice(60, 84), Voice(53, 80)),
        "lead": (
            Voice(73, 104),
            Voice(71, 104),
            Voice(40, 100),
            Voice(0, 112),
            Voice(11, 112),
            Voice(66, 96),
            Voice(68, 100),
        ),
        "stabs": (Voice(48, 108), Voice(60, 108), Voice(61, 100), Voice(45, 116)),
    },
    bass=(
        Figures("R/4 5/4 8/4 5/4", "R/4 3/4 5/4 L/4", "R/4 3/4 5/4 L/4"),
        Figures("R/8 5/8", "R/4 3/4 5/4 U/4", "R/8 5/4 L/4"),
        Figures("R/6 5/2 R/8", "R/4 5/4 7/4 8/4", "R/4 5/4 U/4 L/4"),
        Figures("R/4 3/4 5/4 7/4", "8/4 7/4 5/4 L/4", "R/4 5/4 3/4 L/4"),
    ),
    comping=(
        Figures("c/6 c/10", "c/6 c/6 c/4", "c/6 c/6 c/4"),
        Figures("1/2 2/2 3/2 4/2 3/2 2/2 3/2 2/2", "1/2 3/2 2/2 4/2 3/2 4/2 2/2 3/2", "1/2 2/2 3/2 4/2 c/8"),
        Figures("./6 c/2 ./6 c/2", "./2 c/4 c/2 ./6 c/2", "./6 c/2 c/8"),
        Figures("c/8 c/8", "c/4 i/4 c/4 i/4", "c/8 c/4 c/4"),
        Figures("1/4 3/4 4/4 3/4", "1/2 3/2 4/4 3/2 4/2 c/4", "1/4 3/4 c/8"),
    ),
    stabs=("c/16", "./14 c/2", "c/6 c/10", "./8 c/4 c/4"),
    motifs=(
        "x-----------x-x-",
        "x-------x---x---",
        "x---x---x-------",
        "x-x-x---x-------",
        "x-----x-x-------",
        "..x-x-x-x-------",
        "x---x-x-x---x-x-",
    ),
    endings=("x---------------", "x-------x-------", "x---x-----------"),
    harmonies=(
        Harmony(
            "major",
            ("Cmaj7 Am7 Dm7 G7", "Cmaj7 A7 Dm7 G7", "Cmaj7 Em7 Fmaj7 Fm6", "Cmaj7-Am7 Dm7-G7 Em7-A7 Dm7-G7"),
            (
                "Fmaj7 Fm6 Em7 A7 Dm7 G7 Cmaj7 G7sus4",
                "Dm7 G7 Cmaj7 Cmaj7 Am7 D7 Dm7 G7",
                "Fmaj7 Em7 Dm7 Cmaj7",
            ),
            ("Em7 A7 Dm7 G7", "Am7 D9 Fm6 G7"),
        ),
        Harmony(
            "minor",
            ("Cm6 Cm6 Dm7b5 G7", "Cm7 Fm7 Bb7 Ebmaj7", "Cm7 Abmaj7 Dm7b5 G7b9"),
            ("Fm7 Bb7 Ebmaj7 Abmaj7 Dm7b5 G7b9 Cm6 Cm6", "Abmaj7 Gm7 Fm7 G7"),
            ("Fm7 Bb7 Ebmaj7 G7",),
        ),
        Harmony(
            "mixolydian",
            ("C7 F7 C7 C7", "C13 F9"),
            ("F7 F7 C7 A7 Dm7 G7 C7 G7", "F9 F9 C13 C13"),
            ("Dm7 G7 Em7 A7",),
        ),
    ),
    rooms=(Room(0.6, 0.18), Room(0.75, 0.24, bright_db=-1.0), Room(0.45, 0.14)),
    bass_low=31,
    chord_center=63,
    lead_center=76,
    swings=(0.3, 0.25, 0.33, 0.0),
    swing_steps=2,
    leap=4,
    levels_db={"bass": -3.0, "chords": -6.0, "pad": -12.0, "lead": -4.0, "stabs": -8.0},
    plain_level_db=-4.0,
)
