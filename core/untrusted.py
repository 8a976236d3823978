"""Reading what strangers made: only files, only so much of them, and JSON that holds no surprises."""

from __future__ import annotations

import errno
import json
import math
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

MAX_DEPTH = 64
"""Of containers in one another; what has more could not be written again, which needs Python's own stack."""


def open_file(path: Path) -> BinaryIO:
    """Opens a file, or the one that a link leads to, for reading.

    Raises: OSError, also for what is no file: a pipe would let the reader wait for ever, a device never end.
    """
    try:
        file = open(path, "rb", opener=_open)  # noqa: SIM115 - Path.open takes no opener
    except ValueError as error:
        raise OSError(errno.EINVAL, "there can be no file of this name") from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no file but a pipe or a device")
    return file


def read_bounded(path: Path, most_bytes: int) -> bytes:
    """The whole of a file.

    Raises: OSError as :func:`open_file`, also for a file that is larger.
    """
    with open_file(path) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {most_bytes / 2**20:.3g} MiB")
    return content


def _open(path: str, flags: int) -> int:
    """Without waiting for somebody who writes into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_json(path: Path, most_bytes: int) -> Any:
    """The values in a JSON file.

    Raises: OSError as :func:`read_bounded`, ValueError as :func:`parse_json`.
    """
    return parse_json(read_bounded(path, most_bytes))


def parse_json(content: bytes) -> Any:
    """The values of a JSON text whose numbers are finite, integers of 64 bits, and no deeper than MAX_DEPTH.

    Raises: ValueError.
    Source: RFC 8259; of keys that are there twice the last counts.
    """
    try:
        values = json.loads(content, parse_constant=_number, parse_float=_number, parse_int=_integer)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    level = [values]
    for _ in range(MAX_DEPTH):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return values
    raise ValueError("it is nested too deeply")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is no number of JSON, or too large")
    return value


def _integer(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= (value := int(text)) < 2**63:
        raise ValueError(f"the integer {text[:20]}… is too large")
    return value
