"""Arrays of numbers in NumPy's own format, read in no more memory than the file is large."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..untrusted import open_file

_MAGIC = re.compile(rb"\x93NUMPY([\1\2])\0")
_KIND = re.compile(rb"""['"]descr['"]\s*:\s*['"]([<>|=]?(?:b1|[iu][1248]|f[248]))['"]""")
_ORDER = re.compile(rb"""['"]fortran_order['"]\s*:\s*(True|False)""")
_SHAPE = re.compile(rb"""['"]shape['"]\s*:\s*\(([\d\sL,]*)\)""")
_SIZE = re.compile(rb"\d+")
_MAX_HEADER = 10_000


def npy_array(content: bytes) -> npt.NDArray[Any]:
    """The array in the content of a ``.npy`` file; read-only.

    The header is looked through, not evaluated as NumPy does, and memory is taken for what is there,
    whatever the header claims.

    Raises: ValueError: it is no such file, is cut off, or holds something else than numbers.
    Source: NumPy enhancement proposal 1, "A Simple File Format for NumPy Arrays".
    """
    layout = _layout(content[:_MAX_HEADER], len(content))
    count = math.prod(layout.shape)
    flat = np.frombuffer(content, layout.dtype, count, layout.first) if count else np.zeros(0, layout.dtype)
    return flat.reshape(layout.shape, order=layout.order)


def npy_map(path: Path) -> npt.NDArray[Any]:
    """The array in a ``.npy`` file, mapped into memory.

    Raises: OSError as ``open_file``; ValueError as :func:`npy_array`, also for an array of nothing.
    """
    with open_file(path) as file:
        layout = _layout(file.read(_MAX_HEADER), file.seek(0, os.SEEK_END))
        return np.memmap(file, layout.dtype, "r", layout.first, layout.shape, layout.order)


@dataclass(frozen=True)
class _Layout:
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    order: Literal["C", "F"]
    first: int


def _layout(head: bytes, size: int) -> _Layout:
    """What the header says, and where the numbers begin, if so many of them are in a file of that size."""
    magic = _MAGIC.match(head)
    if magic is None:
        raise ValueError("it is no NumPy array")
    start = 10 if magic[1] == b"\1" else 12
    first = start + int.from_bytes(head[8:start], "little")
    kind, order, shape = (pattern.search(head, start, first) for pattern in (_KIND, _ORDER, _SHAPE))
    if kind is None or order is None or shape is None:
        raise ValueError("its header does not describe an array of numbers")
    dtype = np.dtype(kind[1].decode())
    sizes = tuple(int(size[:19]) for size in _SIZE.findall(shape[1]))
    if math.prod(sizes) * dtype.itemsize > size - first:
        raise ValueError("it is cut off")
    return _Layout(dtype, sizes, "F" if order[1] == b"True" else "C", first)
