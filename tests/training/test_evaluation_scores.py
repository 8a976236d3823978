"""The scores of an evaluation against cases worked out by hand, and against mir_eval."""

import mir_eval
import numpy as np
import pytest
import torch
from clicks import clicks
from kinetone.core.motion.features import N_FEATURES
from kinetone.core.predictor.model import Predictor, PredictorConfig
from kinetone.core.timing import SAMPLE_RATE
from kinetone.training.evaluation.accuracy import teacher_forced_accuracy
from kinetone.training.evaluation.dynamics import dynamics
from kinetone.training.evaluation.embedding import (
    Reference,
    SoundSpace,
    frechet_distance,
    log_mel_statistics,
)
from kinetone.training.evaluation.evaluate import Column
from kinetone.training.evaluation.report import markdown, summary
from kinetone.training.evaluation.rhythm import (
    Rhythm,
    beat_alignment_score,
    beat_f,
    beats_coverage_score,
    beats_hit_score,
    harmonic_mean,
    improved_match,
    metrical_beats,
    onset_f,
)
from kinetone.training.evaluation.steadiness import level_curve, pulse_clarity, repetition, steadiness

NONE = np.array([])
FRAME = 1 / 60


def tone(pitch_hz, seconds=4.0, level=0.3):
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * pitch_hz * time)).astype(np.float32)


def test_coverage_is_the_ratio_of_the_numbers_of_beats():
    real = np.array([1.0, 2.0, 3.0, 4.0])
    assert beats_coverage_score(np.array([0.5, 7.0]), real) == 0.5
    assert beats_coverage_score(np.arange(6.0), real) == 1.5
    assert beats_coverage_score(NONE, real) == beats_coverage_score(real, NONE) == 0.0


def test_beats_within_one_frame_count_once():
    real = np.array([1.0, 1.005, 2.0])
    assert beats_coverage_score(np.array([1.0, 2.0]), real) == 1.0


def test_a_beat_is_hit_at_five_frames_and_missed_at_six():
    real = np.array([1.0, 2.0, 3.0, 4.0])
    generated = np.array([1.0 + 5 * FRAME, 2.0 - 5 * FRAME, 3.0 + 6 * FRAME, 9.0])
    assert beats_hit_score(generated, real) == 0.5
    assert beats_hit_score(np.array([1.05]), np.array([1.0, 1.08])) == 1.0, "one may hit two"
    assert beats_hit_score(NONE, real) == beats_hit_score(real, NONE) == 0.0


def test_beats_hit_is_mir_evals_recall_where_beats_lie_far_apart():
    rng = np.random.default_rng(3)
    for _ in range(20):
        real = np.cumsum(rng.integers(20, 60, 15)) * FRAME
        generated = np.sort(rng.permutation(real)[:9] + rng.integers(-9, 10, 9) * FRAME)
        # A window that ends between the fifth frame, which is hit, and the sixth, which is not.
        _, _, recall = mir_eval.onset.f_measure(real, generated, window=5.5 * FRAME)
        assert beats_hit_score(generated, real) == pytest.approx(recall)


def test_the_improved_scores_compare_the_seconds_that_hold_onsets():
    real = np.array([0.1, 0.9, 2.5, 3.5, 5.0])  # seconds 0, 2, 3, 5
    generated = np.array([0.5, 2.9, 4.2])  # seconds 0, 2, 4
    match = improved_match(generated, real)
    assert match.coverage == pytest.approx(2 / 3)
    assert match.hit == pytest.approx(2 / 4)
    assert harmonic_mean(match.coverage, match.hit) == pytest.approx(4 / 7)
    nothing = improved_match(NONE, NONE)
    assert nothing.coverage == nothing.hit == harmonic_mean(0.0, 0.0) == 0.0


def test_onset_and_beat_f_take_their_windows_and_pair_off_one_to_one():
    real = np.array([1.0, 2.0, 3.0, 4.0])
    late = real + 0.06
    assert onset_f(late, real) == 0.0
    assert beat_f(late, real) == 1.0
    doubled = np.array([0.98, 1.02, 2.0])
    # Two of three are right, two of four are found.
    assert onset_f(doubled, real) == pytest.approx(harmonic_mean(2 / 3, 2 / 4))
    assert onset_f(NONE, real) == onset_f(real, NONE) == beat_f(NONE, real) == 0.0


def test_beat_alignment_falls_off_with_a_sigma_of_three_frames():
    dance = np.array([1.0, 2.0])
    beats = np.array([1.0, 2.0 + 3 * FRAME])
    assert beat_alignment_score(beats, dance) == pytest.approx((1 + np.exp(-0.5)) / 2)
    assert beat_alignment_score(NONE, dance) == beat_alignment_score(beats, NONE) == 0.0


def test_metrical_beats_are_found_where_the_clicks_are():
    times = np.arange(0.5, 11.5, 0.5)
    assert beat_f(metrical_beats(clicks(times, 12.0)), times) > 0.9


def test_a_rhythm_is_shifted_around_and_made_to_last():
    rhythm = Rhythm(np.array([0.5, 2.5]), np.array([1.0]), 3.0)
    shifted = rhythm.shifted(1.0)
    np.testing.assert_allclose(shifted.onsets_s, [0.5, 1.5])
    np.testing.assert_allclose(shifted.beats_s, [2.0])
    longer = rhythm.lasting(7.0)
    np.testing.assert_allclose(longer.onsets_s, [0.5, 2.5, 3.5, 5.5, 6.5])
    np.testing.assert_allclose(longer.beats_s, [1.0, 4.0])
    np.testing.assert_allclose(rhythm.lasting(2.0).onsets_s, [0.5])
    assert longer.duration_s == 7.0


def test_frechet_distance_of_known_normal_distributions():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((500, 3))
    a = np.linalg.solve(np.linalg.cholesky(np.cov(a, rowvar=False, ddof=0)), (a - a.mean(0)).T).T
    assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(a + np.array([3.0, 0.0, 4.0]), a) == pytest.approx(25.0)
    # Of independent axes it is the sum of the squared differences of standard deviations.
    assert frechet_distance(a * np.array([1.0, 3.0, 6.0]), a) == pytest.approx(2.0**2 + 5.0**2)


@pytest.fixture(scope="module")
def space():
    """Low tones are called hum, high ones are called whistle."""
    points = [log_mel_statistics(tone(pitch)) for pitch in (100, 130, 160, 2000, 2500, 3000)]
    genres = ["hum"] * (3 * len(points[0])) + ["whistle"] * (3 * len(points[0]))
    return SoundSpace(Reference(np.concatenate(points), np.array(genres), tuple("abcdef")))


def test_genre_is_that_of_the_nearest_piece(space):
    assert space.genre_accuracy(log_mel_statistics(tone(115)), "hum") == 1.0
    assert space.genre_accuracy(log_mel_statistics(tone(2200)), "hum") == 0.0
    half = np.concatenate([log_mel_statistics(tone(115)), log_mel_statistics(tone(2200))])
    assert space.genre_accuracy(half, "hum") == 0.5


def test_unlike_pieces_are_more_diverse_than_like_ones(space):
    rng = np.random.default_rng(0)
    low, lower, high = (log_mel_statistics(tone(pitch)) for pitch in (140, 110, 2500))
    assert space.diversity([low, low], rng) == 0.0
    assert 0.0 < space.diversity([low, lower], rng) < space.diversity([low, high], rng)
    assert space.frechet_distance(np.concatenate([low, lower, high])) > 0.0


def test_a_point_is_two_seconds_and_the_next_begins_a_second_later():
    assert log_mel_statistics(tone(440, 6.0)).shape == (5, 64)
    assert log_mel_statistics(tone(440, 1.0)).shape == (1, 64)


def test_a_reference_comes_back_as_it_was_saved(tmp_path):
    points = np.arange(128.0).reshape(2, 64)
    saved = Reference(points, np.array(["cha-cha", "waltz"]), ("one", "two, and a half"))
    saved.save(tmp_path / "reference.npz")
    loaded = Reference.load(tmp_path / "reference.npz")
    np.testing.assert_array_equal(loaded.points, points)
    assert loaded.genres.tolist() == ["cha-cha", "waltz"]
    assert loaded.pieces == saved.pieces


def test_accuracy_is_the_share_of_codes_that_the_heads_name():
    config = PredictorConfig(
        genres=("salsa",), width=8, encoder_layers=1, n_heads=1, head_dim=8, feed_forward=8, window=4,
        history_dim=4, hidden=8, lstm_layers=1, n_codebooks=2, codebook_size=6, codebook_delay=1,
    )  # fmt: skip
    predictor = Predictor(config).eval()
    # Whatever it is told, it names code 2 in the first codebook and code 5 in the second.
    torch.nn.init.zeros_(predictor.decoder.heads.weight)
    bias = torch.zeros(2, 6)
    bias[0, 2] = bias[1, 5] = 1.0
    predictor.decoder.heads.bias.data = bias.flatten()
    codes = torch.zeros(2, 200, dtype=torch.int64)
    codes[0, :50], codes[1, 150:] = 2, 5
    codes[1, 0] = 5
    features = torch.zeros(200, N_FEATURES)
    shares = teacher_forced_accuracy(predictor, features, codes, "salsa")
    assert shares == pytest.approx([50 / 200, 51 / 200])
    assert teacher_forced_accuracy(predictor, features, codes, None) == pytest.approx(shares)


def test_accuracy_is_told_the_true_codes_before_each_frame():
    """In pieces and with delayed codebooks, what is predicted is what the whole network predicts."""
    config = PredictorConfig(
        width=8, encoder_layers=1, n_heads=1, head_dim=8, feed_forward=8, window=4,
        history_dim=16, hidden=16, lstm_layers=1, n_codebooks=1, codebook_size=4,
    )  # fmt: skip
    torch.manual_seed(1)
    predictor = Predictor(config).eval()
    codes = torch.randint(4, (1, 1, 300))
    features = torch.randn(1, 300, N_FEATURES)
    previous = torch.cat([torch.full((1, 1, 1), 4), codes[..., :-1]], -1)
    with torch.inference_mode():
        guesses = predictor(features, torch.tensor([0]), previous).argmax(-1)
    expected = (guesses == codes).float().mean().item()
    assert 0.0 < expected < 1.0
    assert teacher_forced_accuracy(predictor, features[0], codes[0], None) == pytest.approx([expected])


def test_steady_music_is_clearer_than_music_out_of_step():
    steady = np.arange(0.5, 15.5, 0.5)
    unsteady = np.sort(np.random.default_rng(0).uniform(0.5, 15.5, len(steady)))
    assert pulse_clarity(clicks(steady, 16.0)) > 0.8
    assert pulse_clarity(clicks(unsteady, 16.0)) < 0.5
    assert pulse_clarity(np.zeros(SAMPLE_RATE, np.float32)) == 0.0


def test_music_that_comes_round_again_is_told_from_music_that_does_not():
    random = np.random.default_rng(0)
    pitches = random.choice([220, 262, 330, 392, 523, 659, 880], size=(6, 16))
    loop, wandering = np.tile(pitches[0], 4), pitches.ravel()[:64]
    assert repeated(notes(loop)) > 0.8
    assert repeated(notes(wandering)) < 0.4
    assert repeated(notes(loop[:6])) == repeated(np.zeros(SAMPLE_RATE, np.float32)) == 0.0


def test_dynamics_tell_music_that_grows_with_its_dance_from_music_that_does_not():
    quiet, loud = tone(440.0, 4.0, 0.1), tone(440.0, 4.0, 0.4)
    grows, fades = level_curve(np.concatenate([quiet, loud])), level_curve(np.concatenate([loud, quiet]))
    livelier = np.repeat([0.2, 1.5], 240)
    assert len(grows) == len(livelier) == 480
    assert dynamics(grows, livelier) > 0.99
    assert dynamics(fades, livelier) < -0.99
    assert dynamics(2.0 * grows, 3.0 * livelier) == pytest.approx(dynamics(grows, livelier))
    assert dynamics(grows, np.full(480, 0.1)) == dynamics(grows[:200], livelier) == 0.0


def test_dynamics_do_not_hear_the_beats_themselves():
    beat = np.tile(np.repeat([1.0, 0.1], [10, 20]), 16)
    assert dynamics(beat, np.roll(beat, 15)) == pytest.approx(0.0, abs=1e-6)


def repeated(waveform):
    return repetition(waveform, metrical_beats(waveform))


def notes(pitches, beat_s=0.5):
    """One struck note (Hz) a beat."""
    time_s = np.arange(round(beat_s * SAMPLE_RATE)) / SAMPLE_RATE
    struck = [np.sin(2 * np.pi * pitch * time_s) * np.exp(-8 * time_s) for pitch in pitches]
    return (0.5 * np.concatenate(struck)).astype(np.float32)


def test_a_clean_tone_has_no_fault():
    found = steadiness(tone(440))
    assert found["longest_silence_s"] == found["clipped_share"] == found["noise_share"] == 0.0
    assert found["dc_offset"] < 1e-4


def test_silence_clipping_offset_and_noise_are_measured():
    quiet = tone(440)
    quiet[SAMPLE_RATE : 2 * SAMPLE_RATE] = 0.0
    quiet[3 * SAMPLE_RATE : 3 * SAMPLE_RATE + 6000] = 0.0
    assert steadiness(quiet)["longest_silence_s"] == pytest.approx(1.0)
    assert steadiness(np.zeros(SAMPLE_RATE, np.float32))["longest_silence_s"] == pytest.approx(1.0)
    # A sine is beyond half of its height for a third of its turn on either side.
    loud = np.clip(tone(440, level=2.0), -1, 1)
    assert steadiness(loud)["clipped_share"] == pytest.approx(2 / 3, abs=0.01)
    assert steadiness(0.5 * tone(440) - 0.25)["dc_offset"] == pytest.approx(0.25, abs=1e-3)
    hissing = tone(440)
    hissing[: 2 * SAMPLE_RATE] = 0.1 * np.random.default_rng(0).standard_normal(2 * SAMPLE_RATE)
    assert steadiness(hissing)["noise_share"] == pytest.approx(0.5, abs=0.02)


def test_the_two_spreads_are_those_of_sequences_and_of_seeds():
    values = np.array([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]])  # two seeds of three sequences
    scores = summary(Column({"onset_f": values}, {"csd": np.array([0.1, 0.3])}))
    assert scores["onset_f"].mean == 3.5
    assert scores["onset_f"].over_sequences == pytest.approx(np.std([1.5, 3.5, 5.5]))
    assert scores["onset_f"].over_seeds == pytest.approx(np.std([3.0, 4.0]))
    assert scores["csd"].over_sequences is None
    assert scores["csd"].over_seeds == pytest.approx(0.1)


def test_the_table_shows_shares_in_percent_and_leaves_out_what_was_not_measured():
    music = Column({"beats_hit": np.array([[0.5, 0.7]]), "accuracy_1": np.array([[0.25, 0.25]])}, {})
    table = markdown({"music": music, "music_shifted": Column({}, {})}, {"model": "tiny"})
    assert "- model: tiny" in table
    assert "| Beats hit score ↑ | 60.0 ± 10.0 |  |" in table
    assert "codebook 1 | 25.0 ± 0.0 |" in table
    assert "Genre" not in table
