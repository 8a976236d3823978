"""The predictor as its callers see it: windows, delays, decoding."""

import pytest
import torch
from kinetone.core.motion.features import N_FEATURES
from kinetone.core.predictor.attention import LocalSelfAttention
from kinetone.core.predictor.model import Predictor, PredictorConfig, delay_codes, undelay_codes
from kinetone.core.predictor.recall import recall_frames, recalled_codes
from kinetone.core.predictor.sampling import Sampling, choose, encode_pieces, predict_codes
from torch.nn import functional

SIZES = {
    "width": 32,
    "n_heads": 2,
    "head_dim": 8,
    "feed_forward": 32,
    "window": 9,
    "history_dim": 16,
    "hidden": 24,
    "lstm_layers": 2,
}


def make_predictor(delay, **sizes):
    torch.manual_seed(0)
    config = PredictorConfig(
        **SIZES | sizes, n_codebooks=4, codebook_size=16, codebook_delay=delay, genres=("a", "b")
    )
    predictor = Predictor(config).eval()
    for parameter in predictor.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return predictor


RECALL = (4, 6)
"""Of features that are random numbers, every frame begins a sixteenth: these lie 16 and 24 frames back."""

KINDS = [
    pytest.param((0, ()), id="together"),
    pytest.param((1, ()), id="delayed"),
    pytest.param((1, RECALL), id="recalling"),
]


@pytest.fixture(scope="module", params=KINDS)
def predictor(request):
    delay, recall = request.param
    return make_predictor(delay, recall=recall)


@torch.inference_mode()
def forced_logits(predictor, features, codes, genre=0):
    """The network's own forward pass ``(B, K, N + latency, M)`` on delayed codes ``(B, K, N)`` of a dance."""
    config = predictor.config
    unknown = config.codebook_size
    delayed = delay_codes(codes, config.codebook_delay, unknown)
    previous = functional.pad(delayed, (1, 0), value=unknown)[..., :-1]
    padded = functional.pad(features, (0, 0, 0, config.latency))[None].expand(len(codes), -1, -1)
    frames = recall_frames(features, config.recall, config.latency)
    recalled = recalled_codes(delayed, frames, unknown)
    return predictor(padded, torch.full((len(codes),), genre), previous, recalled)


def all_codes(predictor, features, takes=1, genre=0, sampling=Sampling(), prefix=None):  # noqa: B008
    with torch.inference_mode():
        pieces = predict_codes(predictor, features, genre, takes, sampling, prefix=prefix)
        return torch.cat(list(pieces), -1)


@torch.inference_mode()
def test_local_attention_is_full_attention_within_the_window():
    torch.manual_seed(0)
    attention = LocalSelfAttention(width=16, n_heads=2, head_dim=4, window=5)
    torch.nn.init.normal_(attention.position_bias)
    x = torch.randn(2, 23, 16)
    query, key, value = attention.query_key_value(x).unflatten(-1, (3, 2, 4)).permute(2, 0, 3, 1, 4)
    distance = torch.arange(23)[None] - torch.arange(23)[:, None]
    bias = attention.position_bias[:, distance.clamp(-5, 5) + 5]
    mask = torch.where(distance.abs() <= 5, bias, -torch.inf)
    full = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[None])
    expected = attention.output(full.transpose(1, 2).flatten(2))
    torch.testing.assert_close(attention(x), expected)


@torch.inference_mode()
def test_a_long_dance_is_encoded_in_pieces_with_the_same_result(predictor):
    features = torch.randn(1, 500, N_FEATURES)
    genre = torch.tensor([1])
    pieces = torch.cat(list(encode_pieces(predictor, features, genre)), 1)
    torch.testing.assert_close(pieces, predictor.encoder(features, genre), rtol=0, atol=1e-5)


@pytest.mark.parametrize("frames", [1, 2, 119, 120, 121, 250])
def test_any_number_of_frames_gives_as_many_codes(predictor, frames):
    codes = all_codes(predictor, torch.randn(frames, N_FEATURES), takes=2)
    assert codes.shape == (2, 4, frames)
    assert codes.min() >= 0
    assert codes.max() < 16


def test_greedy_decoding_is_what_teacher_forcing_on_its_own_codes_finds(predictor):
    features = torch.randn(150, N_FEATURES)
    codes = all_codes(predictor, features, sampling=Sampling(temperature=0))
    logits = forced_logits(predictor, features, codes)
    forced = undelay_codes(logits.argmax(-1), predictor.config.codebook_delay)
    # Behind the end, codebooks that are over are not the history that decoding saw.
    usable = 150 - predictor.config.latency
    assert torch.equal(forced[..., :usable], codes[..., :usable])


def test_same_seed_same_codes_and_each_take_its_own(predictor):
    features = torch.randn(130, N_FEATURES)
    three = all_codes(predictor, features, takes=3, sampling=Sampling(seed=5))
    again = all_codes(predictor, features, takes=1, sampling=Sampling(seed=5))
    other = all_codes(predictor, features, takes=1, sampling=Sampling(seed=6))
    assert torch.equal(three[:1], again)
    assert not torch.equal(three[0], three[1])
    assert not torch.equal(again, other)


@pytest.mark.parametrize("given", [1, 60, 121, 149])
def test_music_goes_on_from_the_codes_given_as_if_it_had_never_stopped(predictor, given):
    features, greedy = torch.randn(150, N_FEATURES), Sampling(temperature=0)
    whole = all_codes(predictor, features, sampling=greedy)
    rest = all_codes(predictor, features, takes=2, sampling=greedy, prefix=whole[0, :, :given])
    assert torch.equal(rest, whole[..., given:].expand(2, -1, -1))


def test_what_follows_depends_on_the_codes_given(predictor):
    features = torch.zeros(150, N_FEATURES)  # nothing else tells it what to play
    free = Sampling(temperature=3.0)  # untrained as it is, it otherwise plays the same codes again and again
    first = all_codes(predictor, features, sampling=free, prefix=torch.zeros(4, 60, dtype=torch.long))
    other = all_codes(predictor, features, sampling=free, prefix=torch.ones(4, 60, dtype=torch.long))
    assert not torch.equal(first, other)


def test_the_dance_and_the_genre_matter(predictor):
    features = torch.randn(130, N_FEATURES)
    greedy = Sampling(temperature=0)
    codes = all_codes(predictor, features, sampling=greedy)
    assert not torch.equal(codes, all_codes(predictor, features.flip(0), sampling=greedy))
    assert not torch.equal(codes, all_codes(predictor, features, genre=2, sampling=greedy))


def test_top_k_and_temperature_choose_among_the_most_probable():
    logits = torch.tensor([[[0.0, 3.0, 2.0, 1.0]]]).expand(1000, 1, 4)
    draws = torch.rand(1000, 1, generator=torch.Generator().manual_seed(0))
    assert set(choose(logits, Sampling(top_k=2), draws).flatten().tolist()) == {1, 2}
    assert set(choose(logits, Sampling(top_k=0), draws).flatten().tolist()) == {0, 1, 2, 3}
    cold = (choose(logits, Sampling(temperature=0.2), draws) == 1).float().mean()
    warm = (choose(logits, Sampling(temperature=2.0), draws) == 1).float().mean()
    assert cold > 0.97
    assert warm < 0.6


def test_draws_follow_the_distribution():
    logits = torch.log(torch.tensor([0.5, 0.3, 0.2])).expand(20_000, 1, 3)
    draws = torch.rand(20_000, 1, generator=torch.Generator().manual_seed(0))
    shares = torch.bincount(choose(logits, Sampling(), draws).flatten()) / 20_000
    torch.testing.assert_close(shares, torch.tensor([0.5, 0.3, 0.2]), rtol=0, atol=0.015)


@pytest.mark.parametrize("delay", [0, 1, 2])
def test_delay_and_back(delay):
    codes = torch.arange(24).reshape(1, 3, 8)
    delayed = delay_codes(codes, delay, unknown=-1)
    assert delayed.shape == (1, 3, 8 + 2 * delay)
    assert (delayed[0, 2, : 2 * delay] == -1).all()
    assert torch.equal(undelay_codes(delayed, delay), codes)


def test_the_papers_sizes_are_the_defaults():
    config = PredictorConfig()
    assert (config.feature_dim, config.width, config.encoder_layers, config.n_heads) == (92, 256, 2, 8)
    assert (config.head_dim, config.feed_forward, config.lstm_layers, config.hidden) == (64, 1024, 3, 1024)
    assert (config.n_codebooks, config.codebook_size, config.codebook_delay) == (8, 1024, 0)
