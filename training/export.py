"""From finished training runs to a checkpoint that ``core/`` loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ..core.checkpoint import save_checkpoint
from ..core.codec.model import Codec, CodecConfig
from ..core.errors import CheckpointError
from ..core.predictor.model import Predictor, PredictorConfig


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise CheckpointError(
            f"There is no training run in {path.parent}.",
            code="training.no_run",
            hint=f"Train one first; it leaves {path.name} there.",
        )
    state: dict[str, Any] = torch.load(path, weights_only=True)
    return state


def trained_codec(folder: Path) -> Codec:
    """The codec of a training run as it stands.

    Raises: CheckpointError (training.no_run).
    """
    state = _read(folder / "codec.state")
    codec = Codec(CodecConfig(**state["config"]["model"]))
    codec.load_state_dict(state["codec"])
    return codec.eval()


def trained_predictor(folder: Path) -> Predictor:
    """The predictor of a training run as it stands.

    Raises: CheckpointError (training.no_run).
    """
    state = _read(folder / "predictor.state")
    predictor = Predictor(PredictorConfig(**state["config"]["model"]))
    predictor.load_state_dict(state["predictor"])
    return predictor.eval()


def export(codec_run: Path, predictor_run: Path, out: Path, about: dict[str, Any]) -> None:
    """Writes the checkpoint folder; the card gets both runs' settings beside what ``about`` says."""
    training = {
        "codec": _read(codec_run / "codec.state")["config"],
        "predictor": _read(predictor_run / "predictor.state")["config"],
    }
    save_checkpoint(
        out, trained_codec(codec_run), trained_predictor(predictor_run), {**about, "training": training}
    )
