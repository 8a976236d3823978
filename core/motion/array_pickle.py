"""Reads arrays out of pickle files without running anything that a pickle may ask for.

A pickle is a program: the standard unpickler imports and calls whatever it names. This one knows
six names, those with which NumPy 1 and 2 write arrays, and answers them with small classes of its
own; not even NumPy's own unpickling is reached.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FileFormatError
from .files import format_error

_NUMBERS = re.compile(r"[biuf][1248]")


MAX_PICKLE_BYTES = 64 * 2**20
MAX_CALLS = 64
"""An array takes two or three calls to rebuild, and a motion file holds a handful of arrays."""


class _ForbiddenError(pickle.UnpicklingError):
    """The pickle asks for something that is no array of numbers."""


class _Type:
    """Stands for numpy.dtype: plain numbers only."""

    def __init__(self, code: str, *_: Any) -> None:
        if not _NUMBERS.fullmatch(code):
            raise _ForbiddenError(f"values of type {code!r}")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(state[1])


class PickledArray:
    """Stands for some class of arrays, built empty and then given its state."""

    def __init__(self, *_: Any) -> None:
        self.values: npt.NDArray[Any] = np.zeros(0)


class _NumpyArray(PickledArray):
    """Stands for numpy.ndarray."""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, is_fortran, raw = state
        self.values = _values(raw, kind, shape, "F" if is_fortran else "C")


def _values(
    raw: bytes | bytearray | str, kind: _Type, shape: tuple[int, ...], order: str
) -> npt.NDArray[Any]:
    content = raw.encode("latin1") if isinstance(raw, str) else raw  # Python 2 wrote bytes as text
    return np.frombuffer(content, dtype=kind.dtype).reshape(shape, order="F" if order == "F" else "C")


def _from_buffer(raw: bytes, kind: _Type, shape: tuple[int, ...], order: str) -> PickledArray:
    array = _NumpyArray()
    array.values = _values(raw, kind, shape, order)
    return array


def _scalar(kind: _Type, raw: bytes) -> PickledArray:
    return _from_buffer(raw, kind, (), "C")


def _reconstruct(*_: Any) -> PickledArray:
    return _NumpyArray()


def _encode(text: str, _: str = "latin1") -> bytes:
    """Stands for codecs.encode, by which the oldest protocols write bytes."""
    return text.encode("latin1")


_KNOWN: Mapping[tuple[str, str], Any] = {
    ("numpy", "dtype"): _Type,
    ("numpy", "ndarray"): _NumpyArray,
    ("_codecs", "encode"): _encode,
    **{
        (f"numpy.{core}.{module}", name): stand_in
        for core in ("core", "_core")
        for module, name, stand_in in (
            ("multiarray", "_reconstruct", _reconstruct),
            ("multiarray", "scalar", _scalar),
            ("numeric", "_frombuffer", _from_buffer),
        )
    },
}


StandIn = Callable[[str, str], Any]
"""Gives the class that stands for one of a module and a name, or None where none does."""


class _ArrayUnpickler(pickle.Unpickler):
    stand_in: StandIn

    def find_class(self, module: str, name: str) -> Any:
        found = _KNOWN.get((module, name)) or self.stand_in(module, name)
        if found is None:
            raise _ForbiddenError(f"{module}.{name}")
        return found


def read_array_pickle(
    name: str,
    content: bytes,
    stand_in: StandIn = lambda module, name: None,
    max_bytes: int = MAX_PICKLE_BYTES,
) -> dict[str, npt.NDArray[Any]]:
    """The arrays and numbers of a pickled dictionary.

    Args:
        name: of the file, for messages.
        content: its bytes.
        stand_in: more classes than NumPy's; one that derives from :class:`PickledArray` gives an array.
        max_bytes: size above which the content is refused.
    Raises: FileFormatError: motion.unsafe_pickle if it holds anything but arrays, numbers, text
        and containers of these; motion.file_format if it is no such dictionary.
    """
    try:
        _check_size(content, max_bytes)
        unpickler = _ArrayUnpickler(io.BytesIO(content), encoding="latin1")
        unpickler.stand_in = stand_in
        found = unpickler.load()
    except _ForbiddenError as error:
        raise FileFormatError(
            f"{name} holds {error}; only arrays of numbers are read from a pickle.",
            code="motion.unsafe_pickle",
            hint="A pickle can run any program: do not open this file elsewhere unless you trust it.",
        ) from error
    except _STUMBLES as error:
        raise format_error(f"{name} is not a pickle file, or is damaged.") from error
    if not isinstance(found, dict):
        raise format_error(f"{name} holds no dictionary of arrays.")
    return {key: value for key, value in _arrays(found) if isinstance(key, str)}


_STUMBLES = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
)
"""What a damaged or hostile stream of instructions can make an unpickler raise."""


def _check_size(content: bytes, max_bytes: int) -> None:
    """Refuse a pickle that would unpack to far more than it is, by its instructions alone."""
    if len(content) > max_bytes:
        raise ValueError("too large")
    calls = 0
    for instruction, argument, _ in pickletools.genops(content):
        calls += instruction.name in ("REDUCE", "NEWOBJ", "NEWOBJ_EX", "OBJ", "INST")
        # The memo is a list that grows to the largest index named.
        memo = instruction.name in ("PUT", "LONG_BINPUT")
        reaches = memo and isinstance(argument, int) and argument > len(content)
        if calls > MAX_CALLS or reaches:
            raise ValueError("unpacks to too much")


def _arrays(found: dict[Any, Any]) -> list[tuple[Any, npt.NDArray[Any]]]:
    arrays = [(key, value.values) for key, value in found.items() if isinstance(value, PickledArray)]
    numbers = [(key, np.asarray(value)) for key, value in found.items() if isinstance(value, float | int)]
    return arrays + numbers
