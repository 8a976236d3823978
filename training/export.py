"""From finished training runs to a checkpoint that ``core/`` loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..core.checkpoint import CARD_NAME, load_checkpoint, read_card, save_checkpoint
from ..core.codec.model import Codec, CodecConfig
from ..core.predictor.model import Predictor, PredictorConfig
from .state import read_state


def trained_codec(folder: Path) -> Codec:
    """The codec of a checkpoint, or of a training run as it stands.

    Raises: CheckpointError: training.no_run, training.damaged_run, and what ``load_checkpoint`` raises.
    """
    if _is_checkpoint(folder):
        return load_checkpoint(folder).codec
    state = read_state(folder / "codec.state")
    codec = Codec(CodecConfig(**state["config"]["model"]))
    codec.load_state_dict(state["codec"])
    return codec.eval()


def trained_predictor(folder: Path, best: bool = False) -> Predictor:
    """The predictor of a checkpoint, or of a training run as it stands or did best on what is held out.

    Raises: CheckpointError: training.no_run, training.damaged_run, and what ``load_checkpoint`` raises.
    """
    if _is_checkpoint(folder):
        return load_checkpoint(folder).predictor
    state = read_state(folder / ("predictor.best.state" if best else "predictor.state"))
    predictor = Predictor(PredictorConfig(**state["config"]["model"]))
    predictor.load_state_dict(state["predictor"])
    return predictor.eval()


def export(
    codec_run: Path, predictor_run: Path, out: Path, about: dict[str, Any], best: bool = False
) -> None:
    """Writes the checkpoint folder; the card gets both runs' settings beside what ``about`` says.

    Args:
        codec_run: or the checkpoint whose codec it was.
        about: what the card says beside the networks: name, trained_on, licence, scores.
        best: takes the predictor as it did best on what is held out; the codec is always the last,
            whose codes the predictor learnt.
    Raises: CheckpointError: training.no_run, training.damaged_run, and what ``load_checkpoint`` raises.
    """
    training = {
        "codec": _codec_settings(codec_run),
        "predictor": read_state(predictor_run / "predictor.state")["config"],
    }
    predictor = trained_predictor(predictor_run, best)
    save_checkpoint(out, trained_codec(codec_run), predictor, {**about, "training": training})


def _is_checkpoint(folder: Path) -> bool:
    return (folder / CARD_NAME).is_file()


def _codec_settings(folder: Path) -> Any:
    if _is_checkpoint(folder):
        return read_card(folder).get("training", {}).get("codec")
    return read_state(folder / "codec.state")["config"]
