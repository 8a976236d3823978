"""Freely licensed instruments: the FluidR3 soundfont (MIT) and Sonic Pi's samples (CC0)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import mido
import numpy as np
import soundfile
import soxr
from scipy.signal import resample_poly

from ...core.errors import AudioError
from ...core.timing import SAMPLE_RATE
from .palette import Sound
from .score import Note

SOUNDFONT_VARIABLE = "KINETONE_SOUNDFONT"
SAMPLES_VARIABLE = "KINETONE_DRUM_SAMPLES"
_SOUNDFONT_PLACES = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/usr/local/share/soundfonts/FluidR3_GM.sf2",
    "/opt/homebrew/share/soundfonts/FluidR3_GM.sf2",
)
_SAMPLES_PLACES = (
    "/usr/share/sonic-pi/samples",
    "/usr/lib/sonic-pi/etc/samples",
    "/opt/sonic-pi/etc/samples",
)
_INSTALL_HINT = "Install Debian's fluidsynth, fluid-soundfont-gm and sonic-pi-samples, or set {} to its path."

_OVERSAMPLING = 2
"""The synthesizer does not filter what lies above its own rate: it runs at twice ours."""

_TICKS_PER_SECOND = 2_000
_DRUM_CHANNEL = 9
_DRUM_SPACING_S = 2.0

HELD_S = 6.0
"""How long a sampled note is held: longer than any break."""

_NOTE_SPACING_S = 7.0
_TUNING_HZ = (240.0, 250.0, 268.0, 288.0, 300.0, 320.0, 337.5, 360.0, 375.0, 400.0, 432.0, 450.0)
"""From C up. D lies between its just fifth to G and its just fourth to A."""


def soundfont() -> Path:
    """The soundfont file. Raises AudioError (instruments.missing) with what to install."""
    return _find(SOUNDFONT_VARIABLE, _SOUNDFONT_PLACES, "the soundfont FluidR3_GM.sf2")


def samples_folder() -> Path:
    """The folder of drum samples. Raises AudioError (instruments.missing) with what to install."""
    return _find(SAMPLES_VARIABLE, _SAMPLES_PLACES, "Sonic Pi's drum samples")


def _find(variable: str, places: Sequence[str], what: str) -> Path:
    candidates = [os.environ[variable]] if variable in os.environ else places
    for candidate in candidates:
        if Path(candidate).exists():
            return Path(candidate)
    raise AudioError(
        f"Cannot find {what} in {', '.join(candidates)}.",
        code="instruments.missing",
        hint=_INSTALL_HINT.format(variable),
    )


def play(notes: Mapping[int, Sequence[Note]], programs: Mapping[int, int], duration_s: float) -> np.ndarray:
    """Render notes with the soundfont, without its reverb and chorus.

    Args:
        notes: notes by MIDI channel; channel 9 is percussion.
        programs: General MIDI program by channel.
        duration_s: what is rendered is at least this long.

    Returns:
        (S,) float32, mono, 24 kHz. Onsets are exact to the synthesizer's block of 64 samples at 48 kHz.

    Raises:
        AudioError: instruments.missing (no synthesizer or soundfont), instruments.failed.
    """
    raw = _synthesize(notes, programs, duration_s)
    return np.asarray(resample_poly(raw, 1, _OVERSAMPLING), dtype=np.float32)


def _synthesize(
    notes: Mapping[int, Sequence[Note]], programs: Mapping[int, int], duration_s: float
) -> np.ndarray:
    """(S,) mono at 48 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        midi, raw = Path(folder, "score.mid"), Path(folder, "audio.raw")
        _midi_file(notes, programs, duration_s).save(midi)
        _run_fluidsynth(midi, raw)
        return np.asarray(np.fromfile(raw, dtype="<f4").reshape(-1, 2).mean(axis=1))


def _run_fluidsynth(midi: Path, raw: Path) -> None:
    program = shutil.which("fluidsynth")
    if program is None:
        raise AudioError(
            "Cannot find the program fluidsynth.",
            code="instruments.missing",
            hint=_INSTALL_HINT.format("PATH"),
        )
    options = ["-q", "-n", "-i", "-R", "0", "-C", "0", "-g", "2.0", "-r", str(SAMPLE_RATE * _OVERSAMPLING)]
    output = ["-T", "raw", "-O", "float", "-E", "little", "-F", str(raw)]
    settings = ["-o", "synth.dynamic-sample-loading=1", "-o", "player.timing-source=sample"]
    command = [program, *options, *settings, *output, str(soundfont()), str(midi)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not raw.exists():
        raise AudioError(
            f"fluidsynth failed with exit code {done.returncode}: {done.stderr.strip()[-500:]}",
            code="instruments.failed",
            hint="Check that the soundfont is whole.",
        )


def _midi_file(
    notes: Mapping[int, Sequence[Note]], programs: Mapping[int, int], duration_s: float
) -> mido.MidiFile:
    """A one-track MIDI file whose clock is fine enough for the synthesizer's own (1 ms)."""
    timed: list[tuple[int, int, mido.Message]] = []
    for channel, program in programs.items():
        timed.append((0, 0, mido.Message("program_change", channel=channel, program=program)))
    for channel, part in notes.items():
        for note in part:
            common = {"channel": channel, "note": note.pitch}
            on = mido.Message("note_on", velocity=note.velocity, **common)
            timed.append((round(note.start_s * _TICKS_PER_SECOND), 2, on))
            timed.append((round(note.end_s * _TICKS_PER_SECOND), 1, mido.Message("note_off", **common)))
    end = mido.Message("control_change", control=7, value=100, channel=0)
    timed.append((round(duration_s * _TICKS_PER_SECOND), 3, end))
    track, now = mido.MidiTrack(), 0
    for tick, _, message in sorted(timed, key=lambda entry: entry[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    file = mido.MidiFile(ticks_per_beat=_TICKS_PER_SECOND // 2)  # at MIDI's 120 beats a minute
    file.tracks.append(track)
    return file


class NoteSampler:
    """Notes of a General MIDI program, each rendered once, from the sample of its attack on.

    A note then has the same samples wherever it sounds, which is what lets a codec give it the
    same codes and a predictor learn them.
    """

    def __init__(self, program: int, velocity: int) -> None:
        self.program = program
        self.velocity = velocity
        self._notes: dict[int, np.ndarray] = {}

    def notes(self, pitches: Iterable[int]) -> Mapping[int, np.ndarray]:
        """(S,) float32 at 24 kHz of each pitch, held for ``HELD_S`` seconds, in :func:`tuned_hz`.

        Raises:
            AudioError: instruments.missing or instruments.failed.
        """
        for octave in sorted({pitch // 12 for pitch in set(pitches) - set(self._notes)}):
            self._render(octave)
        return self._notes

    def _render(self, octave: int) -> None:
        """Renders an octave at a time: a note's samples depend a little on the notes rendered before it."""
        pitches = range(12 * octave, min(12 * octave + 12, 128))
        strokes = [
            Note(index * _NOTE_SPACING_S, index * _NOTE_SPACING_S + HELD_S, pitch, self.velocity)
            for index, pitch in enumerate(pitches)
        ]
        raw = _synthesize({0: strokes}, {0: self.program}, len(pitches) * _NOTE_SPACING_S)
        length = round(_NOTE_SPACING_S * SAMPLE_RATE * _OVERSAMPLING)
        for index, pitch in enumerate(pitches):
            note = raw[index * length : (index + 1) * length]
            rate = SAMPLE_RATE * _OVERSAMPLING * tuned_hz(pitch) / _tempered_hz(pitch)
            self._notes[pitch] = np.asarray(soxr.resample(note, rate, SAMPLE_RATE), dtype=np.float32)


@cache
def sampler(program: int, velocity: int) -> NoteSampler:
    """The process's sampler of a program."""
    return NoteSampler(program, velocity)


def tuned_hz(pitch: int) -> float:
    """Frequency of a MIDI pitch in the corpus's tuning.

    C is 240 Hz and the other notes are near-just above it, on whole or half multiples of a few
    hertz: a held note repeats its samples, and so its codes, every few frames of 1/60 s.
    """
    octave, note = divmod(pitch - 60, 12)
    return float(_TUNING_HZ[note] * 2.0**octave)


def _tempered_hz(pitch: int) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69) / 12))


@lru_cache(maxsize=64)
def one_shot(sound: Sound) -> np.ndarray:
    """A drum sound, (S,) float32 at 24 kHz, from its attack on, at its level, faded out at its end."""
    if sound.source.startswith("gm:"):
        waveform = _percussion()[int(sound.source[3:])]
    else:
        waveform = _sample(samples_folder() / f"{sound.source}.flac")
    waveform = _from_attack(waveform - waveform.mean())[: round(sound.length_s * SAMPLE_RATE)]
    fade = np.cos(np.linspace(0.0, np.pi / 2, len(waveform))) ** 0.5
    waveform = waveform * fade
    gain = 10 ** (sound.level_db / 20) / np.abs(waveform).max()
    return np.asarray(waveform * gain, dtype=np.float32)


def _sample(path: Path) -> np.ndarray:
    """A sample file as mono float64 at 24 kHz."""
    try:
        waveform, rate = soundfile.read(path, always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"Cannot read the drum sample {path}.",
            code="instruments.missing",
            hint=_INSTALL_HINT.format(SAMPLES_VARIABLE),
        ) from error
    mono = waveform.mean(axis=1)
    common = np.gcd(rate, SAMPLE_RATE)
    return np.asarray(resample_poly(mono, SAMPLE_RATE // common, rate // common))


def _from_attack(waveform: np.ndarray) -> np.ndarray:
    """The waveform from where it first reaches a tenth of its peak, less two milliseconds."""
    attack = int(np.argmax(np.abs(waveform) > 0.1 * np.abs(waveform).max()))
    return waveform[max(0, attack - SAMPLE_RATE // 500) :]


@lru_cache(maxsize=1)
def _percussion() -> dict[int, np.ndarray]:
    """One stroke of each key of the soundfont's percussion, rendered once for the whole process."""
    keys = range(35, 82)
    strokes = [
        Note(index * _DRUM_SPACING_S, (index + 0.9) * _DRUM_SPACING_S, key, 120)
        for index, key in enumerate(keys)
    ]
    waveform = play({_DRUM_CHANNEL: strokes}, {}, len(strokes) * _DRUM_SPACING_S)
    length = round(_DRUM_SPACING_S * SAMPLE_RATE)
    return {key: waveform[index * length : (index + 1) * length] for index, key in enumerate(keys)}
