"""Lines in, messages out; anything else is refused with a reason."""

import io
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kinetone.core.engine import protocol
from kinetone.core.engine.protocol import (
    MAX_LINE_BYTES,
    Cancel,
    Failure,
    Hello,
    Problem,
    Progress,
    ProtocolError,
    Request,
    Result,
    Shutdown,
    Stopped,
    decode_from_client,
    decode_from_worker,
    encode,
    failure,
    read_messages,
)
from kinetone.core.errors import CheckpointError, EngineError, KinetoneError, MotionError
from kinetone.core.options import MAX_TAKES

FROM_CLIENT = [Request(7, "generate", {"seed": 1, "path": "/tänze/\udc80.npy"}), Cancel(7), Shutdown()]
FROM_WORKER = [
    Hello(1, "0.1.0", 4711, "3.11.7"),
    Progress(7, "Composing", 0.31),
    Progress(7, "Composing", 1),
    Result(7, {"files": []}),
    Failure(7, Problem("motion.too_short", "Too short.", "Dance on.", "line 1\nline 2")),
    Failure(None, Problem("engine.protocol", "What?")),
    Stopped(7),
]


@pytest.mark.parametrize("message", FROM_CLIENT)
def test_a_client_message_survives_its_line(message):
    assert decode_from_client(encode(message)) == message


def test_the_beats_of_the_longest_dance_and_its_takes_fit_into_a_line():
    """As many as there can be: five a second danced, four tapped, for an hour, in the longest numbers."""
    kinematic_beats_s = [each / 5 + 1 / 3 for each in range(5 * 3600)]
    musical_beats_s = [round(each / 4 + 1 / 3, 4) for each in range(4 * 3600)]
    files = [{"path": "/" + "p" * 4000, "musical_beats_s": musical_beats_s} for _ in range(MAX_TAKES)]
    message = Result(7, {"files": files, "kinematic_beats_s": kinematic_beats_s})
    assert decode_from_worker(encode(message)) == message


@pytest.mark.parametrize("message", FROM_WORKER)
def test_a_worker_message_survives_its_line(message):
    line = encode(message)
    assert line.isascii()
    assert line.index(b"\n") == len(line) - 1
    assert decode_from_worker(line) == message


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"hello\n",
        b"[1, 2]\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"type": "request", "id": 1, "method": "info"}\n',
        b'{"type": "request", "id": 1, "method": "info", "params": {}, "more": 1}\n',
        b'{"type": "request", "id": 1, "method": "info", "params": []}\n',
        b'{"type": "request", "id": -1, "method": "info", "params": {}}\n',
        b'{"type": "request", "id": true, "method": "info", "params": {}}\n',
        b'{"type": "request", "id": "1", "method": "info", "params": {}}\n',
        b'{"type": "request", "id": 1, "method": "info", "params": {"x": NaN}}\n',
        b'{"type": "cancel", "id": null}\n',
        b'{"type": ["cancel"], "id": 1}\n',
        b'{"type": "hello", "id": 1}\n',
    ],
)
def test_what_is_no_client_message_is_refused(line):
    with pytest.raises(ProtocolError) as caught:
        decode_from_client(line)
    assert caught.value.code == "engine.protocol"


@pytest.mark.parametrize(
    "values",
    [
        {"type": "progress", "id": 1, "stage": "x", "fraction": 1.5},
        {"type": "progress", "id": 1, "stage": "x", "fraction": "half"},
        {"type": "progress", "id": 1, "stage": "x", "fraction": 10**400},
        {"type": "error", "id": 1, "error": {"code": "x"}},
        {"type": "error", "id": 1, "error": "x"},
        {"type": "error", "id": "x", "error": {"code": "", "message": "", "hint": "", "detail": ""}},
        {"type": "request", "id": 1, "method": "info", "params": {}},
    ],
)
def test_what_is_no_worker_message_is_refused(values):
    with pytest.raises(ProtocolError):
        decode_from_worker(json.dumps(values).encode() + b"\n")


def test_a_bad_request_is_refused_under_its_id():
    with pytest.raises(ProtocolError) as caught:
        decode_from_client(b'{"type": "request", "id": 12, "method": 5, "params": {}}\n')
    assert caught.value.id == 12


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_being_refused(line):
    for decode in (decode_from_client, decode_from_worker):
        with suppress(ProtocolError):
            decode(line + b"\n")


def test_a_stream_goes_on_after_bad_and_overlong_lines():
    lines = [encode(Cancel(1)), b"garbage\n", b"x" * (2 * MAX_LINE_BYTES + 5) + b"\n", encode(Cancel(2))]
    messages = list(read_messages(io.BytesIO(b"".join(lines)), decode_from_client))
    assert [messages[0], messages[3]] == [Cancel(1), Cancel(2)]
    assert [type(message) for message in messages[1:3]] == [ProtocolError, ProtocolError]


def test_a_line_cut_off_by_the_end_is_left_out():
    stream = io.BytesIO(encode(Cancel(1)) + encode(Cancel(2))[:-1])
    assert list(read_messages(stream, decode_from_client)) == [Cancel(1)]


@pytest.mark.parametrize("params", [{"x": float("inf")}, {"x": b"bytes"}, {"x": "y" * MAX_LINE_BYTES}])
def test_what_cannot_be_sent_is_refused(params):
    with pytest.raises(ProtocolError):
        encode(Request(1, "echo", params))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("motion.x", MotionError),
        ("checkpoint.x", CheckpointError),
        ("engine.x", EngineError),
        ("generate.x", KinetoneError),
    ],
)
def test_an_error_crosses_the_border_as_what_it_is(code, kind):
    sent = failure(3, kind("Message.", code=code, hint="Hint."), detail="Traceback…")
    error = decode_from_worker(encode(sent)).exception()
    assert type(error) is kind
    assert (error.message, error.code, error.hint) == ("Message.", code, "Hint.")
    assert error.__notes__ == ["Traceback…"]


def test_an_error_of_any_length_fits_a_line():
    long = "\U0001d11e" * MAX_LINE_BYTES
    error = KinetoneError(long, code="motion.x", hint=long)
    crossed = decode_from_worker(encode(failure(3, error, "first line" + long + "last line")))
    assert long.startswith(crossed.error.message)
    assert crossed.error.detail.endswith("last line")


def test_every_error_class_has_its_codes():
    classes = {kind for kind in KinetoneError.__subclasses__() if kind.__module__ == KinetoneError.__module__}
    assert classes == set(protocol._ERRORS_BY_CODE.values())
