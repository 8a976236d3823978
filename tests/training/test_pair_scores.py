"""How well the music of a data set fits its dances."""

import json
import sys

import numpy as np
import pytest
from clicks import clicks
from kinetone.training.cli import main
from kinetone.training.evaluation.pair_scores import PairedPiece, genres_told, pair_scores, tempo_is_heard
from kinetone.training.evaluation.rhythm import Rhythm

SECONDS = 12.0


def piece(name, song, genre, period_s, timbre):
    """A dance whose beats its music keeps, with a sound of its own."""
    times_s = np.arange(0.3, SECONDS, period_s)
    rng = np.random.default_rng(len(name) + ord(name[-1]))
    points = timbre + 0.1 * rng.standard_normal((6, 64))
    rhythm = Rhythm.of(clicks(times_s, SECONDS))
    return PairedPiece(name, song, genre, rhythm, times_s, 60 / period_s, 60 / period_s, points)


@pytest.fixture(scope="module")
def pieces():
    return [
        piece(f"{genre}{number}", f"{genre}-{number}", genre, period_s + 0.03 * number, timbre)
        for genre, period_s, timbre in (("salsa", 0.61, 0.0), ("house", 0.47, 3.0))
        for number in range(2)
    ]


def test_music_that_keeps_the_dance_scores_above_that_of_other_songs(pieces):
    scores = pair_scores(pieces)
    assert set(scores) == {"all", "salsa", "house"}
    for row in scores.values():
        own, other, shifted = row.kinematic_hit
        assert own > 0.95
        assert max(other, shifted) < own - 0.3
        own, other, shifted = row.beat_alignment
        assert own > max(other, shifted) + 0.3
    assert (scores["all"].pieces, scores["salsa"].songs, scores["all"].minutes) == (4, 2, pytest.approx(0.8))


def test_genres_are_told_by_the_sound_of_other_songs(pieces):
    assert genres_told(pieces).all()
    swapped = [*pieces[:1], *pieces[2:]]
    assert genres_told(swapped) is None  # salsa has one song, which cannot be in both halves


@pytest.mark.parametrize(
    ("heard", "found"), [(120, True), (123, True), (60, True), (240, True), (80, False), (130, False)]
)
def test_half_and_double_of_the_stated_tempo_count_as_heard(heard, found):
    assert tempo_is_heard(120.0, heard) == found


def test_the_command_writes_a_table_for_a_folder_of_pairs(mini_aistpp, tmp_path, monkeypatch, capsys):
    out = tmp_path / "scores"
    command = ["kinetone-train", "evaluate-pairs", str(mini_aistpp), "--out", str(out), "--seconds", "4"]
    monkeypatch.setattr(sys, "argv", command)
    main()
    table = capsys.readouterr().out
    assert table.strip() == (out / "pairs.md").read_text().strip()
    scores = json.loads((out / "pairs.json").read_text())["scores"]
    assert scores["all"]["pieces"] == sum(row["pieces"] for name, row in scores.items() if name != "all")
    assert 0 <= scores["all"]["tempo_found"] <= 1
