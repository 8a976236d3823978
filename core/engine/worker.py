"""The engine process: runs one request at a time, hears a cancel meanwhile, and ends with its parent.

Knows nothing of music and imports no torch itself, so that it can greet at once: what it can do
is loaded in the background while it already listens.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, BinaryIO, NoReturn

from ..errors import Cancelled, EngineError, KinetoneError
from ..progress import ProgressCallback
from ..unfinished import remove_own
from ..version import VERSION
from .protocol import (
    PROTOCOL_VERSION,
    Cancel,
    ClientMessage,
    Hello,
    Progress,
    ProtocolError,
    Request,
    Result,
    Shutdown,
    Stopped,
    WorkerMessage,
    decode_from_client,
    encode,
    failure,
    read_messages,
)

logger = logging.getLogger(__name__)

Method = Callable[[dict[str, Any], ProgressCallback], dict[str, Any]]
"""Takes a request's parameters; calls back often, as that is where a cancel is heard; returns the result."""

PROGRESS_INTERVAL_S = 0.05
"""Between two progress messages of the same stage."""

BEAT_S = 5.0
"""Between two signs of life while a job has nothing to tell."""

PARENT_INTERVAL_S = 0.5
"""Between two looks at whether the parent still lives."""

SIGNALS = {signal.SIGTERM}
"""Upon which the process ends in good order."""

FAREWELL_S = 0.8
"""For a running job to clean up after itself before the process ends regardless."""


class Worker:
    """Requests in, replies out.

    The main thread runs the jobs. Others read, load the methods, watch the parent, wait for SIGTERM, and
    tell the client that there is life in this process while a job computes in silence.
    """

    def __init__(
        self, stdin: BinaryIO, stdout: BinaryIO, load_methods: Callable[[], Mapping[str, Method]]
    ) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._stdout_lock = threading.Lock()
        self._parent = os.getppid()  # before anybody knows of this process: the parent may die any time
        self._load_methods = load_methods
        self._methods: Mapping[str, Method] = {}
        self._load_error: EngineError | None = None
        self._loaded = threading.Event()
        self._changed = threading.Condition()  # guards the four below
        self._waiting: deque[Request] = deque()
        self._running: int | None = None
        self._cancelled = False
        self._stopping = False
        self._latest: Progress | None = None
        self.exit_code = 0

    def run(self) -> None:
        """Serves until stdin ends, the client says so, or the parent is gone."""
        self._send(Hello(PROTOCOL_VERSION, VERSION, os.getpid(), platform.python_version()))
        for target in (self._listen, self._load, self._watch_parent, self._await_signal, self._beat):
            threading.Thread(target=target, name=target.__name__, daemon=True).start()
        while (request := self._next()) is not None:
            reply = self._serve(request)
            self._latest = None
            if not (self._stopping and isinstance(reply, Stopped)):  # nobody has cancelled it
                self._send(reply)

    def stop(self, code: int = 0) -> None:
        """Ends the process: in good order if the running job hears of it, else by force."""
        with self._changed:
            if self._stopping:
                return
            self._stopping = self._cancelled = True
            self.exit_code = code
            self._waiting.clear()
            self._changed.notify_all()
        end = threading.Timer(FAREWELL_S, self._leave)
        end.daemon = True
        end.start()

    def _leave(self) -> None:
        remove_own()
        os._exit(self.exit_code)

    def _next(self) -> Request | None:
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._waiting or self._stopping)
            if self._stopping:
                return None
            request = self._waiting.popleft()
            self._running, self._cancelled = request.id, False
            return request

    def _serve(self, request: Request) -> WorkerMessage:
        """The request's end. The one place that catches everything: no job may end the process."""
        progress = self._progress(request.id)
        self._latest = Progress(request.id, "Working", 0.0)
        try:
            result = self._method(request, progress)(request.params, progress)
            reply = Result(request.id, result)
            encode(reply)  # a result that cannot be sent is the job's failure, too
            return reply
        except Cancelled:
            return Stopped(request.id)
        except KinetoneError as error:
            return failure(request.id, error)
        except (Exception, SystemExit) as error:
            logger.exception("The job %s failed", request.method)
            return failure(request.id, _unexpected(error), traceback.format_exc(limit=-20))

    def _method(self, request: Request, progress: ProgressCallback) -> Method:
        while not self._loaded.wait(0.1):
            progress("Starting the engine", 0.0)
        if self._load_error is not None:
            raise self._load_error
        if request.method not in self._methods:
            raise EngineError(
                f"The engine has no method {request.method!r}; it has {', '.join(self._methods)}.",
                code="engine.unknown_method",
                hint="Update Kinetone and its engine to the same version.",
            )
        return self._methods[request.method]

    def _progress(self, id: int) -> ProgressCallback:
        """Jobs may call it a thousand times a second, to hear of a cancel; the client hears less of it."""
        furthest: dict[str, float] = {}
        next_s = 0.0

        def progress(stage: str, fraction: float) -> None:
            nonlocal next_s
            if self._cancelled:
                raise Cancelled
            now_s = time.monotonic()
            if now_s >= next_s or stage not in furthest or fraction >= 1:
                next_s = now_s + PROGRESS_INTERVAL_S
                furthest[stage] = max(furthest.get(stage, 0.0), min(fraction, 1.0))
                self._latest = Progress(id, stage, furthest[stage])
                self._send(self._latest)

        return progress

    def _listen(self) -> None:
        try:
            for message in read_messages(self._stdin, decode_from_client):
                self._take(message)
        finally:  # also where memory is short: deaf, it would be of no use
            self.stop()

    def _take(self, message: ClientMessage | ProtocolError) -> None:
        match message:
            case ProtocolError():
                self._send(failure(message.id, message))
            case Request():
                with self._changed:
                    self._waiting.append(message)
                    self._changed.notify_all()
            case Cancel():
                self._cancel(message.id)
            case Shutdown():
                self.stop()

    def _cancel(self, id: int) -> None:
        """Stops a request, running or waiting; one that has ended was answered already."""
        with self._changed:
            if self._running == id:
                self._cancelled = True
                return
            waiting = [request for request in self._waiting if request.id == id]
            for request in waiting:
                self._waiting.remove(request)
        for request in waiting:
            self._send(Stopped(request.id))

    def _load(self) -> None:
        started_s = time.monotonic()
        try:
            self._methods = self._load_methods()
        except Exception as error:
            logger.exception("The engine cannot load")
            self._load_error = EngineError(
                f"The engine's environment is not complete: {error}.",
                code="engine.incomplete",
                hint="Install Kinetone's engine anew, or choose the interpreter of another environment.",
            )
        logger.info("Loaded in %.1f s", time.monotonic() - started_s)
        self._loaded.set()

    def _watch_parent(self) -> None:
        """The end of stdin tells of the parent's death, unless another of its children holds the pipe."""
        while os.getppid() == self._parent:
            time.sleep(PARENT_INTERVAL_S)
        self.stop()

    def _await_signal(self) -> None:
        """SIGTERM ends the process in good order, even if the main thread is deep in a computation."""
        if hasattr(signal, "sigwait"):
            self.stop(128 + signal.sigwait(SIGNALS))

    def _beat(self) -> None:
        while True:
            time.sleep(BEAT_S)
            if (latest := self._latest) is not None:
                self._send(latest)

    def _send(self, message: WorkerMessage) -> None:
        try:
            with self._stdout_lock:
                self._stdout.write(encode(message))
                self._stdout.flush()
        except OSError:  # nobody listens any more
            self.stop()


def main(load_methods: Callable[[], Mapping[str, Method]]) -> NoReturn:
    """The process's whole life."""
    # Ctrl-C in a terminal, and its end, reach all of its processes; what that means is the client's decision.
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    stdin, stdout = _take_standard_streams()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    faulthandler.enable(all_threads=False)  # a crash in a library leaves the place in the last words
    worker = Worker(stdin, stdout, load_methods)
    worker.run()
    # Without Python's own farewell, which would wait for a job or an import that is under way.
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(worker.exit_code)


def _take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Private copies of stdin and stdout; what others print, from C too, goes to stderr from now on."""
    stdin = os.fdopen(os.dup(0), "rb")
    stdout = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return stdin, stdout


def _unexpected(error: BaseException) -> EngineError:
    if isinstance(error, MemoryError):
        return EngineError(
            "There is not enough memory for this.",
            code="engine.out_of_memory",
            hint="Close other programs, or choose a shorter range or fewer takes.",
        )
    return EngineError(
        f"The engine made a mistake: {type(error).__name__}: {error}.",
        code="engine.internal",
        hint="Please report it, with what the console says.",
    )
