"""Pictures of music against dance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from ..core.alignment import Times
from ..core.timing import SAMPLE_RATE


def alignment_picture(
    path: Path, waveform: npt.NDArray[np.float32], onsets_s: Times, beats_s: Times, title: str = ""
) -> None:
    """Writes a PNG: waveform, musical onsets and kinematic beats on one time axis.

    Args:
        waveform: ``(S,)`` at 24 kHz.
        onsets_s, beats_s: seconds from the waveform's first sample.
    """
    figure = Figure(figsize=(14, 4), layout="constrained")
    axes = figure.subplots()
    # More points than pixels only cost time: the extremes of each stretch draw the same shape.
    stretches = np.array_split(waveform, min(len(waveform), 4000))
    time = np.linspace(0, len(waveform) / SAMPLE_RATE, len(stretches))
    axes.fill_between(time, [s.min() for s in stretches], [s.max() for s in stretches], color="#9db4c8", lw=0)
    axes.vlines(onsets_s, 0.0, 1.0, color="#2a6f97", lw=1.2, label=f"musical onsets ({len(onsets_s)})")
    axes.vlines(beats_s, -1.0, 0.0, color="#d1495b", lw=1.2, label=f"kinematic beats ({len(beats_s)})")
    axes.set(xlim=(0, len(waveform) / SAMPLE_RATE), ylim=(-1.05, 1.05), xlabel="time (s)", ylabel="amplitude")
    axes.set_title(title)
    axes.legend(loc="upper right", ncols=2)
    figure.savefig(path, dpi=110)
