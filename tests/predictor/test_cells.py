"""The steps that a GPU makes, run on a processor, against the plain ones; and what its graphs keep."""

import pytest
import torch
from gpus import needs_gpu
from kinetone.core.checkpoint import DEFAULT_CHECKPOINT, load_checkpoint
from kinetone.core.motion.features import N_FEATURES, motion_features
from kinetone.core.predictor import graphs, sampling
from kinetone.core.predictor.cells import CellStepper, CellWeights
from kinetone.core.predictor.sampling import Sampling, predict_codes
from kinetone.core.predictor.stepper import PlainStepper
from test_fast_steps import earlier, history, share_of_error, steps
from test_predictor import RECALL, make_predictor
from test_rating import high
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

ROUNDING = {torch.float32: 1e-5, torch.float16: 0.005}


@pytest.fixture(scope="module")
def predictor():
    return make_predictor(1, recall=RECALL)


@pytest.mark.parametrize("dtype", ROUNDING)
@torch.inference_mode()
def test_cells_are_plain_steps_but_for_rounding(predictor, dtype):
    encoded, previous = torch.randn(1, 40, 32), history(40)
    known = earlier(40)
    plain = steps(PlainStepper(predictor.decoder), encoded, previous, 3, known)
    cells = steps(CellStepper(CellWeights(predictor.decoder, dtype)), encoded, previous, 3, known)
    assert cells.dtype == torch.float32
    assert share_of_error(cells, plain) < ROUNDING[dtype]


@pytest.mark.parametrize("dtype", ROUNDING)
@torch.inference_mode()
def test_frames_that_are_known_are_gone_through_at_once(predictor, dtype):
    encoded, previous = torch.randn(1, 40, 32), history(40)
    weights = CellWeights(predictor.decoder, dtype)
    stepper = CellStepper(weights)
    known = earlier(40)
    stepper.feed(encoded[:, :15], previous[..., :15], known[:, :16])
    stepper.feed(encoded[:, 15:30], previous[..., 15:30], known[:, 15:31])
    rest = steps(stepper, encoded[:, 30:], previous[..., 30:], 2, known[:, 30:])
    whole = steps(CellStepper(weights), encoded, previous, 1, known)[:, :, 30:]
    assert share_of_error(rest, whole.expand(2, -1, -1, -1)) < ROUNDING[dtype]


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=needs_gpu)])
@torch.inference_mode()
def test_the_default_model_chooses_the_same_codes_in_half_precision(sample_dance, device):
    if not DEFAULT_CHECKPOINT.exists():
        pytest.skip("this checkout has no default checkpoint")
    predictor = load_checkpoint().predictor
    features = torch.from_numpy(motion_features(sample_dance).stacked())
    codes = torch.cat(list(predict_codes(predictor, features, 0, 1, Sampling(0.7, 64))), -1)
    encoded = predictor.encoder(features[None], torch.tensor([0]))
    plain = steps(PlainStepper(predictor.decoder), encoded, codes).argmax(-1)
    cells = CellStepper(CellWeights(predictor.decoder.to(device)))
    assert (
        steps(cells, encoded.to(device), codes.to(device)).argmax(-1).cpu() == plain
    ).float().mean() >= 0.99


class Recording(TorchDispatchMode):
    """A CUDA graph for a processor: it, too, knows nothing but operations and the places of their tensors."""

    def __init__(self):
        super().__init__()
        self.operations = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        self.operations.append((func, args, kwargs or {}, out))
        return out

    def replay(self):
        for func, args, kwargs, out in self.operations:
            for place, tensor in zip(tree_leaves(out), tree_leaves(func(*args, **kwargs)), strict=True):
                if place.data_ptr() != tensor.data_ptr():  # no view
                    place.copy_(tensor)


@pytest.fixture
def recorded(monkeypatch):
    """Graphs that record on the processor; gives how many operations each of them has, by frame."""
    found = []

    def capture(function, arguments):
        with Recording() as recording:
            results = function(*arguments)
        found.append(len(recording.operations) / results[0].shape[-1])
        return recording.replay, results

    monkeypatch.setattr(graphs, "has_graphs", lambda device: True)
    monkeypatch.setattr(graphs, "capture", capture)
    # NumPy, which chooses on a processor, would not be recorded.
    monkeypatch.setattr(sampling, "draw_on_cpu", sampling.draw_anywhere)
    return found


def all_codes(predictor, stepper, sampling, takes=2, candidates=4):
    torch.manual_seed(1)
    features = torch.randn(300, N_FEATURES)
    pieces = predict_codes(predictor, features, 0, takes, sampling, None, candidates, high, stepper=stepper)
    return torch.cat(list(pieces), -1)


WAYS = [Sampling(seed=3), Sampling(0.7, 6, seed=3), Sampling(temperature=0)]


@pytest.mark.parametrize("way", WAYS)
@torch.inference_mode()
def test_several_frames_at_once_give_the_codes_of_the_plain_path(predictor, way):
    stepper = CellStepper(CellWeights(predictor.decoder, torch.float32))
    assert torch.equal(
        all_codes(predictor, stepper, way), all_codes(predictor, PlainStepper(predictor.decoder), way)
    )


@torch.inference_mode()
def test_what_is_captured_is_told_everything_by_its_arguments(predictor, recorded):
    """Rows are exchanged between pieces; requests with other seeds and other ways of choosing take turns."""
    weights = CellWeights(predictor.decoder, torch.float32)
    for way in WAYS:
        all_codes(predictor, CellStepper(weights), Sampling(way.temperature, way.top_k, seed=8))
    assert len(recorded) == 2 * len(WAYS)  # of several frames and of one
    for way in WAYS:
        again = all_codes(predictor, CellStepper(weights), way)
        assert torch.equal(again, all_codes(predictor, PlainStepper(predictor.decoder), way))
    assert len(recorded) == 2 * len(WAYS)


@torch.inference_mode()
def test_graphs_are_not_kept_without_bound(predictor, recorded):
    weights = CellWeights(predictor.decoder, torch.float32)
    for temperature in range(1, 2 * graphs.MOST_GRAPHS):
        all_codes(predictor, CellStepper(weights), Sampling(temperature), 1, 1)
    assert len(weights.graphs._graphs) <= graphs.MOST_GRAPHS


@needs_gpu
@pytest.mark.parametrize("way", WAYS)
@torch.inference_mode()
def test_on_a_gpu_graphs_give_the_codes_of_their_steps(way, monkeypatch):
    on_gpu = make_predictor(1, recall=RECALL).to("cuda")
    weights = CellWeights(on_gpu.decoder, torch.float32)
    all_codes(on_gpu, CellStepper(weights), Sampling(way.temperature, way.top_k, seed=8))
    captured = all_codes(on_gpu, CellStepper(weights), way)
    assert weights.graphs._graphs
    monkeypatch.setattr(graphs, "has_graphs", lambda device: False)
    assert torch.equal(captured, all_codes(on_gpu, CellStepper(weights), way))
