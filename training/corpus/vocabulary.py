"""The moves of each genre. Texts are explained in moves.py; a mirrored copy of each comes by itself."""

from __future__ import annotations

from dataclasses import dataclass

from .grid import GENRES
from .moves import Move, moves


@dataclass(frozen=True)
class Style:
    """How a genre is danced.

    Attributes:
        moves: its vocabulary.
        groove: what the body does beside the moves on every odd and every even beat, as keys' words.
        hold: how long a hit is held: 0 flows evenly from beat to beat, more moves ever later and quicker.
        rebound: how far a hit springs back, as a share of the movement into it.
        size: of the movement at full energy.
        first_arms: arms that a dance may begin with.
        arms_spread_s: how far the arms are off the body's hits: standard deviation in seconds.
        roaming: how far a step goes across the floor in passing: standard deviation in leg lengths.
    """

    moves: tuple[Move, ...]
    groove: tuple[str, str]
    hold: float
    rebound: float
    size: float
    first_arms: tuple[str, ...]
    arms_spread_s: float
    roaming: float


SALSA = Style(
    moves=moves("""
4: 0 L>front hipL a=frame | 0.5 R>home hipR | 1 L>home hipL twistR | 2 R>back hipR |
   2.5 L>home hipL | 3 R>home hipR twistL
4: 0 L>out hipL l=open r=frame | 0.5 R>home hipR | 1 L>home rollL a=frame | 2 R>out hipR r=open |
   2.5 L>home hipL | 3 R>home rollR a=frame
4: 0 L>back hipL l=open lookL | 0.5 R>home hipR l=frame | 1 L>home hipL |
   2 R>back hipR r=open lookR | 2.5 L>home hipL r=frame | 3 R>home hipR
4: 0 L>xback twistL hipL l=wing r=cross | 0.5 R>home hipR | 1 L>home hipL a=frame |
   2 R>xback twistR hipR r=wing l=cross | 2.5 L>home hipL | 3 R>home hipR a=frame
4: 0 L>front hipL a=frame | 0.5 R>home turn-90 hipR r=roof | 1 L>home turn-90 hipL |
   2 R>home turn-90 hipR l=open | 2.5 L>home turn-90 hipL | 3 R>home hipR a=frame
4: 0 L>front hipL l=roof | 0.5 R>home hipR turn+60 | 1 L>home hipL turn+120 r=wing |
   2 R>back hipR turn+120 l=frame | 2.5 L>home hipL turn+60 | 3 R>home hipR a=frame
4: 0 L>fdiag hipL l=point twistR go=0.05,0.12 | 0.5 R>home hipR | 1 L>home rollL a=frame |
   2 R>bdiag hipR r=point twistL go=-0.05,-0.12 | 2.5 L>home hipL | 3 R>home rollR a=frame
2: 0 L>out rollL a=open bendR | 0.5 R>home hipR | 1 L>home rollL l=frame
4: 0 L>home rollL l=head | 0.5 R>home rollR | 1 L>home rollL r=hip | 2 R>home rollR chest |
   2.5 L>home rollL | 3 R>home rollR a=frame shoulderL
4: 0 L>xfront hipL turn-40 a=ahead | 0.5 R>home hipR | 1 L>out hipL turn+40 a=frame |
   2 R>xfront hipR turn+40 a=ahead | 2.5 L>home hipL | 3 R>out hipR turn-40 a=frame
4: 0 L>out hipL shoulderL a=spread | 0.5 shoulderR | 1 shoulderL drop w=m |
   2 R>out hipR shoulderR chest | 2.5 shoulderL | 3 R>home hipR a=frame drop
4: 0 L^kick r=ahead l=behind lean | 0.5 L>back hipL | 1 R>home hipR a=frame | 2 L>front hipL l=roof |
   2.5 R>home hipR turn+180 | 3 L>home turn+180 hipL a=frame
"""),
    groove=("", ""),
    hold=0.0,
    rebound=0.0,
    size=1.35,
    first_arms=("frame", "open", "bent"),
    arms_spread_s=0.045,
    roaming=0.2,
)

HOUSE = Style(
    moves=moves("""
2: 0 drop pull a=bent | 0.5 rise push | 1 drop pull L>out | 1.5 rise push R>home
4: 0 L>out drop a=wing | 0.5 R>xback rise | 1 L>out drop a=bent | 1.5 R>home rise |
   2 R>out drop a=wing | 2.5 L>xback rise | 3 R>out drop a=bent | 3.5 L>home rise
2: 0 L>front drop l=behind r=ahead | 0.5 R>home rise | 1 L>back drop l=ahead r=behind |
   1.5 R>home rise
4: 0 L^knee drop r=ahead l=behind | 0.5 L>home rise | 1 R^knee drop l=ahead r=behind |
   1.5 R>home rise | 2 L^kick deep a=bent | 2.5 L>home rise | 3 R^kick deep | 3.5 R>home rise
4: 0 L>xfront twistR drop l=cross r=wing | 0.5 R>out rise | 1 L>xback twistL drop l=wing r=cross |
   1.5 R>out rise | 2 L>home drop a=bent | 3 R>home deep a=open
2: 0 L.heel drop back a=bent | 0.5 L>home rise | 1 R.heel drop back | 1.5 R>home rise
4: 0 L>out hipL turn+90 drop l=wing | 1 R>home turn+90 rise r=roof |
   2 L>out hipL turn+90 drop l=wing | 3 R>home turn+90 drop a=bent
4: 0 L>wide lungeL r=high bendL | 1 w=m drop a=wave_up | 2 R>wide lungeR l=high bendR |
   3 R>home L>home drop a=bent
4: 0 a=wave_up drop | 0.5 a=wave_down rise | 1 a=wave_up drop hipL | 1.5 a=wave_down rise |
   2 l=roof r=wave_up hipR drop | 3 r=roof l=wave_up hipL drop
2: 0 L>fdiag hipL drop a=open go=0.06,0.08 | 0.5 R>home rise |
   1 L>bdiag hipL drop a=heart go=-0.06,-0.08 | 1.5 R>home rise
4: 0 L^flick lean a=behind drop | 0.5 L>home rise | 1 R^flick lean drop | 1.5 R>home rise |
   2 L^side bendR a=wing drop | 2.5 L>home rise | 3 R^side bendL drop | 3.5 R>home rise a=bent
4: 0 deep cave a=heart | 1 rise chest a=spread | 2 deep cave L>out a=cross |
   3 rise chest R>home a=vee
"""),
    groove=("pull drop", ""),
    hold=0.0,
    rebound=0.0,
    size=1.3,
    first_arms=("bent", "loose", "ahead"),
    arms_spread_s=0.03,
    roaming=0.1,
)

HIPHOP = Style(
    moves=moves("""
2: 0 L>out deep bendL l=punch r=guard | 1 R>home drop a=guard nod
2: 0 drop nod a=guard w=L hipL | 1 deep nod w=R hipR
4: 0 L>out deep a=hook | 1 rise chest a=goal | 2 R>home deep a=cross | 3 rise chest a=spread
4: 0 L>front drop l=punch r=bent twistR | 1 L>home drop r=punch l=bent twistL | 2 L>wide low a=dig |
   3 R>home L>home rise a=guard up
4: 0 l=wave_up shoulderL lookL | 0.5 l=wave_down chest | 1 r=wave_up shoulderR |
   1.5 r=wave_down lookR | 2 deep cave a=heart | 3 L>out rise chest a=wing
4: 0 L^knee l=pump r=guard drop | 0.5 L>home deep | 1 R^knee r=pump l=guard drop | 1.5 R>home deep |
   2 L>wide lungeL a=open lookL | 3 w=R lungeR a=over lookR
2: 0 L>xfront twistR drop a=cross | 1 R>out twistL deep a=pulled
4: 0 L>out bendL deep l=hip r=over | 1 w=R bendR l=hip r=high | 2 chest a=goal | 2.5 cave a=heart |
   3 deep a=punch L>home
4: 0 a=clap drop | 1 L>out a=spread deep | 1.5 a=clap rise | 2 R>out a=clap_high |
   3 L>home R>home a=guard low
4: 0 L^kick back a=pulled | 0.5 L>home drop | 1 R>xback twistR l=cross r=wing |
   2 L>out turn+180 deep a=wing | 3 R>home turn+180 low a=guard
2: 0 shoulderL tiltL drop | 0.5 shoulderR tiltR | 1 shoulderL tiltL deep w=m
4: 0 low L>wide a=dig | 1 low bendL w=L l=spread | 2 low bendR w=R r=spread |
   3 rise R>home L>home a=vee up
4: 0 L>front push l=reach r=pulled lookL | 1 pull l=pulled r=reach | 2 L>back deep a=heart |
   3 R>home rise a=open chest
"""),
    groove=("drop nod", ""),
    hold=0.3,
    rebound=0.05,
    size=1.35,
    first_arms=("guard", "loose", "bent"),
    arms_spread_s=0.012,
    roaming=0.1,
)

POP = Style(
    moves=moves("""
2: 0 L>out hipL a=clap | 1 R>in hipR a=wing | 1.5 a=bent
4: 0 L>out hipL l=high r=hip | 1 R.in hipL bendL | 2 R>out hipR r=high l=hip | 3 L.in hipR bendR
4: 0 L>front l=reach r=behind drop | 0.5 R>front r=reach l=behind |
   1 L>front l=reach r=behind go=0,0.18 | 1.5 R.in a=clap | 2 R>back drop a=bent | 2.5 L>back |
   3 R>back go=0,-0.18 | 3.5 L.in a=clap
4: 0 a=vee rise up | 1 a=goal drop | 2 a=heart deep | 3 a=spread chest L>out
4: 0 L>out twistR l=point r=hip lookL | 1 w=R twistL l=cross r=hip | 2 L>home l=point hipL |
   3 R>home a=loose drop
4: 0 L>xfront r=wing l=cross | 1 R>out a=goal hipR | 2 L>xback l=wing r=cross |
   3 R>out L>home a=clap_high
4: 0 L>home turn+90 a=spread | 1 R>home turn+90 a=roof | 2 L>home turn+90 a=spread |
   3 R>home turn+90 a=clap drop
2: 0 l=pump r=hip hipL drop | 1 l=roof hipR
4: 0 L^kick back a=pulled | 1 L>home drop a=bent | 2 R^kick back a=pulled | 3 R>home drop a=clap
4: 0 a=wave_up hipL | 0.5 a=wave_down hipR | 1 a=wave_up hipL drop | 2 l=high r=wing bendR |
   3 r=high l=wing bendL
2: 0 L.fdiag l=point r=hip bendR | 1 L>home l=dig hipL drop
4: 0 L>wide lungeL l=over r=out | 1 w=R lungeR r=over l=out | 2 R>home L>home a=high rise |
   3 deep a=hip
4: 0 shoulderL hipL a=hip | 0.5 shoulderR | 1 shoulderL hipR | 2 L>out chest a=head |
   3 R>home drop a=reach
4: 0 L^side bendR a=out | 1 L>home drop a=cross | 2 R^side bendL a=out | 3 R>home drop a=goal
"""),
    groove=("drop", ""),
    hold=0.2,
    rebound=0.05,
    size=1.3,
    first_arms=("bent", "hip", "loose"),
    arms_spread_s=0.015,
    roaming=0.1,
)

STYLES: dict[str, Style] = dict.fromkeys(GENRES, POP) | {
    "salsa": SALSA,
    "house": HOUSE,
    "middle_hiphop": HIPHOP,
}
