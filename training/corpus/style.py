"""How a genre is danced: its moves, its groove, its easing and its accents."""

from __future__ import annotations

from dataclasses import dataclass

from .moves import Move


@dataclass(frozen=True)
class Style:
    """How a genre is danced.

    Attributes:
        moves: its vocabulary.
        groove: what the body does beside the moves on one beat after the other, as keys' words.
        hold: how long a hit is held: 0 flows evenly from beat to beat, more moves ever later and quicker.
        rebound: how far a hit springs back, as a share of the movement into it.
        size: of the movement at full energy.
        accents: how much larger the movement is on one beat after the other, as the drums are louder.
        paces: shares of phrases danced at half, single and double pace.
        syncopation: chance that what falls on a weak beat comes half a beat early.
        first_arms: words for arms that a dance may begin with.
        arms_spread_s: how far the arms are off the body's hits: standard deviation in seconds.
        roaming: how far a step goes across the floor in passing: standard deviation in leg lengths.
    """

    moves: tuple[Move, ...]
    groove: tuple[str, ...]
    hold: float
    rebound: float
    size: float
    accents: tuple[float, ...]
    paces: tuple[float, float, float]
    syncopation: float
    first_arms: tuple[str, ...]
    arms_spread_s: float
    roaming: float
