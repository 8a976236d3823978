"""``kinetone``: from a dance file to its music without Blender, by the same engine."""

from __future__ import annotations

import argparse
import logging
import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .audio import unfinished_path
from .engine.client import EngineClient
from .errors import AudioError, Cancelled, KinetoneError
from .motion.read import joints_at_60hz, read_motion
from .options import MAX_SEED
from .version import VERSION

PACKAGE_ROOT = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit code: 0, 1 for a failure, 2 for a wrong call, 130 for Ctrl-C."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.WARNING)
    try:
        options.run(options)
    except KinetoneError as error:
        _complain(error)
        return 1
    except (Cancelled, KeyboardInterrupt):
        _say("\nkinetone: cancelled")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kinetone", description="Music that follows a dance.")
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument("-v", "--verbose", action="store_true", help="say what the engine does")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_generate(commands.add_parser("generate", help="generate the music for a dance"))
    info = commands.add_parser("info", help="show what a model is and what it was trained on")
    info.add_argument("checkpoint", nargs="?", type=Path, help="its folder (default: the one of Kinetone)")
    info.set_defaults(run=_info)
    return parser


def _add_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dance", type=Path, help="motion file: BVH, AIST++ (.pkl) or .npz")
    parser.add_argument(
        "-o", "--output", type=_wav_path, required=True, metavar="OUT.wav", help="24 kHz mono WAV to write"
    )
    parser.add_argument("-f", "--force", action="store_true", help="replace files that are there already")
    parser.add_argument("--seed", type=_seed, default=0, help="another number gives other music (default: 0)")
    parser.add_argument("--genre", help="one of the model's genres (see: kinetone info)")
    parser.add_argument(
        "--takes", type=_takes, default=1, help="make several pieces: OUT-1.wav, OUT-2.wav, … (default: 1)"
    )
    daring = parser.add_mutually_exclusive_group()
    daring.add_argument("--temperature", type=_temperature, help="how adventurous the choices are, from 0")
    daring.add_argument(
        "--greedy", dest="temperature", action="store_const", const=0.0, help="always the likeliest choice"
    )
    parser.add_argument("--top-k", type=_top_k, help="how many choices are open at each step; 0 for all")
    parser.add_argument("--checkpoint", type=Path, help="folder of another model")
    parser.set_defaults(run=_generate)


def _generate(options: argparse.Namespace) -> None:
    outputs = _outputs(options.output, options.takes)
    _check_outputs(outputs, options.force)
    with _engine() as engine:  # it loads while the dance is read
        joints = joints_at_60hz(read_motion(options.dance))
        with tempfile.TemporaryDirectory(prefix="kinetone-") as folder, _no_leftovers(outputs):
            np.save(Path(folder) / "joints.npy", joints)
            params = _generate_params(options, Path(folder) / "joints.npy", outputs)
            result = engine.call("generate", params, _show_progress)
    _end_progress()
    for file in result["files"]:
        sys.stdout.write(f"{file['path']}: {file['duration_s']:.2f} s, seed {file['seed']}\n")


def _generate_params(options: argparse.Namespace, joints: Path, outputs: list[Path]) -> dict[str, Any]:
    params = {
        "joints": str(joints),
        "output": [str(path) for path in outputs],
        "seed": options.seed,
        "genre": options.genre,
        "temperature": options.temperature,
        "top_k": options.top_k,
        "checkpoint": _absolute(options.checkpoint),
    }
    return {name: value for name, value in params.items() if value is not None}


def _info(options: argparse.Namespace) -> None:
    checkpoint = _absolute(options.checkpoint)
    with _engine() as engine:
        result = engine.call("info", {} if checkpoint is None else {"checkpoint": checkpoint})
    sys.stdout.write("\n".join(_lines(result)) + "\n")


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
    existing = [path.name for path in outputs if path.exists()]
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
        for path in outputs:
            unfinished_path(path).unlink(missing_ok=True)


def _show_progress(stage: str, fraction: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{stage}: {fraction:4.0%}\033[K")
        sys.stderr.flush()


def _end_progress() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")


def _complain(error: KinetoneError) -> None:
    _end_progress()
    _say(f"kinetone: {error.message}")
    if error.hint:
        _say(error.hint)
    for note in getattr(error, "__notes__", ()):
        _say(f"\n{note}")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def _wav_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".wav":
        raise argparse.ArgumentTypeError(f"{text} does not end in .wav")
    return path.absolute()


def _seed(text: str) -> int:
    return _whole(text, 0, MAX_SEED)


def _takes(text: str) -> int:
    return _whole(text, 1, 99)


def _top_k(text: str) -> int:
    return _whole(text, 0, MAX_SEED)


def _temperature(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0")
    return value


def _whole(text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from {least} to {most}")
    return int(text)
