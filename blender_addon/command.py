"""The command line: blender --background FILE.blend --command kinetone generate, and batch for many files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import Cancelled, KinetoneError
from . import batch, destination, preferences, scene_settings, unattended
from .status import duration, status

_handles: list[Any] = []

LARGEST_SEED = 2**31 - 1
"""The largest integer that a Blender property holds."""


def main(arguments: list[str]) -> int:
    """Run a command; returns the exit code: 0, 1 for a failure, 2 for a wrong call, 130 for Ctrl-C."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)
    if options.command == "batch":
        return batch.run(options.files, options.report.absolute(), _wishes(options), ProgressLine())
    try:
        music = unattended.generate(_wishes(options), ProgressLine())
    except KeyboardInterrupt:
        sys.stderr.write("\nkinetone: cancelled\n")
        return 130
    except (KinetoneError, Cancelled, RuntimeError) as error:
        sys.stderr.write(f"\nkinetone: {str(error) or 'cancelled'}\n")
        return 1
    sys.stdout.write(f"\n{status.message}\n" + "".join(f"{path}\n" for path in music.outputs()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="blender --background FILE.blend --command kinetone")
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="generate music for the open file's dance")
    _add_wishes(generate)
    many = commands.add_parser(
        "batch",
        help="the same for many files, one after the other, in one Blender with one engine",
        description="Goes on after a file that fails. Exit code 1 if any did.",
    )
    many.add_argument("files", type=Path, nargs="+", metavar="FILE.blend")
    many.add_argument(
        "--report", type=Path, default=Path("kinetone_report"), help="folder for report.json and report.md"
    )
    _add_wishes(many)
    return parser


def _add_wishes(parser: argparse.ArgumentParser) -> None:
    settings = "the file's own setting if left out"
    add = parser.add_argument
    add("--armature", help="name of the armature (default: as the panel finds it)")
    add("--range", choices=("action", "scene", "preview"), help=f"what gets music; {settings}")
    add("--takes", type=_whole(1, scene_settings.MAX_TAKES), help=f"how many pieces to make; {settings}")
    add("--seed", type=_whole(0, LARGEST_SEED), help=f"another number gives other music; {settings}")
    add("--genre", help=f"one of the model's genres; {settings}")
    add("--genre-strength", type=_number(0, 10), help=f"1 is usual; {settings}")
    add("--energy", type=_number(0.25, 2), help=f"1 is the dance's own; {settings}")
    add("--temperature", type=_number(0, 10), help=f"0.5 is usual; {settings}")
    add("--tempo", type=_number(30, 300), metavar="BPM", help="keep to this tempo, in beats a minute")
    add("--output", type=Path, metavar="DIR", help=f"folder for the music; {settings}")
    add("--name", help=f"pattern for the files' names, of {', '.join(destination.FIELDS)} in braces")
    add("--format", choices=("wav", "flac"), help=f"kind of the files; {settings}")
    add("--pack", action="store_true", help="put the music into the .blend instead; needs --save")
    add(
        "--render",
        type=Path,
        metavar="OUT.mp4",
        help="render the scene with its music; {file} may stand in it",
    )
    add("--save", action="store_true", help="save the .blend with its new strips")


def _wishes(options: argparse.Namespace) -> unattended.Wishes:
    fields = unattended.Wishes.__dataclass_fields__
    return unattended.Wishes(**{name: value for name, value in vars(options).items() if name in fields})


def _whole(least: int, most: int) -> Any:
    def whole(text: str) -> int:
        if not text.lstrip("+-").isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}")
        return int(text)

    return whole


def _number(least: float, most: float) -> Any:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be a number from {least} to {most}")
        return value

    return number


class ProgressLine:
    """One line that is written anew whenever it says something new."""

    def __init__(self) -> None:
        self._line = ""

    def __call__(self, stage: str, fraction: float) -> None:
        """Show the stage, the percentage done and the time left."""
        left_s = status.time_left_s
        left = f", {duration(left_s)} left" if left_s >= 0 else ""
        line = f"{stage}: {fraction:.0%}{left}"
        if line != self._line:
            sys.stdout.write(f"\r{line:<{len(self._line)}}")
            sys.stdout.flush()
            self._line = line


def register() -> None:
    """Register the command."""
    _handles.append(bpy.utils.register_cli_command(preferences.ROOT_PACKAGE.rpartition(".")[2], main))


def unregister() -> None:
    """Take the command back."""
    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())
