"""``kinetone``: from a dance file to its music without Blender, by the same engine."""

from __future__ import annotations

import argparse
import logging
import math
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from .audio import SUFFIXES, sidecar_path
from .engine.client import EngineClient
from .errors import AudioError, Cancelled, FileFormatError, KinetoneError
from .motion.read import joints_at_60hz, read_motion
from .options import DEVICES, ENERGY_RANGE, MAX_DANCERS, MAX_SEED, MAX_TAKES, TEMPO_RANGE_BPM
from .unfinished import remove_unfinished
from .version import VERSION

PACKAGE_ROOT = Path(__file__).resolve().parents[1]


class _Interrupted(KeyboardInterrupt):
    """A signal asks to end, as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit code: 0, 1 for a failure, 2 for a wrong call, 130 for Ctrl-C.

    Likewise 143 and 129 for SIGTERM and SIGHUP, and 141 where nobody reads what it prints.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started this
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115
    parser = _parser()
    options = parser.parse_args(arguments)
    if len(getattr(options, "dances", ())) > MAX_DANCERS:
        parser.error(f"more than {MAX_DANCERS} dancers")
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.WARNING)
    try:
        with _signals_heard():
            options.run(options)
            sys.stdout.flush()
    except KinetoneError as error:
        _complain(error)
        return 1
    except (Cancelled, KeyboardInterrupt) as interruption:
        _say("\nkinetone: cancelled")
        return interruption.exit_code if isinstance(interruption, _Interrupted) else 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still buffered
        return 141
    except OSError as error:
        _say(f"kinetone: {error}")
        return 1
    return 0


@contextmanager
def _signals_heard() -> Iterator[None]:
    """Has SIGTERM and the end of the terminal clean up as Ctrl-C does; what nohup has ignored stays so."""
    known = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [number for number in known if signal.getsignal(number) == signal.SIG_DFL]

    def interrupt(number: int, _: object) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)  # they come together, and cleaning up needs its time
        raise _Interrupted(number)

    for number in numbers:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kinetone", description="Music that follows a dance.")
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument("-v", "--verbose", action="store_true", help="say what the engine does")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_generate(commands.add_parser("generate", help="generate the music for a dance"))
    _add_regenerate(commands.add_parser("regenerate", help="make a part of the music anew"))
    _add_again(commands.add_parser("again", help="make the music of a sidecar again, bit for bit"))
    info = commands.add_parser("info", help="show what a model is and what it was trained on")
    info.add_argument("checkpoint", nargs="?", type=Path, help="its folder (default: the one of Kinetone)")
    info.set_defaults(run=_info)
    return parser


def _add_generate(parser: argparse.ArgumentParser) -> None:
    _add_dances(parser)
    _add_output(parser)
    _add_choices(parser)
    parser.set_defaults(run=_generate)


def _add_regenerate(parser: argparse.ArgumentParser) -> None:
    _add_dances(parser)
    parser.add_argument(
        "--music", type=Path, required=True, metavar="NAME.json", help="sidecar of the music that is there"
    )
    seconds: dict[str, Any] = {"type": _number, "required": True, "metavar": "S"}
    parser.add_argument("--from", dest="start_s", help="start of the part, in seconds", **seconds)
    parser.add_argument("--to", dest="end_s", help="end of the part, in seconds", **seconds)
    _add_output(parser)
    _add_choices(parser)
    parser.set_defaults(run=_regenerate)


def _add_again(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("music", type=Path, metavar="NAME.json", help="the music's sidecar")
    _add_output(parser)
    parser.add_argument("--checkpoint", type=Path, help="folder of the model that made it, if another")
    parser.set_defaults(run=_again)


def _add_dances(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "dances",
        type=Path,
        nargs="+",
        metavar="DANCE",
        help=f"motion file: BVH, AIST++ (.pkl) or .npz; up to {MAX_DANCERS} for dancers who share the music",
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        type=_music_path,
        required=True,
        metavar="OUT.wav",
        help="24 kHz mono .wav or .flac to write; OUT.json comes beside it",
    )
    parser.add_argument("-f", "--force", action="store_true", help="replace files that are there already")
    parser.add_argument(
        "--device", choices=DEVICES, default=DEVICES[0], help="what to compute on (default: %(default)s)"
    )


def _add_choices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=_seed, default=0, help="another number gives other music (default: 0)")
    parser.add_argument("--genre", help="one of the model's genres (see: kinetone info)")
    parser.add_argument(
        "--genre-strength", type=_number, metavar="X", help="0 as without it, 1 as trained, 2 more so"
    )
    parser.add_argument(
        "--takes", type=_takes, default=1, help="make several pieces: OUT-1.wav, OUT-2.wav, … (default: 1)"
    )
    parser.add_argument(
        "--energy", type=_energy, metavar="X", help="0.25 to 2: as if danced calmer or wilder (default: 1)"
    )
    parser.add_argument(
        "--tempo",
        dest="tempo_bpm",
        type=_tempo,
        metavar="BPM",
        help="beats a minute to keep to (default: the dance's own pulse)",
    )
    daring = parser.add_mutually_exclusive_group()
    daring.add_argument("--temperature", type=_number, help="how adventurous the choices are, from 0")
    daring.add_argument(
        "--greedy", dest="temperature", action="store_const", const=0.0, help="always the likeliest choice"
    )
    parser.add_argument("--top-k", type=_top_k, help="how many choices are open at each step; 0 for all")
    parser.add_argument("--checkpoint", type=Path, help="folder of another model")


def _generate(options: argparse.Namespace) -> None:
    _make(options, "generate", {})


def _regenerate(options: argparse.Namespace) -> None:
    part = {"start_s": options.start_s, "end_s": options.end_s}
    _make(options, "regenerate", {"music": str(options.music.absolute()), **part})


def _again(options: argparse.Namespace) -> None:
    _check_outputs([options.output], options.force)
    params = {
        "music": str(options.music.absolute()),
        "output": str(options.output),
        "checkpoint": _absolute(options.checkpoint),
        "replace": options.force,
        "device": options.device,
    }
    with _engine() as engine, _no_leftovers([options.output]):
        result = engine.call("decode", _present(params), _show_progress)
    _report(result)


def _make(options: argparse.Namespace, method: str, more: dict[str, Any]) -> None:
    """Writes music for the dances that were named, by a method of the engine."""
    outputs = _outputs(options.output, options.takes)
    _check_outputs(outputs, options.force)
    with _engine() as engine:  # it loads while the dances are read
        dancers = [joints_at_60hz(read_motion(path)) for path in options.dances]
        with tempfile.TemporaryDirectory(prefix="kinetone-") as folder, _no_leftovers(outputs):
            params = _params(options, _saved(dancers, Path(folder)), outputs) | more
            result = engine.call(method, params, _show_progress)
    _report(result)


def _saved(dancers: list[np.ndarray], folder: Path) -> list[Path]:
    paths = [folder / f"joints-{number}.npy" for number in range(len(dancers))]
    try:
        for path, dancer in zip(paths, dancers, strict=True):
            np.save(path, dancer)
    except OSError as error:
        raise FileFormatError(
            f"The temporary folder {folder.parent} cannot hold the motion: {error.strerror or error}.",
            code="file.temporary",
            hint="Free some space there, or name another folder in the environment variable TMPDIR.",
        ) from error
    return paths


def _params(options: argparse.Namespace, joints: list[Path], outputs: list[Path]) -> dict[str, Any]:
    return _present(
        {
            "joints": [str(path) for path in joints],
            "output": [str(path) for path in outputs],
            "seed": options.seed,
            "genre": options.genre,
            "genre_strength": options.genre_strength,
            "energy": options.energy,
            "tempo_bpm": options.tempo_bpm,
            "temperature": options.temperature,
            "top_k": options.top_k,
            "checkpoint": _absolute(options.checkpoint),
            "replace": options.force,
            "device": options.device,
            "sidecar": {"dances": [path.name for path in options.dances]},
        }
    )


def _present(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _report(result: dict[str, Any]) -> None:
    _end_progress()
    for note in result["notes"]:
        _say(f"kinetone: {note}")
    for file in result["files"]:
        alignment = file["alignment"]
        sys.stdout.write(
            f"{_printable(file['path'])}: {file['duration_s']:.2f} s, seed {file['seed']}, "
            f"hits {alignment['hit']:.0%} "
            f"of {alignment['beats']} kinematic beats, shifted {alignment['shifted']:.0%}\n"
        )


def _info(options: argparse.Namespace) -> None:
    checkpoint = _absolute(options.checkpoint)
    with _engine() as engine:
        result = engine.call("info", {} if checkpoint is None else {"checkpoint": checkpoint})
    sys.stdout.write(_printable("\n".join(_lines(result)) + "\n"))


def _lines(values: dict[str, Any], indent: str = "") -> Iterator[str]:
    """Nested values as ``name: value`` lines."""
    for name, value in values.items():
        label = f"{indent}{name.replace('_', ' ')}:"
        if isinstance(value, dict):
            yield label
            yield from _lines(value, indent + "  ")
        else:
            yield f"{label} {', '.join(map(str, value)) if isinstance(value, list) else value}"


def _engine() -> EngineClient:
    client = EngineClient(Path(sys.executable), PACKAGE_ROOT)
    client.start()
    return client


def _outputs(output: Path, takes: int) -> list[Path]:
    if takes == 1:
        return [output]
    return [output.with_stem(f"{output.stem}-{take}") for take in range(1, takes + 1)]


def _check_outputs(outputs: list[Path], force: bool) -> None:
    folder = outputs[0].parent
    if not folder.is_dir():
        raise AudioError(
            f"The folder {folder} does not exist.",
            code="audio.not_writable",
            hint="Make it, or choose another.",
        )
    existing = [path.name for path in _with_sidecars(outputs) if path.exists()]
    if existing and not force:
        raise AudioError(
            f"{folder} already holds {', '.join(existing)}.",
            code="audio.exists",
            hint="Choose another name, or replace with --force.",
        )


@contextmanager
def _no_leftovers(outputs: list[Path]) -> Iterator[None]:
    """Removes what an engine that was killed left half-written."""
    try:
        yield
    finally:
        for path in _with_sidecars(outputs):
            remove_unfinished(path)


def _with_sidecars(outputs: list[Path]) -> list[Path]:
    return [each for path in outputs for each in (path, sidecar_path(path))]


def _show_progress(stage: str, fraction: float) -> None:
    if sys.stderr.isatty():
        _put(f"\r{stage}: {fraction:4.0%}\033[K")


def _end_progress() -> None:
    if sys.stderr.isatty():
        _put("\r\033[K")


def _complain(error: KinetoneError) -> None:
    _end_progress()
    _say(f"kinetone: {_printable(error.message)}")
    if error.hint:
        _say(error.hint)
    for note in getattr(error, "__notes__", ()):
        _say(f"\n{note}")


def _printable(text: str) -> str:
    """A text from elsewhere without what would move the terminal's cursor, or what it cannot encode."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def _say(text: str) -> None:
    _put(f"{text}\n")


def _put(text: str) -> None:
    with suppress(OSError):  # a terminal that was closed takes no music with it
        sys.stderr.write(text)
        sys.stderr.flush()


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def _music_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text} does not end in {' or '.join(SUFFIXES)}")
    return path.absolute()


def _seed(text: str) -> int:
    return _whole(text, 0, MAX_SEED)


def _takes(text: str) -> int:
    return _whole(text, 1, MAX_TAKES)


def _top_k(text: str) -> int:
    return _whole(text, 0, MAX_SEED)


def _number(text: str) -> float:
    return _between(text, 0, math.inf)


def _energy(text: str) -> float:
    return _between(text, *ENERGY_RANGE)


def _tempo(text: str) -> float:
    return _between(text, *TEMPO_RANGE_BPM)


def _between(text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most or math.isinf(value):
        limits = f"from {least:g}" if math.isinf(most) else f"from {least:g} to {most:g}"
        raise argparse.ArgumentTypeError(f"{text} is not a number {limits}")
    return value


def _whole(text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from {least} to {most}")
    return int(text)
