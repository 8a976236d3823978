"""Drum hits of an arrangement: a groove a section, fills that close four and eight bars, crashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .arrangement import BARS_PER_SECTION, BEATS_PER_BAR, Arrangement, Bar, Level
from .notation import STEPS_PER_BEAT, rhythm
from .score import Hit

_GHOST = 0.3
"""Weaker strokes only colour the beat."""


def drum_hits(arrangement: Arrangement) -> Iterator[Hit]:
    """All hits, bar by bar; none in breaks, the beats alone where the dance is quiet."""
    for bar in arrangement.bars():
        fill = _fill(arrangement, bar)
        fill_start = min((step for text in fill.values() for step in rhythm(text)), default=16)
        for sound, text in arrangement.palette.grooves[bar.section.drums].items():
            yield from _hits(arrangement, bar, sound, text, Level.SOFT, range(fill_start))
        for sound, text in arrangement.palette.extra.items():
            yield from _hits(arrangement, bar, sound, text, Level.FULL, range(16))
        for sound, text in fill.items():
            yield from _hits(arrangement, bar, sound, text, Level.GROOVE, range(16))
        yield from _crashes(arrangement, bar)


def _fill(arrangement: Arrangement, bar: Bar) -> Mapping[str, str]:
    """The fill that closes this bar, if it closes four or eight bars of a band in full swing."""
    kind = {BARS_PER_SECTION - 1: "large", BARS_PER_SECTION // 2 - 1: "small"}.get(bar.index)
    last_beats = (bar.start + 2, bar.start + 3)
    if kind is None or any(arrangement.level_at(beat) < Level.GROOVE for beat in last_beats):
        return {}
    return arrangement.palette.fills[kind]


def _hits(
    arrangement: Arrangement, bar: Bar, sound: str, text: str, least: Level, steps: range
) -> Iterator[Hit]:
    """One sound's hits in a bar, where at least the given level plays; ghost notes at full level only."""
    for step, strength in rhythm(text).items():
        position = bar.start + step / STEPS_PER_BEAT
        level = arrangement.level_at(position)
        wanted = Level.FULL if strength < _GHOST else Level.GROOVE if step % STEPS_PER_BEAT else least
        if step not in steps or level < max(least, wanted):
            continue
        loudness = 0.5 + 0.5 * arrangement.energy_at(position)
        yield Hit(arrangement.time_at(position), sound, strength * loudness)


def _crashes(arrangement: Arrangement, bar: Bar) -> Iterator[Hit]:
    """A crash where a section starts at full level, and where the band comes back after a break."""
    for position in range(bar.start, bar.start + BEATS_PER_BAR):
        level = arrangement.level_at(position)
        opens = position == bar.start and bar.index == 0 and level == Level.FULL
        returns = level >= Level.GROOVE and arrangement.level_at(position - 1) == Level.BREAK
        if opens or returns:
            yield Hit(arrangement.time_at(position), "crash", 0.5 + 0.5 * arrangement.energy_at(position))
