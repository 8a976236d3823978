"""The smallest runs that learn something, and what they learn from."""

import numpy as np
import soundfile
import torch
from kinetone.core.codec.model import CodecConfig
from kinetone.core.motion.features import N_FEATURES
from kinetone.core.motion.pulse import pulse
from kinetone.core.predictor.model import PredictorConfig
from kinetone.core.timing import SAMPLE_RATE
from kinetone.training.audio import audio_files
from kinetone.training.codec import CodecTraining
from kinetone.training.data.prepared import Pair
from kinetone.training.predictor import PredictorTraining

CODEC = CodecTraining(
    model=CodecConfig(
        encoder_channels=(4, 8, 8, 16, 16),
        decoder_channels=(4, 8, 8, 16, 16),
        latent_dim=8,
        n_codebooks=2,
        codebook_size=16,
    ),
    steps=40,
    free_steps=6,
    encoder_steps=30,
    batch_size=2,
    crop_frames=12,
    learning_rate=3e-3,
    precision="float32",
)
PREDICTOR = PredictorTraining(
    model=PredictorConfig(
        genres=("salsa",),
        width=32,
        n_heads=2,
        head_dim=8,
        feed_forward=32,
        window=8,
        history_dim=16,
        hidden=48,
        lstm_layers=1,
        n_codebooks=2,
        codebook_size=16,
        codebook_delay=1,
        dropout=0.0,
    ),
    steps=150,
    batch_size=4,
    crop_frames=40,
    learning_rate=1e-2,
    genre_dropout=0.0,
    precision="float32",
)


def write_tones(folder):
    """Two tones of two seconds as files."""
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    for pitch in (220, 330):
        soundfile.write(folder / f"{pitch}.wav", 0.4 * np.sin(2 * np.pi * pitch * time), SAMPLE_RATE)
    return audio_files(folder)


def beaten_pairs():
    """Music that repeats every 10 frames, in step with the dance's beat."""
    frames = np.arange(400)
    features = np.zeros((400, N_FEATURES), np.float32)
    features[:, 72] = frames % 10 == 0
    features[:, 73:] = pulse(np.arange(0.0, 400, 10), 400)
    features[:, 0] = np.sin(frames * 2 * np.pi / 10)
    codes = np.stack([frames % 10, (3 * frames) % 10 + 1]).astype(np.int16)
    return [Pair("dance", features, codes, "salsa")]


def steps(run, count):
    """The losses of that many steps."""
    return [run.train_step() for _ in range(count)]


def same_weights(a, b):
    """Whether two networks are equal to the last bit."""
    return all(torch.equal(x, y) for x, y in zip(a.parameters(), b.parameters(), strict=True))
