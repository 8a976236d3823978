"""The twelve genres: what the songs of each are made of."""

from __future__ import annotations

from ..palette import Palette
from .ballet_jazz import BALLET_JAZZ
from .breaking import BREAK
from .house import HOUSE
from .krump import KRUMP
from .la_hiphop import LA_HIPHOP
from .lock import LOCK
from .middle_hiphop import MIDDLE_HIPHOP
from .pop import POP
from .salsa import SALSA
from .street_jazz import STREET_JAZZ
from .waack import WAACK
from .waltz import WALTZ

PALETTES: dict[str, Palette] = {
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
"""By genre, in the order of grid.GENRES."""
