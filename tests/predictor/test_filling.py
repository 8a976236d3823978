"""A part of music made anew between codes that stay, and the genre made stronger."""

import pytest
import torch
from kinetone.core.motion.features import N_FEATURES
from kinetone.core.predictor import filling
from kinetone.core.predictor.filling import fill_codes
from kinetone.core.predictor.guidance import GuidedStepper
from kinetone.core.predictor.recall import recall_frames
from kinetone.core.predictor.sampling import DRAWN, Continuations, Sampling, predict_codes
from kinetone.core.predictor.stepper import PlainStepper
from test_predictor import KINDS, forced_logits, make_predictor

FRAMES, BOOKS, SIZE = 300, 4, 16
GREEDY = Sampling(temperature=0)


@pytest.fixture(scope="module", params=KINDS)
def predictor(request):
    delay, recall = request.param
    return make_predictor(delay, recall=recall)


@pytest.fixture(scope="module")
def features():
    return torch.randn(FRAMES, N_FEATURES, generator=torch.Generator().manual_seed(1))


@torch.inference_mode()
def composed(predictor, features, **options):
    options = {"genre": 0, "takes": 1, "sampling": GREEDY} | options
    return torch.cat(list(predict_codes(predictor, features, **options)), -1)


@torch.inference_mode()
def filled(predictor, features, kept, start, on_frame=lambda frame: None, **options):
    options = {
        "genre": 0,
        "takes": 1,
        "sampling": GREEDY,
        "candidates": 1,
        "rating": lambda codes, first: torch.zeros(len(codes)),
        "stepper": PlainStepper(predictor.decoder),
    } | options
    return fill_codes(predictor, features, kept=kept, start=start, on_frame=on_frame, **options)


def without(codes, start, end):
    kept = codes.clone()
    kept[:, start:end] = DRAWN
    return kept


@pytest.mark.parametrize(("start", "end"), [(0, 300), (130, 300), (297, 300), (0, 1), (100, 140), (50, 290)])
def test_what_the_network_would_have_said_anyway_is_said_again(predictor, features, start, end):
    whole = composed(predictor, features)[0]
    again = filled(predictor, features, without(whole, start, end), start)
    assert torch.equal(again[0], whole[:, start:end])


def test_every_frame_of_the_part_gets_codes_and_takes_differ(predictor, features):
    whole = composed(predictor, features)[0]
    for start, end in ((100, 350 - 60), (0, 20), (40, 199)):
        drawn = filled(
            predictor,
            features,
            without(whole, start, end),
            start,
            takes=3,
            candidates=2,
            sampling=Sampling(seed=4),
        )
        assert drawn.shape == (3, BOOKS, end - start)
        assert 0 <= drawn.min() <= drawn.max() < SIZE
        assert not torch.equal(drawn[0], drawn[1])


def test_the_part_goes_on_from_what_stands_before(predictor, features):
    first, second = torch.zeros(2, BOOKS, FRAMES, dtype=torch.long)
    second = second + 1
    parts = [filled(predictor, features, without(codes, 150, FRAMES), 150) for codes in (first, second)]
    assert not torch.equal(*parts)


def test_the_rating_chooses(predictor, features):
    whole = composed(predictor, features)[0]

    def high(codes, first):
        return codes.float().mean((1, 2))

    def low(codes, first):
        return -high(codes, first)

    means = [
        filled(
            predictor,
            features,
            without(whole, 60, 240),
            60,
            sampling=Sampling(seed=1),
            candidates=6,
            rating=rating,
        )
        .float()
        .mean()
        for rating in (low, high)
    ]
    assert means[0] < means[1]


def test_what_comes_after_chooses_among_the_last_candidates(predictor, features, monkeypatch):
    """The chosen part makes the codes behind it likelier, on average over seeds."""
    whole = composed(predictor, features, sampling=Sampling(seed=9))[0]

    def likelihoods(weight):
        monkeypatch.setattr(filling, "MEETING_WEIGHT", weight)
        kept = without(whole, 60, 90)
        options = {"takes": 8, "candidates": 4, "sampling": Sampling(seed=2)}
        parts = filled(predictor, features, kept, 60, **options)
        return torch.stack([likelihood_after(predictor, features, whole, part, 60) for part in parts]).mean()

    assert likelihoods(100.0) > likelihoods(0.0)


@torch.inference_mode()
def likelihood_after(predictor, features, whole, part, start):
    codes = whole.clone()
    end = start + part.shape[-1]
    codes[:, start:end] = part
    return teacher_forced(predictor, features, codes)[:, end : end + filling.OUTLOOK_FRAMES].sum()


@torch.inference_mode()
def teacher_forced(predictor, features, codes):
    """Log-probability of every code ``(K, N)``, by the network's own forward pass."""
    delay = predictor.config.codebook_delay
    logits = forced_logits(predictor, features, codes[None]).log_softmax(-1)[0]
    shifted = torch.stack([logits[k, k * delay : k * delay + codes.shape[1]] for k in range(BOOKS)])
    return shifted.gather(-1, codes[..., None])[..., 0]


@torch.inference_mode()
def test_likelihood_is_that_of_teacher_forcing(predictor, features):
    codes = composed(predictor, features, sampling=Sampling(seed=3))[0]
    latency = predictor.config.latency
    delay, recall = predictor.config.codebook_delay, predictor.config.recall
    frames = recall_frames(features, recall, latency)
    music = Continuations(PlainStepper(predictor.decoder), codes, 1, GREEDY, SIZE, delay, frames)
    padded = torch.nn.functional.pad(features, (0, 0, 0, latency))[None]
    encoded = predictor.encoder(padded, torch.tensor([0]))
    music.extend(encoded[:, :FRAMES])
    chances = teacher_forced(predictor, features, codes)
    for k in range(BOOKS):  # what the delay has put off is not reached yet
        chances[k, FRAMES - k * delay :] = 0
    torch.testing.assert_close(music.likelihood[0], chances.sum())
    music.extend(encoded[:, FRAMES:])
    assert torch.equal(music.finished()[0][0], codes)


def test_progress_is_told_from_the_first_frame_on_and_can_end_it(predictor, features):
    whole = composed(predictor, features)[0]
    seen = []
    filled(predictor, features, without(whole, 200, 220), 200, seen.append)
    assert seen[0] == 0
    assert seen == sorted(seen)

    def stop(frame):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        filled(predictor, features, without(whole, 200, 220), 200, stop)


def guided(predictor, strength):
    return GuidedStepper(PlainStepper(predictor.decoder), PlainStepper(predictor.decoder), strength)


def test_strength_goes_from_none_of_the_genre_through_it_to_more(predictor, features):
    def strengthened(strength):
        return composed(predictor, features, genre=(2, 0), stepper=guided(predictor, strength))

    plain, told = (composed(predictor, features, genre=genre) for genre in (0, 2))
    assert not torch.equal(plain, told)
    assert torch.equal(strengthened(0.0), plain)
    assert torch.equal(strengthened(1.0), told)
    assert not torch.equal(strengthened(3.0), told)


def test_a_part_can_be_filled_with_more_of_the_genre(predictor, features):
    whole = composed(predictor, features, genre=(2, 0), stepper=guided(predictor, 2.0))[0]
    kept = without(whole, 100, 200)
    again = filled(predictor, features, kept, 100, genre=(2, 0), stepper=guided(predictor, 2.0))
    assert torch.equal(again[0], whole[:, 100:200])


@torch.inference_mode()
def test_guided_logits_are_stretched_from_those_without_the_genre(predictor):
    told, untold = (PlainStepper(predictor.decoder) for _ in range(2))
    both = guided(predictor, 1.5)
    first, second = torch.randn(2, 32)
    previous = torch.full((1, BOOKS), SIZE)
    for stepper, encoded in ((told, first), (untold, second), (both, torch.cat([first, second]))):
        stepper.feed(encoded.repeat(1, 5, 1), torch.zeros(1, BOOKS, 5, dtype=torch.long))
        stepper.keep(torch.tensor([0, 0]))
    previous = torch.ones(2, BOOKS, dtype=torch.long)
    with_it, without_it = told.step(first, previous), untold.step(second, previous)
    logits = both.step(both.inputs(torch.cat([first, second])[None, None])[0], previous)
    torch.testing.assert_close(logits, without_it + 1.5 * (with_it - without_it))
