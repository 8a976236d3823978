"""Freely licensed instruments: the FluidR3 soundfont (MIT) and Sonic Pi's samples (CC0)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
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
_TAIL_S = 3.0
"""Longer than notes sound on after their end."""

_OCTAVES_KEPT = 32
"""Of sampled notes, 8 MB each."""

# fmt: off
_LOUDNESS = (
    -28.3, -28.6, -22.3, -29.4, -20.2, -25.2, -23.2, -24.0,
    -23.8, -23.2, -24.5, -27.5, -24.6, -32.7, -22.2, -30.9,
    -24.0, -19.8, -21.3, -21.3, -22.5, -25.8, -24.3, -25.0,
    -25.2, -24.3, -20.9, -24.2, -30.9, -18.2, -15.8, -16.4,
    -23.1, -22.6, -23.3, -20.7, -26.7, -24.2, -24.7, -17.6,
    -22.6, -26.3, -25.6, -25.0, -24.8, -24.4, -24.6, -36.0,
    -25.2, -22.9, -21.5, -21.5, -25.7, -20.9, -23.2, -24.7,
    -22.8, -17.8, -16.9, -21.0, -20.0, -21.6, -24.4, -24.7,
    -20.2, -19.8, -20.8, -22.1, -22.0, -27.9, -24.6, -18.1,
    -21.6, -22.3, -21.3, -21.1, -19.4, -18.3, -16.5, -20.1,
    -22.2, -23.0, -25.3, -23.7, -21.8, -21.0, -32.1, -24.9,
    -25.5, -28.8, -24.7, -22.7, -21.2, -19.0, -23.8, -21.7,
    -23.2, -26.0, -27.2, -20.5, -26.9, -28.6, -25.5, -21.7,
    -27.7, -25.9, -30.8, -27.0, -28.6, -20.1, -22.5, -22.2,
    -27.2, -30.8, -25.6, -33.9, -25.8, -26.4, -21.5, -32.3,
    -23.8, -23.5, -27.0, -19.0, -19.3, -43.6, -23.3, -21.4,
)
# fmt: on
"""LUFS of each program of FluidR3 as :func:`loudness` says."""

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


def play_parts(parts: Mapping[str, tuple[int, Sequence[Note]]], duration_s: float) -> dict[str, np.ndarray]:
    """Render parts with the soundfont, each for itself, without its reverb and chorus.

    All are played in one run of the synthesizer, one after the other: it takes longer to start than
    to play.

    Args:
        parts: General MIDI program and notes by name.
        duration_s: of each part.

    Returns:
        (S,) float32 by name, mono, 24 kHz, S = round(duration_s * 24000). Onsets are exact to the
        synthesizer's block of 64 samples at 48 kHz.

    Raises:
        AudioError: instruments.missing (no synthesizer or soundfont), instruments.failed.
    """
    slot_s = np.ceil(duration_s) + _TAIL_S
    notes, programs = {}, {}
    for number, (program, part) in enumerate(parts.values()):
        channel = number + (number >= _DRUM_CHANNEL)
        start_s = number * slot_s
        notes[channel] = [
            Note(start_s + note.start_s, start_s + note.end_s, note.pitch, note.velocity) for note in part
        ]
        programs[channel] = program
    raw = _synthesize(notes, programs, len(parts) * slot_s)
    slot = round(slot_s * SAMPLE_RATE * _OVERSAMPLING)
    samples = round(duration_s * SAMPLE_RATE)
    return {
        name: _downsampled(raw[number * slot : number * slot + samples * _OVERSAMPLING])
        for number, name in enumerate(parts)
    }


def _downsampled(raw: np.ndarray) -> np.ndarray:
    return np.asarray(soxr.resample(raw, _OVERSAMPLING, 1), dtype=np.float32)


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


@lru_cache(maxsize=_OCTAVES_KEPT)
def sampled_octave(program: int, velocity: int, octave: int) -> tuple[np.ndarray, ...]:
    """The twelve notes of an octave, each rendered once, from the sample of its attack on.

    A note then has the same samples wherever it sounds, which is what lets a codec give it the
    same codes and a predictor learn them. They are rendered together, whatever was rendered before:
    a note's samples depend a little on the notes ahead of it.

    Args:
        octave: of MIDI pitches, 5 from middle C on.

    Returns:
        (S,) float32 at 24 kHz of each note, held for ``HELD_S`` seconds, in :func:`tuned_hz`.

    Raises:
        AudioError: instruments.missing or instruments.failed.
    """
    pitches = range(12 * octave, min(12 * octave + 12, 128))
    strokes = [
        Note(index * _NOTE_SPACING_S, index * _NOTE_SPACING_S + HELD_S, pitch, velocity)
        for index, pitch in enumerate(pitches)
    ]
    raw = _synthesize({0: strokes}, {0: program}, len(pitches) * _NOTE_SPACING_S)
    length = round(_NOTE_SPACING_S * SAMPLE_RATE * _OVERSAMPLING)
    sampled = []
    for index, pitch in enumerate(pitches):
        rate = SAMPLE_RATE * _OVERSAMPLING * tuned_hz(pitch) / _tempered_hz(pitch)
        note = soxr.resample(raw[index * length : (index + 1) * length], rate, SAMPLE_RATE)
        sampled.append(np.asarray(note, dtype=np.float32))
    return tuple(sampled)


def tuned_hz(pitch: int) -> float:
    """Frequency of a MIDI pitch in the corpus's tuning.

    C is 240 Hz and the other notes are near-just above it, on whole or half multiples of a few
    hertz: a held note repeats its samples, and so its codes, every few frames of 1/60 s.
    """
    octave, note = divmod(pitch - 60, 12)
    return float(_TUNING_HZ[note] * 2.0**octave)


def _tempered_hz(pitch: int) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69) / 12))


def loudness(program: int) -> float:
    """LUFS of a General MIDI program that plays single notes of velocity 100, half a second each.

    Measured with BS.1770 in the octave of middle C, of basses two octaves below. Other soundfonts
    differ by a few dB.
    """
    return _LOUDNESS[program]


@lru_cache(maxsize=512)
def one_shot(sound: Sound) -> np.ndarray:
    """A drum sound, (S,) float32 at 24 kHz, from its attack on, at its level, faded out at its end."""
    if sound.source.startswith("gm:"):
        waveform = percussion()[int(sound.source[3:])]
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
def percussion() -> dict[int, np.ndarray]:
    """One stroke of each key of the soundfont's percussion, rendered once for the whole process."""
    keys = range(35, 82)
    strokes = [
        Note(index * _DRUM_SPACING_S, (index + 0.9) * _DRUM_SPACING_S, key, 120)
        for index, key in enumerate(keys)
    ]
    waveform = _downsampled(_synthesize({_DRUM_CHANNEL: strokes}, {}, len(strokes) * _DRUM_SPACING_S))
    length = round(_DRUM_SPACING_S * SAMPLE_RATE)
    return {key: waveform[index * length : (index + 1) * length] for index, key in enumerate(keys)}
