"""Waltz: in three, a low note and two chords, with strings, an accordion or a piano on top."""

from ..palette import Figures, Harmony, Palette, Room, Sound, Voice
from .kits import ROOM, SOFT, STUDIO

_BRUSHES = {"snare": Sound("gm:40", -13.0, 0.15), "kick": Sound("drum_bass_soft", -8.0, 0.3)}

_FILLS = {
    "small": (
        {"hat": "........x...", "snare": "........x.o."},
        {"hat": "........x...", "triangle": "........x..."},
        {"hat": "........x...", "tom_low": "........x.o."},
    ),
    "large": (
        {"hat": "....x...x...", "snare": "....x.o.x.oo"},
        {"hat": "....x...x...", "tom_high": "....x.o.....", "tom_low": "........x.o."},
        {"hat": "....x...x...", "tom_low": "....oooooooo"},
    ),
}

WALTZ = Palette(
    kits=(SOFT | _BRUSHES, ROOM | _BRUSHES, STUDIO | {"kick": Sound("drum_bass_hard", -9.0, 0.28)}),
    grooves={
        "kick": (
            {"kick": "X..........."},
            {"kick": "X...........|X.......o..."},
            {"kick": "X.........o."},
        ),
        "snare": (
            {"snare": "....x...x..."},
            {"snare": "....x...x.-."},
            {"rim": "....x...x..."},
            {"snare": "....x...o...", "tambourine": "....x...x..."},
        ),
        "hats": (
            {"hat": "x...x...x..."},
            {"hat": "x...x.o.x..."},
            {"ride": "X...x.o.x...", "hat": "....x......."},
            {"hat": "o...X...X..."},
        ),
    },
    extra=(
        {"triangle": "x..........."},
        {"tambourine": "....o.o.o.o."},
        {"snare": "..-.....-.--"},
        {"cabasa": "x.o.x.o.x.o."},
    ),
    fills=_FILLS,
    voices={
        "bass": (Voice(32, 116), Voice(58, 100), Voice(33, 100), Voice(42, 112, octaves=-1)),
        "chords": (
            Voice(0, 104),
            Voice(45, 120),
            Voice(21, 96),
            Voice(24, 108, 0.012),
            Voice(48, 112),
            Voice(26, 104, 0.012),
        ),
        "pad": (Voice(48, 88), Voice(49, 88), Voice(60, 80), Voice(52, 76)),
        "lead": (
            Voice(40, 108),
            Voice(21, 104),
            Voice(73, 104),
            Voice(71, 104),
            Voice(48, 112),
            Voice(11, 112),
            Voice(22, 104),
        ),
        "stabs": (Voice(60, 104), Voice(48, 108), Voice(46, 108), Voice(61, 100)),
    },
    bass=(
        Figures("R/4 ./8", "R/4 ./8", "R/4 ./4 L/4"),
        Figures("R/12", "R/8 5/4", "R/4 3/4 L/4"),
        Figures("R/4 ./4 5/4", "R/4 5/4 3/4", "R/4 5/4 L/4"),
        Figures("R/4 3/4 5/4", "R/4 5/4 L/4", "R/4 U/4 L/4"),
    ),
    comping=(
        Figures("./4 c/4 c/4", "./4 c/4 c/2 c/2", "./4 c/4 c/4"),
        Figures("./4 c/2 ./2 c/2 ./2", "./4 c/2 ./2 c/2 i/2", "./4 c/2 ./2 c/4"),
        Figures("1/2 2/2 3/2 4/2 3/2 2/2", "1/2 3/2 4/2 3/2 4/2 3/2", "1/2 2/2 3/2 4/2 c/4"),
        Figures("c/6 c/6", "c/4 c/4 c/4", "c/6 c/6"),
        Figures("./4 i/4 c/4", "./4 i/2 i/2 c/2 c/2", "./4 c/4 c/4"),
    ),
    stabs=("c/12", "./4 c/4 c/4", "c/4 ./8", "./8 c/4"),
    motifs=(
        "x-------x---",
        "x---x---x---",
        "x-----x-x---",
        "x-----------",
        "x-x-x---x---",
        "....x---x---",
        "x-x-x-x-x-x-",
    ),
    endings=("x-----------", "x-------....", "x---x-------"),
    harmonies=(
        Harmony(
            "major",
            ("C C G7 G7 G7 G7 C C", "C Am Dm G7", "C F C G7", "C C F F G7 G7 C C"),
            ("F F C C G7 G7 C C", "F C Dm G7", "Am Em F G7"),
            ("Am Am Dm Dm G7 G7 C C", "Am E7 Am G7"),
        ),
        Harmony(
            "harmonic minor",
            ("Cm Cm Fm Fm G7 G7 Cm Cm", "Cm Fm G7 Cm", "Cm Ab Dm7b5 G7"),
            ("Fm Fm Cm Cm G7 G7 Cm Cm", "Ab Eb Fm G7"),
            ("Eb Bb7 Eb G7", "Ab Ab G7 G7"),
        ),
        Harmony(
            "major",
            ("Cmaj7 Am7 Dm7 G7", "Cmaj7 Dm7 Em7 A7", "Fmaj7 Em7 Dm7 G7sus4"),
            ("Dm7 G7 Cmaj7 A7", "Fmaj7 Fm6 Em7 A7 Dm7 G7 Cmaj7 Cmaj7"),
            ("Em7 A7 Dm7 G7",),
        ),
    ),
    rooms=(Room(0.6, 0.18), Room(0.8, 0.24, bright_db=-1.0), Room(0.45, 0.13)),
    bass_low=31,
    chord_center=63,
    lead_center=76,
    beats_per_bar=3,
    swings=(0.0, 0.0, 0.0, 0.25),
    swing_steps=2,
    leap=4,
    levels_db={"bass": -2.0, "chords": -4.0, "pad": -12.0, "lead": -2.0, "stabs": -9.0},
    plain_level_db=-3.7,
)
