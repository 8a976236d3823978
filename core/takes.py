"""Takes on their way to disk: their sound is written and heard piece by piece, their sidecars come last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .alignment import Alignment, hit_share
from .audio import MusicFiles, sidecar_path
from .decoding import Piece
from .onsets import OnsetListener, beats_s, onsets_s
from .options import GenerateOptions
from .sidecar import Model, Sidecar
from .timing import SAMPLE_RATE

DECIMALS = 4
"""Of times and shares that are kept: a tenth of a millisecond."""


@dataclass(frozen=True)
class Origin:
    """Where takes come from: what their sidecars say beside what is heard.

    Attributes:
        model: that makes them.
        options: that they are asked for with.
        dancers: how many they follow.
        kinematic_beats_s: of the dance.
        about: whatever the caller wants kept.
        earlier: the music of which a part is made anew, if any.
        renewed_s: that part's start and end.
    """

    model: Model
    options: GenerateOptions
    dancers: int
    kinematic_beats_s: npt.NDArray[np.float64]
    about: Mapping[str, Any] = field(default_factory=dict)
    earlier: Sidecar | None = None
    renewed_s: tuple[float, float] | None = None

    def parameters(self, take: int) -> dict[str, Any]:
        """What a take was asked for with."""
        values = asdict(self.options)
        del values["takes"]
        return {**values, "take": take, "dancers": self.dancers}

    def renewed(self, take: int) -> list[dict[str, Any]]:
        """The parts that were made anew, this one included."""
        if self.earlier is None or self.renewed_s is None:
            return []
        start_s, end_s = self.renewed_s
        before = self.earlier.renewed or [{"start_s": 0.0, "end_s": self.earlier.duration_s}]
        first = {"parameters": dict(self.earlier.parameters)} if not self.earlier.renewed else {}
        newest = {"start_s": start_s, "end_s": end_s, "parameters": self.parameters(take)}
        return [*({**each, **first} for each in before), newest]


def one_by_one(streams: Sequence[Iterable[Piece]]) -> Iterator[Piece]:
    """The pieces of takes that are made each for itself, as if they were made together."""
    for pieces in zip(*streams, strict=True):
        yield Piece(
            np.concatenate([piece.codes for piece in pieces]),
            np.concatenate([piece.waveform for piece in pieces]),
        )


def write_takes(
    files: MusicFiles, paths: Sequence[Path], pieces: Iterable[Piece], origin: Origin
) -> list[dict[str, Any]]:
    """Writes music as it comes, and at the end its sidecars; all get their names when ``files`` is left.

    Returns: for each take, what the engine tells of it (engine/methods.py).
    Raises: what ``pieces`` raises; AudioError.
    """
    listeners = [OnsetListener() for _ in paths]
    codes = []
    for piece in pieces:
        files.write(piece.waveform)
        codes.append(piece.codes)
        for listener, waveform in zip(listeners, piece.waveform, strict=True):
            listener.hear(waveform)
    whole = np.concatenate(codes, axis=-1)
    described = []
    for take, (path, listener) in enumerate(zip(paths, listeners, strict=True)):
        strength = listener.strength()
        sidecar = Sidecar(
            model=origin.model,
            parameters=origin.parameters(take),
            codes=whole[take],
            alignment=_alignment(origin, onsets_s(strength), files.samples / SAMPLE_RATE),
            kinematic_beats_s=_rounded(origin.kinematic_beats_s),
            musical_beats_s=_rounded(beats_s(strength)),
            renewed=origin.renewed(take),
            about=origin.about,
        )
        files.attach(sidecar_path(path), sidecar.to_bytes())
        described.append(description(path, sidecar, files.samples))
    return described


def description(path: Path, sidecar: Sidecar, samples: int) -> dict[str, Any]:
    """What the engine tells of a file."""
    return {
        "path": str(path),
        "sidecar": str(sidecar_path(path)),
        "seed": sidecar.parameters["seed"],
        "take": sidecar.parameters["take"],
        "samples": samples,
        "duration_s": samples / SAMPLE_RATE,
        "alignment": dict(sidecar.alignment),
        "musical_beats_s": sidecar.musical_beats_s,
    }


def _alignment(origin: Origin, onsets: npt.NDArray[np.float64], duration_s: float) -> dict[str, float]:
    # Always the same shifts, so that the same music always gets the same figures.
    rng = np.random.default_rng(0)
    found = Alignment.of(origin.kinematic_beats_s, onsets, duration_s, rng)
    figures = {"hit": found.hit, "shifted": found.shifted, "beats": found.beats}
    if origin.renewed_s is not None:
        start_s, end_s = origin.renewed_s
        inside = (origin.kinematic_beats_s >= start_s) & (origin.kinematic_beats_s < end_s)
        figures["renewed_hit"] = hit_share(origin.kinematic_beats_s[inside], onsets)
    return {name: round(value, DECIMALS) for name, value in figures.items()}


def _rounded(times_s: npt.NDArray[np.float64]) -> list[float]:
    return [round(float(time_s), DECIMALS) for time_s in times_s]
