"""What a predictor in training makes of dances, to listen to and to look at in TensorBoard."""

from __future__ import annotations

from pathlib import Path

import torch
from matplotlib.image import imread
from torch.utils.tensorboard import SummaryWriter

from ..core.codec.model import Codec
from ..core.motion.beats import beat_frames
from ..core.motion.features import N_DISPLACEMENTS
from ..core.predictor.model import Predictor
from ..core.predictor.sampling import Sampling, predict_codes
from ..core.timing import FRAME_RATE, SAMPLE_RATE
from .data.prepared import Pair
from .evaluation.rhythm import musical_onsets
from .plots import alignment_picture

SAMPLING = Sampling(temperature=0.5, top_k=64)
"""As in the product, with the same draws every time."""


def write_dance_samples(
    log: SummaryWriter,
    predictor: Predictor,
    codec: Codec,
    pairs: list[Pair],
    folder: Path,
    step: int,
    dances: int = 2,
    seconds: float = 8.0,
) -> None:
    """Adds the beginnings of some dances with the music that was made for them.

    Each is heard beside what the codec makes of its true codes, and drawn: musical onsets against
    kinematic beats. The newest picture of each dance lies in the folder, too.

    Args:
        folder: for the pictures.
        dances: how many, at most; seconds: of each.
    """
    device = next(predictor.parameters()).device
    codec = codec.to(device)
    genres = predictor.config.genres
    for pair in pairs[:dances]:
        frames = round(seconds * FRAME_RATE)
        features = torch.tensor(pair.features[:frames])
        true_codes = torch.from_numpy(pair.codes[None, :, :frames].astype("int64")).to(device)
        genre = 1 + genres.index(pair.genre) if pair.genre in genres else 0
        codes = torch.cat(list(predict_codes(predictor, features, genre, 1, SAMPLING)), -1)
        made, real = (codec.decode(each)[0].clamp(-1, 1).cpu() for each in (codes, true_codes))
        log.add_audio(f"{pair.name}/made", made, step, SAMPLE_RATE)
        log.add_audio(f"{pair.name}/real", real, step, SAMPLE_RATE)
        beats_s = beat_frames(pair.features[:frames, N_DISPLACEMENTS]) / FRAME_RATE
        picture = folder / f"{pair.name}.png"
        alignment_picture(picture, made[0].numpy(), musical_onsets(made[0].numpy()), beats_s, f"step {step}")
        log.add_image(f"{pair.name}/beats", imread(picture), step, dataformats="HWC")
