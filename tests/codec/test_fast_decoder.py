"""Decoding as the engine does it, against the decoder that is trained."""

import pytest
import torch
from kinetone.core.checkpoint import DEFAULT_CHECKPOINT, load_checkpoint
from kinetone.core.codec.fast import fast_decoder


@pytest.fixture(scope="module")
def codec():
    if not DEFAULT_CHECKPOINT.exists():
        pytest.skip("this checkout has no default checkpoint")
    return load_checkpoint().codec


@pytest.fixture(scope="module")
def codes(codec):
    return torch.randint(1024, (3, 8, 60), generator=torch.Generator().manual_seed(0))


@torch.inference_mode()
def test_what_the_fast_decoder_loses_is_far_below_the_music(codec, codes):
    plain = codec.decode(codes)
    fast = torch.cat(list(codec.decode_stream(codes.split(25, -1), fast_decoder(codec.decoder))), -1)
    assert fast.shape == plain.shape
    assert fast.dtype == torch.float32
    signal_to_noise_db = 10 * torch.log10(plain.square().sum() / (fast - plain).square().sum())
    assert signal_to_noise_db > 40


@torch.inference_mode()
def test_takes_sound_the_same_to_the_last_bit_whatever_their_number(codec, codes):
    decoder = fast_decoder(codec.decoder)
    together = torch.cat(list(codec.decode_stream(codes.split(25, -1), decoder)), -1)
    alone = torch.cat(list(codec.decode_stream(codes[1:2].split(25, -1), decoder)), -1)
    assert torch.equal(together[1:2], alone)


def test_the_codec_itself_is_left_in_float32(codec):
    fast_decoder(codec.decoder)
    assert {parameter.dtype for parameter in codec.parameters()} == {torch.float32}
