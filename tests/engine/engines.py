"""The toy engine, and what tests of engines look at."""

import sys
import time
import wave
from pathlib import Path

import numpy as np
from kinetone.core.engine.protocol import Progress

CHECKOUT = Path(__file__).resolve().parents[2]
PYTHON = Path(sys.executable)

TOYS = """
import os, sys, time
from pathlib import Path
from core.engine import worker
from core.errors import MotionError
from core.unfinished import UnfinishedFile

worker.BEAT_S = 0.4

def echo(params, progress):
    return params

def work(params, progress):
    end = time.monotonic() + params["seconds"]
    while time.monotonic() < end:
        progress("Working", 0.5)
        time.sleep(0.02)
    return {}

def deaf(params, progress):
    progress("Working", 0.0)
    time.sleep(params["seconds"])
    return {}

def chat(params, progress):
    print("a stray print")
    os.system("echo a child speaks")
    os.write(1, b"straight to the descriptor\\n")
    progress("Reading", float(len(sys.stdin.read())))
    return {}

def fail(params, progress):
    errors = {
        "known": MotionError("The dance is bad.", code="motion.bad", hint="Dance better."),
        "unknown": ZeroDivisionError("by zero"),
        "exit": SystemExit(3),
        "memory": MemoryError(),
    }
    raise errors[params["how"]]

def unspeakable(params, progress):
    return {"value": float("nan")}

def back_and_forth(params, progress):
    for fraction in (0.2, 0.6, 0.4, 7.0):
        progress("Working", fraction)
        time.sleep(0.06)
    return {}

def hurry(params, progress):
    for frame in range(1000):
        progress("Hurrying", frame / 1000)
        time.sleep(0.0002)
    return {}

def die(params, progress):
    sys.stderr.write("these are my last words\\n")
    sys.stderr.flush()
    os._exit(7)

def write_deaf(params, progress):
    UnfinishedFile(Path(params["path"])).file.write(b"half of it")
    progress("Writing", 0.0)
    time.sleep(params["seconds"])
    return {}

METHODS = {each.__name__: each for each in
           (echo, work, deaf, chat, fail, unspeakable, back_and_forth, hurry, die, write_deaf)}
worker.main(lambda: METHODS)
"""

VANDALISED = """
# The real engine, which does to itself what a plan says: at a moment, which is one of Python's auditing
# events or a stage of a job, it dies of a signal or has no more memory. Plans come with a request, as
# sidecar["vandal"], or, for the time before the first one, in a file.
import importlib.util, json, os, resource, signal, sys, time
from pathlib import Path

plan = {}
unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

def now(event, detail):
    if plan and event == plan["event"] and plan["detail"] in detail:
        deed = plan["deed"]
        plan.clear()
        if deed == "memory":
            used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 20), resource.RLIM_INFINITY))
        else:
            os.kill(os.getpid(), getattr(signal, deed))
            time.sleep(60)

sys.addaudithook(lambda event, args: now(event, " ".join(map(str, args[:2]))))
early = Path(os.environ["EARLY_PLAN"])
if early.exists():
    plan.update(json.loads(early.read_text()))
    early.unlink()
now("start", "")

from core.engine.worker import main

spec = importlib.util.spec_from_file_location("core.engine.real", os.environ["REAL_MAIN"])
real = importlib.util.module_from_spec(spec)
spec.loader.exec_module(real)

def vandalised(method):
    def run(params, progress):
        plan.update(params.get("sidecar", {}).get("vandal", {}))
        def heard(stage, fraction):
            progress(stage, fraction)
            if fraction > 0.5 or stage in ("Reading the motion", "Loading the model"):
                now("stage", stage)
        try:
            return method(params, heard)
        finally:
            plan.clear()
            resource.setrlimit(resource.RLIMIT_AS, unlimited)
    return run

main(lambda: {name: vandalised(method) for name, method in real.load_methods().items()})
"""


def make_package(root, program):
    """A package root whose ``core`` is the real one but for the program that the engine process runs."""
    engine = root / "core" / "engine"
    engine.mkdir(parents=True)
    (root / "core" / "__init__.py").write_text(f"__path__.append({str(CHECKOUT / 'core')!r})")
    (engine / "__init__.py").write_text(f"__path__.append({str(CHECKOUT / 'core' / 'engine')!r})")
    (engine / "__main__.py").write_text(program)
    return root


def until(client, wanted, timeout_s=60.0):
    """The first reply for which ``wanted`` is true, and all that came before it."""
    seen = []
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        for reply in client.poll():
            seen.append(reply)
            if wanted(reply):
                return reply, seen
        client.wait(0.05)
    raise AssertionError(f"nothing of the kind within {timeout_s} s, only {seen}")


def until_end(client, id, timeout_s=60.0):
    """How a request ends."""
    return until(client, lambda reply: reply.id == id and not isinstance(reply, Progress), timeout_s)[0]


def until_progress(client, id, stage=None):
    """The request is being worked on."""
    return until(
        client,
        lambda reply: isinstance(reply, Progress) and reply.id == id and stage in (None, reply.stage),
    )[0]


def samples(path):
    """The 16-bit samples of a WAV."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")
