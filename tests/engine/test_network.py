"""The engine and the command line talk to nobody: they listen on no network and call nowhere."""

import textwrap
from pathlib import Path

import numpy as np
import pytest
from bounded import run_alone
from engines import CHECKOUT, PYTHON, make_package, until_progress
from kinetone.core.engine.client import EngineClient
from motion_samples import bvh_text

WATCH = """
    import sys
    from pathlib import Path

    CALLS = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.")

    def watch(event, arguments, log={log!r}):
        if event.startswith(CALLS) and event not in ("socket.__new__", "socket.gethostname"):
            with open(log, "a") as file:
                file.write(f"{{event}} {{arguments}}\\n")

    sys.addaudithook(watch)
"""


def watching(log, program):
    return textwrap.dedent(WATCH).format(log=str(log)) + program


ENGINE = f"""
real = Path({str(CHECKOUT / "core" / "engine" / "__main__.py")!r})
exec(compile(real.read_text(), str(real), "exec"))
"""


@pytest.fixture
def log(tmp_path):
    return tmp_path / "calls.txt"


def test_the_watch_sees_a_call(log):
    run_alone(watching(log, "import socket\nsocket.socket().connect_ex(('127.0.0.1', 9))"))
    assert "socket.connect" in log.read_text()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no list of open files")
def test_the_engine_opens_no_socket_during_a_job(log, job, sample_dance, tmp_path):
    package = make_package(tmp_path / "package", watching(log, ENGINE))
    with EngineClient(PYTHON, package, {"OMP_NUM_THREADS": "1"}) as engine:
        id = engine.submit("generate", job(np.tile(sample_dance, (20, 1, 1))))
        until_progress(engine, id, "Composing")
        opened = [str(path.readlink()) for path in Path(f"/proc/{engine.hello.pid}/fd").iterdir()]
        engine.cancel(id)
        result = engine.call("generate", job(sample_dance))
    assert result["files"]
    assert opened
    assert not [name for name in opened if name.startswith("socket:")]
    assert not log.exists(), log.read_text()


def test_the_command_line_calls_nowhere(log, tmp_path, tiny_checkpoint):
    (tmp_path / "a.bvh").write_text(bvh_text([{}, {"LeftArm": [30, 0, 0]}] * 30))
    arguments = ["generate", str(tmp_path / "a.bvh"), "-o", str(tmp_path / "a.wav")]
    arguments += ["--checkpoint", str(tiny_checkpoint)]
    program = f"from kinetone.core.cli import main\nsys.exit(main({arguments!r}))"
    run_alone(watching(log, program))
    assert (tmp_path / "a.wav").exists()
    assert not log.exists(), log.read_text()
