"""From finished training runs to a checkpoint that ``core/`` loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..core.checkpoint import save_checkpoint
from ..core.codec.model import Codec, CodecConfig
from ..core.predictor.model import Predictor, PredictorConfig
from .state import read_state


def trained_codec(folder: Path) -> Codec:
    """The codec of a training run as it stands.

    Raises: CheckpointError (training.no_run).
    """
    state = read_state(folder / "codec.state")
    codec = Codec(CodecConfig(**state["config"]["model"]))
    codec.load_state_dict(state["codec"])
    return codec.eval()


def trained_predictor(folder: Path, best: bool = False) -> Predictor:
    """The predictor of a training run as it stands, or as it did best on what is held out.

    Raises: CheckpointError (training.no_run).
    """
    state = read_state(folder / ("predictor.best.state" if best else "predictor.state"))
    predictor = Predictor(PredictorConfig(**state["config"]["model"]))
    predictor.load_state_dict(state["predictor"])
    return predictor.eval()


def export(
    codec_run: Path, predictor_run: Path, out: Path, about: dict[str, Any], best: bool = False
) -> None:
    """Writes the checkpoint folder; the card gets both runs' settings beside what ``about`` says.

    Args:
        about: what the card says beside the networks: name, trained_on, licence, scores.
        best: takes the predictor as it did best on what is held out; the codec is always the last,
            whose codes the predictor learnt.
    Raises: CheckpointError (training.no_run).
    """
    training = {
        "codec": read_state(codec_run / "codec.state")["config"],
        "predictor": read_state(predictor_run / "predictor.state")["config"],
    }
    predictor = trained_predictor(predictor_run, best)
    save_checkpoint(out, trained_codec(codec_run), predictor, {**about, "training": training})
