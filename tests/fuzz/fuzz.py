"""Fuzzes what reads from strangers: ``python tests/fuzz/fuzz.py [--seconds S] [--seed N] [TARGET …]``.

Every target has a process of its own, under atheris: libFuzzer keeps the inputs that reach code which none
has reached before, and goes on from these, blindly or in the target's own ways of spoiling. What makes a
reader raise anything but KinetoneError, take 10 s or 2 GB, or crash ends that target; the input is kept.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

TESTS = Path(__file__).resolve().parents[1]
FOUND = TESTS.parent / "build" / "fuzz"
MEMORY = Path("/dev/shm")
COUNT = re.compile(r"stat::number_of_executed_units: (\d+)")
BLIND = 0.25
"""Share of the inputs that libFuzzer spoils."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzzes what reads from strangers.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all of them, if none is named")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        fuzz(options.targets[0], options.seconds, options.seed)
    sys.path[:0] = [str(TESTS)]
    from targets import TARGETS

    broken = [name for name in options.targets or TARGETS if not run(name, options.seconds, options.seed)]
    return 1 if broken else 0


def run(name: str, seconds: int, seed: int) -> bool:
    """Fuzzes a target in a process of its own; whether nothing was found."""
    FOUND.mkdir(parents=True, exist_ok=True)
    began_s = time.monotonic()
    command = [sys.executable, __file__, "--here", name, "--seconds", str(seconds), "--seed", str(seed)]
    # libFuzzer ends a process without letting it clean up; what is in memory is quicker, too.
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        environment = {**os.environ, "TMPDIR": folder}
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment)
    (FOUND / f"{name}.log").write_text(done.stderr)
    count = COUNT.search(done.stderr)
    inputs = int(count[1]) if count else 0
    verdict = "nothing found" if done.returncode == 0 and inputs else f"FOUND: {FOUND / name}.log"
    sys.stdout.write(f"{name}: {inputs} inputs, {time.monotonic() - began_s:.0f} s, seed {seed}: {verdict}\n")
    sys.stdout.flush()
    return done.returncode == 0


def fuzz(name: str, seconds: int, seed: int) -> None:
    """Fuzzes a target until the time is over or something is found; then this process ends."""
    import atheris

    sys.path[:0] = [str(TESTS)]
    with atheris.instrument_imports(include=["kinetone.core", "kinetone.training", "pickletools", "zipfile"]):
        import targets

    target = targets.TARGETS[name]

    def spoil(content: bytes, max_size: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < BLIND:
            return atheris.Mutate(content, max_size)
        return random.choice(target.ways)(random, content)[:max_size]

    corpus = FOUND / name
    corpus.mkdir(exist_ok=True)
    for number, content in enumerate(target.good):
        (corpus / f"good-{number}").write_bytes(content)
    limits = ["-timeout=10", "-rss_limit_mb=2048", f"-max_len={1 << 17}", f"-max_total_time={seconds}"]
    more = [f"-seed={seed}", "-print_final_stats=1", f"-artifact_prefix={FOUND}/{name}-", str(corpus)]
    atheris.Setup(
        [sys.argv[0], *limits, *more], lambda content: targets.check(target, content), custom_mutator=spoil
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
