"""Pop in C major: an acoustic kit, a fingered bass, piano eighths, a clean electric guitar."""

from .palette import Palette, Program, Section, Sound

POP = Palette(
    kit={
        "kick": Sound("drum_bass_hard", -7.0, 0.28),
        "snare": Sound("drum_snare_hard", -7.0, 0.3),
        "hat": Sound("drum_cymbal_closed", -15.0, 0.2),
        "tambourine": Sound("gm:54", -18.0, 0.2),
        "tom_high": Sound("drum_tom_hi_hard", -9.0, 0.35),
        "tom_low": Sound("drum_tom_lo_hard", -9.0, 0.4),
        "crash": Sound("drum_cymbal_hard", -11.0, 1.2),
    },
    grooves={
        "A": {"kick": "X...x...X...x...", "snare": "....X.......X...", "hat": "x.-.x.-.x.-.x.-."},
        "B": {"kick": "X...x...X.o.x...", "snare": "....X.......X...", "hat": "x.-.x.-.x.-.x.-."},
    },
    fills={
        "small": {"kick": "............X...", "snare": "............X.oo"},
        "large": {
            "kick": "........X...X...",
            "snare": "........X.oo....",
            "tom_high": "............X.o.",
            "tom_low": "..............oo",
        },
    },
    extra={"tambourine": "x.-.X.-.x.-.X.-."},
    bass=Program(33, -6.0, 108),
    chords=Program(0, -3.5, 100),
    lead=Program(27, -4.5, 108),
    pad=Program(48, -11.0, 84),
    bass_lines=(
        "R/4 R/2 R/2 R/4 R/2 5/2",
        "R/4 R/2 R/2 8/4 5/2 N/2",
    ),
    comping=(
        "c/4 c/4 c/4 c/4",
        "c/4 c/2 c/2 c/4 c/2 c/2",
    ),
    progressions={"verse": "C G Am F", "chorus": "F G Em Am"},
    melodies={
        "call": "e5/4 g5/4 g5/2 a5/2 g5/4|d5/4 g5/4 b4/8|c5/4 e5/4 e5/2 g5/2 e5/4|f5/4 e5/4 c5/8",
        "answer": "g5/2 e5/2 c5/4 e5/8|g5/2 d5/2 b4/4 d5/8|e5/2 c5/2 a4/4 c5/4 e5/4|a5/4 g5/4 f5/4 ./4",
        "chorus": "a5/6 g5/2 f5/4 c5/4|b5/6 a5/2 g5/4 d5/4|g5/4 b5/4 e5/4 g5/4|a5/8 e5/4 ./4",
    },
    form=(
        Section("verse", "call", "A"),
        Section("chorus", "chorus", "B"),
        Section("verse", "answer", "A"),
    ),
    bass_low=31,
    chord_center=64,
    level_db=-0.5,
)
