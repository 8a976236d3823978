"""Many spoilt lines in a row to the real engine process."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import kinetone
import targets

LINES = 1000


def test_the_engine_answers_after_any_number_of_spoilt_lines():
    random, target = Random(1), targets.TARGETS["request"]
    lines = [target.spoilt(random).rstrip(b"\n") + b"\n" for _ in range(LINES)]
    lines = [line for line in lines if b"shutdown" not in line]
    last = {"type": "request", "id": 424242, "method": "sing", "params": {}}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-E", "-m", "core.engine"]
    with subprocess.Popen(command, cwd=Path(kinetone.__file__).parent, **pipes) as process:

        def say():
            process.stdin.write(b"".join(lines) + json.dumps(last).encode() + b"\n")
            process.stdin.flush()

        threading.Thread(target=say, daemon=True).start()
        answers = []
        while not answers or answers[-1].get("id") != last["id"]:
            answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        assert process.wait(10) == 0
    assert answers[-1]["error"]["code"] == "engine.unknown_method"
    codes = [answer["error"]["code"] for answer in answers if answer["type"] == "error"]
    assert codes.count("engine.protocol") > LINES / 4
    assert "engine.internal" not in codes
