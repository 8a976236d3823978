"""How a long job says how far it is."""

from __future__ import annotations

from collections.abc import Callable

ProgressCallback = Callable[[str, float], None]
"""Called with a stage in the user's words and the fraction done, 0 to 1; may raise Cancelled."""
