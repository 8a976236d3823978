"""The moves of jazz dances, waltz and salsa. moves.py explains the texts."""

from .moves import moves
from .style import Style

STREET_JAZZ = Style(
    moves=moves("""
4: 0 L>front go=0,0.2 swingL l=trail r=hip | 1 R>front go=0,0.2 swingR r=trail l=hip |
   2 L>out swingL a=head up | 3 swingR w=R l=sweep r=head
2: 0 L>out swingL l=strike r=hip lookL | 1 swingR w=R l=hip r=strike lookR
4: 0 L^line back a=second | 0.5 L>home drop a=collar | 1 R>xback twistR a=second |
   2 L>out lungeL l=high r=hip | 3 w=R slantR r=high l=sweep
4: 0 L>front toes a=fifth | 1 R>home turn+180 toes a=first | 2 L>home turn+180 a=first |
   3 R>out lungeR r=long l=trail lookR
4: 0 swingL a=hip L>out | 0.5 swingR | 1 swingL | 2 slantL l=fifth r=sweep | 3 R>home hinge a=sweep
2: 0 L>xfront twistL a=second | 1 R>out swingR l=head r=strike
4: 0 L>wide lungeL l=long r=trail lookL | 1 hold | 2 L>home rise r=collar l=hip swingR |
   3 swingL shrug a=head
4: 0 R^beside slantL a=second | 1 R>xfront drop a=cross | 2 L>out turn-180 a=strike |
   3 R>home turn-180 swingR a=hip
4: 0 hinge a=sweep L>wide | 1 arch a=head up | 2 slantL w=L l=sweep r=fifth | 3 slantR w=R r=sweep l=fifth
2: 0 L^kick back l=trail r=trail | 0.5 L>home drop | 1 R>out swingR a=collar | 1.5 chest
4: 0 L>out go=0.15,0 swingL a=second | 0.5 R>in | 1 L>out go=0.15,0 swingL a=second |
   2 R>home a=fifth toes up | 3 sit turnL l=hip r=sweep lookR
4: 0 r=slice l=hip swingL | 0.5 r=head | 1 l=slice r=hip swingR | 1.5 l=head | 2 L>back lean a=long |
   3 L>home arch a=sweep
"""),
    groove=("tall", ""),
    hold=0.4,
    rebound=0.03,
    size=1.2,
    accents=(1.15, 0.92, 1.05, 0.92),
    paces=(0.15, 0.75, 0.1),
    syncopation=0.1,
    first_arms=("a=hip", "l=hip r=head", "a=second"),
    arms_spread_s=0.02,
    roaming=0.12,
)
"""Street jazz: struts, hips, lines and turns."""

BALLET_JAZZ = Style(
    moves=moves("""
4: 0 L>front l=first r=second | 1 R^arabesque lean l=long r=trail | 2 R^arabesque lean l=long r=second up |
   3 R>home drop a=first
4: 0 L>home drop a=first | 1 R^passe toes turn+180 a=first | 2 R^passe toes turn+180 L>home a=first |
   3 R>back drop l=long r=second
4: 0 a=first drop | 1 R^line toes a=second | 2 R>home drop l=second r=fifth | 3 toes a=fifth up
4: 0 L>out lungeL l=second r=fifth slantL | 2 w=R slantR r=second l=fifth lungeR | 3 L>home toes a=fifth
4: 0 L>front go=0,0.25 toes a=second | 1 R>front go=0,0.25 toes a=second | 2 L>long drop l=long r=trail |
   3 R^arabesque lean l=long r=trail
4: 0 drop a=first | 1 L^beside slantR a=second toes | 2 L^beside slantR a=fifth | 3 L>xback drop a=first
4: 0 hinge a=second | 2 arch a=fifth toes up | 3 a=second
2: 0 L>xfront drop a=first | 1 R>out toes l=fifth r=second lookL
4: 0 L>home turn+90 toes a=fifth | 1 R>home turn+90 toes a=fifth | 2 L>home turn+90 toes a=fifth |
   3 R>home turn+90 drop a=second
4: 0 L>wide lungeL l=long r=trail lookL | 1 slantL l=long r=fifth | 2 R>xback drop a=first |
   3 toes L>home a=second up
4: 0 R>away drop l=fifth r=second arch | 2 R^line back a=fifth toes | 3 R>home drop a=first
2: 0 L^passe toes l=first r=fifth | 1 L>fdiag drop l=second r=second
4: 0 slantL w=L l=fifth r=first | 2 slantR r=fifth l=first w=R
"""),
    groove=("tall", "tall"),
    hold=0,
    rebound=0,
    size=1.15,
    accents=(1.15, 0.92, 1.05, 0.92),
    paces=(0.45, 0.55, 0.0),
    syncopation=0,
    first_arms=("a=first", "a=second", "a=fifth"),
    arms_spread_s=0.06,
    roaming=0.15,
)
"""Ballet jazz: long lines, extended legs, turns on the toes, slow arms."""

WALTZ = Style(
    moves=moves("""
6: 0 L>home go=0,0.3 drop | 1 R>out toes slantR | 2 L>home go=-0.2,0 R>home toes | 3 R>home go=0,-0.3 drop |
   4 L>out toes slantL | 5 R>home go=0.2,0 L>home toes
6: 0 L>home go=0,0.3 turn+45 drop | 1 R>out turn+45 toes slantR | 2 L>home R>home toes |
   3 R>home go=0,-0.3 turn+45 drop | 4 L>out turn+45 toes slantL | 5 R>home L>home toes
3: 0 L>home go=0,0.32 drop | 1 R.in toes slantL lookL | 2 L>home toes
3: 0 L>home go=0,-0.3 drop | 1 R.in toes slantR lookR | 2 L>home toes
6: 0 L>xfront go=-0.12,0.2 drop turn-30 | 1 R>out toes | 2 L>home turn+60 toes |
   3 R>xfront go=0.12,0.2 drop turn+15 | 4 L>out toes turn-45 | 5 R>home toes
6: 0 L>out go=0.25,0 drop lookL | 1 R>home toes | 1.5 L>out go=0.22,0 toes | 2 R>home toes |
   3 L>front drop go=0,0.15 slantL | 4 R>out toes | 5 L>home R>home toes
3: 0 L>home go=0,0.2 drop turn+120 | 1 R>home turn+120 toes | 2 L>home turn+120 toes
6: 0 L>front drop l=fifth r=first turn+60 | 1 R>home turn+120 toes | 2 L>home turn+120 toes |
   3 R>back drop turn+60 l=hold_out r=hold_in | 4 L>home toes | 5 R>home toes
6: 0 L>wide lungeL slantL drop | 1 hold | 2 hold | 3 w=R lungeR slantR drop | 4 L>home toes | 5 R>home toes
6: 0 L>home go=0,0.28 drop | 1 R>front go=0,0.28 toes | 2 L>front go=0,0.22 toes | 3 R>home go=0,0.28 drop |
   4 L>front go=0,0.28 toes turn+45 | 5 R>home go=0,0.15 turn+45 toes
6: 0 L>home go=0.1,0.2 drop turn-60 | 1 R>home turn-60 toes | 2 L>home turn-60 toes |
   3 R>home go=-0.1,-0.2 drop turn-60 | 4 L>home turn-60 toes | 5 R>home turn-60 toes
3: 0 L>xback drop l=second r=first slantR | 1 R>out toes | 2 L>home l=hold_out r=hold_in toes
"""),
    groove=("tall", "tall", "tall"),
    hold=0,
    rebound=0,
    size=1.15,
    accents=(1.12, 0.95, 0.95),
    paces=(0.0, 1.0, 0.0),
    syncopation=0,
    first_arms=("l=hold_out r=hold_in", "l=hold_in r=hold_out"),
    arms_spread_s=0.04,
    roaming=0.1,
)
"""Waltz: box steps, turns and sways, low on one and on the toes on two and three."""

SALSA = Style(
    moves=moves("""
4: 0 L>front hipL a=frame | 0.5 R>home hipR | 1 L>home hipL twistR | 2 R>back hipR | 2.5 L>home hipL |
   3 R>home hipR twistL
4: 0 L>out hipL l=open r=frame | 0.5 R>home hipR | 1 L>home rollL a=frame | 2 R>out hipR r=open |
   2.5 L>home hipL | 3 R>home rollR a=frame
4: 0 L>back hipL l=open lookL | 0.5 R>home hipR l=frame | 1 L>home hipL | 2 R>back hipR r=open lookR |
   2.5 L>home hipL r=frame | 3 R>home hipR
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
4: 0 L>out hipL shoulderL a=spread | 0.5 shoulderR | 1 shoulderL drop w=m | 2 R>out hipR shoulderR chest |
   2.5 shoulderL | 3 R>home hipR a=frame drop
4: 0 L^kick r=ahead l=behind lean | 0.5 L>back hipL | 1 R>home hipR a=frame | 2 L>front hipL l=roof |
   2.5 R>home hipR turn+180 | 3 L>home turn+180 hipL a=frame
"""),
    groove=("", ""),
    hold=0,
    rebound=0,
    size=1.35,
    accents=(1.0,),
    paces=(0.1, 0.6, 0.3),
    syncopation=0,
    first_arms=("a=frame", "a=open", "a=bent"),
    arms_spread_s=0.045,
    roaming=0.2,
)
"""Salsa: steps on one, two, three and five, six, seven below rolling hips."""
