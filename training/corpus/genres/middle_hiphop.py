"""Middle hip-hop: swung boom-bap from records, jazz chords on an electric piano, vibes and horns."""

from ..palette import Figures, Harmony, Palette, Room, Voice
from .kits import ACOUSTIC_FILLS, DUSTY, SOFT, VINYL

MIDDLE_HIPHOP = Palette(
    kits=(VINYL, DUSTY, SOFT),
    grooves={
        "kick": (
            {"kick": "X...x...X...x..."},
            {"kick": "X......xX.......|X......x..o....."},
            {"kick": "X.....x...x....o|X.....x..xx....."},
            {"kick": "X..x....X.x....."},
        ),
        "snare": (
            {"snare": "....X.......X..-"},
            {"snare": "....X..-.-..X..-"},
            {"snare": "....X.......X..-|....X..-.-.-X..."},
            {"snare": "....X.......X...", "rim": ".......-.......-"},
        ),
        "hats": (
            {"hat": "X.-.X.-.X.-.X.--"},
            {"hat": "x-o-x-o-x-o-x-o-"},
            {"hat": "x.o.x.o.x.o.x...", "open": "..............o."},
            {"ride": "x.o.x.oox.o.x.o."},
        ),
    },
    extra=(
        {"maracas": "X.-.X.-.X.-.X.-."},
        {"tambourine": "....x.......x.o."},
        {"conga_high": "...o..o....o..o.", "conga_low": "..........o....."},
        {"scratch": "..............oo"},
    ),
    fills=ACOUSTIC_FILLS,
    voices={
        "bass": (Voice(33, 112), Voice(32, 112), Voice(35, 104), Voice(38, 96, effect="dark")),
        "chords": (
            Voice(4, 100),
            Voice(5, 100, effect="chorus"),
            Voice(26, 104, 0.012),
            Voice(0, 92, effect="dark"),
            Voice(16, 92),
        ),
        "pad": (Voice(89, 92), Voice(49, 84), Voice(52, 80), Voice(91, 84)),
        "lead": (Voice(11, 104), Voice(59, 104), Voice(65, 96), Voice(73, 96), Voice(26, 104), Voice(4, 108)),
        "stabs": (Voice(61, 100, effect="dark"), Voice(48, 108), Voice(66, 100)),
    },
    bass=(
        Figures("R/4 ./2 R/2 5/4 8/3 7/1", "R/6 R/2 ./2 7/2 8/3 5/1", "R/6 R/2 R/4 5/3 L/1"),
        Figures("R/7 R/1 ./2 5/2 7/2 8/2", "R/3 R/3 8/2 ./2 5/2 7/2 R/2", "R/7 R/1 5/4 U/2 L/2"),
        Figures("R/6 5/2 8/4 7/2 5/2", "R/4 3/2 5/2 7/4 8/2 5/2", "R/4 5/4 8/4 L/4"),
        Figures("R/10 ./2 5/2 R/2", "R/6 8/2 ./2 R/2 5/2 7/2", "R/10 5/2 U/2 L/2"),
    ),
    comping=(
        Figures("c/8 c/8", "c/4 c/4 c/4 c/4", "c/8 c/4 c/4"),
        Figures("c/6 c/10", "c/6 c/2 ./4 c/4", "c/6 c/6 c/4"),
        Figures("./2 c/6 ./2 c/6", "./2 c/4 c/2 ./2 c/6", "./2 c/6 c/4 c/4"),
        Figures("1/2 3/2 4/2 3/2 2/2 3/2 4/4", "1/2 3/2 4/2 2/2 1/2 3/2 4/2 c/2", "1/2 3/2 4/4 c/8"),
    ),
    stabs=("./14 c/2", "c/2 ./14", "./6 c/2 ./8", "./10 c/2 c/4"),
    motifs=(
        "x---x-x-x---x---",
        "x---....x-x-x---",
        "..x-x-x-x-------",
        "x--x--x---------",
        "x-x-x-----x-x---",
        "x--x-x--x-------",
        "....x-x-x-x-x---",
    ),
    endings=("x-----------....", "..x-x-----------", "x---x-------...."),
    harmonies=(
        Harmony(
            "minor",
            ("Cm7 Abmaj7 Fm7 G7", "Cm9 Fm9", "Cm7 Fm7 Cm7 G7b9", "Cm9 Abmaj9"),
            ("Fm7 Bb7 Ebmaj7 Cm7", "Abmaj7 G7b9 Cm7 Cm7", "Fm9 Gm7 Abmaj7 G7b9"),
            ("Dm7b5 G7b9 Cm9 Cm9", "Abmaj7 Abmaj7 G7sus4 G7"),
        ),
        Harmony(
            "dorian",
            ("Cm9 F9", "Cm9 Cm9 Ebmaj7 F9", "Cm9 Dm7 Ebmaj9 Dm7"),
            ("Ebmaj9 Dm7 Cm9 F9", "Bbmaj7 Am7b5 Gm7 F9"),
            ("Gm9 Gm9 F9 F9",),
        ),
        Harmony(
            "major",
            ("Dm9 G13 Cmaj9 A7b9", "Fmaj9 Em7 Dm9 Cmaj7", "Cmaj9 Am9"),
            ("Fmaj7 Em7 Am9 Am9", "Dm9 Em7 Fmaj9 G7sus4"),
            ("Am9 Am9 Fmaj7 E7",),
        ),
    ),
    rooms=(Room(0.25, 0.07, 0.0, 5.0, -2.0), Room(0.35, 0.1, 0.2, 3.0, -3.0), Room(0.2, 0.05, 0.1, 6.0)),
    bass_low=31,
    swings=(0.3, 0.22, 0.38, 0.16),
    levels_db={"bass": -4.0},
    plain_level_db=-2.4,
)
