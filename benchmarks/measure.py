"""Timing things side by side, and saying on what machine."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

import torch

Timings = dict[str, float]
"""Seconds: median, quartiles (q1, q3) and minimum on the clock, and the minimum of processor time."""


def timed(runs: Mapping[str, Callable[[], object]], repeats: int, inner: int = 1) -> dict[str, Timings]:
    """Times things in turn, round after round, so that all meet the machine in the same moods.

    Args:
        repeats: rounds that count; one more before them warms up.
        inner: calls in a row, whose mean counts as one.
    """
    walls: dict[str, list[float]] = {name: [] for name in runs}
    processors: dict[str, list[float]] = {name: [] for name in runs}
    for round_ in range(repeats + 1):
        for name, run in runs.items():
            wall, processor = time.perf_counter(), time.process_time()
            for _ in range(inner):
                run()
            if round_:
                walls[name].append((time.perf_counter() - wall) / inner)
                processors[name].append((time.process_time() - processor) / inner)
    return {name: summary(walls[name], processors[name]) for name in runs}


def summary(walls: list[float], processors: list[float]) -> Timings:
    """Of seconds on the clock and of processor time."""
    quartiles = statistics.quantiles(walls, n=4, method="inclusive") if len(walls) > 1 else walls * 3
    return {
        "median": statistics.median(walls),
        "q1": quartiles[0],
        "q3": quartiles[-1],
        "min": min(walls),
        "cpu": min(processors),
    }


def machine() -> dict[str, str]:
    """The processor, its load at this moment, and the libraries."""
    capabilities = torch.cpu.get_capabilities()
    useful = ("avx2", "avx512_f", "avx512_vnni", "avx512_bf16", "avx_vnni", "amx_int8")
    load = Path("/proc/loadavg")
    return {
        "processor": str(capabilities.get("cpu_name", platform.processor())),
        "cores": str(capabilities.get("num_physical_cores", "?")),
        "instructions": " ".join(name for name in useful if capabilities.get(name)),
        "threads used": str(torch.get_num_threads()),
        "load average": load.read_text().split()[0] if load.exists() else "unknown",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "torch": torch.__version__,
        "GPU": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "numpy": version("numpy"),
    }


def resident_mb(pid: int | str = "self") -> float:
    """Memory of a process in MB, where the system tells (Linux); else not a number."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def processor_s(pid: int) -> float:
    """Processor time that a process has taken, where the system tells (Linux); else not a number."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return float("nan")
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
