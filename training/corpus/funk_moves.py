"""The moves of funk styles: pop, lock and waack. moves.py explains the texts."""

from .moves import moves
from .style import Style

POP = Style(
    moves=moves("""
4: 0 chest a=goal | 1 buck a=hook | 2 chest l=goal r=hook twistL | 3 chest l=hook r=goal twistR
4: 0 l=wave_up shoulderL lookL | 0.5 l=wave_down chest | 1 r=wave_up shoulderR cave |
   1.5 r=wave_down lookR | 2 chest a=head | 3 a=fold buck
2: 0 l=fold r=roof chest | 0.5 l=goal r=fold | 1 l=head r=hook buck | 1.5 l=roof r=fold
4: 0 L>out twistR a=fold lookL | 1 twistL lookR l=goal r=fold w=R | 2 L>home chest a=roof | 3 hold
4: 0 turn-45 L>home R>home a=goal | 0.5 buck | 1 turn+90 L>home R>home l=hook r=goal | 1.5 chest |
   2 turn-45 L>home R>home a=hook | 3 a=fold buck
2: 0 chest tiltL l=reach | 0.5 cave | 1 chest tiltR r=reach l=hook | 1.5 cave
4: 0 hipL bendR a=wing | 0.5 twistL | 1 hipR bendL a=out | 2 L.in chest l=fold r=out lookR | 3 hold
4: 0 l=reach chest | 0.5 l=over r=reach | 1 l=lift r=over | 1.5 l=fold r=lift chest | 2 a=goal buck |
   3 a=collar cave
4: 0 L>fdiag drop l=point r=hook lookL | 1 L>home chest l=hook r=point lookR | 2 drop twistL a=fold |
   3 twistR a=roof
4: 0 shoulderL a=wing | 0.5 shoulderR | 1 shoulderL chest | 2 R>home L>out bendL l=out r=head | 3 hold
2: 0 L.heel tiltL a=elbows buck | 1 L>home a=fold chest
4: 0 cave nod a=lock | 1 chest up a=lock | 2 twistL a=goal w=L | 2.5 twistR w=R | 3 buck w=m a=hook
4: 0 turnL drop l=wave_up r=wave_down | 0.5 turnR r=wave_up l=wave_down | 1 turnL l=wave_up r=wave_down |
   2 L>wide lungeL l=reach r=elbows | 3 L>home chest a=head
"""),
    groove=("", ""),
    hold=2.0,
    rebound=0.08,
    size=1.15,
    accents=(0.92, 1.12, 0.92, 1.12),
    paces=(0.15, 0.6, 0.25),
    syncopation=0.12,
    first_arms=("a=bent", "a=hook", "a=loose"),
    arms_spread_s=0.01,
    roaming=0.05,
)
"""Popping: hits that are held, chest and angular arms; the feet hardly move."""

LOCK = Style(
    moves=moves("""
2: 0 sit a=lock nod | 1 hold
4: 0 L>home l=point r=hip lookL up | 1 sit a=lock nod | 2 R>home r=point l=hip lookR up | 3 sit a=lock nod
4: 0 a=twirl rise up | 0.5 a=twirl shrug | 1 a=elbows sit | 2 l=uncle r=hip L>front lean lookL |
   3 L>home sit a=lock
4: 0 L^kick back a=elbows | 0.5 L>home drop | 1 R^kick back a=elbows | 1.5 R>home drop |
   2 sit a=lock L>out | 3 hold
2: 0 a=clap drop | 0.5 a=spread rise | 1 a=clap drop L>out
4: 0 L>out l=uncle r=uncle lean | 0.5 a=elbows | 1 l=uncle r=uncle bendL | 2 sit a=lock L>home nod | 3 hold
4: 0 L>front go=0,0.2 l=pump r=bent | 1 R>front go=0,0.2 r=pump l=bent | 2 L>home sit a=lock | 3 hold
4: 0 L^knee a=clap_high lean | 0.5 L>home drop a=wing | 1 R^knee a=clap_high lean | 1.5 R>home drop a=wing |
   2 l=point r=lock L>out lookL | 3 sit L>home a=lock nod
4: 0 a=twirl up | 1 a=clap drop | 1.5 a=clap | 2 R>out r=point l=hip lookR bendL | 3 hold
4: 0 L>wide lungeL l=over r=spread | 1 sit w=m a=lock | 2 R>wide lungeR r=over l=spread |
   3 sit w=m a=lock L>home R>home
4: 0 L>xfront l=uncle r=hip turn+60 | 1 R>home a=twirl rise turn+120 | 2 L>home turn+120 a=twirl |
   3 R>home turn+60 sit a=lock nod
2: 0 l=twirl r=lock lookL | 0.5 l=lock r=twirl lookR | 1 sit a=lock nod
4: 0 L^kick lean l=uncle r=uncle | 0.5 L>back sit a=lock | 1.5 hold | 2 L>home rise a=twirl up |
   3 a=clap drop
"""),
    groove=("drop", "rise"),
    hold=0.9,
    rebound=0.1,
    size=1.15,
    accents=(0.92, 1.12, 0.92, 1.12),
    paces=(0.1, 0.7, 0.2),
    syncopation=0.15,
    first_arms=("a=lock", "a=hip", "a=bent"),
    arms_spread_s=0.012,
    roaming=0.1,
)
"""Locking: points, claps and wrist twirls that stop dead in the lock."""

WAACK = Style(
    moves=moves("""
2: 0 l=goal r=hip L.in hipR | 0.5 l=fold | 1 l=hook hipL | 1.5 l=out
2: 0 a=goal chest | 0.5 a=fold | 1 a=whip | 1.5 a=out
4: 0 l=strike r=hip lookL hipR | 0.5 l=fold | 1 l=strike | 1.5 l=whip | 2 r=strike l=hip lookR hipL |
   2.5 r=fold | 3 r=strike | 3.5 r=whip
4: 0 l=whip r=goal L.fdiag | 0.5 l=goal r=whip | 1 l=fold r=out | 1.5 l=out r=fold | 2 a=strike arch L>out |
   3 a=whip bendR hipL | 3.5 a=fold
2: 0 l=hook r=whip twistL | 0.5 l=whip r=hook twistR | 1 l=hook r=strike twistL | 1.5 l=out r=fold
4: 0 a=strike up L>out | 0.5 a=second | 1 a=sweep hipL | 1.5 a=fold | 2 a=whip chest | 2.5 a=strike |
   3 a=fold hipR | 3.5 a=sweep L>home
4: 0 L>front go=0,0.12 hipL l=strike r=trail | 0.5 l=fold | 1 R>front go=0,0.12 hipR r=strike l=trail |
   1.5 r=fold | 2 L.in a=whip arch | 3 a=goal hipR | 3.5 a=hook
2: 0 a=roof slantL | 0.5 a=whip | 1 a=strike slantR L>out | 1.5 a=whip
4: 0 L>home turn+120 R>home l=strike r=fold | 1 L>home R>home turn+120 a=fold | 1.5 a=out |
   2 L>home R>home turn+120 r=strike l=hip | 3 a=whip hipL lookR | 3.5 a=strike
4: 0 L>wide lungeL l=long r=strike | 0.5 r=fold | 1 r=whip arch | 2 w=R lungeR r=long l=strike |
   2.5 l=fold | 3 L>home l=whip hipR
2: 0 l=out r=goal hipL | 0.5 l=whip r=fold | 1 l=goal r=out hipR | 1.5 l=strike r=sweep
4: 0 l=collar r=hip tiltL | 1 l=strike arch lookL | 1.5 l=whip | 2 l=hook r=hook hipR | 2.5 a=fold |
   3 a=strike | 3.5 a=whip
"""),
    groove=("", ""),
    hold=0,
    rebound=0,
    size=1.15,
    accents=(1.15, 0.92, 1.05, 0.92),
    paces=(0.1, 0.9, 0.0),
    syncopation=0.05,
    first_arms=("a=hip", "a=goal", "l=strike r=hip"),
    arms_spread_s=0.02,
    roaming=0.06,
)
"""Waacking: the arms circle and strike on every half-beat above poses that hardly travel."""
