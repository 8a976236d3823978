"""What a request may hold: checked all at once, before anything slow happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import EngineError
from .protocol import is_whole

MAX_SEED = 2**31 - 1
"""The largest integer that a Blender property holds."""


@dataclass(frozen=True)
class GenerateParameters:
    """Parameters of ``generate``. None leaves a choice to the model or the engine's default.

    Attributes:
        joints: ``.npy`` file of ``(N, 24, 3)``, metres, Z up, 60 Hz.
        output: WAV files to write, one per take.
        checkpoint: folder; None for the default checkpoint.
        seed: of the random choices, from 0 to MAX_SEED.
        genre: one of the checkpoint's genres.
        temperature, top_k: as in generate.GenerateOptions.
    """

    joints: Path
    output: tuple[Path, ...]
    checkpoint: Path | None
    seed: int
    genre: str | None
    temperature: float | None
    top_k: int | None


def generate_parameters(params: Mapping[str, Any]) -> GenerateParameters:
    """The parameters of a ``generate`` request. ``takes``, if given, must be the number of outputs.

    Raises: EngineError (engine.bad_params) naming everything that is wrong.
    """
    output = params.get("output")
    n_outputs = len(output) if isinstance(output, list) else None
    checks = {
        "joints": (_is_path, "an absolute path"),
        "output": (_is_paths, "a list of different absolute paths"),
        "takes": (lambda value: is_whole(value) and value == n_outputs, "the number of outputs"),
        "checkpoint": (_is_path, "an absolute path"),
        "seed": (
            lambda value: is_whole(value) and value <= MAX_SEED,
            f"a whole number from 0 to {MAX_SEED}",
        ),
        "genre": (lambda value: isinstance(value, str), "a text"),
        "temperature": (_is_number, "a number"),
        "top_k": (is_whole, "a whole number from 0"),
    }
    _check(params, checks, required=("joints", "output"))
    return GenerateParameters(
        joints=Path(params["joints"]),
        output=tuple(map(Path, params["output"])),
        checkpoint=_optional_path(params.get("checkpoint")),
        seed=params.get("seed", 0),
        genre=params.get("genre"),
        temperature=params.get("temperature"),
        top_k=params.get("top_k"),
    )


def info_checkpoint(params: Mapping[str, Any]) -> Path | None:
    """The checkpoint that an ``info`` request asks about; None for the default one.

    Raises: EngineError (engine.bad_params).
    """
    _check(params, {"checkpoint": (_is_path, "an absolute path")}, required=())
    return _optional_path(params.get("checkpoint"))


_Checks = Mapping[str, tuple[Callable[[Any], bool], str]]


def _check(params: Mapping[str, Any], checks: _Checks, required: tuple[str, ...]) -> None:
    faults = [f"{name} is missing" for name in required if name not in params]
    faults += [f"{name} is unknown" for name in params if name not in checks]
    faults += [
        f"{name} must be {words}"
        for name, (is_good, words) in checks.items()
        if name in params and not is_good(params[name])
    ]
    if faults:
        raise EngineError(
            f"Bad parameters: {'; '.join(faults)}.",
            code="engine.bad_params",
            hint="Update Kinetone and its engine to the same version.",
        )


def _optional_path(value: str | None) -> Path | None:
    return None if value is None else Path(value)


def _is_path(value: Any) -> bool:
    """Absolute, as the engine works in a folder of its own."""
    return isinstance(value, str) and "\0" not in value and Path(value).is_absolute()


def _is_paths(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(map(_is_path, value))
        and len(set(value)) == len(value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
