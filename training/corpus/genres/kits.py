"""Drum kits, percussion and fills that several genres share."""

from ..palette import Groove, Kit, Sound

PERCUSSION: Kit = {
    "tambourine": Sound("gm:54", -18.0, 0.2),
    "cowbell": Sound("gm:56", -14.0, 0.3),
    "bongo_high": Sound("gm:60", -13.0, 0.25),
    "bongo_low": Sound("gm:61", -12.0, 0.3),
    "conga_slap": Sound("gm:62", -11.0, 0.25),
    "conga_high": Sound("gm:63", -12.0, 0.35),
    "conga_low": Sound("gm:64", -11.0, 0.4),
    "timbale_high": Sound("gm:65", -9.0, 0.4),
    "timbale_low": Sound("gm:66", -9.0, 0.5),
    "agogo": Sound("gm:67", -17.0, 0.3),
    "cabasa": Sound("gm:69", -20.0, 0.15),
    "maracas": Sound("gm:70", -20.0, 0.12),
    "guiro": Sound("gm:73", -20.0, 0.2),
    "clave": Sound("gm:75", -16.0, 0.15),
    "block": Sound("gm:76", -16.0, 0.15),
    "triangle": Sound("gm:81", -20.0, 0.6),
    "rim": Sound("gm:37", -14.0, 0.12),
    "snap": Sound("perc_snap", -13.0, 0.25),
    "scratch": Sound("vinyl_scratch", -14.0, 0.25),
    "impact": Sound("perc_impact1", -8.0, 0.9),
    "stomp": Sound("bd_sone", -8.0, 0.25),
    "tabla": Sound("tabla_na", -13.0, 0.4),
    "tabla_low": Sound("tabla_ghe2", -10.0, 0.5),
    "blip": Sound("elec_blip2", -17.0, 0.15),
    "ping": Sound("elec_ping", -17.0, 0.2),
}

_TOMS: Kit = {
    "tom_high": Sound("drum_tom_hi_hard", -9.0, 0.35),
    "tom_mid": Sound("drum_tom_mid_hard", -9.0, 0.35),
    "tom_low": Sound("drum_tom_lo_hard", -9.0, 0.45),
}
_SOFT_TOMS: Kit = {
    "tom_high": Sound("drum_tom_hi_soft", -11.0, 0.4),
    "tom_mid": Sound("drum_tom_mid_soft", -11.0, 0.4),
    "tom_low": Sound("drum_tom_lo_soft", -10.0, 0.5),
}
_SYNTH_TOMS: Kit = {
    "tom_high": Sound("gm:50", -10.0, 0.3),
    "tom_mid": Sound("elec_fuzz_tom", -11.0, 0.35),
    "tom_low": Sound("gm:45", -9.0, 0.4),
}

STUDIO: Kit = (
    PERCUSSION
    | _TOMS
    | {
        "kick": Sound("drum_bass_hard", -7.0, 0.28),
        "snare": Sound("drum_snare_hard", -7.0, 0.3),
        "clap": Sound("gm:39", -9.0, 0.25),
        "hat": Sound("drum_cymbal_closed", -15.0, 0.2),
        "open": Sound("drum_cymbal_open", -19.0, 0.3),
        "ride": Sound("gm:51", -17.0, 0.7),
        "crash": Sound("drum_cymbal_hard", -11.0, 1.2),
    }
)
"""A dry kit played hard."""

ROOM: Kit = (
    PERCUSSION
    | _TOMS
    | {
        "kick": Sound("gm:36", -6.0, 0.3),
        "snare": Sound("gm:38", -7.0, 0.35),
        "clap": Sound("gm:39", -9.0, 0.25),
        "hat": Sound("gm:42", -15.0, 0.15),
        "open": Sound("gm:46", -18.0, 0.35),
        "ride": Sound("gm:51", -16.0, 0.8),
        "crash": Sound("gm:49", -11.0, 1.5),
    }
)
"""The soundfont's standard kit."""

SOFT: Kit = (
    PERCUSSION
    | _SOFT_TOMS
    | {
        "kick": Sound("drum_bass_soft", -8.0, 0.3),
        "snare": Sound("drum_snare_soft", -9.0, 0.3),
        "clap": Sound("perc_snap", -12.0, 0.25),
        "hat": Sound("drum_cymbal_pedal", -15.0, 0.2),
        "open": Sound("drum_cymbal_soft", -19.0, 0.4),
        "ride": Sound("gm:59", -14.0, 0.8),
        "crash": Sound("drum_splash_soft", -13.0, 1.4),
    }
)
"""A kit played softly."""

VINYL: Kit = (
    PERCUSSION
    | _TOMS
    | {
        "kick": Sound("drum_heavy_kick", -5.0, 0.27),
        "snare": Sound("sn_dolf", -8.0, 0.3),
        "clap": Sound("gm:39", -10.0, 0.2),
        "hat": Sound("drum_cymbal_closed", -17.0, 0.12),
        "open": Sound("drum_cymbal_open", -20.0, 0.2),
        "ride": Sound("gm:59", -18.0, 0.5),
        "crash": Sound("drum_cymbal_soft", -10.0, 0.9),
    }
)
"""Sampled from records."""

DUSTY: Kit = (
    PERCUSSION
    | _SOFT_TOMS
    | {
        "kick": Sound("bd_zome", -6.0, 0.3),
        "snare": Sound("sn_zome", -8.0, 0.3),
        "clap": Sound("perc_snap2", -10.0, 0.15),
        "hat": Sound("drum_cymbal_pedal", -16.0, 0.12),
        "open": Sound("drum_cymbal_open", -21.0, 0.2),
        "ride": Sound("gm:51", -19.0, 0.5),
        "crash": Sound("drum_cymbal_soft", -11.0, 0.9),
    }
)
"""Another crate of records."""

MACHINE: Kit = (
    PERCUSSION
    | _SYNTH_TOMS
    | {
        "kick": Sound("bd_808", -4.0, 0.4),
        "snare": Sound("elec_hi_snare", -9.0, 0.2),
        "clap": Sound("gm:39", -8.0, 0.25),
        "hat": Sound("drum_cymbal_closed", -17.0, 0.05),
        "open": Sound("elec_cymbal", -19.0, 0.3),
        "ride": Sound("elec_cymbal", -20.0, 0.25),
        "crash": Sound("elec_chime", -14.0, 1.2),
        "cowbell": Sound("drum_cowbell", -14.0, 0.3),
    }
)
"""A drum machine of the eighties."""

ELECTRO: Kit = (
    PERCUSSION
    | _SYNTH_TOMS
    | {
        "kick": Sound("elec_hollow_kick", -5.0, 0.16),
        "snare": Sound("elec_snare", -8.0, 0.3),
        "clap": Sound("elec_mid_snare", -9.0, 0.25),
        "hat": Sound("drum_cymbal_closed", -18.0, 0.06),
        "open": Sound("drum_cymbal_open", -21.0, 0.15),
        "ride": Sound("elec_cymbal", -20.0, 0.3),
        "crash": Sound("drum_splash_hard", -13.0, 1.0),
        "cowbell": Sound("drum_cowbell", -15.0, 0.3),
    }
)
"""A drier drum machine."""

CLUB: Kit = (
    PERCUSSION
    | _TOMS
    | {
        "kick": Sound("bd_haus", -6.0, 0.22),
        "snare": Sound("sn_generic", -10.0, 0.25),
        "clap": Sound("gm:39", -8.0, 0.25),
        "hat": Sound("drum_cymbal_closed", -16.0, 0.08),
        "open": Sound("drum_cymbal_open", -20.0, 0.15),
        "ride": Sound("gm:59", -18.0, 0.3),
        "crash": Sound("drum_splash_hard", -12.0, 1.2),
    }
)
"""A house kit."""

WAREHOUSE: Kit = CLUB | {
    "kick": Sound("bd_tek", -5.0, 0.24),
    "snare": Sound("sn_dub", -10.0, 0.25),
    "clap": Sound("elec_filt_snare", -11.0, 0.2),
    "hat": Sound("gm:42", -17.0, 0.08),
    "open": Sound("gm:46", -18.0, 0.18),
}
"""A harder house kit."""

LOFT: Kit = CLUB | {
    "kick": Sound("bd_fat", -5.0, 0.24),
    "clap": Sound("perc_snap2", -9.0, 0.15),
    "hat": Sound("drum_cymbal_pedal", -17.0, 0.1),
    "open": Sound("drum_cymbal_open", -19.0, 0.2),
}
"""A warmer house kit."""

TRAP: Kit = (
    PERCUSSION
    | _SYNTH_TOMS
    | {
        "kick": Sound("bd_boom", -5.0, 0.5),
        "snare": Sound("sn_generic", -8.0, 0.35),
        "clap": Sound("gm:39", -8.0, 0.25),
        "hat": Sound("drum_cymbal_closed", -17.0, 0.06),
        "open": Sound("drum_cymbal_open", -20.0, 0.25),
        "ride": Sound("elec_cymbal", -20.0, 0.3),
        "crash": Sound("drum_splash_hard", -12.0, 1.3),
    }
)
"""Long kicks, short hats."""

COAST: Kit = TRAP | {
    "kick": Sound("bd_klub", -5.0, 0.36),
    "snare": Sound("elec_snare", -9.0, 0.3),
    "clap": Sound("elec_filt_snare", -10.0, 0.25),
    "hat": Sound("gm:42", -17.0, 0.06),
}
"""West-coast machine drums."""

HEAVY: Kit = (
    PERCUSSION
    | _TOMS
    | {
        "kick": Sound("bd_gas", -4.0, 0.42),
        "snare": Sound("elec_lo_snare", -8.0, 0.4),
        "clap": Sound("perc_impact2", -9.0, 0.35),
        "hat": Sound("drum_cymbal_closed", -17.0, 0.1),
        "open": Sound("drum_cymbal_open", -19.0, 0.3),
        "ride": Sound("gm:51", -18.0, 0.4),
        "crash": Sound("drum_cymbal_hard", -10.0, 1.4),
    }
)
"""Drums to stamp to."""

STEEL: Kit = HEAVY | {
    "kick": Sound("bd_mehackit", -5.0, 0.45),
    "snare": Sound("sn_dub", -8.0, 0.28),
    "clap": Sound("gm:39", -8.0, 0.25),
    "hat": Sound("elec_twip", -20.0, 0.08),
}
"""The same, made of metal."""

DISCO: Kit = STUDIO | {
    "kick": Sound("bd_zum", -6.0, 0.13),
    "snare": Sound("drum_snare_soft", -8.0, 0.25),
    "hat": Sound("drum_cymbal_pedal", -16.0, 0.12),
    "open": Sound("drum_cymbal_open", -17.0, 0.22),
}
"""Damped drums, loud hi-hats."""

ACOUSTIC_FILLS: dict[str, tuple[Groove, ...]] = {
    "small": (
        {"kick": "............X...", "snare": "............X.oo"},
        {"kick": "............X...", "snare": "............xoxo"},
        {"kick": "............X...", "snare": "............X...", "tom_high": "..............xo"},
        {"kick": "............X...", "tom_mid": "............x.x.", "tom_low": ".............o.o"},
    ),
    "large": (
        {"kick": "........X...X...", "snare": "........X.ooxoxo"},
        {
            "kick": "........X...X...",
            "snare": "........X.oo....",
            "tom_high": "............X.o.",
            "tom_low": "..............oo",
        },
        {
            "kick": "........X...X...",
            "snare": "........xo......",
            "tom_high": "..........xo....",
            "tom_mid": "............xo..",
            "tom_low": "..............xo",
        },
        {"kick": "........X...X.X.", "snare": ".........x.x.x.x", "hat": "........x...x..."},
    ),
}
"""Snare and toms."""

MACHINE_FILLS: dict[str, tuple[Groove, ...]] = {
    "small": (
        {"kick": "............X...", "clap": "............X.oo"},
        {"kick": "............X.x.", "snare": "............xrrr"},
        {"kick": "............X...", "tom_high": "............x.o.", "tom_low": ".............o.x"},
        {"kick": "............X...", "cowbell": "............xoxo"},
    ),
    "large": (
        {"kick": "........X...X...", "clap": "........x.o.X.oo", "tom_mid": "........x...x.o."},
        {"kick": "........X...X...", "snare": "........x.x.xrrr"},
        {
            "kick": "........X...X...",
            "tom_high": "........xo......",
            "tom_mid": "..........xo....",
            "tom_low": "............xoxo",
        },
        {"kick": "........X..xX..x", "snare": "..........x...x.", "clap": "............X..."},
    ),
}
"""Claps, rolls and electronic toms."""
