"""How well music follows a dance. Runs in the engine's environment.

python assets/sample/alignment.py MUSIC.wav DANCE.npz PICTURE.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import soundfile
from kinetone.core.motion.beats import beat_frames
from kinetone.core.motion.features import motion_features
from kinetone.core.motion.read import joints_at_60hz, read_motion
from kinetone.core.timing import FRAME_RATE
from kinetone.training.metrics import beat_alignment
from kinetone.training.plots import alignment_picture


def main(music: Path, dance: Path, picture: Path) -> None:
    """Print the shares and draw the picture."""
    waveform, _ = soundfile.read(music, dtype="float32")
    beats = motion_features(joints_at_60hz(read_motion(dance))).kinematic_beats
    beats_s = beat_frames(beats) / FRAME_RATE
    alignment = beat_alignment(waveform, beats_s, np.random.default_rng(0))
    alignment_picture(picture, waveform, alignment.onsets_s, beats_s)
    sys.stdout.write(
        f"Kinematic beats with a musical onset within 100 ms: {alignment.share:.0%} of {len(beats_s)}\n"
        f"The same with the music shifted at random, mean:    {alignment.shifted_share:.0%}\n"
    )


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
