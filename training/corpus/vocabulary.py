"""How each genre is danced."""

from __future__ import annotations

from .funk_moves import LOCK, POP, WAACK
from .hiphop_moves import BREAK, HOUSE, KRUMP, LA_HIPHOP, MIDDLE_HIPHOP
from .stage_moves import BALLET_JAZZ, SALSA, STREET_JAZZ, WALTZ
from .style import Style

STYLES: dict[str, Style] = {
    "break": BREAK,
    "pop": POP,
    "lock": LOCK,
    "middle_hiphop": MIDDLE_HIPHOP,
    "la_hiphop": LA_HIPHOP,
    "house": HOUSE,
    "waack": WAACK,
    "krump": KRUMP,
    "street_jazz": STREET_JAZZ,
    "ballet_jazz": BALLET_JAZZ,
    "waltz": WALTZ,
    "salsa": SALSA,
}
