"""The moves of the hip-hop dances and of house. moves.py explains the texts."""

from .moves import moves
from .style import Style

BREAK = Style(
    moves=moves("""
2: 0 L>xfront drop twistR a=cross | 0.5 R>home rise a=spread | 1 R>xfront drop twistL a=cross |
   1.5 L>home rise a=spread
4: 0 L>xfront drop twistR l=cross r=spread | 1 L>out R>home rise a=spread up |
   2 R>xfront drop twistL r=cross l=spread | 3 R>out L>home rise a=collar
2: 0 L^kick back a=pulled | 0.5 L>xback drop a=cross | 1 R>out drop a=spread bendR | 1.5 L>home rise
4: 0 L>front drop a=sweep | 0.5 R>home rise | 1 L^stub drop bendL a=spread | 1.5 L>home drop a=cross |
   2 R^stub drop bendR a=spread | 2.5 R>home drop | 3 L>home deep a=elbows
4: 0 crouch L>under a=floor twistR | 0.5 crouch R>back r=floor l=spread | 1 crouch L>back a=floor |
   1.5 crouch R>far r=spread l=floor | 2 crouch R>under a=floor twistL | 2.5 crouch L>far l=spread r=floor |
   3 deep L>home R>home a=cross
4: 0 crouch L>back a=floor | 0.5 crouch R>back L>home a=floor | 1 crouch R>home L>back a=floor |
   1.5 crouch R>back L>home a=floor | 2 crouch L>far a=floor bendR | 2.5 crouch L>home R>far a=floor bendL |
   3 deep R>home a=cross up
4: 0 crouch L>home r=floor l=spread w=L bendR | 1 crouch R^side r=floor l=strike bendR lookL | 2 hold |
   3 drop R>home a=cross
4: 0 deep a=spread L>out | 0.5 crouch a=floor R>home | 1 crouch l=strike r=floor L^line w=R | 1.5 hold |
   2 hold | 3 crouch L>home a=floor
4: 0 crouch a=floor turn+60 L>under | 0.5 crouch R>far turn+60 l=floor r=spread |
   1 crouch L>home turn+60 a=floor | 1.5 crouch R>under turn+60 r=floor l=spread |
   2 crouch L>far turn+60 a=floor | 2.5 crouch R>home turn+60 a=floor | 3 drop L>home a=spread up
4: 0 R>wide sit a=cross up | 1 hold | 2 L>xback drop turn+180 a=spread | 3 R>home turn+180 sit a=collar
2: 0 L^knee drop l=sweep r=collar | 0.5 L>home rise | 1 R^flick lean a=spread | 1.5 R>home rise a=cross
4: 0 crouch L>wide a=floor w=L bendL | 1 crouch a=floor w=R bendR r=spread | 2 sit L>home a=collar lookL |
   3 hold
"""),
    groove=("", ""),
    hold=0,
    rebound=0.05,
    size=1.3,
    accents=(1.15, 0.92, 1.05, 0.92),
    paces=(0.05, 0.7, 0.25),
    syncopation=0.08,
    first_arms=("a=cross", "a=loose", "a=spread"),
    arms_spread_s=0.02,
    roaming=0.12,
)
"""Breaking: top rock, footwork on hands and feet, freezes."""

MIDDLE_HIPHOP = Style(
    moves=moves("""
2: 0 L>out deep bendL l=punch r=guard | 1 R>home drop a=guard nod
2: 0 drop nod a=guard w=L hipL | 1 deep nod w=R hipR
4: 0 L>out deep a=hook | 1 rise chest a=goal | 2 R>home deep a=cross | 3 rise chest a=spread
4: 0 L>front drop l=punch r=bent twistR | 1 L>home drop r=punch l=bent twistL | 2 L>wide low a=dig |
   3 R>home L>home rise a=guard up
4: 0 l=wave_up shoulderL lookL | 0.5 l=wave_down chest | 1 r=wave_up shoulderR | 1.5 r=wave_down lookR |
   2 deep cave a=heart | 3 L>out rise chest a=wing
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
4: 0 low L>wide a=dig | 1 low bendL w=L l=spread | 2 low bendR w=R r=spread | 3 rise R>home L>home a=vee up
4: 0 L>front push l=reach r=pulled lookL | 1 pull l=pulled r=reach | 2 L>back deep a=heart |
   3 R>home rise a=open chest
"""),
    groove=("drop nod", "drop nod"),
    hold=0.3,
    rebound=0.05,
    size=1.3,
    accents=(0.92, 1.12, 0.92, 1.12),
    paces=(0.1, 0.45, 0.45),
    syncopation=0.08,
    first_arms=("a=guard", "a=loose", "a=bent"),
    arms_spread_s=0.012,
    roaming=0.1,
)
"""Middle hip-hop: a bounce on every beat below big, loose moves."""

LA_HIPHOP = Style(
    moves=moves("""
2: 0 L>wide low l=heart r=spread | 0.75 r=over chest | 1 w=R bendR l=head r=hip | 1.5 cave a=heart
4: 0 shoulderL l=collar | 0.5 shoulderR r=collar | 0.75 chest | 1 cave a=dig L>out |
   2 deep l=slice r=hip lookL | 2.5 l=over | 3 bendR a=fold R>home
4: 0 L>out sit a=dig nod | 0.5 bendL r=slice | 1.5 chest a=collar up | 2 twistL l=cross r=elbows |
   2.75 twistR r=cross l=elbows | 3.5 R>home cave
2: 0 tiltL l=head | 0.5 tiltR r=head l=heart | 1 deep a=slice | 1.5 rise a=collar shrug
4: 0 L>fdiag lungeL l=slice r=elbows lookL | 0.5 chest | 1 L>home l=dig r=heart | 1.75 buck |
   2 R>bdiag twistR a=over | 2.5 twistL a=spread | 3 R>home low a=dig
4: 0 hipL l=hip r=head | 0.5 hipR | 0.75 hipL | 1.5 chest a=heart | 2 low L>wide a=sweep |
   3 bendL l=sweep r=roof
2: 0 L.heel lean l=dig r=slice | 0.5 L>home cave | 1.5 chest a=elbows up
4: 0 turn+90 L>home R>out deep a=cross | 0.5 a=spread | 1 bendR a=fold |
   2 turn-90 L>home R>home sit a=slice | 2.5 r=heart | 3.5 l=heart cave
4: 0 slantL l=roof r=wing | 0.5 slantR r=roof l=wing | 1.5 low w=m a=dig | 2 rise L>xback twistL a=spread |
   3 R>out deep a=collar
2: 0 push a=hip | 0.5 pull | 0.75 push chest | 1 lungeL L>out l=over r=hip | 1.5 cave
4: 0 L^stub l=slice r=collar back | 0.5 L>out deep | 1 R^knee a=heart cave | 1.5 R>wide low a=spread |
   2.5 bendR r=dig l=head | 3 R>home L>home a=slice
4: 0 a=heart cave | 0.5 l=slice chest | 0.75 r=slice | 1 a=dig low L>out | 2 hold |
   3 rise R>home a=elbows buck
"""),
    groove=("nod", ""),
    hold=1.1,
    rebound=0.06,
    size=1.2,
    accents=(0.92, 1.12, 0.92, 1.12),
    paces=(0.2, 0.65, 0.15),
    syncopation=0.3,
    first_arms=("a=heart", "a=hip", "a=dig"),
    arms_spread_s=0.01,
    roaming=0.1,
)
"""LA-style hip-hop: sharp, small isolations and hands in quick, syncopated succession."""

KRUMP = Style(
    moves=moves("""
2: 0 L^knee brace a=swung | 0.5 L>out deep a=smash | 1 R^knee brace a=swung | 1.5 R>out deep a=smash
2: 0 buck a=elbows | 0.5 brace a=heart | 1 buck a=elbows w=L | 1.5 brace a=heart
4: 0 L>wide low l=swung r=elbows | 0.5 l=smash twistR | 1 r=swung l=elbows | 1.5 r=smash twistL |
   2 buck a=spread up | 3 brace a=dig nod
4: 0 l=punch r=elbows twistR brace | 0.5 r=punch l=elbows twistL | 1 l=punch r=elbows twistR |
   2 L^knee a=swung | 2.5 L>front low a=smash | 3 L>home buck a=elbows
4: 0 buck a=elbows | 0.75 buck a=spread | 1.5 brace a=smash L>wide | 2 R^knee bendL r=swung |
   2.5 R>out low a=smash | 3.5 buck a=elbows
2: 0 L>fdiag lungeL l=swung r=elbows | 0.5 l=smash low | 1 L>home buck a=elbows | 1.5 brace
4: 0 L^stub r=swung l=elbows lean | 0.5 L>wide deep r=smash | 1 buck a=spread up |
   2 R^stub l=swung r=elbows lean | 2.5 R>wide deep l=smash | 3 buck a=elbows
4: 0 a=swung arch up | 1 a=smash low L>out | 1.5 buck a=elbows | 2 a=swung arch w=R | 3 a=smash low R>home
4: 0 L>out turn+90 l=swung deep | 0.5 l=smash R>home low | 1 buck a=elbows | 2 R>out turn-90 r=swung deep |
   2.5 r=smash L>home low | 3 buck a=spread
2: 0 twistL l=elbows r=over brace | 0.5 twistR r=elbows l=over | 1 L^knee buck a=spread |
   1.5 L>wide low a=smash
4: 0 low a=dig L>wide | 0.5 brace bendL | 1 low bendR | 1.5 buck up a=spread | 2 hold |
   3 brace a=smash L>home
2: 0 R^knee l=punch r=elbows | 0.5 R>front deep l=elbows r=punch | 1 R>home buck a=spread | 1.5 brace nod
"""),
    groove=("brace", "brace"),
    hold=0.6,
    rebound=0.12,
    size=1.3,
    accents=(1.15, 0.92, 1.05, 0.92),
    paces=(0.05, 0.75, 0.2),
    syncopation=0.12,
    first_arms=("a=elbows", "a=dig", "a=heart"),
    arms_spread_s=0.015,
    roaming=0.14,
)
"""Krump: stomps, chest pops, arm swings and jabs out of a bent stance."""

HOUSE = Style(
    moves=moves("""
2: 0 drop pull a=bent | 0.5 rise push | 1 drop pull L>out | 1.5 rise push R>home
4: 0 L>out drop a=wing | 0.5 R>xback rise | 1 L>out drop a=bent | 1.5 R>home rise | 2 R>out drop a=wing |
   2.5 L>xback rise | 3 R>out drop a=bent | 3.5 L>home rise
2: 0 L>front drop l=behind r=ahead | 0.5 R>home rise | 1 L>back drop l=ahead r=behind | 1.5 R>home rise
4: 0 L^knee drop r=ahead l=behind | 0.5 L>home rise | 1 R^knee drop l=ahead r=behind | 1.5 R>home rise |
   2 L^kick deep a=bent | 2.5 L>home rise | 3 R^kick deep | 3.5 R>home rise
4: 0 L>xfront twistR drop l=cross r=wing | 0.5 R>out rise | 1 L>xback twistL drop l=wing r=cross |
   1.5 R>out rise | 2 L>home drop a=bent | 3 R>home deep a=open
2: 0 L.heel drop back a=bent | 0.5 L>home rise | 1 R.heel drop back | 1.5 R>home rise
4: 0 L>out hipL turn+90 drop l=wing | 1 R>home turn+90 rise r=roof | 2 L>out hipL turn+90 drop l=wing |
   3 R>home turn+90 drop a=bent
4: 0 L>wide lungeL r=high bendL | 1 w=m drop a=wave_up | 2 R>wide lungeR l=high bendR |
   3 R>home L>home drop a=bent
4: 0 a=wave_up drop | 0.5 a=wave_down rise | 1 a=wave_up drop hipL | 1.5 a=wave_down rise |
   2 l=roof r=wave_up hipR drop | 3 r=roof l=wave_up hipL drop
2: 0 L>fdiag hipL drop a=open go=0.06,0.08 | 0.5 R>home rise | 1 L>bdiag hipL drop a=heart go=-0.06,-0.08 |
   1.5 R>home rise
4: 0 L^flick lean a=behind drop | 0.5 L>home rise | 1 R^flick lean drop | 1.5 R>home rise |
   2 L^side bendR a=wing drop | 2.5 L>home rise | 3 R^side bendL drop | 3.5 R>home rise a=bent
4: 0 deep cave a=heart | 1 rise chest a=spread | 2 deep cave L>out a=cross | 3 rise chest R>home a=vee
"""),
    groove=("pull drop", ""),
    hold=0,
    rebound=0,
    size=1.3,
    accents=(1.0,),
    paces=(0.05, 0.4, 0.55),
    syncopation=0.0,
    first_arms=("a=bent", "a=loose", "a=ahead"),
    arms_spread_s=0.03,
    roaming=0.12,
)
"""House: jacking and quick steps on half-beats."""
