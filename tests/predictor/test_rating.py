"""Continuations that are rated while a dance is decoded: the best of them stays."""

from itertools import pairwise

import pytest
import torch
from kinetone.core.codec.quantizer import ResidualVectorQuantizer
from kinetone.core.motion.features import N_FEATURES
from kinetone.core.predictor.rating import BeatRating
from kinetone.core.predictor.sampling import Sampling, predict_codes
from test_predictor import make_predictor


@pytest.fixture(scope="module", params=[0, 1])
def predictor(request):
    return make_predictor(request.param)


def high(codes, _start):
    return codes.float().mean((1, 2))


@torch.inference_mode()
def decoded(predictor, features, takes, candidates, rating=high):
    sampling = Sampling(seed=3)
    return torch.cat(
        list(predict_codes(predictor, features, 0, takes, sampling, None, candidates, rating)), -1
    )


def test_the_best_rated_continuation_stays(predictor):
    features = torch.randn(500, N_FEATURES)
    one, eight = (decoded(predictor, features, 1, candidates) for candidates in (1, 8))
    assert eight.shape == one.shape
    assert eight.float().mean() > one.float().mean()


def middling(codes, start):
    """Prefers what is most like the mean of all that it is shown."""
    ratings = high(codes, start)
    return -(ratings - ratings.mean()).abs()


@pytest.mark.parametrize("rating", [high, middling])
def test_takes_are_chosen_each_for_itself(predictor, rating):
    features = torch.randn(250, N_FEATURES)
    three = decoded(predictor, features, 3, 4, rating)
    assert torch.equal(three[:1], decoded(predictor, features, 1, 4, rating))
    assert not torch.equal(three[0], three[1])


def test_every_frame_is_rated_once_and_in_order(predictor):
    spans = []

    def rating(codes, start):
        spans.append((start, start + codes.shape[-1]))
        return high(codes, start)

    decoded(predictor, torch.randn(300, N_FEATURES), 2, 2, rating)
    assert spans[0::2] == spans[1::2]  # of both takes
    assert spans[0][0] == 0
    assert spans[-1][1] == 300
    assert all(before[1] == after[0] for before, after in pairwise(spans[::2]))


def test_codes_that_change_on_the_beat_are_rated_above_codes_that_change_beside_it():
    quantizer = ResidualVectorQuantizer(2, 16, 8)
    quantizer.codebooks.normal_(generator=torch.Generator().manual_seed(0))
    beats = torch.arange(220, 400, 30)
    frames = torch.arange(200, 320)
    on_beat = ((frames - 220) // 30) % 16
    beside = ((frames - 235) // 30) % 16
    held = torch.zeros_like(frames)
    codes = torch.stack([torch.stack([each, each]) for each in (on_beat, beside, held)])
    rated = BeatRating(quantizer, beats)(codes, 200)
    assert rated[0] > 2 * rated[1]
    assert rated[0] > 2 * rated[2]
    assert torch.equal(BeatRating(quantizer, beats)(codes, 1000), torch.zeros(3))
    assert torch.equal(BeatRating(quantizer, beats[:0])(codes, 200), torch.zeros(3))
