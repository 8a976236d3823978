"""What the engine process and its client say to each other: one JSON object a line, ASCII, bounded.

The worker greets with ``hello``; the client answers with ``request``, ``cancel`` and ``shutdown``.
A request ends in exactly one of ``result``, ``error`` and ``cancelled``, with ``progress`` before
it. Arrays never travel here: they go by file.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import IO, Any, ClassVar, TypeVar

from ..errors import (
    AudioError,
    CheckpointError,
    EngineError,
    FileFormatError,
    KinetoneError,
    MotionError,
    RigError,
)
from ..untrusted import parse_json

PROTOCOL_VERSION = 1
"""Raised whenever a message changes its meaning; the two sides must agree."""

MAX_LINE_BYTES = 4 << 20
"""Longest line that either side reads, its newline included. An hour's eight takes have 1.5 MB of beats."""

MAX_TEXT = 16_000
"""Characters of each text of an error that are sent; of longer ones the beginning, of a detail the end."""


class ProtocolError(EngineError):
    """A line that is no message. ``id`` is the request it belongs to, where that could be read."""

    def __init__(self, message: str, id: int | None = None) -> None:
        hint = "Restart Blender. If it happens again, reinstall Kinetone and its engine."
        super().__init__(message, code="engine.protocol", hint=hint)
        self.id = id


@dataclass(frozen=True)
class Hello:
    """The worker's first line: who it is."""

    type: ClassVar[str] = "hello"
    protocol: int
    version: str
    pid: int
    python: str


@dataclass(frozen=True)
class Request:
    """Run a method; ``id`` comes back on every message about it."""

    type: ClassVar[str] = "request"
    id: int
    method: str
    params: dict[str, Any]


@dataclass(frozen=True)
class Cancel:
    """Stop a request, running or waiting. Not an error if it has ended already."""

    type: ClassVar[str] = "cancel"
    id: int


@dataclass(frozen=True)
class Shutdown:
    """End the process, whatever it is doing."""

    type: ClassVar[str] = "shutdown"


@dataclass(frozen=True)
class Progress:
    """How far a request is: a stage in the user's words, and the fraction done, 0 to 1."""

    type: ClassVar[str] = "progress"
    id: int
    stage: str
    fraction: float


@dataclass(frozen=True)
class Result:
    """A request ended well."""

    type: ClassVar[str] = "result"
    id: int
    result: dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """A KinetoneError in words that cross the process border; ``detail`` is for logs and reports."""

    code: str
    message: str
    hint: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Failure:
    """A request failed; or, with no id, a line that the worker could not read."""

    type: ClassVar[str] = "error"
    id: int | None
    error: Problem

    def exception(self) -> KinetoneError:
        """The error as an exception of the class that its code belongs to, its detail as a note."""
        problem = self.error
        kind = _ERRORS_BY_CODE.get(problem.code.partition(".")[0], KinetoneError)
        error = kind(problem.message, code=problem.code, hint=problem.hint)
        if problem.detail:
            error.add_note(problem.detail)
        return error


@dataclass(frozen=True)
class Stopped:
    """A request was cancelled."""

    type: ClassVar[str] = "cancelled"
    id: int


ClientMessage = Request | Cancel | Shutdown
WorkerMessage = Hello | Progress | Result | Failure | Stopped
Message = TypeVar("Message", ClientMessage, WorkerMessage)

_CLIENT_TYPES: dict[str, type] = {kind.type: kind for kind in (Request, Cancel, Shutdown)}
_WORKER_TYPES: dict[str, type] = {kind.type: kind for kind in (Hello, Progress, Result, Failure, Stopped)}
_ERRORS_BY_CODE: dict[str, type[KinetoneError]] = {
    "audio": AudioError,
    "checkpoint": CheckpointError,
    "engine": EngineError,
    "file": FileFormatError,
    "motion": MotionError,
    "rig": RigError,
}


def failure(id: int | None, error: KinetoneError, detail: str = "") -> Failure:
    """The message that carries an error across the process border, cut so that it always fits a line."""
    message, hint = error.message[:MAX_TEXT], error.hint[:MAX_TEXT]
    return Failure(id, Problem(error.code, message, hint, detail[-MAX_TEXT:]))


def encode(message: ClientMessage | WorkerMessage) -> bytes:
    """A message as its line, newline included.

    Raises: ProtocolError: what it holds is not JSON, or too long.
    """
    try:
        text = json.dumps({"type": message.type, **asdict(message)}, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ProtocolError(f"A {message.type} message cannot be sent: {error}.") from error
    line = text.encode("ascii") + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise ProtocolError(f"A {message.type} message of {len(line)} bytes is too long to be sent.")
    return line


def decode_from_client(line: bytes) -> ClientMessage:
    """The message in a line that a client sent.

    Raises: ProtocolError: the line is no such message; says why.
    """
    message: ClientMessage = _decode(line, _CLIENT_TYPES)
    return message


def decode_from_worker(line: bytes) -> WorkerMessage:
    """The message in a line that a worker sent.

    Raises: ProtocolError: the line is no such message; says why.
    """
    message: WorkerMessage = _decode(line, _WORKER_TYPES)
    return message


def read_messages(stream: IO[bytes], decode: Callable[[bytes], Message]) -> Iterator[Message | ProtocolError]:
    """The messages of a stream until its end; for each line that is none, the error that says why.

    A last line without its newline was cut off by the writer's death and is left out.
    """
    while line := stream.readline(MAX_LINE_BYTES):
        if line.endswith(b"\n"):
            try:
                yield decode(line)
            except ProtocolError as error:
                yield error
        elif len(line) == MAX_LINE_BYTES:
            yield ProtocolError(f"A line of more than {MAX_LINE_BYTES} bytes.")  # it may never end
            _skip_line(stream)


def _skip_line(stream: IO[bytes]) -> None:
    rest = b"-"
    while rest and not rest.endswith(b"\n"):
        rest = stream.readline(MAX_LINE_BYTES)


def _decode(line: bytes, types: dict[str, type]) -> Any:
    values = _json_object(line)
    id = values["id"] if is_whole(values.get("id")) else None
    kind = types.get(name) if isinstance(name := values.pop("type", None), str) else None
    if kind is None:
        raise ProtocolError(f"Not a message of a known type: {_shown(line)}.", id)
    names = {field.name for field in fields(kind)}
    if set(values) != names:
        held = reprlib.repr(sorted(values))
        raise ProtocolError(f"A {name} message holds {held}, not {sorted(names)}.", id)
    wrong = [field for field, value in values.items() if not _CHECKS[field](value)]
    if wrong and not (kind is Failure and wrong == ["id"] and values["id"] is None):
        raise ProtocolError(f"A {name} message with a bad {', '.join(wrong)}: {_shown(line)}.", id)
    if kind is Failure:
        values["error"] = Problem(**values["error"])
    return kind(**values)


def _json_object(line: bytes) -> dict[str, Any]:
    try:
        values = parse_json(line)
    except ValueError as error:
        raise ProtocolError(f"Not a line of JSON: {_shown(line)}.") from error
    if not isinstance(values, dict):
        raise ProtocolError(f"Not a JSON object: {_shown(line)}.")
    return values


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "replace").strip()
    return repr(text if len(text) <= 80 else text[:80] + "…")


def is_whole(value: object) -> bool:
    """Whether a value is a whole number from 0; JSON's true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_fraction(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_problem(value: object) -> bool:
    names = {field.name for field in fields(Problem)}
    return isinstance(value, dict) and set(value) == names and all(map(_is_text, value.values()))


_CHECKS: dict[str, Callable[[object], bool]] = {
    "error": _is_problem,
    "fraction": _is_fraction,
    "id": is_whole,
    "method": _is_text,
    "params": _is_object,
    "pid": is_whole,
    "protocol": is_whole,
    "python": _is_text,
    "result": _is_object,
    "stage": _is_text,
    "version": _is_text,
}
