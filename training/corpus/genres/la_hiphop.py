"""LA hip-hop: long 808 kicks and basses, rolling hats, minor plucks and bells, a whistling synth."""

from ..palette import Figures, Harmony, Palette, Room, Voice
from .kits import COAST, MACHINE, MACHINE_FILLS, TRAP

LA_HIPHOP = Palette(
    kits=(TRAP, COAST, MACHINE),
    grooves={
        "kick": (
            {"kick": "X.....x...x....."},
            {"kick": "X......x..x.....|X..x......x..x.."},
            {"kick": "X.....x.x......."},
            {"kick": "X..x..x...x..x.."},
        ),
        "clap": (
            {"clap": "....X.......X..."},
            {"clap": "....X.......X...", "snare": "............X..."},
            {"snare": "....X..-....X..o", "snap": "....x.......x..."},
            {"clap": "........X......."},
        ),
        "hats": (
            {"hat": "x-o-x-o-x-o-x-o-"},
            {"hat": "x.o.x.o.x.orx.o.|x.o.x.rrx.o.x.rr"},
            {"hat": "xoooxoorxoooxorr"},
            {"hat": "x.oxx.oox.oxx.oo", "open": "..............o.", "rim": "....o...o...o..."},
        ),
    },
    extra=(
        {"snap": "....o.......o...", "block": "..o..o....o..o.."},
        {"ping": "..x...x.......x.", "rim": "x..x..x.x..x..x."},
        {"cowbell": "o..o..o...o.o...", "cabasa": "x-o-x-o-x-o-x-o-"},
        {"tabla": "o..o.oo.o..o.oo."},
    ),
    fills=MACHINE_FILLS,
    voices={
        "bass": (Voice(38, 104, effect="dark"), Voice(39, 100, effect="dark"), Voice(87, 96, effect="dark")),
        "chords": (
            Voice(46, 104),
            Voice(88, 100),
            Voice(45, 116),
            Voice(11, 108),
            Voice(4, 100, effect="chorus"),
            Voice(10, 108),
        ),
        "pad": (Voice(89, 92), Voice(95, 88), Voice(52, 84), Voice(91, 88)),
        "lead": (
            Voice(80, 88, octaves=1),
            Voice(79, 100),
            Voice(14, 104),
            Voice(75, 104),
            Voice(81, 88, octaves=1),
        ),
        "stabs": (Voice(14, 108), Voice(48, 116), Voice(62, 100), Voice(45, 116)),
    },
    bass=(
        Figures("R/6 R/4 R/6", "R/6 R/2 8/2 R/6", "R/6 R/4 5/4 L/2"),
        Figures("R/7 R/3 5/6", "R/3 R/4 R/3 8/3 5/3", "R/7 R/3 R/3 L/3"),
        Figures("R/12 7/2 5/2", "R/6 5/2 R/4 7/2 5/2", "R/10 U/3 L/3"),
        Figures("R/3 R/3 R/4 5/3 7/3", "R/3 R/3 8/4 7/3 5/3", "R/3 R/3 R/4 N/6"),
    ),
    comping=(
        Figures(
            "1/2 2/2 3/2 4/2 3/2 2/2 3/2 2/2",
            "1/1 3/1 2/1 3/1 4/1 3/1 2/1 3/1 1/1 3/1 2/1 3/1 4/1 3/1 2/1 3/1",
            "1/2 2/2 3/2 4/2 c/8",
        ),
        Figures("1/3 3/3 4/2 2/3 3/3 4/2", "1/2 3/1 4/3 2/2 1/2 3/1 4/3 3/2", "1/3 3/3 4/2 c/8"),
        Figures("c/16", "c/10 c/6", "c/8 c/8"),
        Figures("c/2 ./4 c/2 ./2 c/2 ./4", "c/2 ./1 c/1 ./2 c/2 ./2 c/2 i/2 i/2", "c/2 ./4 c/2 c/8"),
    ),
    stabs=("c/2 ./14", "./8 1/1 2/1 3/1 4/1 ./4", "c/1 ./5 c/1 ./5 c/4", "./12 o/4"),
    motifs=(
        "x-----x-----x---",
        "x--x--x---------",
        "x---x---x-x-x---",
        "x-x-x-----......",
        "..x-x-..x---x---",
        "x-------x---x---",
        "xxx-x---........",
    ),
    endings=("x---------------", "x-----x---------", "....x-----------"),
    harmonies=(
        Harmony(
            "minor",
            ("Cm Cm Ab G", "Cm Ab Fm G", "Cm7 Abmaj7", "Cm Eb Bb Ab", "Cm Fm Ab Bb"),
            ("Ab Bb Cm Gm", "Ab Eb Bb Cm", "Fm Cm G Cm"),
            ("Ab Ab Bb Bb", "Fm Fm G G"),
        ),
        Harmony(
            "harmonic minor",
            ("Cm Cm Fm G7", "Cm G7 Cm G7", "Cm Ab Cm G7"),
            ("Fm Cm G7 Cm", "Ab Fm G7 Cm"),
            ("Fm Fm G7 G7",),
        ),
        Harmony(
            "phrygian",
            ("Cm Db", "Cm Cm Db Cm"),
            ("Db Eb Cm Cm", "Fm Db Cm Cm"),
            ("Ab Ab Db Db",),
        ),
    ),
    rooms=(Room(0.5, 0.12, 0.2, 3.0, 1.0), Room(0.7, 0.18, 0.1), Room(0.3, 0.08, 0.3, 5.0, 2.0)),
    bass_low=29,
    chord_center=66,
    swings=(0.0, 0.0, 0.15),
    levels_db={"bass": -2.0, "pad": -17.0},
    plain_level_db=-0.5,
)
