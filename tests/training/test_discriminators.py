"""The discriminators and what the codec learns from them."""

from dataclasses import replace

import pytest
import torch
from kinetone.training.codec import CodecRun
from kinetone.training.discriminators import DiscriminatorConfig, Discriminators
from kinetone.training.losses import adversarial_loss, discriminator_loss, feature_loss
from kinetone.training.state import read_state
from tiny_runs import CODEC, same_weights, steps
from torch.nn import functional

ALL = ("stft", "scale", "period")
JUDGED = replace(
    CODEC, discriminators=DiscriminatorConfig(kinds=ALL, channels=8, start=3, learning_rate=1e-2)
)


@pytest.mark.parametrize(("kind", "count"), [("stft", 1), ("scale", 3), ("period", 5)])
@pytest.mark.parametrize("loss", ["hinge", "least_squares"])
def test_discriminators_learn_to_tell_a_tone_from_noise(kind, count, loss):
    torch.manual_seed(0)
    members = Discriminators(DiscriminatorConfig(kinds=(kind,), channels=8))
    optimizer = torch.optim.Adam(members.parameters(), 1e-3)
    tone = torch.sin(torch.arange(4801) * 0.1).expand(4, 1, -1)
    losses = []
    for _ in range(12):
        noise = 0.5 * torch.randn(4, 1, 4801)
        real, decoded = members(tone), members(noise)
        losses.append(discriminator_loss(real, decoded, loss))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert len(real) == count
    assert losses[-1] < 0.5 * losses[0]
    assert adversarial_loss(real, loss) < adversarial_loss(decoded, loss)


def test_the_paper_size_is_that_of_the_authors():
    members = Discriminators(DiscriminatorConfig(kinds=ALL))
    count = [sum(each.numel() for each in member.parameters()) for member in members.members]
    assert count[4:] == [count[4]] * 5
    assert 8.1e6 < count[4] < 8.3e6, "HiFi-GAN's period discriminators have 8.2 million each"
    assert count[1] == count[2] == count[3]
    (logits, features), *_ = Discriminators(DiscriminatorConfig(kinds=("stft",)))(torch.randn(1, 1, 24_000))
    assert [feature.shape[1] for feature in features] == [32, 64, 128, 128, 256, 256, 512]
    assert logits.shape == (1, 1, 11, 1), "94 frames, halved three times"


def test_losses_by_hand():
    def judged(logits, *features):
        return (torch.tensor(logits), [torch.tensor(each) for each in features])

    real = [judged([2.0, 0.5], [1.0, 1.0]), judged([1.0], [0.0], [4.0])]
    decoded = [judged([-2.0, 0.0], [1.0, 2.0]), judged([-1.0], [3.0], [4.0])]
    assert discriminator_loss(real, decoded, "hinge").item() == pytest.approx((0.25 + 0.5 + 0 + 0) / 2)
    assert discriminator_loss(real, decoded, "least_squares").item() == pytest.approx(
        ((1 + 0.25) / 2 + (4 + 0) / 2 + 0 + 1) / 2
    )
    assert adversarial_loss(decoded, "hinge").item() == pytest.approx(((3 + 1) / 2 + 2) / 2)
    assert adversarial_loss(decoded, "least_squares").item() == pytest.approx(((9 + 1) / 2 + 4) / 2)
    assert feature_loss(real, decoded).item() == pytest.approx((0.5 + 3.0 + 0.0) / 3)


def test_the_codec_listens_to_them_from_their_start_on(tones, tmp_path):
    plain = CodecRun(CODEC, tones, [], tmp_path / "plain")
    judged = CodecRun(JUDGED, tones, [], tmp_path / "judged")
    untaught = [parameter.detach().clone() for parameter in judged.discriminators.parameters()]
    before, _ = steps(judged, 3), steps(plain, 3)
    assert same_weights(judged.codec, plain.codec)
    assert "discriminator" not in before[-1]
    after, _ = steps(judged, 8), steps(plain, 8)
    assert not same_weights(judged.codec, plain.codec)
    assert {"discriminator", "adversarial", "feature"} <= after[0].keys()
    assert after[-1]["discriminator"] < after[0]["discriminator"]
    taught = zip(judged.discriminators.parameters(), untaught, strict=True)
    # Real and decoded music pull an output's bias in opposite ways, at times exactly as hard.
    changed = [not torch.equal(*both) for both in taught if both[1].dim() > 1]
    assert changed
    assert all(changed)


def test_the_codec_follows_the_features(tones, tmp_path):
    """Without any other loss, decoded music comes nearer to the real one in the discriminators' eyes."""
    heard = DiscriminatorConfig(kinds=("stft",), channels=8, start=0, learning_rate=0.0, feature_weight=100)
    config = replace(CODEC, discriminators=heard, free_steps=100, waveform_weight=0.0, learning_rate=1e-2)
    run = CodecRun(config, tones, [], tmp_path)
    run.mel_loss = functional.mse_loss
    losses = steps(run, 40)
    assert losses[-1]["feature"] < 0.7 * losses[0]["feature"]


def test_a_judged_run_resumes_exactly(tones, tmp_path):
    (tmp_path / "cut").mkdir()
    whole = CodecRun(JUDGED, tones, [], tmp_path / "whole")
    steps(whole, 8)
    cut = CodecRun(JUDGED, tones, [], tmp_path / "cut")
    steps(cut, 5)
    cut.save()
    resumed = CodecRun(JUDGED, tones, [], tmp_path / "cut")
    steps(resumed, 3)
    assert same_weights(resumed.codec, whole.codec)
    assert same_weights(resumed.discriminators, whole.discriminators)


def test_a_run_without_them_can_go_on_with_them(tones, tmp_path):
    plain = CodecRun(CODEC, tones, [], tmp_path)
    steps(plain, 4)
    plain.save()
    assert "discriminators" not in read_state(plain.state_path)
    run = CodecRun(JUDGED, tones, [], tmp_path)
    assert run.step == 4
    assert "adversarial" in run.train_step()


def test_in_mixed_precision_too(tones, tmp_path):
    run = CodecRun(replace(JUDGED, precision="bfloat16"), tones, [], tmp_path)
    assert all(loss.isfinite().all() for losses in steps(run, 8) for loss in losses.values())
