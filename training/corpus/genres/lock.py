"""Lock: bright seventies funk and soul with slap bass, scratched guitar, clavinet and a horn section."""

from ..palette import Figures, Harmony, Palette, Room, Voice
from .kits import ACOUSTIC_FILLS, DISCO, ROOM, STUDIO

LOCK = Palette(
    kits=(STUDIO, ROOM, DISCO | {"kick": STUDIO["kick"], "snare": ROOM["snare"]}),
    grooves={
        "kick": (
            {"kick": "X...x...X...x..."},
            {"kick": "X..x..x.X.......|X..x..x.X.....x."},
            {"kick": "X.....x.X.x....."},
            {"kick": "X...x..xX...x..."},
        ),
        "snare": (
            {"snare": "....X.......X..."},
            {"snare": "....X..-.-..X..-"},
            {"snare": "....X.......X...", "clap": "....X.......X..."},
            {"snare": "....X.......X..-|....X..-....X.oo"},
        ),
        "hats": (
            {"hat": "x.o.x.o.x.o.x.o."},
            {"hat": "x-o-x-o-x-o-x-..", "open": "..............x."},
            {"hat": "xooxxooxxooxxoox"},
            {"hat": "x.o.x.o.x.o.x.o.", "open": "......x........."},
        ),
    },
    extra=(
        {"tambourine": "o-o-X-o-o-o-X-o-"},
        {"cowbell": "x..x..x.x..x..x."},
        {"conga_high": "x..ox.oox..ox.oo", "conga_low": "..o.......o....."},
        {"clap": "....o..o....o..o", "tambourine": "x.x.x.x.x.x.x.x."},
    ),
    fills=ACOUSTIC_FILLS,
    voices={
        "bass": (Voice(36, 104), Voice(37, 104), Voice(33, 112)),
        "chords": (
            Voice(7, 108, effect="wah"),
            Voice(27, 108, 0.006),
            Voice(28, 116, 0.006, "wah"),
            Voice(4, 108),
            Voice(17, 92),
        ),
        "pad": (Voice(16, 80), Voice(48, 84), Voice(17, 76)),
        "lead": (Voice(65, 104), Voice(56, 108), Voice(18, 92), Voice(66, 104), Voice(22, 108)),
        "stabs": (Voice(61, 120), Voice(56, 116), Voice(65, 112)),
    },
    bass=(
        Figures(
            "R/2 ./1 R/1 8/2 ./2 R/2 5/2 7/2 8/2",
            "R/1 R/1 8/1 R/1 ./1 R/1 8/2 5/2 R/1 8/1 7/2 8/2",
            "R/2 ./1 R/1 8/2 ./2 5/2 3/2 U/2 L/2",
        ),
        Figures(
            "R/3 8/1 ./2 8/2 5/2 ./2 7/2 8/2",
            "R/1 ./1 8/1 R/1 ./2 8/2 5/1 5/1 ./1 8/1 7/2 5/2",
            "R/3 8/1 ./2 8/2 5/4 N/2 L/2",
        ),
        Figures("R/4 8/2 7/2 5/4 3/2 5/2", "R/2 R/2 8/2 7/2 5/2 5/2 3/2 5/2", "R/4 8/2 7/2 5/2 3/2 5/2 L/2"),
    ),
    comping=(
        Figures("./4 c/1 ./3 ./4 c/1 ./3", "./4 c/1 ./1 c/1 ./1 ./4 c/1 ./1 c/1 ./1", "./4 c/1 ./3 c/4 c/4"),
        Figures(
            "c/1 i/1 ./1 i/1 c/1 i/1 ./1 i/1 c/1 i/1 ./1 i/1 c/1 i/1 ./1 i/1",
            "c/1 i/1 i/1 i/1 c/1 i/1 i/1 c/1 i/1 i/1 c/1 i/1 c/1 i/1 i/1 i/1",
            "c/1 i/1 ./1 i/1 c/1 i/1 ./1 i/1 c/4 c/4",
        ),
        Figures(
            "o/1 ./1 i/1 o/1 ./1 i/1 ./1 i/1 o/1 ./1 i/1 o/1 i/2 c/2",
            "o/1 i/1 i/1 o/1 i/1 i/1 o/1 i/1 o/1 i/1 i/1 o/1 i/2 c/2",
            "o/1 ./1 i/1 o/1 ./1 i/1 ./1 i/1 c/4 c/4",
        ),
        Figures("c/3 c/5 ./2 c/2 c/4", "c/3 c/3 c/2 ./2 c/2 c/4", "c/3 c/5 c/4 c/4"),
    ),
    stabs=(
        "./8 c/1 ./2 c/1 ./4",
        "c/1 ./2 c/1 ./2 c/2 ./8",
        "./2 c/1 ./3 c/2 ./8",
        "c/1 c/1 ./2 c/1 ./7 c/4",
    ),
    motifs=(
        "x-x-..x-x-------",
        "x..x..x-..x-x---",
        "x-x-x---x-x-x---",
        "..x-x-x-x---....",
        "x---x-x-..x-x---",
        "xx.xx---........",
    ),
    endings=("x-----------....", "x-x-x-------....", "..x-x-----------"),
    harmonies=(
        Harmony(
            "mixolydian",
            ("C9 F9", "C7 C7 F7 F7", "C9 Gm7 F9 C9", "C9 C9 F9 Bb"),
            ("F9 F9 C9 C9", "Bb F C C", "Gm7 C9 Gm7 C9"),
            ("Am7 D9 Gm7 C9", "F7 F7 G7 G7"),
        ),
        Harmony(
            "major",
            ("C Am7 Dm7 G7", "Cmaj7 Dm7 Em7 Dm7", "C-Em7 F-G7 C-Em7 F-G7"),
            ("F G Em7 Am7", "F Em7 Dm7 G7sus4", "Am7 D9 Dm7 G7"),
            ("Am7 Am7 D9 G7sus4",),
        ),
        Harmony(
            "dorian",
            ("Cm9 F13", "Cm7 Cm7 F9 F9"),
            ("Ebmaj7 F9 Cm7 Cm7", "Bb F9 Cm7 Cm7"),
            ("Gm7 F9 Gm7 F9",),
        ),
    ),
    rooms=(Room(0.3, 0.08, 0.0, 2.0, 1.0), Room(0.45, 0.12, 0.0, 3.0), Room(0.2, 0.06, 0.0, 4.0, 2.0)),
    bass_low=31,
    chord_center=64,
    swings=(0.0, 0.06, 0.12),
    levels_db={"stabs": -8.0},
    plain_level_db=-0.9,
)
