"""The codec as its callers see it: shapes, causality, chunks."""

from dataclasses import replace

import pytest
import torch
from kinetone.core.codec.model import Codec, CodecConfig, decoder_context, encoder_context
from kinetone.core.codec.quantizer import ResidualVectorQuantizer
from kinetone.core.timing import HOP_LENGTH

SMALL = CodecConfig(
    encoder_channels=(4, 8, 8, 16, 16), decoder_channels=(4, 8, 8, 16, 16), latent_dim=8, codebook_size=32
)
AT_FRAME_RATE = replace(SMALL, decoder_channels=(16,))


@pytest.fixture(scope="module", params=[SMALL, AT_FRAME_RATE], ids=["soundstream", "frames"])
def codec(request):
    torch.manual_seed(0)
    codec = Codec(request.param).eval()
    codec.quantizer.codebooks.normal_()
    return codec


@pytest.fixture(scope="module")
def codes():
    return torch.randint(32, (2, 8, 100), generator=torch.Generator().manual_seed(1))


@torch.inference_mode()
def test_one_code_frame_is_400_samples(codec):
    codes = codec.encode(torch.randn(2, 1, 7 * HOP_LENGTH))
    assert codes.shape == (2, 8, 7)
    assert codec.decode(codes).shape == (2, 1, 7 * HOP_LENGTH)


@pytest.mark.parametrize("chunk", [1, 7, 18, 64, 100])
@torch.inference_mode()
def test_decoding_in_chunks_gives_the_same_samples_as_in_one_piece(codec, codes, chunk):
    whole = codec.decode(codes)
    chunks = torch.cat(list(codec.decode_stream(codes.split(chunk, -1))), -1)
    # Rounding differs with the length of a convolution; half a 16-bit step is far above it.
    torch.testing.assert_close(chunks, whole, rtol=0, atol=0.5 / 32768)


@pytest.mark.parametrize("chunk", [3, 16, 50])
@torch.inference_mode()
def test_encoding_in_chunks_gives_the_same_codes(codec, chunk):
    waveform = torch.randn(1, 1, 50 * HOP_LENGTH)
    assert torch.equal(torch.cat(list(codec.encode_chunks(waveform, chunk)), -1), codec.encode(waveform))


@torch.inference_mode()
def test_samples_depend_on_no_later_code_and_on_none_before_the_context(codec, codes):
    context = decoder_context(codec.config)
    other = codes.clone()
    other[..., 50] = (other[..., 50] + 1) % 32
    changed = (codec.decode(codes) != codec.decode(other)).any(0).any(0).nonzero()
    assert changed.min() >= 50 * HOP_LENGTH
    assert changed.max() < (50 + context + 1) * HOP_LENGTH


@torch.inference_mode()
def test_a_code_depends_on_no_later_sample_and_on_none_before_the_context(codec):
    waveform = torch.randn(1, 1, 60 * HOP_LENGTH)
    other = waveform.clone()
    other[..., 20 * HOP_LENGTH : 21 * HOP_LENGTH] += 1.0
    changed = (codec.encoder(waveform) != codec.encoder(other)).any(0).any(0).nonzero()
    assert changed.min() == 20
    assert changed.max() <= 20 + encoder_context(SMALL.strides)


def test_each_codebook_codes_what_the_one_before_left():
    quantizer = ResidualVectorQuantizer(n_codebooks=2, codebook_size=2, latent_dim=1)
    quantizer.codebooks[:] = torch.tensor([[[0.0], [10.0]], [[-1.0], [2.0]]])
    codes = quantizer.encode(torch.tensor([[[9.0, 1.8, 12.2]]]))
    assert codes.tolist() == [[[1, 0, 1], [0, 1, 1]]]
    assert quantizer.decode(codes).tolist() == [[[9.0, 2.0, 12.0]]]


def test_strides_that_do_not_make_60_frames_a_second_are_refused():
    with pytest.raises(ValueError, match="multiply to 320"):
        CodecConfig(strides=(2, 4, 5, 8))
