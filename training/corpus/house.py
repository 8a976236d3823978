"""House in D dorian: four on the floor, claps, an octave bass, piano stabs, an organ riff."""

from .palette import Palette, Program, Section, Sound

HOUSE = Palette(
    kit={
        "kick": Sound("bd_haus", -6.0, 0.22),
        "clap": Sound("gm:39", -8.0, 0.25),
        "hat": Sound("drum_cymbal_closed", -16.0, 0.08),
        "open": Sound("drum_cymbal_open", -22.0, 0.12),
        "rim": Sound("gm:37", -18.0, 0.1),
        "tom": Sound("drum_tom_mid_hard", -9.0, 0.3),
        "crash": Sound("drum_splash_hard", -12.0, 1.2),
    },
    grooves={
        "A": {"kick": "X...X...X...X...", "clap": "....X.......X...", "hat": "x...x...x...x..."},
        "B": {
            "kick": "X...X...X...X...",
            "clap": "....X.......X...",
            "hat": "x...x...x...x...",
            "open": "..o...o...o...o.",
        },
    },
    fills={
        "small": {"kick": "............X...", "clap": "............X.oo"},
        "large": {"kick": "........X...X...", "clap": "........x.o.X.oo", "tom": "........x...x.o."},
    },
    extra={"rim": "x..-..-.x..-..-."},
    bass=Program(38, -4.0, 108),
    chords=Program(1, -4.0, 108),
    lead=Program(17, -8.0, 100),
    pad=Program(89, -13.0, 92),
    bass_lines=(
        "R/4 8/2 R/2 R/4 8/2 5/2",
        "R/3 R/3 8/2 R/4 5/2 8/2",
    ),
    comping=(
        "c/3 c/5 c/3 c/5",
        "c/3 c/5 c/4 c/4",
    ),
    progressions={"verse": "Dm7 Am7 Fmaj7 G", "chorus": "Fmaj7 G Am7 Dm7"},
    melodies={
        "call": "d5/4 f5/4 a5/6 g5/2|e5/4 c5/4 e5/8|f5/4 a5/4 c6/6 a5/2|g5/4 d5/4 b4/8",
        "riff": "d5/4 d5/2 f5/2 d5/4 c5/4|e5/4 e5/2 g5/2 e5/8|f5/4 f5/2 a5/2 f5/4 c5/4|g5/4 a5/4 g5/4 d5/4",
        "chorus": "a5/8 c6/4 a5/4|b5/8 g5/4 d5/4|e5/4 g5/4 c6/4 b5/4|a5/12 ./4",
    },
    form=(
        Section("verse", "call", "A"),
        Section("chorus", "chorus", "B"),
        Section("verse", "riff", "B"),
    ),
    bass_low=33,
    chord_center=62,
    level_db=-0.5,
)
