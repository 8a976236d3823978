"""Bass, chords, lead, stabs and pad of an arrangement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .arrangement import Arrangement, Bar, Harmonic, Level, metric_weight
from .harmony import bass_pitch
from .notation import STEPS_PER_BEAT, phrase
from .palette import Figures
from .score import Note
from .song import steps_per_bar

_GATE = 0.92
"""Share of its written length that a note sounds, so that repeated notes speak."""

_BARS_PER_TURN = 4
_BREAK_SHARE = 0.6
"""Of a pad's velocity, in a break."""

_HOOK_SECTIONS = ("chorus", "bridge")
"""Sections that stabs and a soft pad fill up."""


def bass_notes(arrangement: Arrangement) -> Iterator[Note]:
    """The song's bass figure on every chord; at the end of four bars it leads on."""
    low = arrangement.song.palette.bass_low
    for bar in arrangement.bars:
        for step, length, token, level in _figure(arrangement, bar, arrangement.song.bass):
            if level >= Level.SOFT:
                chord = bar.chord_at(step)
                note = bass_pitch(token, chord.chord, chord.following, low)
                yield _note(arrangement, bar, "bass", step, length, note)


def chord_notes(arrangement: Arrangement) -> Iterator[Note]:
    """Comping on the voicings, busier when the lead plays; a soft held chord opens a break."""
    for bar in arrangement.bars:
        for step, length, token, level in _figure(arrangement, bar, arrangement.song.comping):
            if level >= Level.SOFT:
                yield from _chord(arrangement, bar, "chords", step, length, token)
        yield from _held(arrangement, bar, "chords", 0.5, _runs(arrangement, bar, Level.BREAK))


def lead_notes(arrangement: Arrangement) -> Iterator[Note]:
    """The section's tune, while the dance is lively."""
    steps = steps_per_bar(arrangement.song)
    for bar in arrangement.bars:
        first = bar.index * steps % (8 * steps)
        for tone in bar.section.tune:
            step = tone.start - first
            if 0 <= step < steps and _level(arrangement, bar, step) == Level.FULL:
                yield _note(arrangement, bar, "lead", step, tone.length, tone.pitch)


def stab_notes(arrangement: Arrangement) -> Iterator[Note]:
    """A riff of chords in lively choruses."""
    steps = steps_per_bar(arrangement.song)
    for bar in arrangement.bars:
        for event in phrase(arrangement.song.stabs, steps):
            lively = _level(arrangement, bar, event.start) == Level.FULL
            if lively and bar.section.name in _HOOK_SECTIONS:
                yield from _chord(arrangement, bar, "stabs", event.start, event.length, event.token)


def pad_notes(arrangement: Arrangement) -> Iterator[Note]:
    """The chord held through breaks and quiet beats, all that is left there, and softly in choruses."""
    for bar in arrangement.bars:
        yield from _held(arrangement, bar, "pad", _BREAK_SHARE, _runs(arrangement, bar, Level.BREAK))
        yield from _held(arrangement, bar, "pad", 1.0, _runs(arrangement, bar, Level.SOFT, Level.SOFT))
        if bar.section.name in _HOOK_SECTIONS:
            yield from _held(arrangement, bar, "pad", 0.8, _runs(arrangement, bar, Level.FULL, Level.GROOVE))


PARTS: Mapping[str, Callable[[Arrangement], Iterator[Note]]] = {
    "bass": bass_notes,
    "chords": chord_notes,
    "lead": lead_notes,
    "pad": pad_notes,
    "stabs": stab_notes,
}
"""What makes the notes of each part."""


def chord_tones(token: str, voicing: tuple[int, ...]) -> tuple[int, ...]:
    """``c`` the whole chord, ``o`` its lowest note in octaves, ``i`` all but that, ``1 2 3 ...`` one note.

    Counting goes on in the next octave where the chord ends.
    """
    if token == "o":
        return (voicing[0], voicing[0] + 12)
    if token.isdigit():
        octave, place = divmod(int(token) - 1, len(voicing))
        return (voicing[place] + 12 * octave,)
    return voicing[1:] if token == "i" else voicing


def _figure(arrangement: Arrangement, bar: Bar, figures: Figures) -> Iterator[tuple[int, int, str, Level]]:
    """Step, length, token and level of what a figure plays in a bar: its quiet or its lively form."""
    turns = bar.index % _BARS_PER_TURN == _BARS_PER_TURN - 1 or bar.is_last
    for lively, text in enumerate((figures.turn if turns else figures.verse, figures.chorus)):
        for event in phrase(text, steps_per_bar(arrangement.song)):
            level = _level(arrangement, bar, event.start)
            if (level == Level.FULL and not turns) == bool(lively):
                yield event.start, event.length, event.token, level


def _chord(
    arrangement: Arrangement, bar: Bar, part: str, step: int, length: int, token: str
) -> Iterator[Note]:
    voice = arrangement.song.voices[part]
    for number, pitch in enumerate(chord_tones(token, bar.chord_at(step).voicing)):
        note = _note(arrangement, bar, part, step, length, pitch)
        late = min(number * voice.strum_s, 0.5 * (note.end_s - note.start_s))
        yield Note(note.start_s + late, note.end_s, note.pitch, note.velocity)


def _held(
    arrangement: Arrangement, bar: Bar, part: str, share: float, runs: Iterator[tuple[int, int]]
) -> Iterator[Note]:
    """The chords of some beats, held as long as they last, at a share of the part's velocity."""
    velocity = round(share * arrangement.song.voices[part].velocity)
    for start, length in runs:
        for chord, first, last in _sounding(bar, start, start + length):
            times = arrangement.time_at(first), arrangement.time_at(last)
            for pitch in chord.voicing:
                yield Note(times[0], times[1], pitch, velocity)


def _sounding(bar: Bar, start: int, end: int) -> Iterator[tuple[Harmonic, float, float]]:
    """Every chord that sounds between two positions, from where to where."""
    starts = [bar.start + chord.step / STEPS_PER_BEAT for chord in bar.chords]
    for chord, first, last in zip(bar.chords, starts, [*starts[1:], float(end)], strict=True):
        if max(first, start) < min(last, end):
            yield chord, max(first, start), min(last, end)


def _runs(
    arrangement: Arrangement, bar: Bar, most: Level, least: Level = Level.BREAK
) -> Iterator[tuple[int, int]]:
    """Start and length in beats of a bar's runs of beats whose levels lie between two."""
    beats = range(bar.start, bar.start + arrangement.beats_per_bar)
    chosen = [beat for beat in beats if least <= arrangement.level_at(beat) <= most]
    for start in (beat for beat in chosen if beat - 1 not in chosen):
        end = next(beat for beat in range(start, beats.stop + 1) if beat not in chosen)
        yield start, end - start


def _level(arrangement: Arrangement, bar: Bar, step: int) -> Level:
    return arrangement.level_at(bar.start + step / STEPS_PER_BEAT)


def _note(arrangement: Arrangement, bar: Bar, part: str, step: int, length: int, pitch: int) -> Note:
    voice = arrangement.song.voices[part]
    start = bar.start + step / STEPS_PER_BEAT
    end = arrangement.end_position(start, _GATE * length / STEPS_PER_BEAT)
    weight = metric_weight(step, steps_per_bar(arrangement.song))
    loudness = weight * (0.72 + 0.28 * arrangement.energy_at(start))
    velocity = max(1, min(127, round(voice.velocity * loudness)))
    return Note(arrangement.time_at(start), arrangement.time_at(end), pitch + 12 * voice.octaves, velocity)
