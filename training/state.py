"""Saving and resuming a training run: exact to the step, whole or absent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch


def save_state(path: Path, **parts: Any) -> None:
    """Writes tensors, numbers and their containers aside, then renames; the random state goes along."""
    aside = path.with_name(path.name + ".part")
    torch.save({**parts, "random_state": torch.get_rng_state()}, aside)
    aside.replace(path)


def load_state(path: Path) -> dict[str, Any]:
    """Reads :func:`save_state`'s file with torch's restricted unpickler and restores the random state."""
    state: dict[str, Any] = torch.load(path, weights_only=True)
    torch.set_rng_state(state["random_state"])
    return state


def use_threads(count: int | None) -> None:
    """Lets torch compute on ``count`` threads; None for every core that this process may use."""
    torch.set_num_threads(count or len(os.sched_getaffinity(0)))
