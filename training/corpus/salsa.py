"""Salsa in A minor: congas, bell and clave, a tumbao bass, a piano montuno, a trumpet.

A beat here is the felt one, two quarters of the written music: a bar of sixteen steps is one
two-bar clave, here the 3-2 son clave. The bell and the bass drum mark every beat, as they do in a
dance hall's mix; the tumbao's anticipations stay softer than those.
"""

from .palette import Palette, Program, Section, Sound

SALSA = Palette(
    kit={
        "kick": Sound("drum_bass_soft", -8.0, 0.25),
        "bell": Sound("gm:56", -10.0, 0.3),
        "slap": Sound("gm:62", -9.0, 0.25),
        "open": Sound("gm:63", -10.0, 0.35),
        "low": Sound("gm:64", -9.0, 0.4),
        "clave": Sound("gm:75", -16.0, 0.15),
        "maracas": Sound("gm:70", -20.0, 0.12),
        "timbale_high": Sound("gm:65", -8.0, 0.4),
        "timbale_low": Sound("gm:66", -8.0, 0.5),
        "crash": Sound("drum_splash_soft", -10.0, 1.2),
    },
    grooves={
        "A": {
            "kick": "X...X...X...X...",
            "bell": "X...x...X...x...",
            "slap": "X...x...X...x...",
            "open": "......--......--",
            "clave": "o..-..-...-.o...",
        },
        "B": {
            "kick": "X...X...X...X...",
            "bell": "X...x.-.X...x.-.",
            "slap": "x...X...x...X...",
            "low": "......--......--",
            "clave": "o..-..-...-.o...",
        },
    },
    fills={
        "small": {"kick": "............X...", "timbale_high": "............x.oo"},
        "large": {
            "kick": "........X...X...",
            "timbale_high": "........x.ooX...",
            "timbale_low": "..............oo",
        },
    },
    extra={"maracas": "x.-.x.-.x.-.x.-."},
    bass=Program(32, -4.0, 112),
    chords=Program(0, -2.0, 104),
    lead=Program(56, -5.0, 104),
    pad=Program(48, -11.0, 84),
    bass_lines=(
        "R/4 ./2 5/2 8/4 ./2 N/2",
        "R/3 5/3 8/2 R/3 5/3 N/2",
    ),
    comping=(
        "c/3 i/1 c/2 i/2 c/3 i/1 c/2 i/2",
        "c/2 i/1 o/1 c/2 i/2 c/2 i/1 o/1 c/2 i/2",
    ),
    progressions={"verse": "Am Dm E7 Am", "chorus": "Am G F E7"},
    melodies={
        "call": "a4/3 c5/3 e5/2 d5/4 c5/4|d5/3 f5/3 a5/2 g5/4 f5/4|e5/4 d5/4 b4/4 g#4/4|a4/8 ./8",
        "mambo": "e5/4 e5/4 c5/4 a4/4|f5/4 f5/4 d5/4 a4/4|e5/4 d5/4 b4/4 g#4/4|a4/4 c5/4 e5/4 ./4",
        "chorus": "a5/6 g5/2 e5/8|g5/6 f5/2 d5/8|f5/6 e5/2 c5/8|e5/4 d5/4 b4/4 g#4/4",
    },
    form=(
        Section("verse", "call", "A"),
        Section("chorus", "chorus", "B"),
        Section("verse", "mambo", "B"),
    ),
    bass_low=33,
    chord_center=64,
    level_db=0.5,
)
