"""Hip-hop in E minor: a swung boom-bap kit, a fingered bass, electric piano, vibraphone."""

from .palette import Palette, Program, Section, Sound

HIPHOP = Palette(
    kit={
        "kick": Sound("drum_heavy_kick", -5.0, 0.27),
        "snare": Sound("sn_dolf", -8.0, 0.3),
        "hat": Sound("drum_cymbal_closed", -17.0, 0.2),
        "open": Sound("drum_cymbal_open", -20.0, 0.2),
        "shaker": Sound("gm:70", -22.0, 0.12),
        "tom": Sound("drum_tom_lo_hard", -9.0, 0.35),
        "crash": Sound("drum_cymbal_soft", -9.0, 0.9),
    },
    grooves={
        "A": {"kick": "X...x...X...x...", "snare": "....X.......X..-", "hat": "X.-.X.-.X.-.X.--"},
        "B": {"kick": "X...x..-X.-.x...", "snare": "....X..-....X...", "hat": "X.-.X.--X.-.X.--"},
    },
    fills={
        "small": {"kick": "............x...", "snare": "............X.-o"},
        "large": {"kick": "........X...x...", "snare": "........x..oX.oo", "tom": "........x...x..."},
    },
    extra={"shaker": "X.-.X.-.X.-.X.-."},
    bass=Program(33, -5.5, 112),
    chords=Program(4, -11.4, 100),
    lead=Program(11, 0.0, 100),
    pad=Program(89, -13.0, 92),
    bass_lines=(
        "R/4 ./2 R/2 5/4 8/3 7/1",
        "R/6 R/2 R/4 5/3 L/1",
    ),
    comping=(
        "c/8 c/8",
        "c/4 c/4 c/4 c/4",
    ),
    progressions={"verse": "Em7 Cmaj7 Am7 B7", "chorus": "Am7 D Gmaj7 Em7"},
    melodies={
        "call": "b4/4 e5/2 g5/2 f#5/4 e5/4|g5/4 e5/4 b4/8|c5/4 e5/2 a5/2 g5/4 e5/4|f#5/4 d#5/4 b4/8",
        "answer": "e5/4 ./4 g5/2 f#5/2 e5/4|e5/4 ./4 d5/2 c5/2 b4/4|e5/4 ./4 c5/2 d5/2 e5/4|d#5/8 f#5/8",
        "chorus": "c5/2 e5/2 a5/4 g5/4 e5/4|f#5/2 e5/2 d5/4 a4/8|b4/2 d5/2 g5/4 f#5/4 d5/4|e5/12 ./4",
    },
    form=(
        Section("verse", "call", "A"),
        Section("chorus", "chorus", "B"),
        Section("verse", "answer", "A"),
    ),
    bass_low=31,
    chord_center=62,
    level_db=-0.5,
    swing=0.3,
)
