"""Training runs: what is learnt, what is kept, and what resuming gives back."""

import math
from dataclasses import replace

import pytest
import torch
from kinetone.core.checkpoint import load_checkpoint, read_card
from kinetone.core.errors import KinetoneError
from kinetone.core.motion.features import N_FEATURES
from kinetone.training.audio import audio_files, read_audio
from kinetone.training.codebooks import code_perplexity
from kinetone.training.codec import CodecRun, train_codec
from kinetone.training.corpus.index import corpus_pieces
from kinetone.training.data.prepared import Pair, codec_fingerprint, read_prepared
from kinetone.training.export import export, trained_codec
from kinetone.training.predictor import PredictorRun, corrupt
from tiny_runs import CODEC, PREDICTOR, same_weights, steps


def refused(code, function, *arguments):
    with pytest.raises(KinetoneError) as caught:
        function(*arguments)
    assert caught.value.code == code
    assert caught.value.hint


def test_the_codec_learns_and_its_codes_stay_once_the_encoder_is_done(tones, tmp_path):
    run = CodecRun(CODEC, tones, tones, tmp_path)
    losses = steps(run, 30)
    assert losses[-1]["mel"] < losses[0]["mel"]
    assert "commitment" not in losses[5]
    assert losses[6]["perplexity"].shape == (2,)
    music = read_audio(tones[0], 0, 4000)[None]
    with torch.inference_mode():
        codes, decoded = run.codec.encode(music), run.codec.decode(run.codec.encode(music))
    steps(run, 5)
    with torch.inference_mode():
        assert torch.equal(run.codec.encode(music), codes)
        assert not torch.equal(run.codec.decode(codes), decoded)
    scores = run.evaluate(pieces=2, seconds=0.5)
    assert scores["mel"] > 0
    assert 1 <= scores["perplexity_0"] <= 16


def test_a_codec_run_resumes_exactly(tones, tmp_path):
    whole = CodecRun(CODEC, tones, tones, tmp_path / "whole")
    steps(whole, 12)
    (tmp_path / "cut").mkdir()
    cut = CodecRun(CODEC, tones, tones, tmp_path / "cut")
    steps(cut, 8)
    cut.save()
    resumed = CodecRun(CODEC, tones, tones, tmp_path / "cut")
    assert resumed.step == 8
    steps(resumed, 4)
    assert same_weights(resumed.codec, whole.codec)
    assert torch.equal(resumed.codec.quantizer.codebooks, whole.codec.quantizer.codebooks)


def test_a_codec_run_of_another_size_is_not_resumed(tones, tmp_path):
    CodecRun(CODEC, tones, tones, tmp_path).save()
    other = replace(CODEC, model=replace(CODEC.model, latent_dim=4))
    refused("training.other_model", CodecRun, other, tones, tones, tmp_path)
    longer = CodecRun(replace(CODEC, steps=80), tones, tones, tmp_path)
    assert same_weights(longer.codec, trained_codec(tmp_path))


def test_a_codec_run_starts_from_the_weights_of_another(tones, tmp_path):
    earlier = CodecRun(CODEC, tones, tones, tmp_path)
    steps(earlier, 12)
    earlier.save()
    run = CodecRun(CODEC, tones, tones, tmp_path / "new")
    run.start_from(tmp_path)
    assert same_weights(run.codec, earlier.codec)
    before = run.codec.quantizer.codebooks.clone()
    assert torch.equal(before, earlier.codec.quantizer.codebooks)
    steps(run, 1)
    moved = (run.codec.quantizer.codebooks - before).norm() / before.norm()
    assert 0 < moved < 0.2, "codebooks learn on, they do not start anew"
    refused("training.no_run", run.start_from, tmp_path / "nothing")
    larger = CodecRun(replace(CODEC, model=replace(CODEC.model, latent_dim=4)), tones, tones, tmp_path / "4")
    refused("training.other_model", larger.start_from, tmp_path)


def test_another_decoder_learns_to_speak_the_codes_of_an_earlier_run(tones, tmp_path):
    earlier = CodecRun(CODEC, tones, tones, tmp_path)
    steps(earlier, 12)
    earlier.save()
    config = replace(CODEC, model=replace(CODEC.model, decoder_channels=(16,)), encoder_steps=0)
    run = CodecRun(config, tones, tones, tmp_path / "new")
    run.start_from(tmp_path)
    before = run.evaluate()
    steps(run, 20)
    assert codec_fingerprint(run.codec) == codec_fingerprint(earlier.codec)
    assert run.evaluate()["mel"] < 0.8 * before["mel"]
    refused("training.no_codec", train_codec, config, tones, [], tmp_path / "alone")


def test_runs_start_from_a_checkpoint_whose_genres_keep_their_meaning(tones, pairs, tmp_path):
    for folder in ("codec", "predictor", "wider"):
        (tmp_path / folder).mkdir()
    CodecRun(CODEC, tones, tones, tmp_path / "codec").save()
    earlier = PredictorRun(PREDICTOR, pairs, [], tmp_path / "predictor")
    steps(earlier, 3)
    earlier.save()
    export(tmp_path / "codec", tmp_path / "predictor", tmp_path / "model", {"name": "earlier"})
    learnt = load_checkpoint(tmp_path / "model").predictor.encoder.genre.weight

    wider = replace(PREDICTOR, model=replace(PREDICTOR.model, genres=("house", "salsa")))
    run = PredictorRun(wider, pairs, [], tmp_path / "wider")
    run.start_from(tmp_path / "model")
    none, house, salsa = run.predictor.encoder.genre.weight
    assert torch.equal(salsa, learnt[1])
    assert torch.equal(house, none)
    assert torch.equal(none, learnt[0])
    assert math.isfinite(steps(run, 1)[0]["loss"])
    run.save()
    codec = CodecRun(CODEC, tones, tones, tmp_path / "new")
    codec.start_from(tmp_path / "model")
    assert same_weights(codec.codec, trained_codec(tmp_path / "model"))

    export(tmp_path / "model", tmp_path / "wider", tmp_path / "second", {"name": "with the first's codec"})
    card = read_card(tmp_path / "second")
    assert card["genres"] == ["house", "salsa"]
    assert card["training"]["codec"] == read_card(tmp_path / "model")["training"]["codec"]
    wider = replace(PREDICTOR, model=replace(PREDICTOR.model, hidden=16))
    refused(
        "training.other_model",
        PredictorRun(wider, pairs, [], tmp_path / "small").start_from,
        tmp_path / "model",
    )


def test_a_run_that_is_told_more_than_the_earlier_one_was_begins_with_its_music(pairs, tmp_path):
    less = replace(PREDICTOR, model=replace(PREDICTOR.model, feature_dim=73))
    for folder in ("less", "more"):
        (tmp_path / folder).mkdir()
    earlier = PredictorRun(less, pairs, [], tmp_path / "less")
    steps(earlier, 3)
    earlier.save()
    run = PredictorRun(PREDICTOR, pairs, [], tmp_path / "more")
    run.start_from(tmp_path / "less")
    features, genre = torch.randn(1, 50, N_FEATURES), torch.tensor([1])
    heard = [each.predictor.eval().encoder(features, genre) for each in (earlier, run)]
    torch.testing.assert_close(*heard)
    steps(run, 3)
    run.predictor.eval()
    silent = features * (torch.arange(N_FEATURES) < 73)
    assert not torch.equal(run.predictor.encoder(features, genre), run.predictor.encoder(silent, genre))
    run.save()
    refused(
        "training.other_model",
        PredictorRun(less, pairs, [], tmp_path / "again").start_from,
        tmp_path / "more",
    )


def test_without_held_out_music_there_are_no_scores(tones, pairs, tmp_path):
    assert CodecRun(CODEC, tones, [], tmp_path).evaluate() == {}
    assert PredictorRun(PREDICTOR, pairs, [], tmp_path).evaluate() == {}


def test_perplexity_counts_the_codewords_in_use():
    assert code_perplexity(torch.tensor([3, 3, 3]), 16).item() == pytest.approx(1)
    assert code_perplexity(torch.arange(16).repeat(5), 16).item() == pytest.approx(16)


def test_the_predictor_learns_the_music_by_heart(pairs, tmp_path):
    run = PredictorRun(PREDICTOR, pairs, pairs, tmp_path)
    steps(run, PREDICTOR.steps)
    assert run.evaluate()["accuracy"] > 0.95


def test_a_predictor_run_resumes_exactly(pairs, tmp_path):
    noisy = replace(
        PREDICTOR,
        history_dropout=0.2,
        history_noise=0.1,
        history_shift=0.5,
        genre_dropout=0.3,
        model=replace(PREDICTOR.model, dropout=0.1),
    )
    whole = PredictorRun(noisy, pairs, [], tmp_path / "whole")
    steps(whole, 6)
    (tmp_path / "cut").mkdir()
    cut = PredictorRun(noisy, pairs, [], tmp_path / "cut")
    steps(cut, 3)
    cut.save()
    resumed = PredictorRun(noisy, pairs, [], tmp_path / "cut")
    steps(resumed, 3)
    assert same_weights(resumed.predictor, whole.predictor)


def test_shifted_history_is_of_another_moment_and_comes_back_in_the_first_half():
    previous = torch.arange(100).expand(64, 2, 100) % 16
    shifted = corrupt(previous, replace(PREDICTOR, history_shift=1.0))
    assert torch.equal(shifted[..., 50:], previous[..., 50:])
    assert torch.equal(shifted[..., :1], previous[..., :1])
    assert (shifted[..., 1:50] != previous[..., 1:50]).float().mean() > 0.3
    assert torch.equal(shifted[:, 0], shifted[:, 1]), "all codebooks move together"
    assert torch.equal(corrupt(previous, PREDICTOR), previous)


def test_a_pair_shorter_than_a_crop_is_padded_with_what_does_not_count(pairs, tmp_path):
    short = [Pair("short", pairs[0].features[:10], pairs[0].codes[:, :10], "salsa")]
    run = PredictorRun(PREDICTOR, short, [], tmp_path)
    batch = run.crops.batch(0)
    assert batch.features.shape == (4, 40, N_FEATURES)
    assert (batch.codes[:, 0, 10:] == 16).all()
    assert torch.isfinite(run.train_step()["loss"])


def test_music_is_silent_behind_its_end(tones):
    whole = read_audio(tones[0])
    tail = read_audio(tones[0], whole.shape[1] - 100, 300)
    assert torch.equal(tail[:, :100], whole[:, -100:])
    assert not tail[:, 100:].any()
    assert not read_audio(tones[0], whole.shape[1] + 5, 300).any()


def test_what_an_earlier_command_should_have_made_is_asked_for(tmp_path):
    refused("training.no_run", trained_codec, tmp_path)
    refused("training.not_prepared", read_prepared, tmp_path)
    refused("corpus.no_index", corpus_pieces, tmp_path)


def test_a_file_that_is_no_music_is_refused(tmp_path):
    (tmp_path / "noise.wav").write_bytes(b"no music")
    refused("training.unreadable_audio", read_audio, tmp_path / "noise.wav")
    refused("training.unreadable_audio", read_audio, tmp_path / "missing.wav")


def test_a_folder_without_music_is_refused(tmp_path):
    refused("training.no_audio", audio_files, tmp_path)
