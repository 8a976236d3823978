"""The sizes that models are trained at."""

from __future__ import annotations

from dataclasses import replace

from ..core.codec.model import CodecConfig
from ..core.predictor.model import PredictorConfig
from .codec import CodecTraining
from .predictor import PredictorTraining

CODEC_PRESETS: dict[str, tuple[str, CodecTraining]] = {
    "paper": ("SoundStream at the paper's size; for a GPU.", CodecTraining()),
    "small": (
        "What two CPU cores train in an hour.",
        CodecTraining(
            model=CodecConfig(
                encoder_channels=(16, 32, 64, 128, 256),
                decoder_channels=(24, 48, 96, 192, 384),
                latent_dim=64,
            ),
            steps=7700,
            free_steps=300,
            encoder_steps=3200,
            batch_size=8,
            crop_frames=48,
            learning_rate=8e-4,
        ),
    ),
}

_SMALL_PREDICTOR = PredictorTraining(
    model=PredictorConfig(hidden=384, history_dim=256, codebook_delay=1),
    steps=1500,
    batch_size=12,
    crop_frames=300,
    learning_rate=2e-3,
    history_dropout=0.1,
    history_noise=0.05,
)

PREDICTOR_PRESETS: dict[str, tuple[str, PredictorTraining]] = {
    "paper": ("The paper's network and settings; for a GPU.", PredictorTraining()),
    "small": ("What two CPU cores train in an hour.", _SMALL_PREDICTOR),
    "tiny": (
        "A few seconds' run, to see that everything works.",
        replace(
            _SMALL_PREDICTOR,
            model=replace(_SMALL_PREDICTOR.model, hidden=64, history_dim=32, width=64),
            steps=20,
            crop_frames=120,
            batch_size=4,
        ),
    ),
}
