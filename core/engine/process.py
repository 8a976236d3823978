"""One life of the worker process: pipes, the threads that serve them, and its end."""

from __future__ import annotations

import logging
import os
import queue
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from ..errors import EngineError
from .protocol import (
    ClientMessage,
    Progress,
    ProtocolError,
    WorkerMessage,
    decode_from_worker,
    encode,
    read_messages,
)

logger = logging.getLogger(__name__)

STDERR_LINES = 40
"""Of the worker's last words, kept to explain its death."""

STDERR_LINE_BYTES = 1000
"""Longer lines are broken, so that a worker gone mad cannot fill this process's memory."""

MAX_UNREAD = 1000
"""Messages kept for a client that does not look, as Blender while it renders. Beyond, progress is dropped;
with twice as many, the worker has gone mad."""

ENVIRONMENT = {
    # Threads that wait would spin, and beside a busy Blender take the time of those that they wait for.
    "OMP_WAIT_POLICY": "PASSIVE",
    # glibc would keep memory for each thread apart, 60 MB more in all.
    "MALLOC_ARENA_MAX": "1",
}
"""Of the worker, unless this process's own says otherwise."""

KILL_S = 0.5
"""For a killed process to be gone, with its locks. Milliseconds, as a rule."""


class WorkerProcess:
    """A running worker. Nothing here blocks but ``wait``, ``close`` and, for a moment, ``kill``.

    Three threads serve the pipes, so that a worker that neither reads nor writes can never hold
    up the process that started it, which may be Blender's window.
    """

    def __init__(self, python: Path, package_root: Path, environment: Mapping[str, str]) -> None:
        self._outbox: queue.SimpleQueue[ClientMessage | None] = queue.SimpleQueue()
        self._inbox: queue.SimpleQueue[WorkerMessage | ProtocolError] = queue.SimpleQueue()
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._arrived = threading.Event()
        self._ended = threading.Event()
        self._popen = _spawn(python, package_root, environment)
        self._stderr_thread = self._serve(self._read_stderr)
        self._serve(self._read_stdout)
        self._serve(self._write_stdin)

    @property
    def ended(self) -> bool:
        """Whether the process has gone and all that it said has been received."""
        return self._ended.is_set() and self._inbox.empty()

    def send(self, message: ClientMessage) -> None:
        """Hands a message to the thread that writes it."""
        self._outbox.put(message)

    def receive(self) -> list[WorkerMessage | ProtocolError]:
        """What has arrived since the last call."""
        self._arrived.clear()
        received = [self._inbox.get() for _ in range(self._inbox.qsize())]
        if self._ended.is_set():
            self._arrived.set()
        return received

    def wait(self, timeout_s: float) -> None:
        """Waits until something has arrived or the process has ended, at most this long."""
        self._arrived.wait(timeout_s)

    def kill(self) -> None:
        """Ends the process at once; ``ended`` becomes true a moment later."""
        self._popen.kill()
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(KILL_S)

    def close(self, timeout_s: float) -> None:
        """Closes the worker's stdin, upon which it ends; kills it if it takes longer than this."""
        self._outbox.put(None)
        if not self._ended.wait(timeout_s):
            self.kill()
            self._ended.wait(timeout_s)

    def cause_of_death(self) -> str:
        """How the process ended, in words."""
        code = self._popen.returncode
        if code is None:
            return "it stopped answering"
        names = {each.value: each.name for each in signal.Signals}
        number = -code if code < 0 else code - 128  # above 128 it heard the signal, and tidied up
        if code < 0 or number in names:
            return f"it was ended by signal {number} ({names.get(number, 'unknown')})"
        return f"its exit code is {code}"

    @property
    def killed_by_system(self) -> bool:
        """Whether it ended by SIGKILL, which is how a system that runs out of memory ends processes."""
        return os.name == "posix" and self._popen.returncode == -signal.SIGKILL

    def last_words(self) -> str:
        """The end of what the worker wrote to stderr."""
        return "\n".join(self._stderr)

    def _serve(self, target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=target, name=f"kinetone-{self._popen.pid}", daemon=True)
        thread.start()
        return thread

    def _read_stdout(self) -> None:
        with _pipe(self._popen.stdout) as stdout:
            for message in read_messages(stdout, decode_from_worker):
                unread = self._inbox.qsize()
                if unread >= MAX_UNREAD and isinstance(message, Progress):
                    continue
                if unread >= 2 * MAX_UNREAD:
                    self._receive(ProtocolError("More messages than there can be."))
                    break
                self._receive(message)
        # Without stdout it is of no use. Its last words come before the news of its death.
        try:
            self._popen.wait(1.0)
        except subprocess.TimeoutExpired:
            self.kill()
            self._popen.wait()
        self._stderr_thread.join(1.0)
        self._outbox.put(None)
        self._ended.set()
        self._arrived.set()

    def _receive(self, message: WorkerMessage | ProtocolError) -> None:
        self._inbox.put(message)
        self._arrived.set()

    def _read_stderr(self) -> None:
        with _pipe(self._popen.stderr) as stderr:
            while line := stderr.readline(STDERR_LINE_BYTES):
                text = line.decode("utf-8", "replace").rstrip()
                self._stderr.append(text)
                logger.debug("engine: %s", text)

    def _write_stdin(self) -> None:
        stdin = _pipe(self._popen.stdin)
        try:
            while (message := self._outbox.get()) is not None:
                stdin.write(encode(message))
                stdin.flush()
        except OSError:  # it has died, which the reading thread reports
            logger.debug("The engine no longer listens", exc_info=True)
        with suppress(OSError):
            stdin.close()


def _spawn(python: Path, package_root: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # -E: Blender's PYTHONHOME and PYTHONPATH are meant for another interpreter.
    command = [str(python.absolute()), "-E", "-X", "utf8", "-m", "core.engine"]
    try:
        return subprocess.Popen(
            command,
            cwd=package_root,
            env={**ENVIRONMENT, **os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise EngineError(
            f"The engine cannot be started with {python}: {error.strerror or error}.",
            code="engine.not_started",
            hint="Choose the Python interpreter of the engine's environment.",
        ) from error


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "all three streams are pipes"
    return stream
