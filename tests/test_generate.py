"""From joints to a waveform, as the engine calls it."""

import numpy as np
import pytest
import torch
from kinetone.core.checkpoint import DEFAULT_CHECKPOINT, load_checkpoint
from kinetone.core.decoding import replay
from kinetone.core.errors import Cancelled, KinetoneError
from kinetone.core.generate import generate, stream
from kinetone.core.motion.ensemble import ensemble_features
from kinetone.core.options import GenerateOptions
from kinetone.core.timing import HOP_LENGTH


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint):
    return load_checkpoint(tiny_checkpoint)


@pytest.fixture(scope="module")
def default_checkpoint():
    if not DEFAULT_CHECKPOINT.exists():
        pytest.skip("this checkout has no default checkpoint")
    return load_checkpoint()


def ignore(stage, fraction):
    """Progress that nobody watches."""


@pytest.mark.parametrize("frames", [1, 2, 119, 121])
def test_n_frames_give_n_times_400_samples_within_full_scale(checkpoint, sample_dance, frames):
    music = generate(sample_dance[:frames], checkpoint, GenerateOptions(takes=2), ignore)
    assert music.shape == (2, frames * HOP_LENGTH)
    assert music.dtype == np.float32
    assert np.abs(music).max() <= 1.0


def test_the_same_seed_gives_the_same_samples_and_another_seed_others(checkpoint, sample_dance):
    first = generate(sample_dance, checkpoint, GenerateOptions(seed=3), ignore)
    again = generate(sample_dance, checkpoint, GenerateOptions(seed=3), ignore)
    other = generate(sample_dance, checkpoint, GenerateOptions(seed=4), ignore)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"energy": 0.5},
        {"energy": 1.5},
        {"tempo_bpm": 97.0},
        {"genre": "house", "genre_strength": 2.0},
    ],
)
def test_a_take_is_the_same_alone_and_among_others(default_checkpoint, dance_of, asked):
    joints = dance_of(300)
    alone, among = (
        generate(joints, default_checkpoint, GenerateOptions(takes=takes, seed=2, **asked), ignore)
        for takes in (1, 3)
    )
    assert np.array_equal(alone[0], among[0])
    assert not np.array_equal(among[0], among[1])


def moved(joints, offset, degrees, scale):
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return (joints * scale) @ turn.T + offset


@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_moving_turning_or_scaling_the_dancer_does_not_change_one_sample(
    default_checkpoint, sample_dance, temperature
):
    options = GenerateOptions(temperature=temperature)
    music = generate(sample_dance, default_checkpoint, options, ignore)
    elsewhere = moved(sample_dance, (12.3, -7.7, 0.4), degrees=77, scale=2.5)
    assert np.array_equal(generate(elsewhere, default_checkpoint, options, ignore), music)


def test_the_default_model_makes_sound_that_moves_with_the_dance(default_checkpoint, sample_dance):
    music = generate(sample_dance, default_checkpoint, GenerateOptions(), ignore)[0]
    level = np.sqrt(np.mean(music**2))
    assert 0.02 < level < 0.5
    assert np.abs(music).max() < 1.0, "it clips"
    assert abs(music.mean()) < 0.01, "it has a DC offset"


def test_progress_never_goes_back_and_ends_at_one(checkpoint, sample_dance):
    seen = []
    generate(sample_dance, checkpoint, GenerateOptions(), lambda stage, fraction: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0
    assert len(seen) > 10


def test_progress_that_raises_cancelled_stops_at_once(checkpoint, sample_dance):
    calls = []

    def cancel_at_third(stage, fraction):
        calls.append(fraction)
        if len(calls) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(stream(ensemble_features([sample_dance]), checkpoint, GenerateOptions(), cancel_at_third))
    assert len(calls) == 3


def test_codes_give_the_same_samples_with_any_number_of_threads(default_checkpoint):
    codes = torch.randint(0, 1024, (1, 8, 200), generator=torch.Generator().manual_seed(0))
    before = torch.get_num_threads()
    sounds = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        pieces = replay(codes, default_checkpoint, ignore)
        sounds.append(np.concatenate([piece.waveform for piece in pieces], axis=1))
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert np.array_equal(sounds[0], sounds[1])
    assert np.array_equal(sounds[0], sounds[2])


def test_an_unknown_genre_is_refused_and_the_known_ones_are_named(checkpoint, sample_dance):
    with pytest.raises(KinetoneError, match="salsa") as caught:
        generate(sample_dance, checkpoint, GenerateOptions(genre="polka"), ignore)
    assert caught.value.code == "generate.unknown_genre"


@pytest.mark.parametrize(
    "options", [GenerateOptions(takes=0), GenerateOptions(temperature=-1.0), GenerateOptions(top_k=-1)]
)
def test_impossible_options_are_refused(checkpoint, sample_dance, options):
    with pytest.raises(KinetoneError) as caught:
        generate(sample_dance, checkpoint, options, ignore)
    assert caught.value.code == "generate.options"
