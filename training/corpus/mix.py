"""Mixing: a song's parts to one mono waveform of a set loudness, as in a small studio.

Nothing here delays: the synthesizer's and the drums' onsets stay where the score has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from pedalboard import (
    Chorus,
    Compressor,
    Distortion,
    HighpassFilter,
    HighShelfFilter,
    LowpassFilter,
    PeakFilter,
    Pedalboard,
    Phaser,
    Reverb,
)
from pyloudnorm import Meter
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from ...core.timing import SAMPLE_RATE
from .instruments import loudness
from .palette import LEVELS_DB
from .song import Song

TARGET_LUFS = -16.0
"""Integrated loudness of a piece (ITU-R BS.1770): streaming services play mono at about that."""

PEAK = 10 ** (-1.0 / 20)
"""No sample is larger."""

_DRUMS_LUFS = -18.0
"""About the loudness of the kits' drums at their own levels."""

_LARGEST_GAIN_DB = 8.0
"""Music that hardly plays stays quiet instead of being raised to the target."""

_LIMITER_S = 0.005
_PUMP_S = 0.28

EFFECTS: Mapping[str, Callable[[], Pedalboard]] = {
    "chorus": lambda: Pedalboard([Chorus(rate_hz=0.8, depth=0.2, mix=0.35)]),
    "phaser": lambda: Pedalboard([Phaser(rate_hz=0.4, depth=0.6, centre_frequency_hz=900, feedback=0.3)]),
    "wah": lambda: Pedalboard(
        [
            PeakFilter(cutoff_frequency_hz=1100, gain_db=9, q=1.6),
            Phaser(rate_hz=1.7, depth=0.7, centre_frequency_hz=1300, feedback=0.4),
        ]
    ),
    "drive": lambda: Pedalboard([Distortion(drive_db=18), LowpassFilter(3200)]),
    "dark": lambda: Pedalboard([LowpassFilter(1400)]),
}
"""What a player's sound may go through."""

_PLACES = {
    "kick": 0.0,
    "snare": 0.05,
    "hats": 0.35,
    "percussion": -0.4,
    "bass": 0.0,
    "chords": -0.3,
    "lead": 0.1,
    "stabs": 0.3,
    "pad": -0.1,
}
"""From left (-1) to right (1)."""

_SENDS = {"kick": 0.0, "snare": 0.6, "hats": 0.25, "percussion": 0.7, "bass": 0.0}
"""Share of a part that goes to the reverb; of all others, everything."""

_TRIMS_DB = {"kick": 1.0, "snare": 1.0, "hats": 5.0, "percussion": 1.0}
"""How much louder the groups of drums are mixed than in plain music."""

_PUMPED = ("bass", "chords", "pad", "stabs")


def part_gain(song: Song, part: str) -> float:
    """Factor that brings a player to the part's place in the balance, whatever the program."""
    level_db = song.palette.levels_db.get(part, LEVELS_DB[part])
    return float(10 ** ((_DRUMS_LUFS + level_db - loudness(song.voices[part].program)) / 20))


def mixed(buses: Mapping[str, np.ndarray], song: Song, kicks_s: np.ndarray) -> np.ndarray:
    """One waveform of all parts.

    Args:
        buses: (S,) mono float32 at 24 kHz of the groups of drums, at their levels, and of the parts.
        kicks_s: when the bass drum is struck; for songs whose music it pushes down.

    Returns:
        (S,) float32, mono, no sample above PEAK, of TARGET_LUFS unless there is hardly any music.
    """
    room = song.room
    pumped = _pumped(len(next(iter(buses.values()))), kicks_s, room.pump)
    dry = np.zeros((2, len(pumped)), dtype=np.float32)
    sent = np.zeros(len(pumped), dtype=np.float32)
    for name, bus in buses.items():
        played = _insert(bus, name, song)
        if name in _PUMPED:
            played = played * pumped
        dry += _pan(_PLACES[name])[:, None] * played
        sent += np.float32(_SENDS.get(name, 1.0)) * played
    wet = Pedalboard([HighpassFilter(200), Reverb(room.size, 0.5, room.wet, 0.0, 1.0)])
    master = Pedalboard(
        [
            HighpassFilter(28),
            HighShelfFilter(5000, room.bright_db),
            Compressor(threshold_db=-18, ratio=1.8, attack_ms=15, release_ms=180),
        ]
    )
    stereo = master(dry + wet(np.stack([sent, sent]), SAMPLE_RATE), SAMPLE_RATE)
    return _finished(stereo.mean(axis=0))


def _insert(bus: np.ndarray, name: str, song: Song) -> np.ndarray:
    """A bus at its level, through its equaliser, compressor and effect."""
    if name not in LEVELS_DB:
        chain = [Compressor(threshold_db=-16, ratio=2.5, attack_ms=6, release_ms=90)]
        driven, trim = (np.float32(10 ** (db / 20)) for db in (song.room.drive_db, _TRIMS_DB[name]))
        played = _saturated(bus * driven) * (trim / np.sqrt(driven))
        return np.asarray(Pedalboard(chain)(played, SAMPLE_RATE))
    effect = song.voices[name].effect
    played = bus * np.float32(part_gain(song, name))
    if effect:
        played = _as_loud(EFFECTS[effect]()(played, SAMPLE_RATE), played)
    low_cut = HighpassFilter(35 if name == "bass" else 130)
    squeeze = Compressor(threshold_db=-22, ratio=2.5 if name == "bass" else 2.0, attack_ms=12, release_ms=120)
    return np.asarray(Pedalboard([low_cut, squeeze])(played, SAMPLE_RATE))


def _as_loud(changed: np.ndarray, before: np.ndarray) -> np.ndarray:
    """A sound with the power that it had before an effect."""
    power = float(np.square(changed).mean())
    return np.asarray(changed * np.float32(np.sqrt(np.square(before).mean() / power))) if power else before


def _saturated(bus: np.ndarray) -> np.ndarray:
    return np.asarray(np.tanh(bus), dtype=np.float32)


def _pan(place: float) -> np.ndarray:
    """(2,) gains of a place between left and right, of constant power, 1 each in the middle."""
    angle = (place + 1.0) * np.pi / 4
    return np.sqrt(2.0) * np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)


def _pumped(n_samples: int, kicks_s: np.ndarray, depth: float) -> np.ndarray:
    """(n_samples,) gains that fall with each kick and come back within a quarter of a second."""
    gains = np.ones(n_samples, dtype=np.float32)
    if depth == 0.0:
        return gains
    length = round(_PUMP_S * SAMPLE_RATE)
    attack = np.linspace(0.0, 1.0, SAMPLE_RATE // 500)
    shape = np.concatenate([attack, np.cos(np.linspace(0.0, np.pi / 2, length - len(attack))) ** 2])
    for kick in np.round(kicks_s * SAMPLE_RATE).astype(int):
        window = gains[kick : kick + length]
        np.minimum(window, 1.0 - depth * shape[: len(window)], out=window, casting="same_kind")
    return gains


def _finished(waveform: np.ndarray) -> np.ndarray:
    """The mix at the target loudness, limited. What the limiter takes away is given back once."""
    waveform = waveform - waveform.mean()
    gain_db = min(TARGET_LUFS - _lufs(waveform), _LARGEST_GAIN_DB)
    finished = _limited(waveform * 10 ** (gain_db / 20))
    if gain_db < _LARGEST_GAIN_DB:
        for _ in range(2):
            gain_db += TARGET_LUFS - _lufs(finished)
            finished = _limited(waveform * 10 ** (gain_db / 20))
    return finished.astype(np.float32)


def _lufs(waveform: np.ndarray) -> float:
    """Integrated loudness; of silence, and of less than a block of 0.4 s, very low."""
    if len(waveform) < 0.4 * SAMPLE_RATE or not waveform.any():
        return -100.0
    return float(Meter(SAMPLE_RATE).integrated_loudness(waveform.astype(np.float64)))


def _limited(waveform: np.ndarray) -> np.ndarray:
    """The waveform, turned down around what is larger than PEAK. It looks ahead, so it delays nothing.

    Each sample's gain is the mean of gains around it that were all low enough for it: no sample
    gets above PEAK.
    """
    reach = 2 * round(_LIMITER_S * SAMPLE_RATE) + 1
    enough = PEAK / np.maximum(np.abs(waveform), PEAK)
    gains = uniform_filter1d(minimum_filter1d(enough, reach), reach)
    return np.asarray(np.clip(waveform * gains, -PEAK, PEAK))
