"""The index of a corpus: which pieces it has, and which of them are held out."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

from ...core.errors import FileFormatError
from ...core.untrusted import read_json

INDEX_NAME = "index.json"

_MAX_BYTES = 256 << 20


def corpus_pieces(corpus: Path) -> list[dict[str, Any]]:
    """A corpus's pieces in their order, each with its name, song, genre and split, ``train`` or ``test``.

    A piece's files are called by its name, which therefore leads to no other folder.

    Raises: FileFormatError: corpus.no_index if the folder holds no whole corpus, corpus.damaged_index.
    """
    try:
        pieces = read_json(corpus / INDEX_NAME, _MAX_BYTES)["pieces"]
        return [_checked(piece) for piece in pieces]
    except FileNotFoundError as error:
        raise FileFormatError(
            f"There is no whole corpus in {corpus}: it has no {INDEX_NAME}.",
            code="corpus.no_index",
            hint="Make it with kinetone-train corpus; the same command again goes on where it stopped.",
        ) from error
    except (KeyError, OSError, TypeError, ValueError) as error:
        raise FileFormatError(
            f"{corpus / INDEX_NAME} cannot be read: {textwrap.shorten(str(error), 400)}.",
            code="corpus.damaged_index",
            hint="Make the corpus anew in another folder with kinetone-train corpus.",
        ) from error


def _checked(piece: dict[str, Any]) -> dict[str, Any]:
    if not all(isinstance(piece[key], str) for key in ("name", "song", "genre", "split")):
        raise TypeError("a piece whose name, song, genre or split is no text")
    if not re.fullmatch(r"[\w-][\w .-]{0,200}", piece["name"]):
        raise ValueError("a piece whose name cannot be a file's")
    if type(piece.get("tempo_bpm")) not in (type(None), int, float):
        raise TypeError("a tempo that is no number")
    return piece
