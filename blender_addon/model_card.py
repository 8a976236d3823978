"""What the chosen model can do, read from its card: plain JSON, so that no torch is needed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..core.untrusted import read_json

PACKAGE_ROOT = Path(__file__).resolve().parents[1]
"""The folder that holds core/ and assets/: the extension, or a checkout."""

DEFAULT_CHECKPOINT = PACKAGE_ROOT / "assets" / "default_checkpoint"

AUTO = "AUTO"
"""Stands for no genre: the music is left to the dance."""

MAX_BYTES, MAX_GENRES, MAX_NAME = 1 << 20, 1000, 60
"""Of a card that somebody may have met to list."""


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
    content = read_json(card, MAX_BYTES)
    listed = content.get("genres") if isinstance(content, dict) else None
    names = [genre for genre in listed if _is_name(genre)] if isinstance(listed, list) else []
    return tuple(dict.fromkeys(names))[:MAX_GENRES]


def _is_name(genre: object) -> bool:
    """Whether Blender can list it: JSON may hold halves of characters."""
    if not isinstance(genre, str) or not 0 < len(genre) <= MAX_NAME or genre == AUTO:
        return False
    return genre.isprintable()
