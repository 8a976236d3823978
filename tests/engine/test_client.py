"""The client with real worker processes: every request ends once, whatever becomes of the worker."""

import itertools
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from engines import PYTHON, until, until_end, until_progress
from kinetone.core.engine.client import EngineClient
from kinetone.core.engine.process import MAX_UNREAD
from kinetone.core.engine.protocol import Failure, Progress, Result, Stopped
from kinetone.core.errors import Cancelled, EngineError, MotionError
from kinetone.core.version import VERSION
from processes import is_gone, seconds_until_gone

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")


def greeted(client):
    """Start the client's worker and wait until it has said hello."""
    client.start()
    until_hello = time.monotonic() + 20
    while client.hello is None and time.monotonic() < until_hello:
        client.wait(0.05)
        assert client.poll() == []
    return client.hello


def test_the_worker_says_who_it_is(toys):
    hello = greeted(toys)
    assert (hello.protocol, hello.version) == (1, VERSION)
    assert not is_gone(hello.pid)


def test_starting_and_polling_never_block(toys):
    start_s = time.monotonic()
    toys.start()
    id = toys.submit("work", {"seconds": 30})
    toys.poll()
    assert time.monotonic() - start_s < 1
    toys.cancel(id)
    assert until_end(toys, id) == Stopped(id)


def test_a_call_returns_its_result(toys):
    assert toys.call("echo", {"words": ["ä", 1, None]}) == {"words": ["ä", 1, None]}


def test_the_worker_stays_for_the_next_call(toys):
    toys.call("echo", {})
    pid = toys.hello.pid
    toys.call("echo", {})
    assert toys.hello.pid == pid


def test_requests_run_one_after_the_other(toys):
    first = toys.submit("work", {"seconds": 0.2})
    second = toys.submit("echo", {"x": 1})
    _, seen = until(toys, lambda reply: isinstance(reply, Result) and reply.id == second)
    ends = [reply.id for reply in seen if isinstance(reply, Result)]
    assert ends == [first, second]


def test_a_call_leaves_the_replies_to_others_for_poll(toys):
    other = toys.submit("echo", {"x": "other"})
    assert toys.call("echo", {"x": "own"}) == {"x": "own"}
    assert toys.poll() == [Result(other, {"x": "other"})]


def test_progress_never_goes_backwards_or_beyond_the_end(toys):
    fractions = []
    toys.call("back_and_forth", {}, lambda stage, fraction: fractions.append((stage, fraction)))
    assert fractions == [("Working", 0.2), ("Working", 0.6), ("Working", 0.6), ("Working", 1.0)]


def test_a_job_that_reports_every_frame_does_not_flood_the_client(toys):
    fractions = []
    toys.call("hurry", {}, lambda stage, fraction: fractions.append(fraction))
    assert 3 <= len(fractions) <= 40
    assert fractions == sorted(fractions)


def test_a_running_job_is_cancelled_within_a_second_and_the_worker_lives_on(toys):
    id = toys.submit("work", {"seconds": 30})
    until_progress(toys, id)
    pid = toys.hello.pid
    start_s = time.monotonic()
    toys.cancel(id)
    assert until_end(toys, id) == Stopped(id)
    assert time.monotonic() - start_s < 1
    assert toys.call("echo", {"still": "here"}) == {"still": "here"}
    assert toys.hello.pid == pid


def test_a_waiting_job_is_cancelled_without_touching_the_running_one(toys):
    running = toys.submit("work", {"seconds": 0.5})
    waiting = toys.submit("work", {"seconds": 30})
    until_progress(toys, running)
    toys.cancel(waiting)
    end, seen = until(toys, lambda reply: isinstance(reply, Result))
    assert end == Result(running, {})
    assert Stopped(waiting) in seen


def test_a_job_is_cancelled_before_the_worker_said_hello(toys):
    toys.start()
    id = toys.submit("work", {"seconds": 30})
    toys.cancel(id)
    assert until_end(toys, id, timeout_s=1) == Stopped(id)
    assert toys.call("echo", {}) == {}


def test_a_late_cancel_does_not_hit_the_next_job(toys):
    for _ in range(20):
        done = toys.submit("echo", {})
        until_end(toys, done)
        toys.cancel(done)
        toys.cancel(999)
        assert toys.call("echo", {"x": 1}) == {"x": 1}


def test_cancels_at_every_moment_end_each_request_once(toys):
    toys.call("echo", {})
    for delay_ms in range(0, 60, 3):
        id = toys.submit("work", {"seconds": 0.03})
        end_s = time.monotonic() + delay_ms / 1000
        while time.monotonic() < end_s:
            time.sleep(0.001)
        toys.cancel(id)
        end = until_end(toys, id)
        assert end in (Stopped(id), Result(id, {}))
        assert toys.call("echo", {"id": id}) == {"id": id}
        assert toys.poll() == []


def test_a_worker_that_does_not_hear_a_cancel_is_replaced(toys):
    deaf = toys.submit("deaf", {"seconds": 60})
    waiting = toys.submit("echo", {"x": 1})
    until_progress(toys, deaf)
    pid = toys.hello.pid
    toys.cancel(deaf)
    start_s = time.monotonic()
    assert until_end(toys, deaf) == Stopped(deaf)
    assert time.monotonic() - start_s < 1.5
    assert until_end(toys, waiting) == Result(waiting, {"x": 1}), "the other request starts again"
    assert toys.hello.pid != pid
    seconds_until_gone(pid, timeout_s=1)


@POSIX
def test_a_killed_worker_is_reported_and_replaced(toys):
    id = toys.submit("work", {"seconds": 30})
    until_progress(toys, id)
    start_s = time.monotonic()
    os.kill(toys.hello.pid, signal.SIGKILL)
    error = until_end(toys, id).exception()
    assert time.monotonic() - start_s < 1
    assert isinstance(error, EngineError)
    assert error.code == "engine.died"
    assert "SIGKILL" in error.message
    assert "memory" in error.hint
    assert toys.call("echo", {"x": 2}) == {"x": 2}


@POSIX
def test_a_worker_killed_while_idle_is_replaced_without_a_word(toys):
    toys.call("echo", {})
    pid = toys.hello.pid
    os.kill(pid, signal.SIGKILL)
    seconds_until_gone(pid)
    time.sleep(0.2)
    assert toys.call("echo", {"x": 3}) == {"x": 3}


def test_the_last_words_of_a_dead_worker_come_with_the_error(toys):
    with pytest.raises(EngineError) as caught:
        toys.call("die", {})
    assert caught.value.code == "engine.died"
    assert "exit code is 7" in caught.value.message
    assert "these are my last words" in "".join(caught.value.__notes__)


@POSIX
def test_a_frozen_worker_is_replaced_upon_cancel_and_never_blocks_the_client(toys):
    toys.call("echo", {})
    pid = toys.hello.pid
    os.kill(pid, signal.SIGSTOP)
    start_s = time.monotonic()
    ids = [toys.submit("echo", {"x": "y" * 500_000}) for _ in range(4)]
    assert time.monotonic() - start_s < 1, "a full pipe must not hold up the client"
    for id in ids:
        toys.cancel(id)
    _, seen = until(toys, lambda reply: reply == Stopped(ids[-1]), timeout_s=3)
    assert seen == [Stopped(id) for id in ids]
    seconds_until_gone(pid, timeout_s=1)


@pytest.mark.parametrize(
    ("how", "kind", "code"),
    [
        ("known", MotionError, "motion.bad"),
        ("unknown", EngineError, "engine.internal"),
        ("exit", EngineError, "engine.internal"),
    ],
)
def test_a_job_that_fails_leaves_the_worker_alive(toys, how, kind, code):
    toys.call("echo", {})
    pid = toys.hello.pid
    with pytest.raises(kind) as caught:
        toys.call("fail", {"how": how})
    assert caught.value.code == code
    assert caught.value.hint
    assert toys.call("echo", {"x": 1}) == {"x": 1}
    assert toys.hello.pid == pid


def test_a_worker_that_had_too_little_memory_is_replaced_and_what_waits_is_done(toys):
    toys.call("echo", {})
    pid = toys.hello.pid
    failing = toys.submit("fail", {"how": "memory"})
    waiting = toys.submit("work", {"seconds": 1})
    error = until_end(toys, failing).exception()
    assert isinstance(error, EngineError)
    assert error.code == "engine.out_of_memory"
    assert error.hint
    assert until_end(toys, waiting) == Result(waiting, {})
    assert toys.hello.pid != pid


def test_an_unexpected_error_carries_its_traceback(toys):
    with pytest.raises(EngineError) as caught:
        toys.call("fail", {"how": "unknown"})
    assert "ZeroDivisionError: by zero" in "".join(caught.value.__notes__)


def test_a_result_that_is_no_json_is_the_jobs_failure(toys):
    with pytest.raises(EngineError) as caught:
        toys.call("unspeakable", {})
    assert caught.value.code == "engine.protocol"
    assert toys.call("echo", {}) == {}


def test_stray_prints_and_reads_do_not_touch_the_protocol(toys):
    id = toys.submit("chat", {})
    _, seen = until(toys, lambda reply: reply.id == id and not isinstance(reply, Progress))
    assert seen == [Progress(id, "Reading", 0), Result(id, {})]


def test_an_unknown_method_is_named(toys):
    with pytest.raises(EngineError, match="sing") as caught:
        toys.call("sing", {})
    assert caught.value.code == "engine.unknown_method"


def test_parameters_that_are_no_json_are_refused_before_anything_is_sent(toys):
    with pytest.raises(EngineError) as caught:
        toys.submit("echo", {"path": Path("x")})
    assert caught.value.code == "engine.protocol"
    assert toys.call("echo", {}) == {}


def test_cancelled_raised_in_progress_cancels_the_call(toys):
    def stop(stage, fraction):
        raise Cancelled

    start_s = time.monotonic()
    with pytest.raises(Cancelled):
        toys.call("work", {"seconds": 30}, stop)
    assert time.monotonic() - start_s < 5
    assert toys.call("echo", {}) == {}


def test_close_ends_the_worker_also_mid_job_and_a_call_starts_another(toys):
    id = toys.submit("work", {"seconds": 30})
    until_progress(toys, id)
    pid = toys.hello.pid
    start_s = time.monotonic()
    toys.close()
    assert time.monotonic() - start_s < 2
    assert is_gone(pid)
    assert toys.poll() == [Stopped(id)]
    assert toys.call("echo", {}) == {}


def test_close_ends_a_deaf_worker(toys):
    id = toys.submit("deaf", {"seconds": 60})
    until_progress(toys, id)
    pid = toys.hello.pid
    start_s = time.monotonic()
    toys.close()
    assert time.monotonic() - start_s < 2.5
    assert is_gone(pid)


HELLO = '{"type": "hello", "protocol": %d, "version": "9", "pid": 1, "python": "3"}'


def fake(*lines, then="import time; time.sleep(60)"):
    prints = "".join(f"print({line!r}, flush=True)\n" for line in lines)
    return prints + then


RANDOM_BYTES = """
import os
while True:
    os.write(1, os.urandom(1000))
"""

ENDLESS_LINE = """
import os
while True:
    os.write(1, b"x" * 100_000)
"""

FLOOD_OF_ENDS = """
while True:
    print('{"type": "result", "id": 77, "result": {}}', flush=True)
"""

HEIR_OF_STDOUT = """
import os, time
if os.fork() == 0:
    os.setsid(); time.sleep(5)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (fake(HELLO % 2), "engine.version"),
        (fake("Welcome to the shell"), "engine.protocol"),
        (fake(HELLO % 1, "garbage"), "engine.protocol"),
        (fake(HELLO % 1, then=RANDOM_BYTES), "engine.protocol"),
        (fake(HELLO % 1, then=ENDLESS_LINE), "engine.protocol"),
        (fake(HELLO % 1, then=FLOOD_OF_ENDS), "engine.protocol"),
        (fake(HELLO % 1, '{"type": "result", "id": 1, "result": []}'), "engine.protocol"),
        (fake(HELLO % 1, '{"type": "progress", "id": 1, "stage": "x", "fraction": 2}'), "engine.protocol"),
        (fake(HELLO % 1, then="print('{', end='', flush=True)"), "engine.died"),
        (fake(HELLO % 1), "engine.no_answer"),
        (fake(HELLO % 1, then="import os, time; os.close(0); time.sleep(60)"), "engine.no_answer"),
        pytest.param(fake(HELLO % 1, then=HEIR_OF_STDOUT), "engine.no_answer", marks=POSIX),
        (fake(HELLO % 1, then="import time; time.sleep(0.3)"), "engine.died"),
        (fake(then="raise SystemExit('No module named torch')"), "engine.not_started"),
        (fake(), "engine.no_answer"),
    ],
)
def test_an_engine_that_is_none_is_reported(fake_engine, program, code):
    client = fake_engine(program, hello_timeout_s=1.0, silence_timeout_s=1.0)
    id = client.submit("info", {})
    end = until_end(client, id, timeout_s=20)
    assert isinstance(end, Failure)
    assert client.poll() == []
    error = end.exception()
    assert isinstance(error, EngineError)
    assert error.code == code
    assert error.hint


def test_why_the_engine_did_not_start_is_in_the_message(fake_engine):
    client = fake_engine("raise SystemExit('No module named numpy')")
    with pytest.raises(EngineError, match="No module named numpy"):
        client.call("info", {})


def test_replies_to_requests_that_never_were_are_dropped(fake_engine):
    stranger = '{"type": "result", "id": 4242, "result": {}}'
    answer = '{"type": "result", "id": 1, "result": {"x": 1}}'
    client = fake_engine(fake(HELLO % 1, stranger, then=f"input(); print({answer!r}, flush=True); input()"))
    assert client.call("info", {}) == {"x": 1}
    assert client.poll() == []


COUNT_REQUESTS = """
import os, time
time.sleep(0.5)
count = os.read(0, 10_000).count(b"request")
print('{"type": "result", "id": 1, "result": {"requests": %d}}' % count, flush=True)
input()
"""


def test_a_second_hello_does_not_send_requests_twice(fake_engine):
    client = fake_engine(fake(HELLO % 1, HELLO % 1, HELLO % 1, then=COUNT_REQUESTS))
    assert client.call("info", {}) == {"requests": 1}


def test_a_flood_of_progress_neither_holds_up_the_client_nor_fills_its_memory(fake_engine):
    line = '{"type": "progress", "id": 1, "stage": "x", "fraction": 0.5}'
    client = fake_engine(
        fake(HELLO % 1, then=f"while True: print({line!r}, flush=True)"), cancel_timeout_s=0.5
    )
    id = client.submit("info", {})
    until_progress(client, id)
    time.sleep(1)
    assert len(client.poll()) <= 2 * MAX_UNREAD
    client.cancel(id)
    assert until_end(client, id) == Stopped(id)


def test_a_result_reaches_a_client_that_has_not_looked_for_long(fake_engine):
    line = '{"type": "progress", "id": 1, "stage": "x", "fraction": 0.5}\n'
    result = '{"type": "result", "id": 1, "result": {}}'
    program = fake(HELLO % 1, then=f"input(); print({line!r} * 5000 + {result!r}, flush=True); input()")
    client = fake_engine(program)
    id = client.submit("info", {})
    until_progress(client, id)
    time.sleep(0.5)
    assert until_end(client, id) == Result(id, {})


def test_a_flood_of_stderr_is_drained_and_not_kept(fake_engine):
    result = '{"type": "result", "id": 1, "result": {}}'
    flood = "import sys; [sys.stderr.write('x' * 1_000_000) for _ in range(50)]"
    client = fake_engine(fake(HELLO % 1, then=f"input(); {flood}; print({result!r}, flush=True); input()"))
    assert client.call("info", {}) == {}


def test_a_job_that_says_nothing_for_long_is_not_taken_for_dead(toy_root):
    with EngineClient(PYTHON, toy_root, silence_timeout_s=1.0) as client:
        assert client.call("deaf", {"seconds": 3}) == {}


@POSIX
def test_a_frozen_worker_is_given_up_and_replaced(toy_root):
    with EngineClient(PYTHON, toy_root, silence_timeout_s=1.0) as client:
        id = client.submit("work", {"seconds": 60})
        until_progress(client, id)
        pid = client.hello.pid
        os.kill(pid, signal.SIGSTOP)
        error = until_end(client, id).exception()
        assert error.code == "engine.no_answer"
        assert error.hint
        assert is_gone(pid)
        assert client.call("echo", {"x": 1}) == {"x": 1}


@POSIX
def test_a_worker_frozen_for_a_while_goes_on(toys):
    id = toys.submit("work", {"seconds": 1})
    until_progress(toys, id)
    os.kill(toys.hello.pid, signal.SIGSTOP)
    toys.wait(1)
    assert not [reply for reply in toys.poll() if not isinstance(reply, Progress)]
    os.kill(toys.hello.pid, signal.SIGCONT)
    assert until_end(toys, id) == Result(id, {})


SLEEPER = """
import sys
from pathlib import Path
from kinetone.core.engine.client import EngineClient
from kinetone.core.engine.process import MAX_UNREAD
patience = {"silence_timeout_s": 1.0, "hello_timeout_s": 1.0}
with EngineClient(Path(sys.executable), Path(sys.argv[1]), **patience) as client:
    print(client.call("work", {"seconds": 1}, lambda *_: print(client.hello.pid, flush=True)))
"""


@POSIX
@pytest.mark.parametrize("moment", ["starting", "working"])
def test_a_computer_that_sleeps_ends_no_job(toy_root, moment):
    # Longer than the client waits, and by the clock that goes on; the client wakes before the worker.
    command = [PYTHON, "-c", SLEEPER, toy_root]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as client:
        if moment == "working":
            client.stdout.readline()
        else:
            time.sleep(0.3)
        os.killpg(client.pid, signal.SIGSTOP)
        time.sleep(2.5)
        os.kill(client.pid, signal.SIGCONT)
        time.sleep(0.2)
        os.killpg(client.pid, signal.SIGCONT)
        assert client.stdout.read().endswith("{}\n")
        assert client.wait() == 0


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_jobs_in_the_queue_are_cancelled_in_any_order(toys, order):
    ids = [toys.submit("work", {"seconds": 60}) for _ in range(3)]
    until_progress(toys, ids[0])
    for place in order:
        toys.cancel(ids[place])
        assert until_end(toys, ids[place]) == Stopped(ids[place])
    assert toys.call("echo", {"x": 1}) == {"x": 1}
    assert toys.poll() == []


@pytest.mark.parametrize("python", ["does-not-exist", "."])
def test_an_interpreter_that_cannot_be_run_is_reported(toy_root, tmp_path, python):
    client = EngineClient(tmp_path / python, toy_root)
    with pytest.raises(EngineError) as caught:
        client.submit("echo", {})
    assert caught.value.code == "engine.not_started"
    assert caught.value.hint
