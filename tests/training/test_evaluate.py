"""The evaluation commands, as they are called from a shell."""

import json
import shutil
import sys

import numpy as np
import pytest
import soundfile
from kinetone.core.errors import KinetoneError
from kinetone.core.timing import SAMPLE_RATE
from kinetone.training.cli import main
from kinetone.training.evaluation.figures import ACCURACY_TAG, LOSS_TAG, figure_7, training_curves
from torch.utils.tensorboard import SummaryWriter

SECONDS = 3
PIECES = {"train_a": "salsa", "train_b": "house", "test_a": "salsa", "test_b": "house"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, sample_dance):
    """Two dances with their music to learn from, two to measure by; each lasts three seconds."""
    folder = tmp_path_factory.mktemp("corpus")
    for turn, (name, genre) in enumerate(PIECES.items()):
        dance = sample_dance[np.arange(60 * SECONDS + 7 * turn) % len(sample_dance)]
        np.savez(folder / f"{name}.npz", joints=dance, fps=60.0, genre=np.array(genre))
        soundfile.write(folder / f"{name}.flac", music(len(dance) * 400, turn), SAMPLE_RATE)
    write_index(folder, *PIECES)
    return folder


def write_index(folder, *names):
    pieces = [
        {"name": name, "song": name, "genre": PIECES[name], "split": name.partition("_")[0]} for name in names
    ]
    (folder / "index.json").write_text(json.dumps({"pieces": pieces}))


def music(samples, turn):
    """A tone with a bang two or three times a second, on a pitch of its own."""
    rng = np.random.default_rng(turn)
    time = np.arange(samples) / SAMPLE_RATE
    waveform = 0.1 * np.sin(2 * np.pi * (220 if turn % 2 else 880) * time)
    bang = 0.6 * rng.standard_normal(1200) * np.exp(-np.arange(1200) / 200)
    for start in range(4000 + 1000 * turn, samples - 1200, 8000 + 2000 * (turn % 2)):
        waveform[start : start + 1200] += bang
    return np.clip(waveform, -1, 1)


@pytest.fixture
def call(monkeypatch, capsys):
    """Runs kinetone-train; returns what it printed."""

    def run(*arguments):
        threads = () if arguments[0] == "evaluate-music" else ("--threads", "1")
        monkeypatch.setattr(sys, "argv", ["kinetone-train", *map(str, arguments), *threads])
        main()
        return capsys.readouterr().out

    return run


@pytest.fixture
def fails(call, capsys):
    """Runs kinetone-train, which must fail; returns what it says of it."""

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            call(*arguments)
        assert caught.value.code == 1
        return capsys.readouterr().err

    return run


def scores(folder):
    return json.loads((folder / "scores.json").read_text(encoding="utf-8"))


def is_picture(path):
    return path.read_bytes().startswith(b"\x89PNG")


def test_a_checkpoint_is_evaluated_and_its_music_kept(tiny_checkpoint, corpus, tmp_path, call, fails):
    out = tmp_path / "out"
    ask = ("evaluate", tiny_checkpoint, corpus, "--out", out, "--seeds", 2)
    printed = call(*ask)
    assert printed.strip() == (out / "table.md").read_text(encoding="utf-8").strip()
    assert is_picture(out / "figure_6.png")
    names = [f"test_{piece}-{take}.wav" for piece in "ab" for take in (1, 2)]
    assert sorted(path.name for path in (out / "music").glob("*.wav")) == names
    assert soundfile.info(str(out / "music" / "test_b-2.wav")).frames == (60 * SECONDS + 21) * 400
    first = scores(out)
    assert first["pieces"] == ["test_a", "test_b"]
    columns = first["columns"]
    assert list(columns) == ["music", "music_random", "music_shifted", "real", "real_random", "real_shifted"]
    assert columns["real"]["beats_hit"]["mean"] == columns["real"]["genre_accuracy"]["mean"] == 1.0
    assert columns["real_shifted"]["onset_f"]["mean"] < 1.0
    assert columns["music"]["beats_hit"]["over_seeds"] is not None
    assert len(columns["music"]["accuracy_1"]["by_piece"]) == 2
    assert set(columns["music_random"]) >= {"accuracy", "beats_hit", "genre_accuracy"}
    # What is there is kept, what is missing is made again, the same as before.
    (out / "music" / "test_b-1.wav").unlink()
    kept = (out / "music" / "test_a-1.wav").stat().st_mtime_ns
    call(*ask)
    assert (out / "music" / "test_a-1.wav").stat().st_mtime_ns == kept
    assert scores(out) == first
    assert "temperature differ" in fails(*ask, "--temperature", 0.9)
    assert "no genre 'polka'" in fails(*ask[:4], tmp_path / "polka", "--genre", "polka")
    # Anybody else's measurement of the same files gives the same scores.
    call_music(call, out / "music", corpus, tmp_path / "theirs")
    theirs = scores(tmp_path / "theirs")["columns"]
    for column, measures in theirs.items():
        assert measures == {name: columns[column][name] for name in measures}


def call_music(call, folder, corpus, out, *options):
    return call("evaluate-music", folder, corpus, "--out", out, *options)


def test_each_dances_own_genre_is_asked_for(tiny_checkpoint, corpus, tmp_path, call):
    """The second dance's genre is house: its music is the same as if house had been asked for."""
    ask = ("evaluate", tiny_checkpoint, corpus, "--seconds", 1.5, "--seeds", 1)
    heard = {}
    for genre in ("own", "house", "salsa"):
        call(*ask, "--out", tmp_path / genre, "--genre", genre)
        heard[genre], _ = soundfile.read(tmp_path / genre / "music" / "test_b-1.wav")
    assert len(heard["own"]) == 1.5 * SAMPLE_RATE
    np.testing.assert_array_equal(heard["own"], heard["house"])
    assert not np.array_equal(heard["own"], heard["salsa"])


def test_a_genre_of_no_strength_is_as_none_at_all(tiny_checkpoint, corpus, tmp_path, call):
    ask = ("evaluate", tiny_checkpoint, corpus, "--seconds", 1.5, "--seeds", 1, "--pieces", 1)
    heard = {}
    for name, genre in {
        "none": (),
        "weakest": ("--genre", "house", "--genre-strength", 0),
        "house": ("--genre", "house"),
    }.items():
        call(*ask, "--out", tmp_path / name, *genre)
        (music,) = (tmp_path / name / "music").glob("*.wav")
        heard[name], _ = soundfile.read(music)
    np.testing.assert_array_equal(heard["none"], heard["weakest"])
    assert not np.array_equal(heard["none"], heard["house"])


def test_real_music_scores_like_itself_and_at_any_rate(corpus, tmp_path, call):
    folder = tmp_path / "theirs"
    folder.mkdir()
    for name in ("test_a", "test_b"):
        shutil.copy(corpus / f"{name}.flac", folder)
    call_music(call, folder, corpus, tmp_path / "same")
    same = scores(tmp_path / "same")["columns"]
    for name, score in same["music"].items():
        assert score == same["real"][name]
    waveform, _ = soundfile.read(folder / "test_a.flac")
    stereo = np.repeat(np.repeat(waveform, 2)[:, None], 2, axis=1)
    (folder / "test_a.flac").unlink()
    soundfile.write(folder / "test_a.wav", stereo, 2 * SAMPLE_RATE)
    call_music(call, folder, corpus, tmp_path / "resampled")
    resampled = scores(tmp_path / "resampled")["columns"]["music"]
    assert resampled["onset_f"]["mean"] > 0.9


def test_one_dance_has_no_random_pairing(corpus, tmp_path, call):
    call_music(call, corpus, corpus, tmp_path, "--pieces", 1)
    assert list(scores(tmp_path)["columns"]) == ["music", "music_shifted", "real", "real_shifted"]


def test_music_that_lacks_or_ends_early_is_named(corpus, tmp_path, fails):
    ask = ("evaluate-music", tmp_path, corpus, "--out", tmp_path / "out")
    assert "no music for the dance test_a" in fails(*ask)
    soundfile.write(tmp_path / "test_a.wav", np.zeros(SAMPLE_RATE), SAMPLE_RATE)
    assert "lasts 1.00 s" in fails(*ask)
    shutil.copy(corpus / "test_a.flac", tmp_path / "test_a-1.flac")
    (tmp_path / "test_a.wav").write_bytes(b"no music")
    assert "cannot be read" in fails(*ask)
    (tmp_path / "test_a.wav").unlink()
    for take in (1, 2):
        shutil.copy(corpus / "test_b.flac", tmp_path / f"test_b-{take}.flac")
    assert "test_b has 2 takes, test_a 1" in fails(*ask)


def test_a_corpus_without_held_out_dances_is_refused(tiny_checkpoint, corpus, tmp_path, fails):
    write_index(tmp_path, "train_a")
    shutil.copy(corpus / "train_a.npz", tmp_path)
    shutil.copy(corpus / "train_a.flac", tmp_path)
    assert "in the test split" in fails("evaluate-music", tmp_path, tmp_path, "--out", tmp_path / "out")
    (tmp_path / "train_a.flac").unlink()
    assert "holds no dance with music" in fails(
        "evaluate-music", tmp_path, tmp_path, "--out", tmp_path / "other"
    )


def test_nonsense_is_refused_before_any_work(tiny_checkpoint, corpus, tmp_path, fails):
    ask = ("evaluate", tiny_checkpoint, corpus, "--out", tmp_path / "out")
    for wrong in (("--seeds", 0), ("--pieces", 0), ("--seconds", 0.5)):
        assert "less than one second, piece or seed" in fails(*ask, *wrong)
    assert "no training log" in fails(*ask, "--runs", tmp_path)
    assert "no checkpoint in" in fails("evaluate", tmp_path, corpus, "--out", tmp_path / "out")
    assert not list(tmp_path.rglob("*.wav"))


def test_a_codec_is_evaluated_on_the_test_split(tiny_checkpoint, corpus, tmp_path, call):
    path = tmp_path / "scores.json"
    printed = call("evaluate-codec", tiny_checkpoint, corpus, "--out", path, "--seconds", 2)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert json.loads(printed) == found
    assert found["pieces"] == 2
    assert len(found["perplexity"]) == 2
    assert all(1 <= each <= 16 for each in found["perplexity"])
    assert found["mel"]["mean"] > 0
    assert found["si_sdr_db"]["mean"] < 0, "random weights"
    assert 0 <= found["onset_f"]["mean"] < 1
    for familiar in found["beside"].values():
        assert familiar["si_sdr_db"]["mean"] > 0
        assert 4 < familiar["kbit_s"]["mean"] < 12


def logged_run(folder, losses, accuracies):
    with SummaryWriter(str(folder)) as log:
        for step, loss in enumerate(losses):
            log.add_scalar(LOSS_TAG, loss, 10 * step)
        for step, accuracy in enumerate(accuracies):
            log.add_scalar(ACCURACY_TAG, accuracy, 100 * step)
    return folder


def test_the_training_curves_are_what_the_runs_logged(tiny_checkpoint, corpus, tmp_path, call):
    lstm = logged_run(tmp_path / "lstm", [3.0, 2.0, 1.0], [0.2, 0.5])
    gru = logged_run(tmp_path / "gru", [3.0, 1.5], [0.25])
    curves = training_curves(lstm)
    np.testing.assert_allclose(curves[LOSS_TAG], [[0, 3], [10, 2], [20, 1]])
    np.testing.assert_allclose(curves[ACCURACY_TAG], [[0, 0.2], [100, 0.5]])
    out = tmp_path / "out"
    options = ("--out", out, "--seconds", 1, "--seeds", 1, "--pieces", 1)
    call("evaluate", tiny_checkpoint, corpus, *options, "--runs", lstm, gru)
    assert is_picture(out / "figure_5.png")
    assert is_picture(out / "figure_7.png")


def test_a_folder_without_a_training_log_is_refused(tmp_path):
    with pytest.raises(KinetoneError, match="train/loss and held_out/accuracy") as caught:
        figure_7(tmp_path / "figure.png", [tmp_path])
    assert caught.value.code == "evaluation.no_log"
