"""The index of a corpus: which pieces it has, and which of them are held out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...core.errors import FileFormatError

INDEX_NAME = "index.json"


def corpus_pieces(corpus: Path) -> list[dict[str, Any]]:
    """A corpus's pieces in their order, each with its name, song, genre and split, ``train`` or ``test``.

    Raises: FileFormatError (corpus.no_index) if the folder holds no whole corpus.
    """
    try:
        index = json.loads((corpus / INDEX_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileFormatError(
            f"There is no whole corpus in {corpus}: it has no {INDEX_NAME}.",
            code="corpus.no_index",
            hint="Make it with kinetone-train corpus; the same command again goes on where it stopped.",
        ) from error
    pieces: list[dict[str, Any]] = index["pieces"]
    return pieces
