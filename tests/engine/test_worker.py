"""The worker process by itself: lines in and out of its pipes, and the ways in which it ends."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager

import pytest
from processes import is_gone, seconds_until_gone

POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX processes")


@contextmanager
def worker(toy_root):
    command = [sys.executable, "-m", "core.engine"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=toy_root, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert hear(process)["type"] == "hello"
            yield process
        finally:
            process.kill()


def say(process, *lines):
    for line in lines:
        text = line if isinstance(line, bytes) else json.dumps(line).encode()
        process.stdin.write(text + b"\n")
    process.stdin.flush()


def hear(process):
    return json.loads(process.stdout.readline())


def request(id, method, **params):
    return {"type": "request", "id": id, "method": method, "params": params}


def begin(process, method="work"):
    """Have a job running."""
    say(process, request(1, method, seconds=60))
    while hear(process)["type"] != "progress":
        pass


@pytest.mark.parametrize(
    "line",
    [b"garbage", b"\x00\xff\xfe", b"{}", b'{"type": "dance"}', b"x" * (3 << 20), b"[" * 50_000, b""],
)
def test_garbage_is_answered_and_the_next_request_served(toy_root, line):
    with worker(toy_root) as process:
        say(process, line, request(5, "echo", x=1))
        answer = hear(process)
        assert (answer["type"], answer["id"], answer["error"]["code"]) == ("error", None, "engine.protocol")
        assert hear(process) == {"type": "result", "id": 5, "result": {"x": 1}}


def test_a_bad_request_is_answered_under_its_id_also_while_a_job_runs(toy_root):
    with worker(toy_root) as process:
        begin(process)
        say(process, {"type": "request", "id": 2, "method": "echo"})
        while (answer := hear(process))["type"] == "progress":
            pass
        assert (answer["type"], answer["id"]) == ("error", 2)


@pytest.mark.parametrize("method", [None, "work", "deaf"])
def test_the_end_of_stdin_ends_the_worker(toy_root, method):
    with worker(toy_root) as process:
        if method is not None:
            begin(process, method)
        start_s = time.monotonic()
        process.stdin.close()
        assert process.wait(5) == 0
        assert time.monotonic() - start_s < 1.5


@pytest.mark.parametrize("method", [None, "work", "deaf"])
def test_shutdown_ends_the_worker(toy_root, method):
    with worker(toy_root) as process:
        if method is not None:
            begin(process, method)
        say(process, {"type": "shutdown"})
        assert process.wait(1.5) == 0


@POSIX
def test_ctrl_c_in_the_terminal_is_left_to_the_client(toy_root):
    with worker(toy_root) as process:
        process.send_signal(signal.SIGINT)
        say(process, request(1, "echo", x=1))
        assert hear(process)["result"] == {"x": 1}


PARENT = """
    import subprocess, sys, time
    worker = subprocess.Popen([sys.executable, "-m", "core.engine"], cwd=sys.argv[1],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    print(worker.stdout.readline().decode(), end="")
    if sys.argv[2] != "idle":
        worker.stdin.write(b'{"type": "request", "id": 1, "method": "%s", "params": {"seconds": 60}}\\n'
                           % sys.argv[2].encode())
        worker.stdin.flush()
        worker.stdout.readline()
    if sys.argv[3] == "pipe held by another":
        pipe = worker.stdin.fileno()
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"], pass_fds=[pipe])
        print(other.pid)
    print("ready", flush=True)
    time.sleep(60)
"""


@POSIX
@pytest.mark.parametrize("method", ["idle", "work", "deaf"])
@pytest.mark.parametrize("pipe", ["pipe closed", "pipe held by another"])
def test_the_worker_goes_when_its_parent_is_killed(toy_root, method, pipe):
    command = [sys.executable, "-c", textwrap.dedent(PARENT), str(toy_root), method, pipe]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        pid = json.loads(parent.stdout.readline())["pid"]
        others = []
        while (line := parent.stdout.readline().strip()) != b"ready":
            others.append(int(line))
        assert not is_gone(pid)
        parent.kill()
        seconds_s = seconds_until_gone(pid)
        for other in others:
            os.kill(other, signal.SIGKILL)
    assert seconds_s < 2


@POSIX
@pytest.mark.parametrize("end", ["stdin", "shutdown", "SIGTERM", "a full pipe"])
def test_a_worker_that_ends_deep_in_a_job_takes_its_half_written_file_along(toy_root, tmp_path, end):
    part = tmp_path / ".a.wav.part"
    with worker(toy_root) as process:
        say(process, request(1, "write_deaf", seconds=60, path=str(tmp_path / "a.wav")))
        while hear(process)["type"] != "progress":
            pass
        assert part.exists()
        if end == "stdin":
            process.stdin.close()
        elif end == "shutdown":
            say(process, {"type": "shutdown"})
        elif end == "SIGTERM":
            process.terminate()
        else:
            process.stdout.close()
        assert process.wait(10) == (128 + signal.SIGTERM if end == "SIGTERM" else 0)
    assert not part.exists()


@POSIX
def test_the_end_of_the_terminal_is_left_to_the_client(toy_root):
    with worker(toy_root) as process:
        process.send_signal(signal.SIGHUP)
        say(process, request(1, "echo", x=1))
        assert hear(process)["result"] == {"x": 1}
