"""Makes the engine's environment step by step: venv, pip, a look whether it works. Free of bpy."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from ..core.errors import Cancelled, EngineError
from .engine_environment import (
    LOCKS,
    NEWEST_PYTHON,
    OLDEST_PYTHON,
    RECORD,
    Build,
    Source,
    check_space,
    clean_environment,
    environment_python,
    remove,
    requirements,
    write_record,
)

_ISOLATED = ("-I", "-X", "utf8")
"""Nothing of Blender's or the user's own Python comes in; names are UTF-8 in every locale."""

_CAN_MAKE_VENV = (
    "import sys, venv, ensurepip; "
    f"sys.exit(not {OLDEST_PYTHON} <= tuple(sys.version_info[:2]) <= {NEWEST_PYTHON})"
)

_CHECK = "import numpy, safetensors, soundfile, torch, torchaudio; print('torch', torch.__version__)"

DOWNLOADED, UNPACKED = 0.85, 0.95
"""Parts of the progress bar for what has been downloaded, and for what has been unpacked."""

LAST_LINES = 200
"""Of what a command says, kept to explain its failure; pip lists all hashes that a file might have had."""


class Installation:
    """One run of the installer. Drive it with ``step`` until that returns False.

    Args:
        folder: of the environment; a half-made one is completed, or made anew if its Python is broken.
        pythons: interpreters to try, the best first.
        log: file for all that the steps say.
    """

    def __init__(
        self, folder: Path, build: Build, source: Source, pythons: Sequence[Path], log: Path
    ) -> None:
        self._folder = folder
        self._build = build
        self._source = source
        self._pythons = pythons
        self._log = log
        self._cancelled = False
        self._steps = self._run()
        self.stage = "Starting"
        self.fraction = 0.0

    def step(self) -> bool:
        """Go on for a moment, without waiting; False once the engine is installed.

        Raises: EngineError (engine.no_space, engine.no_python, engine.no_wheels, engine.no_network,
            engine.tampered, engine.no_package, engine.install_failed, engine.in_use), Cancelled. What
            has been made stays, to be completed next time, unless it does not load.
        """
        try:
            next(self._steps)
        except StopIteration:
            return False
        return True

    def cancel(self) -> None:
        """Stop at the next step."""
        self._cancelled = True

    def stop(self) -> None:
        """Stop now, with the process that is running."""
        self._steps.close()

    def _run(self) -> Generator[None, None, None]:
        check_space(self._folder, self._build)
        self._check_source()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._log.write_text("", encoding="utf-8")
        self._show("Making the environment", 0.0)
        # Also of a whole one: its packages are about to change.
        (self._folder / RECORD).unlink(missing_ok=True)
        if not (yield from self._is_usable()):
            yield from self._make_environment()
        yield from self._get_packages()
        self._show("Checking", UNPACKED)
        version = yield from self._check()
        write_record(self._folder, self._build, version)
        self._show("Checking", 1.0)

    def _show(self, stage: str, fraction: float) -> None:
        self.stage, self.fraction = stage, max(self.fraction, min(fraction, 1.0))

    def _check_source(self) -> None:
        wheels = self._source.wheels
        if wheels is not None and not wheels.is_dir():
            raise EngineError(
                f"There is no folder {wheels} to install the engine from.",
                code="engine.no_wheels",
                hint="Put the wheels there, or unset KINETONE_ENGINE_WHEELS.",
            )

    def _is_usable(self) -> Generator[None, None, bool]:
        """Whether an earlier run has left an environment that can be completed."""
        if not environment_python(self._folder).is_file():
            return False
        code, _ = yield from self._command(self._python("-m", "pip", "--version"))
        return code == 0

    def _make_environment(self) -> Generator[None, None, None]:
        remove(self._folder)
        for python in self._pythons:
            code, _ = yield from self._command([str(python), *_ISOLATED, "-c", _CAN_MAKE_VENV])
            if code != 0:
                continue
            code, _ = yield from self._command([str(python), *_ISOLATED, "-m", "venv", str(self._folder)])
            if code == 0:
                return
            remove(self._folder)
        oldest, newest = (".".join(map(str, version)) for version in (OLDEST_PYTHON, NEWEST_PYTHON))
        raise EngineError(
            f"None of the Pythons on this computer can make the engine's environment: "
            f"{', '.join(map(str, self._pythons))}.",
            code="engine.no_python",
            hint=f"Install Python {oldest} to {newest} from python.org (Debian and Ubuntu also need the "
            "package python3-venv), then install again.",
        )

    def _get_packages(self) -> Generator[None, None, None]:
        local = self._source.wheels is not None
        if not local:
            # Venvs begin with the pip of their Python, which may be too old to report its progress.
            self._show("Getting pip", 0.01)
            yield from self._pip([*_locked("pip"), "--progress-bar", "off"], None)
        bar = ["--progress-bar", "off" if local else "raw"]
        watch = _Downloads(self._build.download_mb, self._show)
        if self._build.torch_index is None:
            yield from self._pip([*_locked("with_torch"), *bar], None, watch.line)
            return
        # PyTorch comes last, so that nothing else is left for its own index, of which no hashes are known.
        yield from self._pip([*_locked("without_torch"), *bar], None, watch.line)
        torch = [pin for pin in requirements() if pin.startswith("torch")]
        yield from self._pip([*torch, *bar], self._build.torch_index, watch.line)

    def _pip(
        self, arguments: list[str], torch_index: str | None, on_line: Callable[[str], None] | None = None
    ) -> Generator[None, None, None]:
        quiet = ("--no-input", "--disable-pip-version-check", "--no-warn-script-location")
        command = self._python("-u", "-m", "pip", "install", "--only-binary", ":all:", *quiet)
        code, words = yield from self._command(
            [*command, *self._source.pip_options(torch_index), *arguments], on_line
        )
        if code != 0:
            raise _pip_error(words, self._log)

    def _check(self) -> Generator[None, None, str]:
        """Load what was installed once; returns PyTorch's version."""
        code, words = yield from self._command(self._python("-c", _CHECK))
        versions = [line.removeprefix("torch ") for line in words if line.startswith("torch ")]
        if code != 0 or not versions:
            remove(self._folder)  # pip would take what is there for good
            raise EngineError(
                f"The engine was installed but does not load: {words[-1] if words else 'no reason given'}.",
                code="engine.install_failed",
                hint=f"Choose another build, or look into {self._log}.",
            )
        return versions[-1]

    def _python(self, *arguments: str) -> list[str]:
        return [str(environment_python(self._folder)), *_ISOLATED, *arguments]

    def _command(
        self, command: list[str], on_line: Callable[[str], None] | None = None
    ) -> Generator[None, None, tuple[int, list[str]]]:
        """Run a command to its end; returns its exit code and the last lines that it wrote."""
        process = _LoggedProcess(command, self._log)
        words: deque[str] = deque(maxlen=LAST_LINES)
        try:
            ended = False
            while not ended:
                if self._cancelled:
                    raise Cancelled
                ended = process.ended
                for line in process.lines():
                    words.append(line)
                    if on_line is not None:
                        on_line(line)
                yield
        finally:
            process.end()
        return process.code, list(words)


def _locked(name: str) -> list[str]:
    """pip's options for one of the LOCKS: it refuses whatever differs from them by a bit."""
    return ["--require-hashes", "--requirement", str(LOCKS / f"{name}.txt")]


class _Downloads:
    """Turns what pip says into progress."""

    _FILE = re.compile(r"\s*(Downloading|Using cached) (\S+) .*?\(([\d.]+) ([kMG]?)B\)")
    _BYTES = re.compile(r"Progress (\d+) of (\d+)")
    _SCALE = {"": 1e-6, "k": 1e-3, "M": 1.0, "G": 1e3}

    def __init__(self, expected_mb: int, show: Callable[[str, float], None]) -> None:
        self._expected_mb = expected_mb
        self._show = show
        self._done_mb = 0.0
        self._file, self._file_mb = "packages", 0.0

    def line(self, line: str) -> None:
        """Take one line of pip's output."""
        if found := self._FILE.match(line):
            self._done_mb += self._file_mb
            self._file = re.split(r"-\d", found[2])[0]
            self._file_mb = float(found[3]) * self._SCALE[found[4]]
            self._tell(0.0)
        elif found := self._BYTES.match(line):
            self._tell(int(found[1]) * 1e-6)
        elif line.startswith("Installing collected packages"):
            self._done_mb += self._file_mb
            self._file_mb = 0.0
            # The last run of pip unpacks when nearly all has been downloaded.
            self._show("Unpacking (takes a minute or two)", self._share(0.0))

    def _tell(self, file_mb: float) -> None:
        done_mb = self._done_mb + file_mb
        self._show(f"Downloading {self._file} ({done_mb:.0f} MB so far)", self._share(file_mb))

    def _share(self, file_mb: float) -> float:
        return min((self._done_mb + file_mb) / self._expected_mb, 1.0) * DOWNLOADED


class _LoggedProcess:
    """A process whose words go to a log and to whoever asks; it and its children end together."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._log = log.open("a", encoding="utf-8")
        self._log.write(f"$ {' '.join(command)}\n")
        self._popen: subprocess.Popen[bytes] | None = None
        self.code = 1
        try:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=clean_environment(),
                start_new_session=True,  # a process group of its own
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:  # as of an interpreter that cannot be run
            self._say(str(error))
            return
        assert self._popen.stdout is not None, "it is a pipe"
        self._thread = threading.Thread(target=self._read, args=(self._popen.stdout,), daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the process has ended and all that it said can be had."""
        if self._popen is None:
            return True
        if self._thread.is_alive() or self._popen.poll() is None:
            return False
        self.code = self._popen.returncode
        return True

    def lines(self) -> list[str]:
        """What it has said since the last call."""
        said = []
        while not self._lines.empty():
            said.append(self._lines.get())
        return said

    def end(self) -> None:
        """End the process, if it is still there, with all that it started."""
        if self._popen is not None and self._popen.poll() is None:
            _end_group(self._popen)
            self._popen.wait()
            self._thread.join(1.0)
        self._log.close()

    def _read(self, stdout: IO[bytes]) -> None:
        with stdout:
            for line in stdout:
                self._say(line.decode("utf-8", "replace").rstrip())

    def _say(self, line: str) -> None:
        self._lines.put(line)
        if not line.startswith("Progress "):
            with suppress(ValueError):  # the log has been closed on a process that would not end
                self._log.write(line + "\n")
                self._log.flush()


def _end_group(popen: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children; pip keeps nothing that a sudden end could harm."""
    if os.name == "nt":
        tool = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "taskkill.exe"
        with suppress(OSError):
            subprocess.run(
                [str(tool), "/T", "/F", "/PID", str(popen.pid)],
                capture_output=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                check=False,
            )
        popen.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(popen.pid, signal.SIGKILL)


_NETWORK_TROUBLE = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|Name or service not known"
    r"|getaddrinfo|IncompleteRead|ConnectionReset|incomplete-download",
    re.IGNORECASE,
)

_OTHER_HASH = re.compile(r"DO NOT MATCH THE HASHES.*\n\s+(\S+) from ([^\s#]+)")


def _pip_error(words: list[str], log: Path) -> EngineError:
    """Why pip failed, out of what it said."""
    said = "\n".join(words)
    errors = [line.removeprefix("ERROR: ") for line in words if line.startswith("ERROR: ")]
    reason = errors[-1] if errors else (words[-1] if words else "pip gave no reason")
    if found := _OTHER_HASH.search(said):
        return EngineError(
            f"{found[1]} was refused: what came from {found[2].rstrip(':')} is not the file that Kinetone "
            "was tested with (its SHA-256 differs). Nothing of it was installed.",
            code="engine.tampered",
            hint="Install again. If it stays so, something on the way (a mirror, a proxy, a damaged wheel) "
            f"changes files: use another network or folder. The log is {log}.",
        )
    if _NETWORK_TROUBLE.search(said):
        return EngineError(
            "The engine's packages could not be downloaded: the network failed.",
            code="engine.no_network",
            hint="Check the connection and install again; what has arrived is kept.",
        )
    if "No space left" in said:
        return EngineError("The disk is full.", code="engine.no_space", hint="Make room, then install again.")
    if "No matching distribution" in said:
        return EngineError(
            f"A package of the engine was not found: {reason.rstrip('.')}.",
            code="engine.no_package",
            hint=f"Choose another build, or look into {log}.",
        )
    return EngineError(
        f"The engine could not be installed: {reason.rstrip('.')}.",
        code="engine.install_failed",
        hint=f"Install again to go on from here; the log is {log}.",
    )
