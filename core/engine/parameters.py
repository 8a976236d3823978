"""What a request may hold: checked all at once, before anything slow happens.

``generate`` takes

=================  ==================================================================================
``joints``         a ``.npy`` file of ``(N, 24, 3)``, metres, Z up, 60 Hz; or a list of 1 to 8 of them, one
                   for each dancer, with the same N
``output``         a list of 1 to 8 files to write, one for each take; the suffix says the format: ``.wav`` or
                   ``.flac``. Beside each NAME.wav comes NAME.json, its sidecar
``takes``          if given, the number of outputs
``checkpoint``     folder; absent: the default checkpoint
``seed``           of the random choices, a whole number from 0 to MAX_SEED; absent: 0
``genre``          one of the checkpoint's genres; absent: left to the dance
``genre_strength`` a number from 0 to 100; absent: 1
``energy``         a number from 0.25 to 2; absent: 1
``tempo_bpm``      a number from 30 to 300; absent: the dance's own pulse
``temperature``    a number from 0 to 100; absent: the engine's default
``top_k``          a whole number from 0; absent: the engine's default
``device``         what to compute on, ``cpu`` or ``gpu``; absent: ``cpu``. Without a GPU that works it is the
                   processor, and a note says why
``replace``        whether files that are there may be replaced; absent: false
``sidecar``        an object of whatever the caller wants kept; it comes back as ``about`` in every sidecar
=================  ==================================================================================

``regenerate`` takes the same, where ``joints`` is the whole changed dance, and

=================  ==================================================================================
``music``          the sidecar of the music that is there
``start_s``        where the new part begins, seconds from the dance's first frame
``end_s``          where it ends. If the dance's length has changed, the end of the dance
=================  ==================================================================================

``decode`` makes the music of a sidecar again, bit for bit, and takes ``music``, ``output`` (one file),
``checkpoint``, ``device`` and ``replace``. ``info`` takes ``checkpoint``. All paths are absolute. An unknown
name is refused.

What comes back is described in methods.py.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..audio import SUFFIXES
from ..errors import EngineError
from ..options import DEVICES, MAX_DANCERS, MAX_SEED, MAX_TAKES, GenerateOptions
from .protocol import is_whole


@dataclass(frozen=True)
class GenerateParameters:
    """Parameters of ``generate``, and those that ``regenerate`` shares with it.

    Attributes:
        joints: one file for each dancer.
        output: one file for each take.
        checkpoint: folder; None for the default checkpoint.
        options: not yet checked for values that no model can follow.
        about: kept in the sidecars.
        replace: whether files that are there may be.
        device: to compute on, one of DEVICES.
    """

    joints: tuple[Path, ...]
    output: tuple[Path, ...]
    checkpoint: Path | None
    options: GenerateOptions
    about: Mapping[str, Any]
    replace: bool
    device: str


@dataclass(frozen=True)
class RegenerateParameters:
    """Parameters of ``regenerate``.

    Attributes:
        music: sidecar of the music that is there.
        start_s, end_s: the part to be made anew, in seconds from the dance's first frame.
    """

    generate: GenerateParameters
    music: Path
    start_s: float
    end_s: float


@dataclass(frozen=True)
class DecodeParameters:
    """Parameters of ``decode``: the sidecar, the file to write; the rest as for ``generate``."""

    music: Path
    output: Path
    checkpoint: Path | None
    replace: bool
    device: str


def generate_parameters(params: Mapping[str, Any]) -> GenerateParameters:
    """The parameters of a ``generate`` request.

    Raises: EngineError (engine.bad_params) naming everything that is wrong.
    """
    _check(params, _generate_checks(params), required=("joints", "output"))
    return _generate_parameters(params)


def regenerate_parameters(params: Mapping[str, Any]) -> RegenerateParameters:
    """The parameters of a ``regenerate`` request.

    Raises: EngineError (engine.bad_params) naming everything that is wrong.
    """
    checks = _generate_checks(params) | {"music": _PATH, "start_s": _SECONDS, "end_s": _SECONDS}
    _check(params, checks, required=("joints", "output", "music", "start_s", "end_s"))
    return RegenerateParameters(
        _generate_parameters(params), Path(params["music"]), params["start_s"], params["end_s"]
    )


def decode_parameters(params: Mapping[str, Any]) -> DecodeParameters:
    """The parameters of a ``decode`` request.

    Raises: EngineError (engine.bad_params) naming everything that is wrong.
    """
    checks = {
        "music": _PATH,
        "output": (_is_music_path, f"an absolute path {_ENDING}"),
        "checkpoint": _PATH,
        "replace": _BOOLEAN,
        "device": _DEVICE,
    }
    _check(params, checks, required=("music", "output"))
    return DecodeParameters(
        Path(params["music"]),
        Path(params["output"]),
        _optional_path(params.get("checkpoint")),
        params.get("replace", False),
        params.get("device", DEVICES[0]),
    )


def info_checkpoint(params: Mapping[str, Any]) -> Path | None:
    """The checkpoint that an ``info`` request asks about; None for the default one.

    Raises: EngineError (engine.bad_params).
    """
    _check(params, {"checkpoint": _PATH}, required=())
    return _optional_path(params.get("checkpoint"))


_Check = tuple[Callable[[Any], bool], str]

_CHOICES = ("seed", "genre", "temperature", "top_k", "genre_strength", "energy", "tempo_bpm")


def _generate_checks(params: Mapping[str, Any]) -> dict[str, _Check]:
    output = params.get("output")
    n_outputs = len(output) if isinstance(output, list) else None
    return {
        "joints": (_are_joints, f"an absolute path, or a list of 1 to {MAX_DANCERS} of them"),
        "output": (
            _are_outputs,
            f"a list of 1 to {MAX_TAKES} absolute paths {_ENDING}, different but for that",
        ),
        "takes": (lambda value: is_whole(value) and value == n_outputs, "the number of outputs"),
        "checkpoint": _PATH,
        "seed": (
            lambda value: is_whole(value) and value <= MAX_SEED,
            f"a whole number from 0 to {MAX_SEED}",
        ),
        "genre": (lambda value: isinstance(value, str), "a text"),
        "temperature": _NUMBER,
        "top_k": (is_whole, "a whole number from 0"),
        "genre_strength": _NUMBER,
        "energy": _NUMBER,
        "tempo_bpm": _NUMBER,
        "replace": _BOOLEAN,
        "device": _DEVICE,
        "sidecar": (lambda value: isinstance(value, dict), "an object"),
    }


def _generate_parameters(params: Mapping[str, Any]) -> GenerateParameters:
    joints = params["joints"]
    output = tuple(map(Path, params["output"]))
    choices = {name: params[name] for name in _CHOICES if name in params}
    return GenerateParameters(
        joints=tuple(map(Path, joints if isinstance(joints, list) else [joints])),
        output=output,
        checkpoint=_optional_path(params.get("checkpoint")),
        options=GenerateOptions(takes=len(output), **choices),
        about=params.get("sidecar", {}),
        replace=params.get("replace", False),
        device=params.get("device", DEVICES[0]),
    )


def _check(params: Mapping[str, Any], checks: Mapping[str, _Check], required: tuple[str, ...]) -> None:
    faults = [f"{name} is missing" for name in required if name not in params]
    faults += [f"{name} is unknown" for name in params if name not in checks]
    faults += [
        f"{name} must be {words}"
        for name, (is_good, words) in checks.items()
        if name in params and not is_good(params[name])
    ]
    if faults:
        raise EngineError(
            f"Bad parameters: {textwrap.shorten('; '.join(faults), 1000)}.",
            code="engine.bad_params",
            hint="Update Kinetone and its engine to the same version.",
        )


def _optional_path(value: str | None) -> Path | None:
    return None if value is None else Path(value)


def _is_path(value: Any) -> bool:
    """Absolute, as the engine works in a folder of its own, and with nothing in it that no name can have."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return Path(value).is_absolute()


def _is_music_path(value: Any) -> bool:
    return _is_path(value) and Path(value).suffix.lower() in SUFFIXES


def _are_joints(value: Any) -> bool:
    if not isinstance(value, list):
        return _is_path(value)
    return 1 <= len(value) <= MAX_DANCERS and all(map(_is_path, value))


def _are_outputs(value: Any) -> bool:
    """Different also without their suffixes, as each has its sidecar, and whatever links lead there."""
    return (
        isinstance(value, list)
        and 1 <= len(value) <= MAX_TAKES
        and all(map(_is_music_path, value))
        and len({os.path.splitext(os.path.realpath(path))[0] for path in value}) == len(value)  # noqa: PTH122
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_DAY_S = 86_400
_PATH: _Check = (_is_path, "an absolute path")
_BOOLEAN: _Check = (lambda value: isinstance(value, bool), "true or false")
_DEVICE: _Check = (lambda value: value in DEVICES, " or ".join(DEVICES))
_NUMBER: _Check = (_is_number, "a number")
_SECONDS: _Check = (lambda value: _is_number(value) and 0 <= value <= _DAY_S, "a number of seconds in a day")
_ENDING = f"that ends in {' or '.join(SUFFIXES)}"
