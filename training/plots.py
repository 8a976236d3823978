"""Pictures of music against dance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from librosa import power_to_db
from librosa.display import specshow
from librosa.feature import melspectrogram
from matplotlib.figure import Figure

from ..core.alignment import Times
from ..core.timing import HOP_LENGTH, SAMPLE_RATE


def alignment_picture(
    path: Path, waveform: npt.NDArray[np.float32], onsets_s: Times, beats_s: Times, title: str = ""
) -> None:
    """Writes a PNG: waveform and mel spectrogram, musical onsets and kinematic beats on one time axis.

    Args:
        waveform: ``(S,)`` at 24 kHz.
        onsets_s, beats_s: seconds from the waveform's first sample.
    """
    figure = Figure(figsize=(14, 6), layout="constrained")
    axes, below = figure.subplots(2, sharex=True)
    # More points than pixels only cost time: the extremes of each stretch draw the same shape.
    stretches = np.array_split(waveform, min(len(waveform), 4000))
    time = np.linspace(0, len(waveform) / SAMPLE_RATE, len(stretches))
    axes.fill_between(time, [s.min() for s in stretches], [s.max() for s in stretches], color="#9db4c8", lw=0)
    axes.vlines(onsets_s, 0.0, 1.0, color="#2a6f97", lw=1.2, label=f"musical onsets ({len(onsets_s)})")
    axes.vlines(beats_s, -1.0, 0.0, color="#d1495b", lw=1.2, label=f"kinematic beats ({len(beats_s)})")
    axes.set(xlim=(0, len(waveform) / SAMPLE_RATE), ylim=(-1.05, 1.05), ylabel="amplitude")
    axes.set_title(title)
    axes.legend(loc="upper right", ncols=2)
    mel = melspectrogram(y=waveform, sr=SAMPLE_RATE, n_fft=1024, hop_length=HOP_LENGTH, n_mels=96)
    levels = power_to_db(mel, ref=np.max, top_db=70)
    specshow(levels, sr=SAMPLE_RATE, hop_length=HOP_LENGTH, x_axis="s", y_axis="mel", ax=below, cmap="magma")
    below.vlines(beats_s, 0, SAMPLE_RATE / 2, color="white", lw=0.8, ls=":")
    below.set(xlabel="time (s)", ylabel="frequency (Hz)")
    figure.savefig(path, dpi=110)
