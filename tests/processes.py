"""Looking after processes that tests have started."""

import os
import time
from pathlib import Path


def is_gone(pid):
    """Whether a process has ended; a zombie that nobody reaped has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    if not Path("/proc/self/stat").exists():
        return False
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # reaped since the first look
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def seconds_until_gone(pid, timeout_s=10.0):
    """How long a process goes on living."""
    start_s = time.monotonic()
    while not is_gone(pid):
        assert time.monotonic() - start_s < timeout_s, f"{pid} still lives"
        time.sleep(0.02)
    return time.monotonic() - start_s
