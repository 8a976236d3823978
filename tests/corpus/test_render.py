"""Rendered music: its length, level and pulse, measured on the samples. Needs the instruments."""

import librosa
import numpy as np
import pytest
from kinetone.core.errors import AudioError
from kinetone.core.timing import HOP_LENGTH, SAMPLE_RATE
from kinetone.training.corpus import instruments
from kinetone.training.corpus.compose import PALETTES, compose
from kinetone.training.corpus.grid import GENRES, BeatGrid
from kinetone.training.corpus.render import render
from needed_instruments import needs_instruments

_TEMPO = {"salsa": 95.0, "house": 121.0, "hiphop": 91.0, "pop": 110.0}
_BREAK = slice(24, 32)


def _grid(genre):
    """48 beats: groove, full, a break of eight, full again; not whole in frames."""
    energy = np.full(48, 0.8)
    energy[:12] = 0.5
    energy[_BREAK] = 0.03
    times_s = 0.37 + np.arange(48) * 60.0 / _TEMPO[genre]
    return BeatGrid(times_s, 4, energy, float(times_s[-1]) + 0.4, phase=5)


@pytest.fixture(scope="module", params=GENRES)
def piece(request):
    """(grid, waveform) of a short piece of each genre."""
    grid = _grid(request.param)
    return grid, render(compose(request.param, grid, np.random.default_rng(0))), request.param


def _rms_db(waveform):
    return 20 * np.log10(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))) + 1e-12)


def _span(grid, waveform, beats):
    start, end = (int(grid.times_s[beat] * SAMPLE_RATE) for beat in (beats.start, beats.stop))
    return waveform[start:end]


@needs_instruments
def test_length_and_type_are_the_model_clocks(piece):
    grid, waveform, _ = piece
    assert waveform.dtype == np.float32
    assert waveform.shape == (round(grid.duration_s * 60) * HOP_LENGTH,)


@needs_instruments
def test_loud_without_clipping_and_without_direct_current(piece):
    grid, waveform, _ = piece
    assert np.abs(waveform).max() <= 10 ** (-1 / 20) + 1e-6
    assert abs(waveform.mean()) < 1e-3
    assert -18.5 < _rms_db(_span(grid, waveform, slice(0, 24))) < -13.5


@needs_instruments
def test_never_silent_for_long(piece):
    _, waveform, _ = piece
    window = int(0.4 * SAMPLE_RATE)
    frames = waveform[: len(waveform) // window * window].reshape(-1, window)
    assert min(_rms_db(frame) for frame in frames) > -48


@needs_instruments
def test_breaks_are_clearly_quieter_from_their_second_beat_to_their_last(piece):
    grid, waveform, _ = piece
    groove = _rms_db(_span(grid, waveform, slice(12, 24)))
    inside = _rms_db(_span(grid, waveform, slice(_BREAK.start + 1, _BREAK.stop)))
    back = _rms_db(_span(grid, waveform, slice(_BREAK.stop, _BREAK.stop + 2)))
    assert inside < groove - 5
    assert back > inside + 5


@needs_instruments
def test_strong_onsets_are_the_beats(piece):
    grid, waveform, _ = piece
    hop = 240
    envelope = librosa.onset.onset_strength(y=waveform, sr=SAMPLE_RATE, hop_length=hop)
    frames = librosa.onset.onset_detect(onset_envelope=envelope, sr=SAMPLE_RATE, hop_length=hop)
    times_s, strength = frames * hop / SAMPLE_RATE, envelope[frames]
    beats_s = grid.times_s[~grid.is_break]
    assert np.mean(np.abs(times_s[None] - beats_s[:, None]).min(axis=1) < 0.05) >= 0.95
    on_beat = np.abs(times_s[:, None] - grid.times_s[None]).min(axis=1) < 0.05
    strong = strength > 0.6 * np.median(strength[on_beat])
    assert np.mean(on_beat[strong]) >= 0.7
    assert np.median(strength[on_beat]) > 1.8 * np.median(strength[~on_beat])


@needs_instruments
def test_a_beat_tracker_finds_the_tempo_its_half_or_its_double(piece):
    _, waveform, genre = piece
    tempo, _ = librosa.beat.beat_track(y=waveform, sr=SAMPLE_RATE)
    ratio = float(np.atleast_1d(tempo)[0]) / _TEMPO[genre]
    assert min(abs(ratio / factor - 1) for factor in (0.5, 1.0, 2.0)) < 0.04


@needs_instruments
def test_the_same_score_gives_the_same_bytes():
    grid = _grid("salsa")
    score = compose("salsa", grid, np.random.default_rng(1))
    first = render(score)
    instruments.one_shot.cache_clear()
    assert first.tobytes() == render(score).tobytes()


@needs_instruments
@pytest.mark.parametrize("genre", GENRES)
def test_drum_sounds_begin_with_their_attack_at_their_level(genre):
    for name, sound in PALETTES[genre].kit.items():
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
