"""A song of a genre: every choice that a band makes before it plays, fixed by the song's number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar

import numpy as np

from .genres import PALETTES
from .grid import GENRES
from .harmony import SCALES, progression
from .melody import Tonality, Tone, tune
from .notation import STEPS_PER_BEAT
from .palette import Figures, Groove, Harmony, Kit, Palette, Room, Voice

T = TypeVar("T")


class Pick(Protocol):
    """Chooses one of several."""

    def __call__(self, options: Sequence[T], /) -> T: ...


_FORMS = (
    "intro verse build chorus verse chorus bridge chorus outro",
    "intro verse verse chorus verse build chorus bridge chorus outro",
    "intro chorus verse build chorus bridge verse chorus outro",
    "verse build chorus bridge verse build chorus outro",
    "intro verse chorus bridge build chorus verse chorus outro",
)
_BARS: Mapping[str, tuple[int, ...]] = {
    "intro": (4, 4, 8),
    "verse": (8, 8, 16),
    "build": (4,),
    "chorus": (8, 8, 16),
    "bridge": (4, 8),
    "outro": (4,),
}
_ENERGY: Mapping[str, tuple[float, float]] = {
    "intro": (0.4, 0.5),
    "verse": (0.55, 0.6),
    "build": (0.45, 0.85),
    "chorus": (0.85, 0.8),
    "bridge": (0.5, 0.6),
    "outro": (0.5, 0.3),
}
"""How lively a dance each section suits, at its start and at its end."""

_TUNE_BARS = 8
_LOWEST_KEY, _HIGHEST_KEY = -5, 6
_PLAIN_KEY = 0


@dataclass(frozen=True)
class Section:
    """A part of a song's form.

    Attributes:
        name: intro, verse, build, chorus, bridge or outro.
        bars: its length.
        chords: progression, repeated (see harmony.progression).
        groove: drum bars by sound.
        tune: eight bars of melody, repeated; in a build none.
    """

    name: str
    bars: int
    chords: str
    groove: Mapping[str, tuple[str, ...]]
    tune: tuple[Tone, ...]

    @property
    def energies(self) -> np.ndarray:
        """(bars,) how lively a dance each of its bars suits."""
        return np.linspace(*_ENERGY[self.name], self.bars)


@dataclass(frozen=True)
class Song:
    """What a band has agreed on.

    Attributes:
        genre, number: which song it is.
        palette: the genre's, for what all its songs share.
        key: semitones that everything pitched lies above C.
        scale: pitch classes of its melodies, in that key.
        kit: drum sounds.
        voices: who plays bass, chords, pad, lead and stabs.
        form: its sections in order.
        extra: percussion of lively beats.
        fills: "small" and "large" ones, in turn.
        bass, comping, stabs: figures of the accompanying parts.
        room: how it is mixed.
        swing: share of a unit by which every second unit is late.
    """

    genre: str
    number: int
    palette: Palette
    key: int
    scale: frozenset[int]
    kit: Kit
    voices: Mapping[str, Voice]
    form: tuple[Section, ...]
    extra: Mapping[str, tuple[str, ...]]
    fills: Mapping[str, tuple[Groove, ...]]
    bass: Figures
    comping: Figures
    stabs: str
    room: Room
    swing: float

    @property
    def bars(self) -> int:
        """Length of the whole form."""
        return sum(section.bars for section in self.form)

    def bar(self, number: int) -> tuple[Section, int]:
        """The section of a bar of the song, which begins again after its end, and the place in it."""
        place = number % self.bars
        for section in self.form:
            if place < section.bars:
                return section, place
            place -= section.bars
        raise AssertionError("a bar lies within the form")


@lru_cache(maxsize=128)
def song(genre: str, number: int) -> Song:
    """The genre's song of a number: the same one every time.

    Raises:
        ValueError: an unknown genre.
    """
    palette = _palette(genre)
    rng = np.random.default_rng((GENRES.index(genre), number))

    def pick(options: Sequence[T]) -> T:
        return options[int(rng.integers(len(options)))]

    key = int(rng.integers(_LOWEST_KEY, _HIGHEST_KEY + 1))
    harmony = pick(palette.harmonies)
    sections = _sections(palette, harmony, key, pick, rng)
    form = tuple(Section(name, pick(_BARS[name]), *sections[name]) for name in pick(_FORMS).split())
    return _song(genre, number, key, harmony, form, pick)


@lru_cache(maxsize=128)
def plain_song(genre: str, number: int) -> Song:
    """The genre's one song for small models, of each choice the first: eight bars with one tune.

    Raises:
        ValueError: an unknown genre.
    """
    palette = _palette(genre)

    def first(options: Sequence[T]) -> T:
        return options[0]

    harmony = palette.harmonies[0]
    chords = harmony.verse[0]
    line = _tune(palette, harmony, chords, _PLAIN_KEY, np.random.default_rng(GENRES.index(genre)))
    verse = Section("verse", _TUNE_BARS, chords, _groove(palette, first), line)
    return _song(genre, number, _PLAIN_KEY, harmony, (verse,), first)


def _palette(genre: str) -> Palette:
    if genre not in PALETTES:
        raise ValueError(f"unknown genre {genre!r}; there are {', '.join(PALETTES)}")
    return PALETTES[genre]


def _song(genre: str, number: int, key: int, harmony: Harmony, form: tuple[Section, ...], pick: Pick) -> Song:
    palette = PALETTES[genre]
    return Song(
        genre,
        number,
        palette,
        key,
        _scale(harmony, key),
        kit=pick(palette.kits),
        voices={part: pick(voices) for part, voices in palette.voices.items()},
        form=form,
        extra=_bars(pick(palette.extra)),
        fills=palette.fills,
        bass=pick(palette.bass),
        comping=pick(palette.comping),
        stabs=pick(palette.stabs),
        room=pick(palette.rooms),
        swing=pick(palette.swings),
    )


_Material = tuple[str, Mapping[str, tuple[str, ...]], tuple[Tone, ...]]
"""Chords, groove and tune."""


def _sections(
    palette: Palette, harmony: Harmony, key: int, pick: Pick, rng: np.random.Generator
) -> dict[str, _Material]:
    """What each kind of section is made of. Verse, chorus and bridge have tunes of their own."""
    quiet, lively = _groove(palette, pick), _groove(palette, pick)

    def material(progressions: Sequence[str], groove: Mapping[str, tuple[str, ...]]) -> _Material:
        chords = pick(progressions)
        return chords, groove, _tune(palette, harmony, chords, key, rng)

    verse = material(harmony.verse, quiet)
    chorus = material(harmony.chorus, lively)
    bridge = material(harmony.bridge, quiet)
    return {
        "verse": verse,
        "chorus": chorus,
        "bridge": bridge,
        "intro": verse,
        "outro": chorus,
        "build": (verse[0], quiet, ()),
    }


def _tune(
    palette: Palette, harmony: Harmony, chords: str, key: int, rng: np.random.Generator
) -> tuple[Tone, ...]:
    """Eight bars of melody over a progression."""
    bars = progression(chords, key)
    eight = [bars[bar % len(bars)] for bar in range(_TUNE_BARS)]
    tonality = Tonality(_scale(harmony, key), palette.lead_center)
    return tune(eight, tonality, palette.motifs, palette.endings, palette.leap, rng)


def _groove(palette: Palette, pick: Pick) -> Mapping[str, tuple[str, ...]]:
    """One pattern of each layer, together. Two layers may share a sound: then the later one has it."""
    groove: dict[str, tuple[str, ...]] = {}
    for layer in palette.grooves.values():
        groove |= _bars(pick(layer))
    return groove


def _bars(groove: Groove) -> Mapping[str, tuple[str, ...]]:
    return {sound: tuple(text.split("|")) for sound, text in groove.items()}


def _scale(harmony: Harmony, key: int) -> frozenset[int]:
    return frozenset((tone + key) % 12 for tone in SCALES[harmony.scale])


def steps_per_bar(song: Song) -> int:
    """Sixteenths of a bar."""
    return song.palette.beats_per_bar * STEPS_PER_BEAT
