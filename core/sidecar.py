"""The JSON file beside a piece of music: all that is needed to make it again, and to change a part of it.

Free of torch, so that Blender can read it. docs/generate.md describes the format.
"""

from __future__ import annotations

import base64
import json
import reprlib
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import FileFormatError
from .timing import FRAME_RATE, MAX_DURATION_S, SAMPLE_RATE
from .untrusted import read_json
from .version import VERSION

FORMAT_VERSION = 1

MAX_FRAMES = MAX_DURATION_S * FRAME_RATE
"""Of the longest dance."""

MAX_CODEBOOKS = 64
MAX_FILE_BYTES = 16 << 20
"""An hour of eight codebooks takes 5 MB."""


@dataclass(frozen=True)
class Model:
    """The checkpoint that made the music.

    Attributes:
        name, version: as its card says.
        sha256: of its weights' file, in hexadecimal digits.
    """

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Sidecar:
    """What is kept of a piece of music.

    Attributes:
        model: that made it.
        parameters: seed, take and options that it was asked for with; of a piece that was changed,
            those of the newest part.
        codes: ``(K, N)`` int16, one column for each frame of 1/60 s.
        alignment: ``hit``, ``shifted`` and ``beats``, as alignment.Alignment has them.
        kinematic_beats_s, musical_beats_s: seconds from the first sample.
        renewed: the parts that were made anew, oldest first: ``start_s``, ``end_s`` and ``parameters``.
        about: whatever the caller wanted kept.
        kinetone: version that wrote it.
    """

    model: Model
    parameters: Mapping[str, Any]
    codes: npt.NDArray[np.int16]
    alignment: Mapping[str, float]
    kinematic_beats_s: list[float]
    musical_beats_s: list[float]
    renewed: list[dict[str, Any]] = field(default_factory=list)
    about: Mapping[str, Any] = field(default_factory=dict)
    kinetone: str = VERSION

    @property
    def n_frames(self) -> int:
        """N, of 1/60 s each."""
        return int(self.codes.shape[1])

    @property
    def duration_s(self) -> float:
        """Of the music."""
        return self.n_frames / FRAME_RATE

    def to_bytes(self) -> bytes:
        """The file's content."""
        packed = zlib.compress(self.codes.astype("<i2").tobytes(), 6)
        values = {
            "format": FORMAT_VERSION,
            "kinetone": self.kinetone,
            "checkpoint": asdict(self.model),
            "parameters": dict(self.parameters),
            "n_frames": self.n_frames,
            "frame_rate": FRAME_RATE,
            "sample_rate": SAMPLE_RATE,
            "alignment": dict(self.alignment),
            "kinematic_beats_s": self.kinematic_beats_s,
            "musical_beats_s": self.musical_beats_s,
            "renewed": self.renewed,
            "about": dict(self.about),
            "codes": {
                "n_codebooks": len(self.codes),
                "encoding": "int16 little-endian, codebook by codebook; zlib; base64",
                "data": base64.b64encode(packed).decode("ascii"),
            },
        }
        return (json.dumps(values, indent=1, allow_nan=False) + "\n").encode("ascii")


def read_sidecar(path: Path) -> Sidecar:
    """Reads a sidecar back. One that was made to do harm can take no more memory than a long one.

    Raises: FileFormatError: file.sidecar_missing, file.sidecar_version, or file.sidecar for one that is
        too large, damaged or of another kind.
    """
    values = _json_object(path)
    if values.get("format") != FORMAT_VERSION:
        raise FileFormatError(
            f"{path} is a sidecar of format {reprlib.repr(values.get('format'))}; "
            f"this Kinetone reads {FORMAT_VERSION}.",
            code="file.sidecar_version",
            hint="Update Kinetone, or generate the music again.",
        )
    try:
        return _sidecar(values)
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise _unreadable(path, f"{type(error).__name__} {error}") from error


def _sidecar(values: dict[str, Any]) -> Sidecar:
    if (values["frame_rate"], values["sample_rate"]) != (FRAME_RATE, SAMPLE_RATE):
        raise ValueError("its rates are not Kinetone's")
    return Sidecar(
        model=Model(**{name: _text(values["checkpoint"][name]) for name in ("name", "version", "sha256")}),
        parameters=_parameters(_object(values["parameters"])),
        codes=_codes(_object(values["codes"]), values["n_frames"]),
        alignment=_alignment(_object(values["alignment"])),
        kinematic_beats_s=_numbers(values["kinematic_beats_s"]),
        musical_beats_s=_numbers(values["musical_beats_s"]),
        renewed=[_object(each) for each in _list(values["renewed"])],
        about=_object(values["about"]),
        kinetone=_text(values["kinetone"]),
    )


def _alignment(values: dict[str, Any]) -> dict[str, float]:
    if not {"hit", "shifted", "beats"} <= set(values):
        raise ValueError("its alignment is not whole")
    return dict(zip(values, _numbers(list(values.values())), strict=True))


def _parameters(values: dict[str, Any]) -> dict[str, Any]:
    for name in ("seed", "take"):
        if type(values[name]) is not int or values[name] < 0:
            raise ValueError(f"its {name} is not a whole number")
    return values


def _codes(values: dict[str, Any], n_frames: int) -> npt.NDArray[np.int16]:
    n_codebooks = values["n_codebooks"]
    for value, most in ((n_codebooks, MAX_CODEBOOKS), (n_frames, MAX_FRAMES)):
        if type(value) is not int or not 1 <= value <= most:
            raise ValueError(f"{reprlib.repr(value)} is not a number from 1 to {most}")
    size = 2 * n_codebooks * n_frames
    unpacker = zlib.decompressobj()
    # One byte more than there may be, so that too long ones are noticed and no more of them is unpacked.
    raw = unpacker.decompress(base64.b64decode(_text(values["data"]), validate=True), size + 1)
    if len(raw) != size or not unpacker.eof:
        raise ValueError(f"the codes are not {size} bytes")
    codes = np.frombuffer(raw, "<i2").reshape(n_codebooks, n_frames).astype(np.int16)
    if codes.min() < 0:
        raise ValueError("a code is negative")
    return codes


def _json_object(path: Path) -> dict[str, Any]:
    try:
        values = read_json(path, MAX_FILE_BYTES)
    except FileNotFoundError as error:
        raise FileFormatError(
            f"{path} does not exist.",
            code="file.sidecar_missing",
            hint="It lies beside the music it belongs to. Without it, generate the whole music again.",
        ) from error
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except ValueError as error:
        raise _unreadable(path, "it is not JSON") from error
    if not isinstance(values, dict):
        raise _unreadable(path, "it is not an object")
    return values


def _unreadable(path: Path, reason: str) -> FileFormatError:
    return FileFormatError(
        f"{path} is no sidecar of Kinetone's music: {reason}.",
        code="file.sidecar",
        hint="Choose the .json file beside the music, or generate the whole music again.",
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{reprlib.repr(value)} is not a text")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{reprlib.repr(value)} is not an object")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{reprlib.repr(value)} is not a list")
    return value


def _numbers(value: Any) -> list[float]:
    numbers = _list(value)
    if not all(type(each) in (int, float) for each in numbers):
        raise TypeError("what should be numbers is not")
    return numbers
