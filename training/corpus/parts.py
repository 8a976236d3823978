"""Bass, chords, lead and pad of an arrangement."""

from __future__ import annotations

from collections.abc import Iterator

from .arrangement import BEATS_PER_BAR, Arrangement, Bar, Level, bar_steps, metric_weight
from .harmony import bass_pitch
from .notation import STEPS_PER_BEAT, Step, pitch
from .palette import Program
from .score import Note

_GATE = 0.92
"""Share of its written length that a note sounds, so that repeated notes speak."""


def bass_notes(arrangement: Arrangement) -> Iterator[Note]:
    """The genre's bass figure on every chord; its second form leads on at the end of four bars."""
    palette = arrangement.palette
    for bar in arrangement.bars():
        line = palette.bass_lines[1 if bar.index % 4 == 3 else 0]
        for step in bar_steps(line):
            if _plays(arrangement, bar, step, Level.SOFT):
                note = bass_pitch(step.token, bar.chord, bar.following, palette.bass_low)
                yield _note(arrangement, bar, step, note, palette.bass)


def chord_notes(arrangement: Arrangement) -> Iterator[Note]:
    """Comping on the voicings, busier when the lead plays; a soft held chord opens a break."""
    palette = arrangement.palette
    for bar in arrangement.bars():
        for busy, text in enumerate(palette.comping):
            for step in bar_steps(text):
                level = _level(arrangement, bar, step)
                if level >= Level.SOFT and (level == Level.FULL) == bool(busy):
                    for note in _chord_tones(step.token, bar.voicing):
                        yield _note(arrangement, bar, step, note, palette.chords)
        yield from _held_chords(arrangement, bar)


def lead_notes(arrangement: Arrangement) -> Iterator[Note]:
    """The section's melody, while the dance is lively."""
    palette = arrangement.palette
    for bar in arrangement.bars():
        for step in bar_steps(palette.melodies[bar.section.melody], bar.index % 4):
            if _plays(arrangement, bar, step, Level.FULL):
                yield _note(arrangement, bar, step, pitch(step.token), palette.lead)


def pad_notes(arrangement: Arrangement) -> Iterator[Note]:
    """The chord held through breaks and quiet beats: what is left when the band rests."""
    for bar in arrangement.bars():
        for start, length in _runs(arrangement, bar, Level.SOFT):
            times = arrangement.time_at(start), arrangement.time_at(start + length)
            for note in bar.voicing:
                yield Note(times[0], times[1], note, arrangement.palette.pad.velocity)


def _held_chords(arrangement: Arrangement, bar: Bar) -> Iterator[Note]:
    for start, length in _runs(arrangement, bar, Level.BREAK):
        times = arrangement.time_at(start), arrangement.time_at(start + length)
        for note in bar.voicing:
            yield Note(times[0], times[1], note, arrangement.palette.chords.velocity // 2)


def _runs(arrangement: Arrangement, bar: Bar, most: Level) -> Iterator[tuple[int, int]]:
    """Start and length in beats of a bar's runs of beats that no more than a level plays on."""
    beats = range(bar.start, bar.start + BEATS_PER_BAR)
    quiet = [beat for beat in beats if arrangement.level_at(beat) <= most]
    starts = [beat for beat in quiet if beat - 1 not in quiet]
    for start in starts:
        end = next(beat for beat in range(start, beats.stop + 1) if beat not in quiet)
        yield start, end - start


def _level(arrangement: Arrangement, bar: Bar, step: Step) -> Level:
    return arrangement.level_at(bar.start + step.start / STEPS_PER_BEAT)


def _plays(arrangement: Arrangement, bar: Bar, step: Step, least: Level) -> bool:
    return _level(arrangement, bar, step) >= least


def _chord_tones(token: str, voicing: tuple[int, ...]) -> tuple[int, ...]:
    """``c`` the whole chord, ``o`` its lowest note in octaves, ``i`` the notes between."""
    if token == "o":
        return (voicing[0], voicing[0] + 12)
    return voicing[1:] if token == "i" else voicing


def _note(arrangement: Arrangement, bar: Bar, step: Step, note: int, program: Program) -> Note:
    start = bar.start + step.start / STEPS_PER_BEAT
    end = arrangement.end_position(start, _GATE * step.length / STEPS_PER_BEAT)
    loudness = metric_weight(step.start) * (0.72 + 0.28 * arrangement.energy_at(start))
    velocity = max(1, min(127, round(program.velocity * loudness)))
    return Note(arrangement.time_at(start), arrangement.time_at(end), note, velocity)
