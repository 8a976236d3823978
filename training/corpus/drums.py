"""Drum hits of an arrangement: a groove a section, fills, rolls that build, crashes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .arrangement import Arrangement, Bar, Level
from .notation import STEPS_PER_BEAT, rhythm
from .palette import Groove, group
from .score import Hit
from .song import steps_per_bar

_GHOST = 0.3
"""Weaker strokes only colour the beat."""

_BARE_GROUPS = ("kick", "hats")
"""What a drummer keeps where a song begins and ends."""

_BARS_PER_FILL = 4
_ROLLS = (4, 2, 2, 1)
"""Steps from one stroke to the next in the bars of a build."""


def drum_hits(arrangement: Arrangement) -> Iterator[Hit]:
    """All hits, bar by bar; none in breaks, the beats alone where the dance is quiet."""
    steps = steps_per_bar(arrangement.song)
    for bar in arrangement.bars:
        fill = {} if bar.is_bare else _fill(arrangement, bar)
        fill_start = int(min((step for text in fill.values() for step in rhythm(text, steps)), default=steps))
        for sound, texts in bar.section.groove.items():
            if bar.is_bare and group(sound) not in _BARE_GROUPS:
                continue
            yield from _hits(arrangement, bar, sound, _of_bar(texts, bar), Level.SOFT, fill_start)
        for sound, texts in arrangement.song.extra.items():
            yield from _hits(arrangement, bar, sound, _of_bar(texts, bar), Level.FULL, steps)
        for sound, text in fill.items():
            yield from _hits(arrangement, bar, sound, text, Level.GROOVE, steps)
        if bar.section.name == "build":
            yield from _roll(arrangement, bar)
        yield from _crashes(arrangement, bar)


def _of_bar(texts: Sequence[str], bar: Bar) -> str:
    return texts[bar.index % len(texts)]


def _fill(arrangement: Arrangement, bar: Bar) -> Groove:
    """The fill that closes this bar, if it closes four bars or a section of a band in full swing."""
    if bar.index % _BARS_PER_FILL != _BARS_PER_FILL - 1:
        return {}
    last_beats = range(bar.start + arrangement.beats_per_bar - 2, bar.start + arrangement.beats_per_bar)
    if any(arrangement.level_at(beat) < Level.GROOVE for beat in last_beats):
        return {}
    fills = arrangement.song.fills["large" if bar.is_last else "small"]
    return fills[(bar.number // _BARS_PER_FILL + arrangement.song.number) % len(fills)]


def _hits(arrangement: Arrangement, bar: Bar, sound: str, text: str, least: Level, end: int) -> Iterator[Hit]:
    """One sound's hits before a step, where at least a level plays; ghost notes at full level only."""
    for step, strength in rhythm(text, steps_per_bar(arrangement.song)).items():
        position = bar.start + step / STEPS_PER_BEAT
        wanted = Level.FULL if strength < _GHOST else Level.GROOVE if step % STEPS_PER_BEAT else least
        if step < end and arrangement.level_at(position) >= max(least, wanted):
            yield _hit(arrangement, position, sound, strength)


def _roll(arrangement: Arrangement, bar: Bar) -> Iterator[Hit]:
    """Strokes that come closer and grow through a build."""
    spacing = _ROLLS[min(bar.index * len(_ROLLS) // bar.section.bars, len(_ROLLS) - 1)]
    steps = steps_per_bar(arrangement.song)
    for step in range(0, steps, spacing):
        position = bar.start + step / STEPS_PER_BEAT
        done = (bar.index + step / steps) / bar.section.bars
        if arrangement.level_at(position) >= Level.GROOVE:
            accent = 1.0 if step % STEPS_PER_BEAT == 0 else 0.7
            yield _hit(arrangement, position, "snare", accent * (0.25 + 0.45 * done))


def _crashes(arrangement: Arrangement, bar: Bar) -> Iterator[Hit]:
    """A crash where a section starts at full level, and where the band comes back after a break."""
    for position in range(bar.start, bar.start + arrangement.beats_per_bar):
        level = arrangement.level_at(position)
        opens = position == bar.start and bar.index == 0 and level == Level.FULL
        returns = level >= Level.GROOVE and arrangement.level_at(position - 1) == Level.BREAK
        if opens or returns:
            yield _hit(arrangement, position, "crash", 1.0)


def _hit(arrangement: Arrangement, position: float, sound: str, strength: float) -> Hit:
    loudness = 0.5 + 0.5 * arrangement.energy_at(position)
    return Hit(arrangement.time_at(position), sound, strength * loudness)
