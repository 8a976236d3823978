"""A checkpoint: a folder with ``model.safetensors`` and ``card.json``, which says how to build the networks.

The card holds the configuration, the code-frame rate, the genres, what the model was trained on
under which licence, and its measured scores. Neither file can run code when it is read.
"""

from __future__ import annotations

import json
import os
import reprlib
import textwrap
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from .codec.model import Codec, CodecConfig
from .errors import CheckpointError
from .memory import ran_out
from .motion.features import READABLE
from .predictor.cells import CellStepper, CellWeights
from .predictor.fast import FastStepper, FastWeights
from .predictor.model import Predictor, PredictorConfig
from .predictor.stepper import PlainStepper, Stepper
from .timing import FRAME_RATE
from .untrusted import open_file, read_json

FORMAT_VERSION = 1
WEIGHTS_NAME = "model.safetensors"
CARD_NAME = "card.json"
DEFAULT_CHECKPOINT = Path(__file__).resolve().parents[1] / "assets" / "default_checkpoint"

CPU = torch.device("cpu")

MAX_CARD_BYTES = 1 << 19
"""So that a card fits a message of the engine; they have a few kilobytes."""

MAX_WEIGHTS_BYTES = 2 << 30

MAX_HEADER_BYTES = 1 << 20
"""Of the weights; with a hundred bytes for each of some hundred tensors."""

MAX_LAYERS = 64
MAX_SIZE = 1 << 16
_MOST = {
    "encoder_layers": MAX_LAYERS,
    "lstm_layers": MAX_LAYERS,
    "n_heads": 64,
    "window": 600,
    "codebook_delay": 60,
    "recall": 64,
}
"""Settings that cost memory which the weights' own size says nothing about; all others are up to MAX_SIZE."""

_MEMBERS = {"genres": "", "recall": 1}
"""One of each setting whose default has none."""

Config = TypeVar("Config", CodecConfig, PredictorConfig)


@dataclass(frozen=True)
class Checkpoint:
    """The networks, ready to run, their card, and the device that they are on."""

    codec: Codec
    predictor: Predictor
    card: dict[str, Any]
    device: torch.device = CPU

    @property
    def genres(self) -> tuple[str, ...]:
        """The genres that music can be asked for; may be empty."""
        return self.predictor.config.genres

    @property
    def on_gpu(self) -> bool:
        """Whether the networks are on a GPU."""
        return self.device != CPU

    def stepper(self) -> Stepper:
        """A new stepper of the predictor's decoder, for predict_codes: the fastest that its device has."""
        if self.predictor.config.cell != "lstm":
            return PlainStepper(self.predictor.decoder)
        return CellStepper(self._cell_weights) if self.on_gpu else FastStepper(self._fast_weights)

    @cached_property
    def _fast_weights(self) -> FastWeights:
        return FastWeights(self.predictor.decoder)

    @cached_property
    def _cell_weights(self) -> CellWeights:
        return CellWeights(self.predictor.decoder)


def read_card(folder: Path | None = None) -> dict[str, Any]:
    """The card of a checkpoint; without a folder, of the default one.

    Raises: CheckpointError: checkpoint.missing, checkpoint.unreadable or checkpoint.version.
    """
    path = (folder or DEFAULT_CHECKPOINT) / CARD_NAME
    try:
        card = read_json(path, MAX_CARD_BYTES)
    except FileNotFoundError as error:
        raise CheckpointError(
            f"There is no checkpoint in {path.parent}.",
            code="checkpoint.missing",
            hint=f"Choose a folder that holds {CARD_NAME} and {WEIGHTS_NAME}.",
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT_VERSION:
        version = card.get("format") if isinstance(card, dict) else None
        raise CheckpointError(
            f"{path.parent} is a checkpoint of format {reprlib.repr(version)}; "
            f"this Kinetone reads format {FORMAT_VERSION}.",
            code="checkpoint.version",
            hint="Use a checkpoint made for this version, or update Kinetone.",
        )
    return card


def load_checkpoint(folder: Path | None = None, device: torch.device = CPU) -> Checkpoint:
    """Builds the networks that a checkpoint describes and fills in their weights, as float32.

    Args:
        folder: of the checkpoint; without one, the default one's.
        device: that the networks are to run on.
    Raises: CheckpointError: checkpoint.missing, checkpoint.unreadable or checkpoint.version.
    """
    folder = folder or DEFAULT_CHECKPOINT
    card = read_card(folder)
    path = folder / WEIGHTS_NAME
    try:
        # Without numbers: drawing them at random, only to be replaced, would take longer than reading them.
        with torch.device("meta"):
            codec = Codec(_config(CodecConfig, card["codec"]))
            predictor = Predictor(_config(PredictorConfig, card["predictor"]))
        _check_fit(codec.config, predictor.config)
        _check_file(path)
        weights = load_file(path)
        _fill(codec, weights, "codec.")
        _fill(predictor, weights, "predictor.")
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{path} is missing.", code="checkpoint.missing", hint="Copy the whole checkpoint folder again."
        ) from error
    except _STUMBLES as error:
        if ran_out(error):
            raise
        raise _unreadable(folder, error) from error
    return Checkpoint(codec.eval().to(device), predictor.eval().to(device), card, device)


_STUMBLES = (
    SafetensorError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a card that asks for impossible networks, or weights of others, can make torch raise."""


def save_checkpoint(
    folder: Path,
    codec: Codec,
    predictor: Predictor,
    about: dict[str, Any],
    dtype: torch.dtype = torch.float16,
) -> None:
    """Writes a checkpoint.

    Args:
        about: what the card says beside the configuration: name, trained_on, licence, scores.
        dtype: of the stored weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        f"{prefix}.{name}": tensor.to(dtype).contiguous()
        for prefix, network in (("codec", codec), ("predictor", predictor))
        for name, tensor in network.state_dict().items()
    }
    card = {
        "format": FORMAT_VERSION,
        **about,
        "frame_rate": FRAME_RATE,
        "genres": list(predictor.config.genres),
        "codec": asdict(codec.config),
        "predictor": asdict(predictor.config),
    }
    # save_file would make a file that nobody but its owner can read.
    (folder / WEIGHTS_NAME).write_bytes(save(weights))
    (folder / CARD_NAME).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _config(kind: type[Config], values: dict[str, Any]) -> Config:
    defaults = {field.name: field.default for field in fields(kind)}
    if unknown := sorted(set(values) - set(defaults)):
        raise ValueError(f"unknown settings {reprlib.repr(unknown)}")
    settings: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    if bad := [name for name, value in settings.items() if not _is_sound(name, value, defaults[name])]:
        raise ValueError(f"bad settings {', '.join(bad)}")
    return kind(**settings)


def _is_sound(name: str, value: Any, default: Any) -> bool:
    """Whether a setting is of the kind of its default, and asks for no network that is out of all bounds."""
    if isinstance(default, tuple):
        inner = default[0] if default else _MEMBERS[name]
        inside = isinstance(value, tuple) and len(value) <= MAX_LAYERS
        return inside and all(_is_sound(name, each, inner) for each in value)
    if isinstance(default, int):
        return type(value) is int and min(default, 1) <= value <= _MOST.get(name, MAX_SIZE)
    return isinstance(value, int | float if isinstance(default, float) else str)


def _check_fit(codec: CodecConfig, predictor: PredictorConfig) -> None:
    """Whether the predictor reads Kinetone's features and speaks the codec's codes."""
    books = (codec.n_codebooks, codec.codebook_size)
    if books != (predictor.n_codebooks, predictor.codebook_size):
        raise ValueError(
            f"the codec has {books[0]} codebooks of {books[1]}, "
            f"the predictor {predictor.n_codebooks} of {predictor.codebook_size}"
        )
    if predictor.feature_dim not in READABLE:
        raise ValueError(f"the predictor reads {predictor.feature_dim} features, not one of {READABLE}")


def _check_file(path: Path) -> None:
    """Whether weights are a file, and neither they nor the list of them are larger than any."""
    with open_file(path) as file:
        header = int.from_bytes(file.read(8), "little")
        size = file.seek(0, os.SEEK_END)
    if header > MAX_HEADER_BYTES or size > MAX_WEIGHTS_BYTES:
        raise ValueError(f"{path.name} claims {header} bytes of header and has {size} bytes")


def _fill(network: torch.nn.Module, weights: dict[str, torch.Tensor], prefix: str) -> None:
    own = {name.removeprefix(prefix): w.float() for name, w in weights.items() if name.startswith(prefix)}
    network.load_state_dict(own, assign=True)
    if broken := [name for name, w in own.items() if not torch.isfinite(w.sum())]:
        raise ValueError(f"{len(broken)} weights hold what is no number, {broken[0]} for one")


def _unreadable(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"{path} cannot be read: {textwrap.shorten(str(error), 400)}.",
        code="checkpoint.unreadable",
        hint="It is damaged or not a Kinetone checkpoint; copy or download it again.",
    )
