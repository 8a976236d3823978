"""Reads arrays out of pickle files without running anything that a pickle may ask for.

A pickle is a program: the standard unpickler imports and calls whatever it names. This one knows
six names, those with which NumPy 1 and 2 write arrays, and answers them with small classes of its
own; not even NumPy's own unpickling is reached. Nor is the standard unpickler: it would change what it
was given to answer with, and hash any key, which nested tuples turn into a matter of hours or a crash.
"""

from __future__ import annotations

import pickletools
import re
import reprlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FileFormatError
from .files import format_error

_NUMBERS = re.compile(r"b1|[iu][1248]|f[248]")


MAX_PICKLE_BYTES = 64 * 2**20
MAX_CALLS = 128
"""An array takes up to five calls to rebuild, and a motion file holds a handful of arrays."""

MAX_INSTRUCTIONS = 100_000
"""An array takes about thirty; each of these may make a container that is a hundred times as large."""


class _ForbiddenError(Exception):
    """The pickle asks for something that is no array of numbers."""


class _Type:
    """Stands for numpy.dtype: plain numbers only."""

    def __init__(self, code: str, *_: Any) -> None:
        if not _NUMBERS.fullmatch(code):
            raise _ForbiddenError(f"values of type {reprlib.repr(code)}")
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


_VALUES = frozenset(
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "UNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE",
        "BINUNICODE8",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
        "BYTEARRAY8",
    ]
)
"""Instructions whose argument is what they make."""

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}


class _Machine:
    """Runs a pickle's instructions, those that arrays and containers of them are written with.

    Source: Python's own description of them, Lib/pickletools.py.
    """

    def __init__(self, content: bytes, stand_in: StandIn) -> None:
        self._content = content
        self._stand_in = stand_in
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[Any, Any] = {}
        self._calls = 0
        self._copied = 0

    def run(self) -> Any:
        """What the pickle holds."""
        for number, (instruction, argument, _) in enumerate(pickletools.genops(self._content)):
            if number >= MAX_INSTRUCTIONS:
                raise ValueError("too many instructions")
            if instruction.name == "STOP":
                break
            self._do(instruction.name, argument)
        return self._stack.pop()

    def _do(self, name: str, argument: Any) -> None:
        stack, memo = self._stack, self._memo
        if name in _VALUES:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        else:
            match name:
                case "PROTO" | "FRAME":
                    pass
                case "MARK":
                    self._marks.append(len(stack))
                case "PUT" | "BINPUT" | "LONG_BINPUT":
                    memo[argument] = stack[-1]
                case "MEMOIZE":
                    memo[len(memo)] = stack[-1]
                case "GET" | "BINGET" | "LONG_BINGET":
                    stack.append(memo[argument])
                case "GLOBAL":
                    stack.append(self._named(*argument.split(" ", 1)))
                case "STACK_GLOBAL":
                    stack[-2:] = [self._named(*stack[-2:])]
                case "REDUCE" | "NEWOBJ":
                    kind, arguments = stack[-2:]
                    self._charge(arguments)
                    stack[-2:] = [kind(*arguments)]
                case "BUILD":
                    state = stack.pop()
                    self._charge(state)
                    stack[-1].__setstate__(state)
                case _:
                    self._contain(name)

    def _contain(self, name: str) -> None:
        """The instructions that make and fill containers; sets, which hold no arrays, become lists."""
        stack = self._stack
        match name:
            case "EMPTY_LIST" | "EMPTY_SET":
                stack.append([])
            case "EMPTY_DICT":
                stack.append({})
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                stack.append(tuple(self._popped(int(name[-1]))))
            case "TUPLE":
                stack.append(tuple(self._popped()))
            case "LIST" | "FROZENSET":
                stack.append(self._popped())
            case "DICT":
                items = self._popped()
                stack.append({})
                self._set(items)
            case "APPEND":
                self._append(self._popped(1))
            case "APPENDS" | "ADDITEMS":
                self._append(self._popped())
            case "SETITEM":
                self._set(self._popped(2))
            case "SETITEMS":
                self._set(self._popped())
            case _:
                raise _ForbiddenError(f"the instruction {name}")

    def _popped(self, count: int | None = None) -> list[Any]:
        """So many things from the stack, or all since the last mark."""
        start = self._marks.pop() if count is None else len(self._stack) - count
        if start < 0:
            raise ValueError("there is nothing on the stack")
        popped = self._stack[start:]
        del self._stack[start:]
        return popped

    def _append(self, items: list[Any]) -> None:
        if not isinstance(self._stack[-1], list):
            raise ValueError("items for what is no list")
        self._stack[-1] += items

    def _set(self, items: list[Any]) -> None:
        held = self._stack[-1]
        keys = items[::2]
        if not isinstance(held, dict) or not all(isinstance(key, str | bytes | int | float) for key in keys):
            raise ValueError("a key that is no text and no number")
        held.update(zip(keys, items[1::2], strict=True))

    def _named(self, module: str, name: str) -> Any:
        found = _KNOWN.get((module, name)) or self._stand_in(module, name)
        if found is None:
            raise _ForbiddenError(reprlib.repr(f"{module}.{name}"))
        return found

    def _charge(self, arguments: Any) -> None:
        """Refuses too many calls, and too many texts for them, as each may copy those that it is given."""
        if not isinstance(arguments, tuple | dict):
            raise ValueError("a call without arguments")
        self._calls += 1
        self._copied += sum(len(each) for each in arguments if isinstance(each, str))
        if self._calls > MAX_CALLS or self._copied > 2 * len(self._content):
            raise ValueError("unpacks to too much")


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
        if len(content) > max_bytes:
            raise ValueError("too large")
        found = _Machine(content, stand_in).run()
        arrays = _arrays(found) if isinstance(found, dict) else None
    except _ForbiddenError as error:
        raise FileFormatError(
            f"{name} holds {error}; only arrays of numbers are read from a pickle.",
            code="motion.unsafe_pickle",
            hint="A pickle can run any program: do not open this file elsewhere unless you trust it.",
        ) from error
    except _STUMBLES as error:
        raise format_error(f"{name} is not a pickle file, or is damaged.") from error
    if arrays is None:
        raise format_error(f"{name} holds no dictionary of arrays.")
    return arrays


_STUMBLES = (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError)
"""What a damaged or hostile stream of instructions can make its readers raise."""


def _arrays(found: dict[Any, Any]) -> dict[str, npt.NDArray[Any]]:
    return {
        key: value.values if isinstance(value, PickledArray) else np.asarray(value, dtype=np.float64)
        for key, value in found.items()
        if isinstance(key, str) and isinstance(value, PickledArray | float | int)
    }
