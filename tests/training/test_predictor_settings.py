"""The predictor's settings, each as the paper's tables vary it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from kinetone.core.checkpoint import load_checkpoint, read_card
from kinetone.core.errors import KinetoneError
from kinetone.core.generate import generate
from kinetone.core.motion.features import N_FEATURES
from kinetone.core.motion.pulse import pulse
from kinetone.core.options import GenerateOptions
from kinetone.core.predictor.model import Predictor, PredictorConfig
from kinetone.training.codec import CodecRun
from kinetone.training.data.crops import PairCrops
from kinetone.training.data.prepared import Pair
from kinetone.training.export import export
from kinetone.training.predictor import PredictorRun, previous_codes, train_predictor, withheld_likewise
from kinetone.training.self_feeding import self_fed_frames, self_fed_history
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tiny_runs import CODEC, PREDICTOR, same_weights, steps


def with_model(**sizes):
    return replace(PREDICTOR, model=replace(PREDICTOR.model, **sizes))


@pytest.mark.parametrize("sizes", [{"cell": "gru"}, {"feature_dim": 72}, {"recall": (2, 4)}])
def test_a_model_of_other_parts_learns_and_is_exported(sizes, tones, pairs, tmp_path, sample_dance):
    run = PredictorRun(replace(with_model(**sizes), steps=60), pairs, pairs, tmp_path)
    losses = [each["loss"] for each in steps(run, 60)]
    assert losses[-1] < 0.5 * losses[0]
    run.save()
    codec = CodecRun(CODEC, tones, [], tmp_path)
    codec.codec.quantizer.codebooks.normal_()
    codec.save()
    about = {"name": "tiny", "trained_on": "tones", "licence": "CC0-1.0", "scores": {}}
    export(tmp_path, tmp_path, tmp_path / "model", about)
    checkpoint = load_checkpoint(tmp_path / "model")
    for name, size in sizes.items():
        assert getattr(checkpoint.predictor.config, name) == size
        said = read_card(tmp_path / "model")["training"]["predictor"]["model"][name]
        assert (tuple(said) if isinstance(said, list) else said) == size
    music = generate(sample_dance[:60], checkpoint, GenerateOptions(), lambda stage, share: None)
    assert music.shape == (1, 60 * 400)


def test_a_model_without_the_kinematic_beat_does_not_hear_it(pairs, tmp_path):
    run = PredictorRun(with_model(feature_dim=72), pairs, [], tmp_path)
    features = torch.from_numpy(pairs[0].features[None, :50])
    beaten = features.clone()
    beaten[..., 72] = 1 - beaten[..., 72]
    moved = features + 0.1
    run.predictor.eval()
    genre, previous = torch.tensor([0]), torch.zeros(1, 2, 50, dtype=torch.long)
    with torch.inference_mode():
        logits = [run.predictor(each, genre, previous) for each in (features, beaten, moved)]
    assert torch.equal(logits[0], logits[1])
    assert not torch.equal(logits[0], logits[2])


@pytest.mark.parametrize("n_codebooks", [4, 12])
def test_any_number_of_codebooks_from_codec_to_predictor(n_codebooks, tones, pairs, tmp_path):
    model = replace(CODEC.model, n_codebooks=n_codebooks)
    codec = CodecRun(replace(CODEC, model=model), tones, [], tmp_path)
    losses = steps(codec, 8)
    assert losses[-1]["perplexity"].shape == (n_codebooks,)
    codes = np.stack([(k + 1) * np.arange(400) % 10 for k in range(n_codebooks)]).astype(np.int16)
    pair = Pair("dance", pairs[0].features, codes, "salsa")
    predictor = PredictorRun(with_model(n_codebooks=n_codebooks), [pair], [pair], tmp_path)
    assert steps(predictor, 40)[-1]["loss"] < 1.5
    assert f"accuracy_{n_codebooks - 1}" in predictor.evaluate()


def test_codes_of_another_codec_are_refused(pairs, tmp_path):
    for sizes in ({"n_codebooks": 4}, {"codebook_size": 8}):
        with pytest.raises(KinetoneError) as caught:
            PredictorRun(with_model(**sizes), pairs, [], tmp_path)
        assert caught.value.code == "training.other_codes"


def test_the_weights_of_an_lstm_keep_their_names():
    """Checkpoints and states from before there was a choice stay readable."""
    names = Predictor(PREDICTOR.model).state_dict().keys()
    assert "decoder.lstm.weight_ih_l0" in names
    with pytest.raises(ValueError, match="no recurrent cell"):
        PredictorConfig(cell="rnn")


def test_the_self_fed_span_grows_with_training():
    assert [self_fed_frames(step, 20, 100) for step in (0, 4, 5, 50, 99, 100, 1000)] == [
        0,
        0,
        1,
        10,
        19,
        20,
        20,
    ]
    assert self_fed_frames(50, 0, 100) == 0


@torch.no_grad()
def test_self_fed_frames_are_given_what_was_predicted(pairs, tmp_path):
    run = PredictorRun(with_model(recall=(1,)), pairs, [], tmp_path)
    predictor = run.predictor.eval()
    batch = run.crops.batch(0)
    previous = previous_codes(batch.codes, 16)
    encoded = predictor.encoder(batch.features, batch.genre)
    history = self_fed_history(predictor, encoded, previous, batch.recalled, teacher_span=5, self_fed_span=3)
    own = torch.arange(40) % 8 >= 5
    assert torch.equal(history[..., ~own], previous[..., ~own])
    assert not torch.equal(history[..., own], previous[..., own])
    predicted = predictor(batch.features, batch.genre, history, batch.recalled).argmax(-1)
    known = previous != 16
    before = torch.cat([previous[..., :1], predicted[..., :-1]], -1)
    assert torch.equal(history[..., own], torch.where(known, before, 16)[..., own])


@torch.no_grad()
def test_self_fed_codes_are_drawn_where_a_temperature_says_so(pairs, tmp_path):
    run = PredictorRun(PREDICTOR, pairs, [], tmp_path)
    predictor = run.predictor.eval()
    batch = run.crops.batch(0)
    previous = previous_codes(batch.codes, 16)
    encoded = predictor.encoder(batch.features, batch.genre)
    own = torch.arange(40) % 8 >= 5

    def history(temperature):
        return self_fed_history(predictor, encoded, previous, batch.recalled, 5, 3, temperature)

    torch.manual_seed(1)
    one, other = history(1.0), history(1.0)
    torch.manual_seed(1)
    assert torch.equal(history(1.0), one)
    assert torch.equal(one[..., ~own], other[..., ~own])
    assert (one != other)[..., own].float().mean() > 0.5
    assert torch.equal(history(1e-6), history(0.0))


def test_a_self_fed_run_learns(pairs, tmp_path):
    config = replace(PREDICTOR, steps=120, self_fed_span=10, self_fed_growth_steps=60, teacher_span=4)
    run = PredictorRun(config, pairs, pairs, tmp_path)
    losses = [each["loss"] for each in steps(run, 120)]
    assert losses[-1] < 0.2 * losses[0]
    taught = PredictorRun(replace(config, self_fed_span=0), pairs, [], tmp_path / "taught")
    assert [each["loss"] for each in steps(taught, 7)] != losses[:7]


def test_batches_of_a_step_add_up(pairs, tmp_path):
    """The gradient of two accumulated batches is the mean of theirs."""
    one = replace(PREDICTOR, batch_size=2)
    run = PredictorRun(replace(one, accumulation=2), pairs, [], tmp_path)
    accumulated = run.train_step()["loss"]
    alone = PredictorRun(one, pairs, [], tmp_path)
    losses = []
    for number in (0, 1):
        batch = alone.crops.batch(number)
        logits = alone.predictor(batch.features, batch.genre, previous_codes(batch.codes, 16))
        losses.append(
            torch.nn.functional.cross_entropy(logits.flatten(0, 2), batch.codes.flatten(), ignore_index=16)
        )
    assert accumulated.item() == pytest.approx(sum(losses).item() / 2, rel=1e-5)
    (sum(losses) / 2).backward()
    alone.descend(alone.optimizer, one.learning_rate_at(0))
    for ours, theirs in zip(run.predictor.parameters(), alone.predictor.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def loops(count, seed):
    """Pairs whose music is random codes of four beats, again and again; each pair has its own."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(240, N_FEATURES)).astype(np.float32)
    features[:, 73:] = pulse(np.arange(0.0, 240, 12), 240)
    codes = random.integers(16, size=(count, 2, 48)).astype(np.int16)
    return [Pair(f"dance {seed} {n}", features, np.tile(loop, 5), "salsa") for n, loop in enumerate(codes)]


def accuracy_on(run, pair):
    """Share of right codes of a pair's music behind its first four beats."""
    batch = PairCrops([pair], replace(run.config, crop_frames=240, batch_size=1)).batch(0)
    run.predictor.eval()
    with torch.inference_mode():
        previous = previous_codes(batch.codes, 16)
        logits = run.predictor(batch.features, batch.genre, previous, batch.recalled)
    return (logits.argmax(-1) == batch.codes)[..., 60:].float().mean().item()


def test_music_that_comes_round_again_is_recalled(tmp_path):
    pairs, unheard = loops(20, seed=1), loops(1, seed=2)[0]
    config = replace(with_model(recall=(4, 6)), steps=80)
    recalling = PredictorRun(config, pairs, [], tmp_path / "recalling")
    forgetful = PredictorRun(replace(with_model(), steps=80), pairs, [], tmp_path / "forgetful")
    for run in (recalling, forgetful):
        steps(run, 80)
    assert accuracy_on(forgetful, unheard) < 0.2
    assert accuracy_on(recalling, unheard) > 0.95
    other = replace(unheard, codes=np.roll(unheard.codes, 24, axis=1))
    assert accuracy_on(recalling, other) > 0.95


def test_a_run_goes_on_from_a_model_that_recalls_nothing_as_that_model(pairs, tmp_path):
    earlier = train_predictor(replace(PREDICTOR, steps=3), pairs, [], tmp_path / "earlier")
    config = replace(with_model(recall=(1, 2)), steps=0)
    run = train_predictor(config, pairs, [], tmp_path / "run", start_from=tmp_path / "earlier")
    batch = run.crops.batch(0)
    assert (batch.recalled < 16).any()
    heard = batch.features, batch.genre, previous_codes(batch.codes, 16)
    logits = [
        each.predictor.eval()(*heard, *more) for each, more in ((earlier, ()), (run, (batch.recalled,)))
    ]
    assert torch.equal(*logits)
    run.save()
    again = train_predictor(config, pairs, [], tmp_path / "again", start_from=tmp_path / "run")
    assert same_weights(again.predictor, run.predictor)
    with pytest.raises(KinetoneError, match="other settings"):
        train_predictor(with_model(recall=(1, 3)), pairs, [], tmp_path / "other", start_from=tmp_path / "run")


def test_crops_recall_what_lies_before_them(tmp_path):
    config = with_model(recall=(4,), codebook_delay=0)
    pair = loops(1, seed=1)[0]
    for step in range(5):
        batch = PairCrops([pair], config).batch(step)
        assert batch.recalled.shape == (4, 41, 2, 1)
        known = batch.recalled[:, 1:, :, 0] != 16
        assert torch.equal(
            batch.recalled[:, 1:, :, 0][known], batch.codes.transpose(1, 2)[known]
        )  # the loop is as long as what is recalled
        assert torch.equal(known.all(2), known.any(2))
    previous = torch.full((4, 2, 40), 16)
    previous[1:, :, 5] = 3
    told = withheld_likewise(batch.recalled, previous, 16)
    assert (told[0] == 16).all()
    assert torch.equal(told[1:], batch.recalled[1:])


def test_samples_can_be_heard_and_seen(tones, pairs, tmp_path):
    codec = CodecRun(CODEC, tones, [], tmp_path / "codec").codec
    config = replace(PREDICTOR, steps=2)
    PredictorRun(config, pairs, pairs, tmp_path, codec=codec).train()
    log = EventAccumulator(str(tmp_path)).Reload()
    assert set(log.Tags()["audio"]) == {"dance/made", "dance/real"}
    assert log.Tags()["images"] == ["dance/beats"]
    assert (tmp_path / "dance.png").stat().st_size > 1000
