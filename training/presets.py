"""The sizes that models are trained at."""

from __future__ import annotations

from dataclasses import replace

from ..core.codec.model import CodecConfig
from ..core.predictor.model import PredictorConfig
from .codec import CodecTraining
from .discriminators import DiscriminatorConfig
from .predictor import PredictorTraining

_SMALL_CODEC = CodecTraining(
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
)

_TINY_CODEC = replace(
    _SMALL_CODEC,
    model=CodecConfig(
        encoder_channels=(4, 8, 8, 16, 16),
        decoder_channels=(4, 8, 8, 16, 16),
        latent_dim=8,
        n_codebooks=4,
        codebook_size=64,
    ),
    steps=120,
    free_steps=80,
    # In so few steps the codebooks could not follow it: nearly all codes would be the same.
    encoder_steps=80,
    batch_size=4,
    crop_frames=12,
    learning_rate=3e-3,
)


def _decoder_alone(codec: CodecTraining, steps: int, learning_rate: float) -> CodecTraining:
    """A decoder that stays at the rate of code frames, as wide as the codec is there, for its codes."""
    return replace(
        codec,
        model=replace(codec.model, decoder_channels=codec.model.decoder_channels[-1:]),
        steps=steps,
        free_steps=0,
        encoder_steps=0,
        crop_frames=2 * codec.crop_frames,
        learning_rate=learning_rate,
    )


CODEC_PRESETS: dict[str, tuple[str, CodecTraining]] = {
    "paper": (
        "SoundStream at the paper's size, with all discriminators; for a GPU.",
        CodecTraining(discriminators=DiscriminatorConfig(kinds=("stft", "scale", "period"))),
    ),
    "small": ("What two CPU cores train in an hour.", _SMALL_CODEC),
    "small-decoder": (
        "A faster decoder for a small codec's codes (--start-from); 80 minutes on a CPU core.",
        _decoder_alone(_SMALL_CODEC, steps=5000, learning_rate=2e-3),
    ),
    "tiny": (
        "Under a minute, to see that everything works; for the tiny predictor.",
        _TINY_CODEC,
    ),
    "tiny-decoder": (
        "A faster decoder for a tiny codec's codes (--start-from).",
        _decoder_alone(_TINY_CODEC, steps=120, learning_rate=3e-3),
    ),
}

_SMALL_PREDICTOR = PredictorTraining(
    model=PredictorConfig(hidden=384, history_dim=256, codebook_delay=1, recall=(12, 16, 24, 32)),
    steps=1500,
    batch_size=12,
    crop_frames=300,
    learning_rate=2e-3,
    history_dropout=0.2,
    history_noise=0.02,
    history_shift=0.6,
)

PREDICTOR_PRESETS: dict[str, tuple[str, PredictorTraining]] = {
    "paper": ("The paper's network and settings; for a GPU.", PredictorTraining()),
    "small": ("What two CPU cores train in an hour.", _SMALL_PREDICTOR),
    "tiny": (
        "A few seconds' run on the tiny codec's codes, to see that everything works.",
        replace(
            _SMALL_PREDICTOR,
            model=replace(
                _SMALL_PREDICTOR.model, hidden=64, history_dim=32, width=64, n_codebooks=4, codebook_size=64
            ),
            steps=20,
            crop_frames=120,
            batch_size=4,
        ),
    ),
}
