"""Programs in processes of their own: how reading a file ends, what it takes, and that it ends."""

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

PROGRAM = """
    import importlib, resource, sys
    from pathlib import Path
    from kinetone.core.errors import KinetoneError

    module, name = sys.argv[1].split(":")
    read = getattr(importlib.import_module(module), name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))  # so that a fault takes no other process along
    try:
        read(Path(sys.argv[2]))
        code = "taken"
    except KinetoneError as error:
        assert error.message and error.hint
        code = error.code
    print(code, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


class End(NamedTuple):
    """How it ended: "taken" or the error's code; and by how many megabytes the process grew."""

    code: str
    growth_mb: float


def read_alone(reader: str, path: Path, timeout_s: float = 60.0) -> End:
    """Calls ``reader`` (``module:function``) with the path; a crash or a hang raises."""
    code, growth_mb = run_alone(textwrap.dedent(PROGRAM), reader, str(path), timeout_s=timeout_s).split()
    return End(code, float(growth_mb))


def run_alone(program: str, *arguments: str, timeout_s: float = 60.0) -> str:
    """What a program prints; a crash or a hang raises."""
    command = [sys.executable, "-W", "ignore", "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s)
    assert done.returncode == 0, done.stderr
    return done.stdout
