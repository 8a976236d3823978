"""The method paper's Figures 5, 6 and 7."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from ...core.alignment import Times
from ...core.errors import FileFormatError

LOSS_TAG = "train/loss"
ACCURACY_TAG = "held_out/accuracy"

SEGMENT_S = 6.0
"""What Figure 6 shows of a piece."""

Curve = npt.NDArray[np.float64]
"""(V, 2): step and value."""


def training_curves(run: Path) -> dict[str, Curve]:
    """The training loss (nats a code) and the test accuracy (0 to 1) that a predictor's run logged.

    Args:    run: folder of the training run, with its TensorBoard log.
    Returns: by ``LOSS_TAG`` and ``ACCURACY_TAG``.
    Raises:  FileFormatError (evaluation.no_log) naming what the run did not log.
    """
    log = EventAccumulator(str(run), size_guidance={"scalars": 0})
    log.Reload()
    logged = log.Tags().get("scalars", [])
    if missing := [tag for tag in (LOSS_TAG, ACCURACY_TAG) if tag not in logged]:
        raise FileFormatError(
            f"{run} has no training log of {' and '.join(missing)}.",
            code="evaluation.no_log",
            hint="Give the folder of a predictor's training run that has evaluated held-out pairs.",
        )
    return {
        tag: np.array([(event.step, event.value) for event in log.Scalars(tag)])
        for tag in (LOSS_TAG, ACCURACY_TAG)
    }


def figure_5(path: Path, run: Path) -> None:
    """Writes a PNG: training loss (red, left) and test accuracy (blue, right) of a run."""
    curves = training_curves(run)
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    left = figure.subplots()
    right = left.twinx()
    for axes, tag, colour, label in (
        (left, LOSS_TAG, "tab:red", "training loss (nats a code)"),
        (right, ACCURACY_TAG, "tab:blue", "test accuracy"),
    ):
        axes.plot(*curves[tag].T, color=colour)
        axes.set_ylabel(label, color=colour)
    left.set_xlabel("step")
    figure.savefig(path, dpi=130)


def figure_6(path: Path, generated_s: Times, real_s: Times, start_s: float, title: str = "") -> None:
    """Writes a PNG: beats of generated (red, dashed) and real music (blue) over six seconds.

    Args:
        generated_s, real_s: seconds from the dance's first frame.
        start_s: where the six seconds begin.
    """
    figure = Figure(figsize=(9, 2.8), layout="constrained")
    axes = figure.subplots()
    axes.vlines(real_s, 0, 1, color="tab:blue", lw=1.6, label="real music")
    axes.vlines(generated_s, 0, 1, color="tab:red", lw=1.6, ls="--", label="generated music")
    axes.set(xlim=(start_s, start_s + SEGMENT_S), ylim=(0, 1), yticks=[], xlabel="time (s)", title=title)
    figure.legend(loc="outside upper right", ncols=2)
    figure.savefig(path, dpi=130)


def figure_7(path: Path, runs: list[Path]) -> None:
    """Writes a PNG: the training losses and the test accuracies of several runs, named by their folders."""
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    panels: tuple[Axes, Axes] = tuple(figure.subplots(1, 2))
    for run in runs:
        curves = training_curves(run)
        for axes, tag in zip(panels, (LOSS_TAG, ACCURACY_TAG), strict=True):
            axes.plot(*curves[tag].T, label=run.name)
    for axes, label in zip(panels, ("training loss (nats a code)", "test accuracy"), strict=True):
        axes.set(xlabel="step", ylabel=label)
        axes.legend()
    figure.savefig(path, dpi=130)
