"""Street jazz: modern funk and R&B with ninths, sixteenth swing, saxophones and smooth guitars."""

from ..palette import Figures, Harmony, Palette, Room, Voice
from .kits import ACOUSTIC_FILLS, CLUB, ROOM, SOFT, STUDIO

STREET_JAZZ = Palette(
    kits=(STUDIO, ROOM, SOFT | {"clap": CLUB["clap"], "snare": CLUB["snare"]}),
    grooves={
        "kick": (
            {"kick": "X...x...X...x..."},
            {"kick": "X......xX.x.....|X......x..x....."},
            {"kick": "X..x......x..x.."},
            {"kick": "X.....x.X......."},
        ),
        "snare": (
            {"snare": "....X.......X..."},
            {"clap": "....X.......X...", "snare": ".......-.-.....-"},
            {"snare": "....X..-.-..X..-", "snap": "....x.......x..."},
            {"rim": "....X.......X..o"},
        ),
        "hats": (
            {"hat": "x.o.x.o.x.o.x.o."},
            {"hat": "x-o-x-o-x-o-x-o-"},
            {"ride": "x.o.x.oox.o.x.oo", "hat": "....x.......x..."},
            {"hat": "xo-oxo-oxo-oxo..", "open": "..............o."},
        ),
    },
    extra=(
        {"cabasa": "x-o-x-o-x-o-x-o-"},
        {"tambourine": "....x.......x...", "conga_high": "..o..o.o..o..o.."},
        {"snap": "....x.......x...", "maracas": "x-o-x-o-x-o-x-o-"},
        {"bongo_high": "o..o..o.o..o..o.", "triangle": "..x...x...x...x."},
    ),
    fills=ACOUSTIC_FILLS,
    voices={
        "bass": (Voice(35, 108), Voice(33, 108), Voice(36, 100), Voice(38, 96)),
        "chords": (
            Voice(5, 104),
            Voice(4, 104, effect="chorus"),
            Voice(26, 108, 0.012),
            Voice(27, 100, 0.01, "chorus"),
            Voice(0, 100),
        ),
        "pad": (Voice(49, 84), Voice(89, 88), Voice(53, 76), Voice(48, 80)),
        "lead": (
            Voice(65, 104),
            Voice(64, 104),
            Voice(59, 104),
            Voice(66, 104),
            Voice(26, 108),
            Voice(11, 108),
        ),
        "stabs": (Voice(61, 108), Voice(65, 108), Voice(48, 112)),
    },
    bass=(
        Figures("R/6 R/2 5/4 7/2 8/2", "R/3 R/3 8/2 7/2 5/2 ./2 R/2", "R/6 R/2 5/4 U/2 L/2"),
        Figures("R/3 5/1 8/4 ./2 7/2 5/2 R/2", "R/3 5/1 8/2 R/2 ./1 R/1 7/2 5/2 R/2", "R/3 5/1 8/4 5/4 L/4"),
        Figures("R/4 ./3 R/1 8/3 7/1 5/4", "R/4 ./1 R/1 8/2 7/3 5/1 7/2 8/2", "R/4 ./3 R/1 5/4 U/2 L/2"),
    ),
    comping=(
        Figures("c/6 c/10", "c/3 c/3 c/2 ./2 c/2 c/4", "c/6 c/6 c/4"),
        Figures(
            "./3 c/1 ./2 c/2 ./3 c/1 ./2 c/2", "./3 c/1 c/2 c/2 ./3 c/1 c/2 c/2", "./3 c/1 ./2 c/2 c/4 c/4"
        ),
        Figures("1/2 2/2 3/2 4/6 3/2 2/2", "1/2 2/2 3/2 4/2 c/4 3/2 2/2", "1/2 2/2 3/2 4/2 c/8"),
        Figures("c/8 ./3 c/5", "c/4 c/3 c/1 ./3 c/5", "c/8 c/4 c/4"),
    ),
    stabs=("./6 c/2 ./8", "c/1 ./2 c/1 ./12", "./11 c/1 c/4", "./3 c/1 ./2 c/2 ./8"),
    motifs=(
        "x--xx-x-x-------",
        "..x-x--xx---x---",
        "x---x--x..x-x---",
        "x-x--x-x--x-....",
        "x-------..x-x-x-",
        "x--x-x--x-------",
        "....x-x-x--x----",
    ),
    endings=("x-----------....", "..x-x--x--------", "x--xx-----------"),
    harmonies=(
        Harmony(
            "major",
            (
                "Dm9 G13 Cmaj9 Am9",
                "Fmaj9 Em7 Am9 Dm9",
                "Cmaj9 Em7 Fmaj9 G7sus4",
                "Fmaj9-G13 Em7-A7b9 Dm9-G13 Cmaj9",
            ),
            ("Fmaj9 G13 Em7 A7b9", "Am9 D9 Dm9 G13", "Fmaj7-G Am9 Fmaj7-G Cmaj9"),
            ("Am9 Am9 Fmaj9 E7",),
        ),
        Harmony(
            "dorian",
            ("Cm9 F13", "Cm9 Dm7 Ebmaj9 F13", "Cm9 Gm9 F9 F9"),
            ("Ebmaj9 Dm7 Gm9 Cm9", "Ebmaj9 F13 Cm9 Bbmaj7"),
            ("Gm9 Gm9 Ebmaj9 F13",),
        ),
        Harmony(
            "minor",
            ("Cm9 Abmaj9 Fm9 G7b9", "Fm9 Bb13 Ebmaj9 Cm9", "Cm9 Fm9 Dm7b5 G7b9"),
            ("Abmaj9 Gm7 Fm9 Cm9", "Abmaj9 Bb13 Gm7 Cm9"),
            ("Fm9 Fm9 G7sus4 G7b9",),
        ),
    ),
    rooms=(Room(0.4, 0.11, 0.0, 1.0), Room(0.55, 0.16, 0.1), Room(0.3, 0.09, 0.15, 3.0, 1.0)),
    bass_low=31,
    swings=(0.12, 0.2, 0.26),
    leap=4,
    plain_level_db=-1.1,
)
