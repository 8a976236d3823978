"""Saving a training run and reading it again: whole or absent."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import Any

import torch

from ..core.codec.model import CodecConfig
from ..core.errors import CheckpointError
from ..core.predictor.model import PredictorConfig


def save_state(path: Path, **parts: Any) -> None:
    """Writes tensors, numbers and their containers aside, then renames: a kill leaves the old file."""
    aside = path.with_name(path.name + ".part")
    with aside.open("wb") as file:
        torch.save(parts, file)
        file.flush()
        # Without this, a power cut could leave the new name with nothing behind it.
        os.fsync(file.fileno())
    aside.replace(path)


def read_state(path: Path) -> dict[str, Any]:
    """The parts that :func:`save_state` wrote, by torch's restricted unpickler, on the CPU.

    Raises: CheckpointError: training.no_run if there is no such file, training.damaged_run.
    """
    if not path.is_file():
        raise CheckpointError(
            f"There is no training run in {path.parent}.",
            code="training.no_run",
            hint=f"Train one first; it leaves {path.name} there.",
        )
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # torch does not say what a damaged file can make it raise: nearly anything
        raise _damaged(path, error) from error
    return state


def _damaged(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"{path} cannot be read: {textwrap.shorten(str(error), 200)}.",
        code="training.damaged_run",
        hint="Delete the folder and train anew, or put back a copy of it.",
    )


def resume_state(path: Path, model: CodecConfig | PredictorConfig) -> dict[str, Any]:
    """Reads a run's state to go on from it.

    Raises: CheckpointError (training.other_model) if the run trains a model of other sizes.
    """
    state = read_state(path)
    try:
        trained = type(model)(**state["config"]["model"])
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from error
    check_sizes(path.parent, trained, model)
    return state


def check_sizes(
    folder: Path, trained: CodecConfig | PredictorConfig, model: CodecConfig | PredictorConfig
) -> None:
    """Whether what a folder holds was trained with a model's sizes.

    Raises: CheckpointError (training.other_model).
    """
    if trained != model:
        raise CheckpointError(
            f"{folder} holds a model with other settings.",
            code="training.other_model",
            hint="Choose another folder, or the preset and settings that it was trained with.",
        )


def use_threads(count: int | None) -> None:
    """Lets torch compute on ``count`` threads; None for every core that this process may use."""
    torch.set_num_threads(count or len(os.sched_getaffinity(0)))
