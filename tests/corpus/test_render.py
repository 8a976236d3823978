"""Rendered music: its length, level and pulse, measured on the samples. Needs the instruments."""

import functools

import librosa
import numpy as np
import pytest
from kinetone.core.errors import AudioError
from kinetone.core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from kinetone.training.corpus import instruments
from kinetone.training.corpus.compose import compose
from kinetone.training.corpus.genres import PALETTES
from kinetone.training.corpus.grid import BEATS_PER_BAR, GENRES, BeatGrid, song_tempo
from kinetone.training.corpus.mix import PEAK, TARGET_LUFS, mixed
from kinetone.training.corpus.render import render
from kinetone.training.corpus.score import Note
from kinetone.training.corpus.song import song
from needed_instruments import needs_instruments
from pyloudnorm import Meter

_SONG = 2
_PLAIN = ("pop", "waltz", "salsa")
"""Plain music takes long to sample: a few genres show what holds for all."""

_PIECES = [(genre, "played") for genre in GENRES] + [(genre, "plain") for genre in _PLAIN]
_BREAK = slice(24, 32)


def _grid(genre):
    """48 beats: groove, full, a break of eight, full again; not whole in frames."""
    energy = np.full(48, 0.8)
    energy[:12] = 0.5
    energy[_BREAK] = 0.03
    times_s = 0.37 + np.arange(48) * 60.0 / song_tempo(genre, _SONG)
    return BeatGrid(times_s, BEATS_PER_BAR[genre], energy, float(times_s[-1]) + 0.4, phase=5)


@functools.cache
def _piece(genre, music="played"):
    """(grid, waveform) of a short piece."""
    grid = _grid(genre)
    return grid, render(compose(song(genre, _SONG), grid, music))


def _rms_db(waveform):
    return 20 * np.log10(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))) + 1e-12)


def _lufs(waveform):
    return Meter(SAMPLE_RATE).integrated_loudness(waveform.astype(np.float64))


def _span(grid, waveform, beats):
    start, end = (int(grid.times_s[beat] * SAMPLE_RATE) for beat in (beats.start, beats.stop))
    return waveform[start:end]


@needs_instruments
@pytest.mark.parametrize(("genre", "music"), _PIECES)
def test_length_and_type_are_the_model_clocks(genre, music):
    grid, waveform = _piece(genre, music)
    assert waveform.dtype == np.float32
    assert waveform.shape == (round(grid.duration_s * FRAME_RATE) * HOP_LENGTH,)


@needs_instruments
@pytest.mark.parametrize("genre", GENRES)
def test_as_loud_as_it_should_be_without_clipping_and_without_direct_current(genre):
    _, waveform = _piece(genre)
    assert _lufs(waveform) == pytest.approx(TARGET_LUFS, abs=0.5)
    assert np.abs(waveform).max() <= PEAK + 1e-6
    assert abs(waveform.mean()) < 1e-3


@needs_instruments
@pytest.mark.parametrize("genre", _PLAIN)
def test_plain_music_has_its_palettes_level(genre):
    grid, waveform = _piece(genre, "plain")
    assert np.abs(waveform).max() <= PEAK + 1e-6
    assert abs(waveform.mean()) < 1e-3
    assert -19.0 < _rms_db(_span(grid, waveform, slice(0, 24))) < -13.0


@needs_instruments
@pytest.mark.parametrize("genre", GENRES)
def test_never_silent_for_long(genre):
    _, waveform = _piece(genre)
    window = int(0.4 * SAMPLE_RATE)
    frames = waveform[: len(waveform) // window * window].reshape(-1, window)
    assert min(_rms_db(frame) for frame in frames) > -50


@needs_instruments
@pytest.mark.parametrize(("genre", "music"), _PIECES)
def test_breaks_are_clearly_quieter_from_their_second_beat_to_their_last(genre, music):
    grid, waveform = _piece(genre, music)
    groove = _rms_db(_span(grid, waveform, slice(12, 24)))
    inside = _rms_db(_span(grid, waveform, slice(_BREAK.start + 1, _BREAK.stop)))
    back = _rms_db(_span(grid, waveform, slice(_BREAK.stop, _BREAK.stop + 2)))
    assert inside < groove - 5
    assert back > inside + 5


@needs_instruments
@pytest.mark.parametrize("genre", GENRES)
def test_a_dance_that_never_moves_stays_quiet(genre):
    grid = _grid(genre)
    still = BeatGrid(grid.times_s[:16], grid.beats_per_bar, np.zeros(16), float(grid.times_s[16]))
    waveform = render(compose(song(genre, _SONG), still))
    assert waveform.any()
    assert _lufs(waveform) < TARGET_LUFS - 3


@needs_instruments
@pytest.mark.parametrize("genre", GENRES)
def test_every_beat_is_heard(genre):
    grid, waveform = _piece(genre)
    hop = 240
    envelope = librosa.onset.onset_strength(y=waveform, sr=SAMPLE_RATE, hop_length=hop)
    beats_s = grid.times_s[~grid.is_break]
    near = [envelope[int(t * 100) - 2 : int(t * 100) + 6].max() for t in beats_s]
    assert np.mean(np.array(near) > 2 * np.median(envelope)) > 0.95


@needs_instruments
@pytest.mark.parametrize("genre", GENRES)
def test_a_beat_tracker_finds_the_tempo_its_half_or_its_double(genre):
    _, waveform = _piece(genre)
    tempo, _ = librosa.beat.beat_track(y=waveform, sr=SAMPLE_RATE)
    ratio = float(np.atleast_1d(tempo)[0]) / song_tempo(genre, _SONG)
    assert min(abs(ratio / factor - 1) for factor in (0.5, 1.0, 2.0)) < 0.04


@pytest.mark.parametrize("part", ["kick", "hats", "bass", "chords"])
@pytest.mark.parametrize("genre", GENRES)
def test_the_mix_moves_no_onset_by_a_millisecond(genre, part):
    click = np.zeros(SAMPLE_RATE, dtype=np.float32)
    rng = np.random.default_rng(0)
    click[9000:10500] = 0.3 * rng.normal(size=1500)
    waveform = mixed({part: click}, song(genre, _SONG), np.array([]))
    loud = np.abs(waveform) > 0.05 * np.abs(waveform).max()
    assert abs(int(np.argmax(loud)) - 9000) <= SAMPLE_RATE // 1000


@needs_instruments
def test_notes_begin_when_they_are_written():
    times_s = (0.5, 1.237, 2.01)
    notes = [Note(time_s, time_s + 0.2, 69, 110) for time_s in times_s]
    piano = instruments.play_parts({"silent": (0, []), "marimba": (12, notes)}, 3.0)["marimba"]
    assert len(piano) == 3 * SAMPLE_RATE
    for time_s in times_s:
        window = np.abs(piano[int((time_s - 0.1) * SAMPLE_RATE) : int((time_s + 0.1) * SAMPLE_RATE)])
        onset_s = time_s - 0.1 + np.argmax(window > 0.1 * window.max()) / SAMPLE_RATE
        assert abs(onset_s - time_s) < 0.005


@needs_instruments
@pytest.mark.parametrize("music", ["played", "plain"])
def test_the_same_score_gives_the_same_bytes_whatever_was_rendered_before(music):
    score = compose(song("salsa", 1), _grid("salsa"), music)
    first = render(score).tobytes()
    render(compose(song("salsa", 3), _grid("salsa"), music))
    assert first == render(score).tobytes()
    instruments.one_shot.cache_clear()
    instruments.sampled_octave.cache_clear()
    instruments.percussion.cache_clear()
    assert first == render(score).tobytes()


@needs_instruments
@pytest.mark.parametrize("genre", GENRES)
def test_drum_sounds_begin_with_their_attack_at_their_level(genre):
    for kit in PALETTES[genre].kits:
        for name, sound in kit.items():
            stroke = np.abs(instruments.one_shot(sound))
            assert stroke.max() == pytest.approx(10 ** (sound.level_db / 20), rel=1e-4), name
            assert np.argmax(stroke > 0.1 * stroke.max()) <= 0.003 * SAMPLE_RATE, name
            assert stroke[-1] < 0.01 * stroke.max(), name


def test_missing_instruments_are_named_with_what_to_do(monkeypatch):
    monkeypatch.setenv(instruments.SOUNDFONT_VARIABLE, "/nowhere/font.sf2")
    with pytest.raises(AudioError, match=r"/nowhere/font\.sf2") as caught:
        instruments.soundfont()
    assert caught.value.code == "instruments.missing"
    assert instruments.SOUNDFONT_VARIABLE in caught.value.hint
