"""Waack: disco of the seventies with octave bass, open hi-hats, strings and a circle of fifths."""

from ..palette import Figures, Harmony, Palette, Room, Voice
from .kits import ACOUSTIC_FILLS, DISCO, ROOM, STUDIO

WAACK = Palette(
    kits=(DISCO, STUDIO, ROOM),
    grooves={
        "kick": (
            {"kick": "X...X...X...X..."},
            {"kick": "X...X...X...X...|X...X...X...X.x."},
            {"kick": "X...X..oX...X..."},
        ),
        "snare": (
            {"snare": "....X.......X..."},
            {"snare": "....X..-.-..X..-"},
            {"snare": "....X.......X...", "clap": "....X.......X..."},
        ),
        "hats": (
            {"hat": "x...x...x...x...", "open": "..X...X...X...X."},
            {"hat": "x-.-x-.-x-.-x-.-", "open": "..X...X...X...X."},
            {"hat": "xoxoxoxoxoxoxoxo", "open": "..x...x...x...x."},
        ),
    },
    extra=(
        {"tambourine": "x-o-X-o-x-o-X-o-"},
        {"conga_high": "o.o..oo.o.o..oo.", "conga_low": "...o.......o...."},
        {"cowbell": "x...x.x.x...x.x.", "tambourine": "....x.......x..."},
        {"bongo_high": "o-oo-oo-o-oo-oo-", "bongo_low": "...o...o...o...o"},
    ),
    fills=ACOUSTIC_FILLS,
    voices={
        "bass": (Voice(33, 108), Voice(34, 106), Voice(36, 104)),
        "chords": (
            Voice(27, 100, 0.008, "phaser"),
            Voice(0, 104),
            Voice(4, 104, effect="phaser"),
            Voice(28, 108, 0.006),
            Voice(7, 100),
        ),
        "pad": (Voice(48, 92), Voice(49, 92), Voice(50, 88)),
        "lead": (Voice(48, 108, octaves=1), Voice(56, 104), Voice(73, 100), Voice(65, 100), Voice(40, 100)),
        "stabs": (Voice(61, 112), Voice(48, 116), Voice(56, 108)),
    },
    bass=(
        Figures(
            "R/2 8/2 R/2 8/2 R/2 8/2 R/2 8/2",
            "R/2 8/2 R/2 8/2 5/2 8/2 R/2 8/2",
            "R/2 8/2 R/2 8/2 R/2 5/2 3/2 L/2",
        ),
        Figures(
            "R/3 R/1 8/2 R/2 R/3 R/1 8/2 5/2",
            "R/2 R/1 8/1 R/2 8/2 5/2 5/1 8/1 R/2 8/2",
            "R/3 R/1 8/2 R/2 R/2 5/2 8/2 L/2",
        ),
        Figures(
            "R/4 5/2 8/2 ./2 R/2 5/2 7/2", "R/2 8/2 5/2 8/2 R/2 8/2 7/2 5/2", "R/4 5/2 8/2 R/2 3/2 5/2 N/2"
        ),
    ),
    comping=(
        Figures(
            "c/2 i/1 i/1 ./2 c/2 c/2 i/1 i/1 ./2 c/2",
            "c/1 i/1 c/1 i/1 c/1 i/1 c/2 c/1 i/1 c/1 i/1 c/2 i/2",
            "c/2 i/1 i/1 ./2 c/2 c/4 c/4",
        ),
        Figures(
            "./2 c/2 ./2 c/2 ./2 c/2 ./2 c/2",
            "./2 c/1 c/1 ./2 c/2 ./2 c/1 c/1 ./2 c/2",
            "./2 c/2 ./2 c/2 c/2 ./2 c/4",
        ),
        Figures("c/8 c/6 c/2", "c/4 c/2 c/2 c/4 c/4", "c/8 c/4 c/4"),
    ),
    stabs=("./8 c/1 ./1 c/1 ./1 c/4", "c/2 ./10 c/2 c/2", "./2 c/2 ./4 ./2 c/2 ./4", "c/6 c/2 ./8"),
    motifs=(
        "x-x-x-x-x-------",
        "x-----x-x-x-x---",
        "x---x-x-x---x---",
        "xxxxx---x-x-----",
        "x-----------x-x-",
        "..x-x-x-x-x-x---",
    ),
    endings=("x---------------", "x-x-x-----------", "x---x---x-------"),
    harmonies=(
        Harmony(
            "minor",
            ("Cm7 Fm7 Bb7 Ebmaj7", "Cm7 F9 Cm7 F9", "Cm7 Abmaj7 Fm7 G7"),
            ("Cm7 Fm7 Bb7 Ebmaj7 Abmaj7 Dm7b5 G7 Cm7", "Fm7 Bb7 Ebmaj7 Cm7", "Ab Bb Gm7 Cm"),
            ("Abmaj7 Abmaj7 Gm7 Gm7", "Fm7 Fm7 G7sus4 G7"),
        ),
        Harmony(
            "dorian",
            ("Cm9 F9", "Cm7 Dm7 Ebmaj7 F", "Cm7 Gm7 F F"),
            ("Ebmaj7 F Gm7 Cm7", "Bbmaj7 Ebmaj7 F Gm7"),
            ("Ebmaj7 Dm7 Cm7 F9",),
        ),
        Harmony(
            "major",
            ("Cmaj7 Am7 Dm7 G7", "Cmaj7 Em7 Fmaj7 G7sus4", "Dm7 G7 Cmaj7 Am7"),
            ("Fmaj7 G7 Em7 Am7 Dm7 G7 Cmaj7 Cmaj7", "Am7 Dm7 G7 Cmaj7", "F G Am Em"),
            ("Am7 Em7 Fmaj7 G7",),
        ),
    ),
    rooms=(Room(0.4, 0.12, 0.0, 2.0, 1.0), Room(0.6, 0.18), Room(0.3, 0.08, 0.15, 3.0, 2.0)),
    bass_low=31,
    chord_center=64,
    lead_center=76,
    swings=(0.0, 0.0, 0.08),
    leap=4,
    levels_db={"pad": -16.0},
)
