"""What the chosen model can do, read from its card: plain JSON, so that no torch is needed."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

PACKAGE_ROOT = Path(__file__).resolve().parents[1]
"""The folder that holds core/ and assets/: the extension, or a checkout."""

DEFAULT_CHECKPOINT = PACKAGE_ROOT / "assets" / "default_checkpoint"

AUTO = "AUTO"
"""Stands for no genre: the music is left to the dance."""


def genres(checkpoint: Path | None) -> tuple[str, ...]:
    """Genres of the checkpoint, () if it has none or cannot be read; the engine says why it cannot."""
    card = (checkpoint or DEFAULT_CHECKPOINT) / "card.json"
    try:
        return _genres(card, card.stat().st_mtime_ns)
    except (OSError, ValueError):
        return ()


@lru_cache(maxsize=8)
def _genres(card: Path, modified_ns: int) -> tuple[str, ...]:
    del modified_ns  # only there so that a changed card is read anew
    content = json.loads(card.read_text(encoding="utf-8"))
    listed = content.get("genres", []) if isinstance(content, dict) else []
    return tuple(genre for genre in listed if isinstance(genre, str))
