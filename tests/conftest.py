"""What tests of several areas share. Imports nothing heavy: Blender's interpreters read this file, too."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def sample_dance():
    """Three seconds of a body that bobs and swings its arms twice a second: (180, 24, 3), metres, 60 Hz."""
    return swinging_body(180)


@pytest.fixture(scope="session")
def dance_of():
    """The same dance of any length: ``dance_of(n_frames)``."""
    return swinging_body


def swinging_body(n_frames):
    """A dance of any length, made of the same two movements."""
    from kinetone.core.motion.skeleton import JOINT_NAMES, REST_JOINTS

    phase = np.pi * 4 * np.arange(n_frames) / 60
    joints = np.repeat(REST_JOINTS[None].astype(float), n_frames, axis=0)
    joints[..., 2] += 0.05 * np.sin(phase)[:, None]
    for side, sign in (("left", 1), ("right", -1)):
        for reach, name in enumerate(("elbow", "wrist", "hand"), start=1):
            joints[:, JOINT_NAMES.index(f"{side}_{name}"), 1] += 0.1 * reach * sign * np.sin(phase)
    return joints


@pytest.fixture(scope="session")
def long_dance():
    """Twenty minutes of the same: a job that is still running when something happens to it."""
    return swinging_body(20 * 60 * 60)


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory):
    """A folder with real networks of tiny sizes and random weights; its genres are salsa and house."""
    import torch
    from kinetone.core.checkpoint import save_checkpoint
    from kinetone.core.codec.model import Codec, CodecConfig
    from kinetone.core.predictor.model import Predictor, PredictorConfig

    torch.manual_seed(0)
    books = {"n_codebooks": 2, "codebook_size": 16}
    channels = (4, 4, 8, 8, 8)
    codec = Codec(CodecConfig(encoder_channels=channels, decoder_channels=channels, latent_dim=8, **books))
    codec.quantizer.codebooks.normal_()
    sizes = {"width": 16, "n_heads": 2, "head_dim": 8, "feed_forward": 16, "window": 8, "history_dim": 8}
    config = PredictorConfig(genres=("salsa", "house"), hidden=16, lstm_layers=1, **sizes, **books)
    folder = tmp_path_factory.mktemp("tiny_checkpoint")
    about = {"name": "tiny", "version": "0", "trained_on": "nothing", "licence": "CC0-1.0", "scores": {}}
    save_checkpoint(folder, codec, Predictor(config), about)
    return folder
