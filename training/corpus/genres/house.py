"""House: four on the floor, claps, off-beat hats, stabs of minor sevenths, everything pumping."""

from ..palette import Figures, Harmony, Palette, Room, Voice
from .kits import CLUB, LOFT, MACHINE_FILLS, WAREHOUSE

HOUSE = Palette(
    kits=(CLUB, LOFT, WAREHOUSE),
    grooves={
        "kick": (
            {"kick": "X...X...X...X..."},
            {"kick": "X...X...X...X...|X...X...X...X.o."},
            {"kick": "X...X...X...X..o"},
        ),
        "clap": (
            {"clap": "....X.......X..."},
            {"clap": "....X.......X..-|....X..-....X..."},
            {"snare": "....x.......x...", "clap": "....X.......X..."},
            {"clap": "....X.......X...", "rim": "..o..o....o..o.."},
        ),
        "hats": (
            {"hat": "x...x...x...x..."},
            {"hat": "x.-.x.-.x.-.x.-.", "open": "..x...x...x...x."},
            {"hat": "x--ox--ox--ox--o", "open": "..x...x...x...x."},
            {"hat": "x...x...x...x...", "open": "..x...x...x...x.", "cabasa": "x-o-x-o-x-o-x-o-"},
        ),
    },
    extra=(
        {"rim": "x..-..-.x..-..-."},
        {"conga_high": "..o..o....o..oo.", "conga_low": ".......o.......o"},
        {"tambourine": "o-x-o-x-o-x-o-x-"},
        {"block": "x..x..x...x..x..", "ride": "..x...x...x...x."},
    ),
    fills=MACHINE_FILLS,
    voices={
        "bass": (Voice(38, 108), Voice(39, 100), Voice(33, 108), Voice(17, 96, octaves=-1), Voice(87, 100)),
        "chords": (
            Voice(1, 108),
            Voice(16, 100),
            Voice(4, 104, effect="chorus"),
            Voice(90, 96),
            Voice(50, 100),
        ),
        "pad": (Voice(89, 92), Voice(50, 88), Voice(95, 88), Voice(91, 84)),
        "lead": (Voice(17, 100), Voice(80, 92), Voice(11, 104), Voice(73, 96), Voice(65, 96)),
        "stabs": (Voice(0, 112), Voice(62, 100), Voice(18, 96), Voice(61, 100)),
    },
    bass=(
        Figures("R/4 8/2 R/2 R/4 8/2 5/2", "R/2 8/2 R/2 8/2 R/2 8/2 5/2 8/2", "R/3 R/3 8/2 R/4 5/2 8/2"),
        Figures(
            "./2 R/2 ./2 R/2 ./2 R/2 ./2 8/2",
            "./2 R/1 R/1 ./2 R/2 ./2 8/1 R/1 ./2 5/2",
            "./2 R/2 ./2 R/2 ./2 5/2 7/2 L/2",
        ),
        Figures("R/3 R/3 R/4 5/2 7/2 8/2", "R/3 8/3 R/2 ./2 R/2 5/2 7/2", "R/3 R/3 5/2 8/4 7/2 L/2"),
        Figures("R/6 8/2 ./4 5/2 7/2", "R/3 ./3 R/2 ./2 8/2 7/2 5/2", "R/6 8/2 ./2 R/2 N/4"),
    ),
    comping=(
        Figures("c/3 c/5 c/3 c/5", "c/3 c/5 c/4 c/4", "c/3 c/3 c/4 c/6"),
        Figures(
            "./2 c/2 ./2 c/2 ./2 c/2 ./2 c/2",
            "./2 c/2 ./2 c/2 ./2 c/1 c/1 ./2 c/2",
            "./2 c/2 ./2 c/2 ./2 c/2 c/4",
        ),
        Figures("c/3 c/3 c/2 ./2 c/3 c/3", "c/3 c/3 c/4 c/3 c/3", "c/3 c/3 c/2 ./2 c/6"),
        Figures("./3 c/3 c/10", "./3 c/3 c/4 c/3 c/3", "./3 c/3 c/6 c/4"),
    ),
    stabs=("c/3 c/3 c/2 ./8", "./6 c/2 ./6 c/2", "c/1 ./2 c/1 ./2 c/1 ./9"),
    motifs=(
        "x---x-x---x-----",
        "x--x--x---x-x---",
        "..x-x-x-x---....",
        "x--x--x-........",
        "x---....x-x-x---",
        "x-----x-x-x-x---",
        "..x---x-..x---x-",
    ),
    endings=("x-----------....", "x-x-x-----------", "....x-----------"),
    harmonies=(
        Harmony(
            "dorian",
            ("Cm7 Gm7 Ebmaj7 F", "Cm9 F9", "Cm7 Cm7 Fm7 Gm7", "Cm9 Bbmaj7"),
            ("Ebmaj7 F Gm7 Cm7", "Abmaj7 Bb Cm7 Gm7", "Fm9 Gm7 Cm9 Cm9"),
            ("Fm9 Fm9 Cm9 Cm9", "Abmaj7 Gm7 Fm7 Gm7"),
        ),
        Harmony(
            "minor",
            ("Cm Ab Eb Bb", "Cm7 Fm7 Abmaj7 Bb", "Cm9 Abmaj7 Fm9 Gm7"),
            ("Ab Bb Cm Cm", "Fm7 Bb7 Ebmaj7 Abmaj7", "Abmaj7 Bb Gm7 Cm7"),
            ("Fm7 Gm7 Abmaj7 Bb7sus4", "Abmaj7 Abmaj7 Bb Bb"),
        ),
        Harmony(
            "major",
            ("Cmaj7 Am7 Dm7 G7sus4", "Fmaj7 Em7 Dm7 G7sus4", "Cmaj9 Fmaj9"),
            ("Fmaj7 G Em7 Am7", "Dm9 G7sus4 Cmaj7 Am7"),
            ("Am9 Am9 Fmaj7 G7sus4",),
        ),
    ),
    rooms=(Room(0.35, 0.10, 0.45), Room(0.6, 0.16, 0.6), Room(0.25, 0.08, 0.3, 4.0, 2.0)),
    bass_low=33,
    swings=(0.0, 0.0, 0.12, 0.2),
    plain_level_db=-2.2,
)
