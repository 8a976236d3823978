"""Compositions: on the beat, quiet when the dance stands still, in key, and the same every time."""

import numpy as np
import pytest
from kinetone.training.corpus.compose import PALETTES, compose
from kinetone.training.corpus.grid import GENRES, BeatGrid, steady_grid
from kinetone.training.corpus.harmony import progression, voicings
from kinetone.training.corpus.notation import chord, phrase, pitch, rhythm


def _grid(energy, period_s=0.5, first_s=0.3, phase=0):
    energy = np.asarray(energy, dtype=float)
    times_s = first_s + period_s * np.arange(len(energy))
    return BeatGrid(times_s, 4, energy, float(times_s[-1]) + period_s, phase)


def _nearest(times_s, wanted_s):
    """(W,) distance from every wanted time to the nearest of the times."""
    return np.abs(np.asarray(times_s)[None, :] - np.asarray(wanted_s)[:, None]).min(axis=1)


def _bending_grid():
    """Beats that slow down and speed up as a real dance does."""
    period_s = 0.6 + 0.08 * np.sin(np.arange(64) / 5.0)
    times_s = 0.4 + np.cumsum(period_s)
    return BeatGrid(times_s, 4, np.full(64, 0.7), float(times_s[-1]) + 0.5, phase=3)


@pytest.mark.parametrize("genre", GENRES)
def test_every_beat_of_a_bending_grid_has_a_drum_hit_exactly_on_it(genre):
    grid = _bending_grid()
    score = compose(genre, grid, np.random.default_rng(0))
    assert _nearest(score.onsets("drums")[:, 0], grid.times_s).max() < 1e-9


@pytest.mark.parametrize("genre", GENRES)
def test_the_strongest_accents_fall_on_beats(genre):
    grid = _bending_grid()
    accents = compose(genre, grid, np.random.default_rng(1)).accents
    on_beat = _nearest(grid.times_s, accents[:, 0]) < 0.03
    assert accents[:, 1].max() == 1.0
    assert np.mean(on_beat[accents[:, 1] > 0.5]) > 0.9
    assert len(accents[on_beat]) == len(grid)


@pytest.mark.parametrize("genre", GENRES)
def test_a_break_silences_all_but_pad_and_one_held_chord_within_its_beat(genre):
    energy = np.full(48, 0.8)
    energy[19:25] = 0.02
    grid = _grid(energy)
    score = compose(genre, grid, np.random.default_rng(2))
    start_s, end_s = grid.times_s[19], grid.times_s[25]
    inside = {
        part: [t for t in score.onsets(part)[:, 0] if start_s - 1e-9 <= t < end_s - 1e-9]
        for part in ("drums", "bass", "lead", "chords", "pad")
    }
    assert inside["drums"] == inside["bass"] == inside["lead"] == []
    assert inside["pad"]
    assert inside["chords"]
    for part in ("bass", "lead"):
        assert not [n for n in score.notes[part] if n.start_s < start_s < n.end_s - 1e-9]
    sounding = [n for n in score.notes["pad"] if n.start_s <= start_s + 0.2]
    assert max(note.end_s for note in score.notes["pad"]) == pytest.approx(end_s)
    assert sounding
    crashes = [hit.time_s for hit in score.hits if hit.sound == "crash"]
    assert _nearest(crashes, [end_s])[0] < 1e-9


@pytest.mark.parametrize("genre", GENRES)
def test_a_dance_that_never_moves_gets_pad_and_chords_alone(genre):
    score = compose(genre, _grid(np.zeros(24)), np.random.default_rng(0))
    assert not score.hits
    assert not score.notes["bass"]
    assert not score.notes["lead"]
    assert score.notes["pad"][0].start_s == 0.0
    assert score.accents.shape[1] == 2


@pytest.mark.parametrize("genre", GENRES)
def test_more_energy_brings_more_players_and_louder_hits(genre):
    quiet, groove, full = (
        compose(genre, _grid(np.full(64, energy)), np.random.default_rng(4)) for energy in (0.2, 0.5, 0.95)
    )
    assert len(quiet.hits) < len(groove.hits) < len(full.hits)
    assert not quiet.notes["lead"]
    assert not groove.notes["lead"]
    assert full.notes["lead"]
    strengths = [score.onsets("drums")[:, 1].max() for score in (quiet, groove, full)]
    assert strengths == sorted(strengths)


@pytest.mark.parametrize("genre", GENRES)
def test_an_energy_that_hovers_does_not_switch_the_lead_on_and_off(genre):
    energy = 0.55 + 0.03 * (-1.0) ** np.arange(128)
    steady = compose(genre, _grid(energy), np.random.default_rng(0))
    full = compose(genre, _grid(np.full(128, 0.9)), np.random.default_rng(0))
    assert len(steady.notes["lead"]) in (0, len(full.notes["lead"]))


@pytest.mark.parametrize("genre", GENRES)
def test_hits_lie_on_sixteenths_moved_only_by_the_genres_swing(genre):
    grid = _bending_grid()
    score = compose(genre, grid, np.random.default_rng(0))
    steps = grid.position_at(score.onsets("drums")[:, 0]) * 4
    late = steps - np.floor(steps + 1e-6)
    swing = PALETTES[genre].swing
    odd = np.floor(steps + 1e-6).astype(int) % 2 == 1
    np.testing.assert_allclose(late[~odd], 0.0, atol=1e-6)
    np.testing.assert_allclose(late[odd], swing, atol=1e-6)


@pytest.mark.parametrize("genre", GENRES)
def test_the_same_seed_gives_the_same_score_and_another_seed_another(genre):
    grid = steady_grid(100.0, 60.0, np.random.default_rng(0))
    first, same = (compose(genre, grid, np.random.default_rng(9)) for _ in range(2))
    others = [compose(genre, grid, np.random.default_rng(seed)) for seed in range(10, 14)]
    assert first.notes == same.notes
    assert first.hits == same.hits
    assert any(other.notes != first.notes for other in others)


@pytest.mark.parametrize("genre", GENRES)
def test_every_note_and_hit_lies_within_the_piece(genre):
    grid = steady_grid(97.3, 31.7, np.random.default_rng(1))
    score = compose(genre, grid, np.random.default_rng(1))
    notes = [note for part in score.notes.values() for note in part]
    assert min(note.start_s for note in notes) >= 0
    assert max(note.end_s for note in notes) <= 31.7
    assert all(note.end_s > note.start_s and 1 <= note.velocity <= 127 for note in notes)
    assert all(0 <= hit.time_s < 31.7 and 0 < hit.strength <= 1 for hit in score.hits)
    assert {hit.sound for hit in score.hits} <= set(PALETTES[genre].kit)


@pytest.mark.parametrize("genre", GENRES)
def test_melodies_start_their_bars_on_chord_tones_of_the_chord_below(genre):
    palette = PALETTES[genre]
    for section in palette.form:
        chords = progression(palette.progressions[section.chords])
        for step in phrase(palette.melodies[section.melody]):
            if step.start % 16 == 0:
                assert pitch(step.token) % 12 in chords[step.start // 16].pitch_classes, (section, step)


@pytest.mark.parametrize("genre", GENRES)
def test_inner_voices_move_in_small_steps_around_the_loop(genre):
    palette = PALETTES[genre]
    for text in palette.progressions.values():
        led = voicings(text, palette.chord_center)
        for before, after in zip(led, led[1:] + led[:1], strict=True):
            assert max(min(abs(note - other) for other in before) for note in after) <= 4


def test_unknown_genres_and_other_metres_are_refused():
    grid = _grid(np.full(8, 0.5))
    with pytest.raises(ValueError, match="polka"):
        compose("polka", grid, np.random.default_rng(0))
    in_three = BeatGrid(grid.times_s, 3, grid.energy, grid.duration_s)
    with pytest.raises(ValueError, match="in 3"):
        compose("pop", in_three, np.random.default_rng(0))


def test_notation_reads_what_is_written_and_refuses_bars_that_do_not_add_up():
    assert rhythm("X...x..........-") == {0: 1.0, 4: 0.7, 15: 0.22}
    assert [(step.start, step.length, step.token) for step in phrase("a4/12 ./4|b4/16")] == [
        (0, 12, "a4"),
        (16, 16, "b4"),
    ]
    assert (pitch("c4"), pitch("f#5"), pitch("bb3")) == (60, 78, 58)
    assert chord("F#m").pitch_classes == (6, 9, 1)
    assert chord("Bbmaj7").pitch_classes == (10, 2, 5, 9)
    for bad in ("a4/12", "a4/16|b4/17"):
        with pytest.raises(ValueError, match="steps"):
            phrase(bad)
    for bad in ("X...", "X...............Y"):
        with pytest.raises(ValueError, match="not a bar"):
            rhythm(bad)
    with pytest.raises(ValueError, match="Csus4"):
        chord("Csus4")
