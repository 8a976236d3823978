"""The index of a corpus: which pieces it has, and which of them are held out."""

from __future__ import annotations

import json
from pathlib import Path

INDEX_NAME = "index.json"


def split_names(corpus: Path) -> dict[str, list[str]]:
    """The names of a corpus's pieces by split, ``train`` and ``test``."""
    index = json.loads((corpus / INDEX_NAME).read_text(encoding="utf-8"))
    splits: dict[str, list[str]] = {"train": [], "test": []}
    for piece in index["pieces"]:
        splits[piece["split"]].append(piece["name"])
    return splits
