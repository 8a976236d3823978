"""The fast steps against the plain ones, which are the network that is trained."""

import pytest
import torch
from kinetone.core.checkpoint import DEFAULT_CHECKPOINT, Checkpoint, load_checkpoint
from kinetone.core.codec.model import Codec, CodecConfig
from kinetone.core.motion.features import N_FEATURES, motion_features
from kinetone.core.predictor.fast import FastStepper, FastWeights
from kinetone.core.predictor.linear import FloatLinear, IntegerLinear, has_integer_kernels
from kinetone.core.predictor.model import Predictor, PredictorConfig
from kinetone.core.predictor.sampling import Sampling, draw_anywhere, draw_on_cpu, predict_codes
from kinetone.core.predictor.stepper import PlainStepper
from kinetone.core.threads import one_thread
from test_predictor import RECALL, SIZES, make_predictor
from torch.nn import functional

needs_integers = pytest.mark.skipif(
    not has_integer_kernels(), reason="this processor does not multiply eight-bit integers quickly"
)
KINDS = [False, pytest.param(True, marks=needs_integers)]


@pytest.fixture(scope="module")
def predictor():
    return make_predictor(1, recall=RECALL)


def history(frames, seed=1):
    """Codes before each of some frames ``(1, 4, n)`` for the small predictor, unknown ones among them."""
    return torch.randint(17, (1, 4, frames), generator=torch.Generator().manual_seed(seed))


def earlier(frames):
    """Codes ``(1, n + 1, 4, 2)`` that are recalled before and at some frames, many of which were right."""
    previous = history(frames + 1).transpose(1, 2)[..., None]
    other = torch.randint(17, (1, frames + 1, 4, 2), generator=torch.Generator().manual_seed(9))
    return torch.where(other < 9, previous, other)


def steps(stepper, encoded, previous, rows=1, recalled=None):
    """Logits ``(rows, K, n, M)``, of rows that all have the same history."""
    stepper.keep(torch.zeros(rows, dtype=torch.long))
    logits = []
    for n, inputs in enumerate(stepper.inputs(encoded)):
        now = None if recalled is None else recalled[:, n : n + 2].expand(rows, -1, -1, -1)
        logits.append(stepper.step(inputs, previous[..., n].expand(rows, -1), now))
    return torch.stack(logits, 2)


def share_of_error(logits, reference):
    return float((logits - reference).square().mean().sqrt() / reference.std())


@pytest.mark.parametrize("integers", KINDS)
@torch.inference_mode()
def test_fast_steps_are_plain_ones_but_for_rounding(predictor, integers):
    encoded, previous = torch.randn(1, 40, 32), history(40)
    known = earlier(40)
    plain = steps(PlainStepper(predictor.decoder), encoded, previous, 1, known)
    fast = steps(FastStepper(FastWeights(predictor.decoder, integers)), encoded, previous, 1, known)
    assert share_of_error(fast, plain) < (0.02 if integers else 0.002)


@pytest.mark.parametrize("integers", KINDS)
@torch.inference_mode()
def test_frames_that_are_known_are_gone_through_at_once(predictor, integers):
    encoded, previous = torch.randn(1, 40, 32), history(40)
    weights = FastWeights(predictor.decoder, integers)
    stepper = FastStepper(weights)
    known = earlier(40)
    stepper.feed(encoded[:, :15], previous[..., :15], known[:, :16])
    stepper.feed(encoded[:, 15:30], previous[..., 15:30], known[:, 15:31])
    rest = steps(stepper, encoded[:, 30:], previous[..., 30:], 2, known[:, 30:])
    whole = steps(FastStepper(weights), encoded, previous, 1, known)[:, :, 30:]
    assert share_of_error(rest, whole.expand(2, -1, -1, -1)) < (0.02 if integers else 0.002)


@pytest.mark.parametrize("integers", KINDS)
@torch.inference_mode()
def test_nothing_known_of_earlier_bars_is_the_same_as_not_being_told(predictor, integers):
    encoded, previous = torch.randn(1, 40, 32), history(40)
    weights = FastWeights(predictor.decoder, integers)
    unknown = torch.full((1, 41, 4, 2), 16)
    told = steps(FastStepper(weights), encoded, previous, 1, unknown)
    assert torch.equal(told, steps(FastStepper(weights), encoded, previous))


@needs_integers
@torch.inference_mode()
def test_a_row_is_the_same_to_the_last_bit_whatever_the_others_are():
    weights = FastWeights(make_predictor(1, hidden=32, recall=RECALL).decoder, True)
    known = earlier(400)
    encoded, inputs = torch.randn(1, 400, 32), history(400).expand(32, -1, -1).clone()
    inputs[1:] = torch.cat([history(400, seed) for seed in range(2, 33)])
    alone = steps(FastStepper(weights), encoded, inputs[:1], 1, known)
    for rows in (2, 4, 32):
        stepper = FastStepper(weights)
        stepper.keep(torch.zeros(rows, dtype=torch.long))
        together = torch.stack(
            [
                stepper.step(each, inputs[:rows, :, n], known[:, n : n + 2].expand(rows, -1, -1, -1))
                for n, each in enumerate(stepper.inputs(encoded))
            ],
            2,
        )
        assert torch.equal(together[:1], alone)


@needs_integers
@torch.inference_mode()
def test_same_seed_same_music_whatever_the_number_of_takes(predictor):
    weights, features = FastWeights(predictor.decoder, True), torch.randn(150, N_FEATURES)

    def codes(takes):
        pieces = predict_codes(predictor, features, 0, takes, Sampling(seed=5), stepper=FastStepper(weights))
        return torch.cat(list(pieces), -1)

    eight = codes(8)
    assert torch.equal(eight[:1], codes(1))
    assert torch.equal(eight[:3], codes(3))
    assert not torch.equal(eight[0], eight[1])


@torch.inference_mode()
def test_the_default_model_chooses_the_same_codes_fast_and_plain(dance_of):
    if not DEFAULT_CHECKPOINT.exists():
        pytest.skip("this checkout has no default checkpoint")
    checkpoint = load_checkpoint()
    predictor = checkpoint.predictor
    features = torch.from_numpy(motion_features(dance_of(600)).stacked())
    codes = torch.cat(list(predict_codes(predictor, features, 0, 1, Sampling(0.7, 64))), -1)
    encoded = predictor.encoder(features[None], torch.tensor([0]))
    plain = steps(PlainStepper(predictor.decoder), encoded, codes).argmax(-1)
    fast = steps(checkpoint.stepper(), encoded, codes).argmax(-1)
    assert (plain == fast).float().mean() >= 0.98


@torch.inference_mode()
def test_a_model_with_other_cells_goes_the_plain_way():
    torch.manual_seed(0)
    sizes = {"n_codebooks": 4, "codebook_size": 16}
    predictor = Predictor(PredictorConfig(**SIZES, **sizes, cell="gru")).eval()
    checkpoint = Checkpoint(Codec(CodecConfig(latent_dim=8, **sizes)), predictor, {})
    features, greedy = torch.randn(30, N_FEATURES), Sampling(temperature=0)
    codes = torch.cat(
        list(predict_codes(predictor, features, 0, 1, greedy, stepper=checkpoint.stepper())), -1
    )
    assert torch.equal(codes, torch.cat(list(predict_codes(predictor, features, 0, 1, greedy)), -1))


@needs_integers
@pytest.mark.parametrize("rows", [1, 3, 16])
def test_rows_of_very_different_size_are_each_rounded_for_themselves(rows):
    torch.manual_seed(0)
    weight, bias = torch.randn(48, 40), torch.randn(48)
    x = torch.randn(rows, 40) * torch.logspace(-3, 3, rows)[:, None]
    x[0] = 0.0
    expected = functional.linear(x, weight, bias)
    made = IntegerLinear(weight, bias, bounded=False)(x)
    size = (expected - bias).abs().amax(1, keepdim=True)
    assert ((made - expected).abs() <= 0.02 * size + 1e-6).all()


@pytest.mark.parametrize("inputs", [384, 768])
def test_in_float32_too_a_row_is_the_same_to_the_last_bit_whatever_their_number(inputs):
    linear = FloatLinear(torch.randn(1536, inputs), torch.randn(1536))
    rows = torch.randn(64, inputs)
    with one_thread():  # as composing does
        together = linear(rows)
        for count in (1, 2, 3, 4, 5, 8, 16, 32):
            assert torch.equal(linear(rows[:count]), together[:count])


@pytest.mark.parametrize("count", [1, 64, 1024])
@pytest.mark.parametrize("temperature", [0.01, 0.7, 100.0])
def test_a_cpu_draws_the_codes_that_any_device_draws(count, temperature):
    logits, uniform = 50 * torch.randn(32, 8, 1024), torch.rand(32, 8)
    drawn = draw_on_cpu(logits, count, temperature, uniform)
    assert torch.equal(drawn, draw_anywhere(logits, count, temperature, uniform))
    ranks = logits.argsort(-1, descending=True).argsort(-1)
    assert (ranks.gather(-1, drawn[..., None]) < count).all()


def test_equally_probable_codes_are_one_of_them():
    logits = torch.tensor([[[1.0, 2.0, 2.0, 0.0]]])
    assert draw_on_cpu(logits, 2, 1.0, torch.tensor([[0.9]])).tolist() == [[1]]
