"""Compositions: on the beat, quiet when the dance stands still, in key, and the same every time."""

import itertools

import numpy as np
import pytest
from kinetone.core.timing import FRAME_RATE
from kinetone.training.corpus.arrangement import Arrangement, fitting_bar
from kinetone.training.corpus.compose import compose
from kinetone.training.corpus.genres import PALETTES
from kinetone.training.corpus.grid import BEATS_PER_BAR, GENRES, BeatGrid, song_tempo, steady_grid
from kinetone.training.corpus.harmony import progression, voicings
from kinetone.training.corpus.melody import bar_rhythms
from kinetone.training.corpus.notation import chord, phrase, rhythm
from kinetone.training.corpus.palette import group
from kinetone.training.corpus.score import truth
from kinetone.training.corpus.song import song, steps_per_bar

_PITCHED = ("bass", "chords", "lead", "stabs", "pad")
_SONGS = range(4)


def _grid(genre, energy, period_s=0.5, first_s=0.3, phase=0):
    energy = np.asarray(energy, dtype=float)
    times_s = first_s + period_s * np.arange(len(energy))
    return BeatGrid(times_s, BEATS_PER_BAR[genre], energy, float(times_s[-1]) + period_s, phase)


def _nearest(times_s, wanted_s):
    """(W,) distance from every wanted time to the nearest of the times."""
    return np.abs(np.asarray(times_s)[None, :] - np.asarray(wanted_s)[:, None]).min(axis=1)


def _bending_grid(genre):
    """Beats that slow down and speed up as a real dance does."""
    period_s = 0.6 + 0.08 * np.sin(np.arange(64) / 5.0)
    times_s = 0.4 + np.cumsum(period_s)
    return BeatGrid(times_s, BEATS_PER_BAR[genre], np.full(64, 0.7), float(times_s[-1]) + 0.5, phase=3)


@pytest.mark.parametrize("music", ["played", "plain", "groove"])
@pytest.mark.parametrize("genre", GENRES)
def test_every_beat_of_a_bending_grid_has_a_drum_hit_on_it(genre, music):
    grid = _bending_grid(genre)
    for number in _SONGS:
        score = compose(song(genre, number), grid, music)
        allowed_s = 0.5 / FRAME_RATE if music != "played" else 0.0
        assert _nearest(score.onsets("drums")[:, 0], grid.times_s).max() <= allowed_s + 1e-9


@pytest.mark.parametrize("genre", GENRES)
def test_the_strongest_accents_fall_on_beats(genre):
    grid = _bending_grid(genre)
    accents = np.concatenate([compose(song(genre, number), grid).accents for number in _SONGS])
    on_beat = _nearest(grid.times_s, accents[:, 0]) < 0.03
    assert accents[:, 1].max() == 1.0
    assert np.mean(on_beat[accents[:, 1] > 0.6]) > 0.6
    assert accents[on_beat, 1].mean() > 1.3 * accents[~on_beat, 1].mean()


@pytest.mark.parametrize("genre", GENRES)
def test_a_break_silences_all_but_pad_and_one_held_chord_within_its_beat(genre):
    energy = np.full(48, 0.8)
    energy[19:25] = 0.02
    grid = _grid(genre, energy)
    score = compose(song(genre, 2), grid)
    start_s, end_s = grid.times_s[19], grid.times_s[25]
    inside = {
        part: [t for t in score.onsets(part)[:, 0] if start_s + 0.01 <= t < end_s - 0.01]
        for part in ("drums", *_PITCHED)
    }
    assert inside["drums"] == inside["bass"] == inside["lead"] == inside["stabs"] == []
    assert [
        note for note in score.notes["pad"] if note.start_s < start_s + 0.2 and note.end_s > start_s + 0.2
    ]
    for part in ("bass", "lead"):
        assert not [n for n in score.notes[part] if n.start_s < start_s - 0.01 and n.end_s > start_s + 0.06]
    crashes = [hit.time_s for hit in score.hits if hit.sound == "crash"]
    assert _nearest(crashes, [end_s])[0] < 1e-9
    names, starts_s = truth(score)["section_names"], truth(score)["section_starts_s"]
    assert starts_s[names == "break"] == pytest.approx([start_s])
    assert end_s in starts_s


@pytest.mark.parametrize("genre", GENRES)
def test_a_dance_that_never_moves_gets_pad_and_chords_alone(genre):
    score = compose(song(genre, 0), _grid(genre, np.zeros(24)))
    assert not score.hits
    assert not score.notes["bass"] + score.notes["lead"] + score.notes["stabs"]
    assert score.notes["pad"][0].start_s < 0.01
    assert score.accents.shape[1] == 2
    assert truth(score)["section_names"].tolist()[-1] == "break"


@pytest.mark.parametrize("genre", GENRES)
def test_more_energy_brings_more_players_and_louder_hits(genre):
    quiet, groove, full = (
        compose(song(genre, 1), _grid(genre, np.full(64, energy))) for energy in (0.2, 0.5, 0.95)
    )
    assert len(quiet.hits) < len(groove.hits) < len(full.hits)
    assert not quiet.notes["lead"]
    assert not groove.notes["lead"]
    assert full.notes["lead"]
    kicks = [[hit.strength for hit in score.hits if hit.sound == "kick"] for score in (quiet, groove, full)]
    assert np.max(kicks[0]) < np.max(kicks[1]) < np.max(kicks[2])


@pytest.mark.parametrize("genre", GENRES)
def test_an_energy_that_hovers_does_not_switch_the_lead_on_and_off(genre):
    energy = 0.55 + 0.03 * (-1.0) ** np.arange(128)
    score = compose(song(genre, 3), _grid(genre, energy))
    arrangement = Arrangement(score.song, score.grid, fitting_bar(score.song, score.grid))
    assert len(np.flatnonzero(np.diff(arrangement.levels))) <= 1


@pytest.mark.parametrize("genre", GENRES)
def test_a_dance_gets_the_sections_that_suit_it(genre):
    energy = np.concatenate([np.full(16, 0.45), np.linspace(0.45, 0.85, 16), np.full(32, 0.85)])
    grid = _grid(genre, energy)
    for number in _SONGS:
        passages = compose(song(genre, number), grid).passages

        def playing(beat, passages=passages):
            return [passage.name for passage in passages if passage.start_s <= grid.times_s[beat]][-1]

        assert playing(44) == "chorus"
        assert playing(2) != "chorus"


@pytest.mark.parametrize("genre", GENRES)
def test_hits_lie_on_sixteenths_moved_only_by_the_songs_swing(genre):
    grid = _bending_grid(genre)
    for number in _SONGS:
        tune = song(genre, number)
        steps = grid.position_at(compose(tune, grid).onsets("drums")[:, 0]) * 4 / tune.palette.swing_steps
        late = steps - np.floor(steps + 1e-6)
        second = np.floor(steps + 1e-6).astype(int) % 2 == 1
        whole = np.minimum(np.abs(late), np.abs(late - tune.swing)) < 1e-5
        assert np.mean(whole) > 0.6
        assert np.all(late[~second & whole] < 1e-5)
        np.testing.assert_allclose(late[second & whole], tune.swing, atol=1e-5)


@pytest.mark.parametrize("genre", GENRES)
def test_a_song_is_the_same_again_and_another_is_another(genre):
    grid = steady_grid(100.0, 30.0, np.random.default_rng(0), BEATS_PER_BAR[genre])
    first = compose(song(genre, 9), grid)
    song.cache_clear()
    same = compose(song(genre, 9), grid)
    assert first.notes == same.notes
    assert first.hits == same.hits
    others = [compose(song(genre, number), grid) for number in range(10, 14)]
    assert all(other.notes != first.notes and other.hits != first.hits for other in others)


@pytest.mark.parametrize("genre", GENRES)
def test_forty_songs_differ_in_key_players_kit_groove_chords_and_form(genre):
    songs = [song(genre, number) for number in range(40)]

    def variety(choice):
        return len({repr(choice(tune)) for tune in songs})

    assert variety(lambda tune: tune.key) >= 8
    assert variety(lambda tune: tune.voices) >= 30
    assert variety(lambda tune: tune.kit) == 3
    assert variety(lambda tune: [section.groove for section in tune.form]) >= 30
    assert variety(lambda tune: [section.chords for section in tune.form]) >= 20
    assert variety(lambda tune: [section.bars for section in tune.form]) >= 20
    assert variety(lambda tune: [section.tune for section in tune.form]) == 40
    assert variety(lambda tune: (tune.bass, tune.comping)) >= 6


@pytest.mark.parametrize("music", ["played", "plain", "groove"])
@pytest.mark.parametrize("genre", GENRES)
def test_every_note_and_hit_lies_within_the_piece(genre, music):
    grid = steady_grid(97.3, 31.7, np.random.default_rng(1), BEATS_PER_BAR[genre])
    score = compose(song(genre, 5), grid, music)
    notes = [note for part in score.notes.values() for note in part]
    assert set(score.notes) == set(_PITCHED)
    assert min(note.start_s for note in notes) >= 0
    assert max(note.end_s for note in notes) <= 31.7
    assert all(note.end_s > note.start_s and 1 <= note.velocity <= 127 for note in notes)
    assert all(20 <= note.pitch <= 108 for note in notes)
    assert all(0 <= hit.time_s < 31.7 and 0 < hit.strength <= 1 for hit in score.hits)


@pytest.mark.parametrize("genre", GENRES)
def test_tunes_keep_to_the_key_and_stand_on_the_chords(genre):
    for number in range(12):
        tune = song(genre, number)
        steps = steps_per_bar(tune)
        for section in tune.form:
            chords = progression(section.chords, tune.key)
            for tone in section.tune:
                bar = chords[tone.start // steps % len(chords)]
                below = bar[tone.start % steps * len(bar) // steps].pitch_classes
                heard = {pitch for current in bar for pitch in current.pitch_classes}
                assert tone.pitch % 12 in tune.scale | heard
                if tone.start % steps == 0 or tone.length > 4:
                    assert tone.pitch % 12 in below, (number, section.chords, tone)


@pytest.mark.parametrize("genre", GENRES)
def test_a_tunes_motifs_return_and_its_last_phrase_comes_home(genre):
    for number in range(12):
        tune = song(genre, number)
        steps = steps_per_bar(tune)
        section = next(section for section in tune.form if section.name == "chorus")
        bars = bar_rhythms(section.tune, steps)
        assert len(bars) == 8
        opening = [tuple(bars[bar : bar + 1]) for bar in (0, 2, 4, 6)]
        assert len(set(opening)) < 4
        assert bars[3] == bars[7]
        last, chords = section.tune[-1], progression(section.chords, tune.key)
        bar = chords[7 % len(chords)]
        assert last.pitch % 12 in bar[last.start % steps * len(bar) // steps].pitch_classes[:2]
        choruses = {section.tune for section in tune.form if section.name == "chorus"}
        assert len(choruses) == 1


@pytest.mark.parametrize("genre", GENRES)
def test_basses_stand_on_the_root_where_a_bar_begins(genre):
    for number in _SONGS:
        grid = _grid(genre, np.full(48, 0.7))
        tune = song(genre, number)
        arrangement = Arrangement(tune, grid, fitting_bar(tune, grid))
        notes = compose(tune, grid).notes["bass"]
        for bar in arrangement.bars[1:-1]:
            opening = [note for note in notes if abs(note.start_s - arrangement.time_at(bar.start)) < 0.01]
            assert all(note.pitch % 12 == bar.chords[0].chord.root for note in opening)


@pytest.mark.parametrize("genre", GENRES)
def test_inner_voices_move_in_small_steps(genre):
    palette = PALETTES[genre]
    for harmony in palette.harmonies:
        for text in harmony.verse + harmony.chorus + harmony.bridge:
            led = [notes for bar in voicings(text, palette.chord_center) for notes in bar]
            for before, after in itertools.pairwise(led):
                assert max(min(abs(note - other) for other in before) for note in after) <= 5
                assert abs(np.mean(after) - palette.chord_center) < 9


def test_a_waltz_is_in_three():
    grid = _grid("waltz", np.full(36, 0.5), phase=1)
    score = compose(song("waltz", 0), grid)
    arrays = truth(score)
    np.testing.assert_allclose(np.diff(arrays["downbeat_times_s"]), 1.5)
    np.testing.assert_allclose(arrays["downbeat_times_s"][0], grid.times_s[2])
    kicks = arrays["onsets_s_kick"]
    on_downbeat = _nearest(arrays["downbeat_times_s"], kicks) < 0.01
    assert np.mean(on_downbeat) > 0.7
    with pytest.raises(ValueError, match="in 3"):
        compose(song("waltz", 0), BeatGrid(grid.times_s, 4, grid.energy, grid.duration_s))
    with pytest.raises(ValueError, match="in 4"):
        compose(song("salsa", 0), grid)


@pytest.mark.parametrize("genre", GENRES)
def test_songs_begin_and_end_with_kick_and_hats_alone(genre):
    for number in _SONGS:
        tune = song(genre, number)
        grid = _grid(genre, np.full(tune.palette.beats_per_bar * tune.bars, 0.45))
        arrangement = Arrangement(tune, grid, fitting_bar(tune, grid))
        hits = compose(tune, grid).hits
        assert any(bar.is_bare for bar in arrangement.bars)
        for bar in arrangement.bars[1:-1]:
            start_s, end_s = (
                arrangement.time_at(bar.start + beats) - 1e-6 for beats in (0, grid.beats_per_bar)
            )
            inside = [hit for hit in hits if start_s <= hit.time_s < end_s]
            beats_s = grid.times_s[bar.start : bar.start + grid.beats_per_bar]
            assert _nearest([hit.time_s for hit in inside], beats_s).max() < 1e-9
            if bar.is_bare:
                assert {group(hit.sound) for hit in inside} <= {"kick", "hats"}


def test_a_build_rolls_ever_closer():
    tune = song("house", 0)
    grid = _grid("house", np.full(4 * tune.bars, 0.55))
    arrangement = Arrangement(tune, grid, fitting_bar(tune, grid))
    bars = [bar for bar in arrangement.bars if bar.section.name == "build"]
    snares = np.array([hit.time_s for hit in compose(tune, grid).hits if hit.sound == "snare"])
    counts = []
    for bar in bars[: bars[0].section.bars]:
        start_s, end_s = arrangement.time_at(bar.start), arrangement.time_at(bar.start + 4)
        counts.append(np.count_nonzero((snares >= start_s - 1e-9) & (snares < end_s - 1e-9)))
    assert counts == sorted(counts)
    assert counts[-1] >= 2 * counts[0]


@pytest.mark.parametrize("genre", GENRES)
def test_plain_music_starts_everything_with_a_code_frame_and_has_one_section(genre):
    grid = _bending_grid(genre)
    score = compose(song(genre, 3), grid, "plain")
    times_s = np.concatenate([score.onsets(part)[:, 0] for part in ("drums", *_PITCHED)])
    np.testing.assert_allclose(times_s * FRAME_RATE, np.round(times_s * FRAME_RATE), atol=1e-6)
    assert {passage.name for passage in score.passages} == {"verse"}
    other = compose(song(genre, 6), grid, "plain")
    assert other.song.kit == score.song.kit
    assert other.song.form == score.song.form


@pytest.mark.parametrize("genre", GENRES)
def test_plain_music_follows_from_the_place_of_its_beats(genre):
    in_eight_bars = 8 * BEATS_PER_BAR[genre]
    played = []
    for number, phase in ((0, 0), (3, 1), (6, 2)):
        grid = _grid(genre, np.full(2 * in_eight_bars, 0.9), phase=phase)
        arrays = truth(compose(song(genre, number), grid, "plain"))
        onsets = [arrays[f"onsets_s_{part}"] for part in ("bass", "lead")]
        starts = [grid.position_at(each[each > 0]) for each in onsets]  # those at 0 began before it
        # A code frame is a thirtieth of these beats.
        places = [np.rint(8 * start) / 8 + arrays["first_beat"] for start in starts]
        played.append([set((each % in_eight_bars).tolist()) for each in places])
    assert played[0] == played[1] == played[2]
    assert all(played[0])


@pytest.mark.parametrize("music", ["plain", "groove"])
def test_a_plain_song_begins_with_the_dance(music):
    for number, phase in ((0, 0), (3, 1), (6, 7)):
        grid = _grid("pop", np.full(64, 0.9), phase=phase)
        assert truth(compose(song("pop", number), grid, music))["first_beat"] == phase


@pytest.mark.parametrize("genre", GENRES)
def test_a_groove_has_no_tune_however_lively_the_dance(genre):
    beats = 8 * BEATS_PER_BAR[genre]
    lively, calm = (
        compose(song(genre, 1), _grid(genre, np.full(beats, energy)), "groove") for energy in (1.0, 0.5)
    )
    assert not lively.notes["lead"]
    assert lively.notes["bass"]
    assert (lively.notes, lively.hits) == (calm.notes, calm.hits)


@pytest.mark.parametrize("genre", GENRES)
def test_plain_music_has_its_tune_where_the_dance_is_lively(genre):
    beats = BEATS_PER_BAR[genre]
    # The seventh and eighth bar are lively because those before them were.
    grid = _grid(genre, np.repeat([0.5, 0.68, 0.8, 0.68, 0.5, 0.2], 2 * beats))
    lively_s = grid.times_s[4 * beats], grid.times_s[8 * beats]
    for number in range(2):  # from the first and from the fifth bar of the tune on
        score = compose(song(genre, number), grid, "plain")
        assert score.notes["lead"]
        assert all(lively_s[0] - 1e-6 <= note.start_s < lively_s[1] for note in score.notes["lead"])
        assert not score.notes["stabs"]
        played = [hit.strength for hit in score.hits if hit.time_s < lively_s[0]]
        assert max(played) < max(hit.strength for hit in score.hits)


@pytest.mark.parametrize("genre", GENRES)
def test_the_truth_agrees_with_the_grid_and_the_score(genre):
    tempo = song_tempo(genre, 4)
    grid = steady_grid(tempo, 25.0, np.random.default_rng(2), BEATS_PER_BAR[genre])
    score = compose(song(genre, 4), grid)
    arrays = truth(score)
    np.testing.assert_array_equal(arrays["beat_times_s"], grid.times_s)
    assert arrays["tempo_bpm"] == pytest.approx(tempo)
    assert (str(arrays["genre"]), str(arrays["song"])) == (genre, f"{genre}-04")
    assert np.isin(arrays["downbeat_times_s"], grid.times_s).all()
    assert len(arrays["section_names"]) == len(arrays["section_starts_s"]) > 0
    assert arrays["section_starts_s"][0] == 0.0
    assert np.all(np.diff(arrays["section_starts_s"]) > 0)
    assert set(arrays["section_names"]) <= {"intro", "verse", "build", "chorus", "bridge", "outro", "break"}
    onsets = {name[9:]: times for name, times in arrays.items() if name.startswith("onsets_s_")}
    assert set(onsets) == {"kick", "snare", "hats", "percussion", *_PITCHED}
    for part in _PITCHED:
        written = score.onsets(part)[:, 0]
        assert not len(onsets[part]) or _nearest(written, onsets[part]).max() < 1e-12
        assert not len(written) or _nearest(onsets[part], written).max() < 0.2
    drums = np.concatenate([onsets[name] for name in ("kick", "snare", "hats", "percussion")])
    assert _nearest(drums, score.onsets("drums")[:, 0]).max() <= 0.03


@pytest.mark.parametrize("genre", GENRES)
def test_palettes_are_written_whole(genre):
    palette = PALETTES[genre]
    steps = 4 * palette.beats_per_bar
    grooves = [groove for layer in palette.grooves.values() for groove in layer]
    fills = [groove for kind in ("small", "large") for groove in palette.fills[kind]]
    for groove in grooves + fills + list(palette.extra):
        for sound, text in groove.items():
            assert all(sound in kit for kit in palette.kits), sound
            assert all(rhythm(bar, steps) for bar in text.split("|"))
    for figures in palette.bass + palette.comping:
        assert phrase(figures.verse, steps)
        assert phrase(figures.chorus, steps)
        assert phrase(figures.turn, steps)
    assert all(phrase(text, steps) for text in palette.stabs)
    assert {len(text) for text in palette.motifs + palette.endings} == {steps}
    assert set(palette.voices) == set(_PITCHED)
    assert all(len(voices) >= 3 for voices in palette.voices.values())


def test_unknown_genres_are_refused():
    with pytest.raises(ValueError, match="polka"):
        song("polka", 0)


def test_notation_reads_what_is_written_and_refuses_bars_that_do_not_add_up():
    assert rhythm("X...x.........r-") == {0: 1.0, 4: 0.7, 14: 0.45, 14.5: 0.45, 15: 0.22}
    assert [(step.start, step.length, step.token) for step in phrase("R/12 ./4|5/16")] == [
        (0, 12, "R"),
        (16, 16, "5"),
    ]
    assert chord("F#m").pitch_classes == (6, 9, 1)
    assert chord("Bbmaj7").transposed(2).pitch_classes == (0, 4, 7, 11)
    assert [len(bar) for bar in progression("C Dm7-G7", 0)] == [1, 2]
    for bad in ("R/12", "R/16|5/17"):
        with pytest.raises(ValueError, match="steps"):
            phrase(bad)
    for bad in ("X...", "X...............Y"):
        with pytest.raises(ValueError, match="not a bar"):
            rhythm(bad)
    with pytest.raises(ValueError, match="Csus2"):
        chord("Csus2")
