"""The command line: blender --background FILE.blend --command kinetone generate."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import Cancelled, KinetoneError
from . import jobs, model_card, preferences
from .request import build_request
from .status import status

_handles: list[Any] = []


def main(arguments: list[str]) -> int:
    """Run a command on the open file; returns the exit code: 0, 1 for a failure, 2 for a wrong call."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)
    try:
        _apply(options)
        jobs.run(build_request(bpy.context), ProgressLine())
        if options.save:
            bpy.ops.wm.save_mainfile()
    except (KinetoneError, Cancelled, KeyboardInterrupt, RuntimeError) as error:
        sys.stderr.write(f"\nkinetone: {str(error) or 'cancelled'}\n")
        return 1
    sys.stdout.write(f"\n{status.message}\n{status.music}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="blender --background FILE.blend --command kinetone")
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="generate music for the file's dance")
    generate.add_argument("--armature", help="name of the armature (default: as the panel finds it)")
    generate.add_argument("--seed", type=_seed, help="another number gives other music")
    generate.add_argument("--genre", help="one of the model's genres")
    generate.add_argument("--range", choices=("action", "scene", "preview"), help="what gets music")
    generate.add_argument("--output", type=Path, help="folder for the WAV (default: the file's setting)")
    generate.add_argument("--save", action="store_true", help="save the file with its new strip")
    return parser


def _seed(text: str) -> int:
    seed, largest = int(text), 2**31 - 1  # Blender's own limit
    if not 0 <= seed <= largest:
        raise argparse.ArgumentTypeError(f"the seed must lie from 0 to {largest}")
    return seed


def _apply(options: argparse.Namespace) -> None:
    """Put the options into the scene's settings, where a click on the button would find them."""
    scene = bpy.context.scene
    settings = scene.kinetone
    if options.armature is not None:
        armature = scene.objects.get(options.armature)
        if armature is None or armature.type != "ARMATURE":
            names = ", ".join(obj.name for obj in scene.objects if obj.type == "ARMATURE")
            raise KinetoneError(
                f"The scene “{scene.name}” has no armature “{options.armature}”.",
                code="scene.no_armature",
                hint=f"Its armatures are: {names}." if names else "Add or import a character that dances.",
            )
        bpy.context.view_layer.objects.active = armature
    if options.genre is not None:
        known = model_card.genres(preferences.checkpoint())
        if options.genre not in known:
            raise KinetoneError(
                f"The model has no genre “{options.genre}”.",
                code="generate.unknown_genre",
                hint=f"Choose one of: {', '.join(known)}; or leave --genre out."
                if known
                else "It has none at all: leave --genre out.",
            )
        settings.genre = options.genre
    if options.seed is not None:
        settings.seed = options.seed
    if options.range is not None:
        settings.range = options.range.upper()
    if options.output is not None:
        settings.folder = str(options.output.absolute())


class ProgressLine:
    """One line that is written anew whenever it says something new."""

    def __init__(self) -> None:
        self._line = ""

    def __call__(self, stage: str, fraction: float) -> None:
        """Show the stage and the percentage done."""
        line = f"{stage}: {fraction:.0%}"
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
