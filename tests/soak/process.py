"""What a process holds at the moment, as the system tells it."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Held:
    """Resident memory now and at most in MB, open files, threads, and processor time so far in seconds."""

    memory_mb: float
    most_memory_mb: float
    files: int
    threads: int
    processor_s: float

    @classmethod
    def by(cls, pid):
        """What the process ``pid`` holds."""
        folder = Path(f"/proc/{pid}")
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        numbers = (folder / "stat").read_text().rpartition(")")[2].split()
        return cls(
            memory_mb=int(status["VmRSS"].split()[0]) / 1024,
            most_memory_mb=int(status["VmHWM"].split()[0]) / 1024,
            files=len(list((folder / "fd").iterdir())),
            threads=int(status["Threads"]),
            processor_s=(int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK"),
        )


def children(pid):
    """Processes that it has started and that still are."""
    return [
        int(pid)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]
