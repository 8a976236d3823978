"""What our strips know about the music they play: who dances to it, how it was made, where its beats lie."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from ..core import timing
from ..core.errors import KinetoneError
from ..core.sidecar import MAX_FRAMES
from . import armature as armatures
from . import sequencer
from .stored import setting

PREFIX = "kinetone_"
"""Begins the names of the custom properties in which a strip keeps these facts."""

LARGEST = 2**31 - 1
"""Seconds, frames and seeds beyond it are none."""

_FINGERPRINT, _SIDECAR = PREFIX + "fingerprint", PREFIX + "sidecar"


@dataclass(frozen=True)
class Music:
    """One take of the music for a dance, as it was made.

    Attributes:
        armature: the name of the armature whose dance it follows.
        armature_id: its lasting id, for when it is renamed.
        seed, genre: what it was made with; "" for no genre.
        partners: the names of the others whose dance it follows, too, one a line.
        take, takes: its number, from 1, among those of the same click.
        motion_frames: length of the dance in frames of 60 Hz.
        start: timeline frame at which sample 0 belonged when it was made.
        lead_s: seconds from the animation's first key to sample 0; negative if the music begins earlier.
        keys_s: seconds from the animation's first key to its last; 0 without an animation of its own.
        animated: whether the armature had an animation of its own.
        hit: share of the dance's beats that the music hits, 0 to 1; -1 if it is not known.
        dance_beats_s, music_beats_s: beats of the dance and of the music, in seconds after sample 0.
    """

    armature: str
    armature_id: str
    seed: int
    genre: str
    motion_frames: int
    start: float
    partners: str = ""
    take: int = 1
    takes: int = 1
    lead_s: float = 0.0
    keys_s: float = 0.0
    animated: bool = False
    hit: float = -1.0
    dance_beats_s: tuple[float, ...] = ()
    music_beats_s: tuple[float, ...] = ()

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return self.motion_frames / timing.FRAME_RATE

    @property
    def title(self) -> str:
        """What a list calls it: "Take 2 · 71 % on the beat"."""
        take = f"Take {self.take}"
        return take if self.hit < 0 else f"{take} · {self.hit:.0%} on the beat".replace("%", " %")


def write(strip: Any, music: Music) -> None:
    """Keep the facts in the strip's custom properties."""
    for field in fields(Music):
        value = getattr(music, field.name)
        key = PREFIX + field.name
        if value == () or value == "":
            strip.pop(key, None)
        else:
            strip[key] = list(value) if isinstance(value, tuple) else value


def read(strip: Any) -> Music:
    """The facts that ``write`` kept; what is missing or of a wrong kind is as if it were not known."""
    known: dict[str, Any] = {"armature": "", "armature_id": "", "seed": 0, "genre": "", "motion_frames": 0}
    known["start"] = float(sequencer.span(strip)[0])
    for field in fields(Music):
        value = _of_kind(strip.get(PREFIX + field.name), known.get(field.name, field.default))
        if value is not None:
            known[field.name] = value
    return Music(**known)


def _of_kind(value: Any, usual: Any) -> Any | None:
    """What a file has stored, if it is of the kind of what usually stands there."""
    if isinstance(usual, tuple):
        return _numbers(value)
    if isinstance(usual, bool):
        return bool(value) if isinstance(value, bool | int) else None
    if isinstance(usual, float):
        return float(value) if isinstance(value, float | int) and abs(value) <= LARGEST else None
    if isinstance(usual, int):
        return value if isinstance(value, int) and 0 <= value <= LARGEST else None
    return value if isinstance(value, str) else None


def _numbers(value: Any) -> tuple[float, ...] | None:
    """An array as a tuple, if all of it can be used: a file may hold other things, and any amount of them."""
    if not hasattr(value, "typecode") or len(value) > MAX_FRAMES:
        return None
    numbers = tuple(value)
    return numbers if all(math.isfinite(number) for number in numbers) else None


def write_large(strip: Any, fingerprint: tuple[float, ...], sidecar: str) -> None:
    """Keep what is too large to be read at every redraw of a panel.

    Args:
        fingerprint: of the animation that the music was made for; see fingerprint.py.
        sidecar: what the sidecar says, where the music is packed and has no file beside it; else "".
    """
    strip[_FINGERPRINT] = list(fingerprint)
    strip[_SIDECAR] = sidecar


def fingerprint_of(strip: Any) -> tuple[float, ...]:
    """The fingerprint that ``write_large`` kept; () if it did not."""
    numbers = _numbers(strip.get(_FINGERPRINT)) or ()
    return numbers if len(numbers) % 2 == 0 else ()


def sidecar_of(strip: Any) -> str:
    """The sidecar that ``write_large`` kept; "" if it did not."""
    sidecar = strip.get(_SIDECAR)
    return sidecar if isinstance(sidecar, str) else ""


def is_ours(strip: Any) -> bool:
    """Whether Kinetone placed the strip."""
    return isinstance(strip.get(PREFIX + "armature"), str)


def own_strips(scene: Any, armature: str, armature_id: str) -> list[Any]:
    """Strips that Kinetone placed for the armature, in the order of their takes."""
    return [strip for _, strip in own_strips_and_owners(scene, armature, armature_id)]


def own_strips_and_owners(scene: Any, armature: str, armature_id: str) -> list[tuple[Any, Any]]:
    """The same, each behind the editor or meta strip that holds it."""
    found = [
        (owner, strip)
        for owner, strip in sequencer.sound_strips(scene)
        if is_ours(strip) and _follows(strip, armature, armature_id, scene)
    ]
    return sorted(found, key=lambda pair: _of_kind(pair[1].get(PREFIX + "take"), 1) or 1)


def _follows(strip: Any, armature: str, armature_id: str, scene: Any) -> bool:
    """Whether a strip is the armature's: by name; else by id, unless the name it bears still dances here.

    A copy of an armature has its id, but a name of its own.
    """
    name = strip.get(PREFIX + "armature")
    same_id = armature_id and strip.get(PREFIX + "armature_id") == armature_id
    return name == armature or bool(same_id and name not in scene.objects)


def current_takes(context: Any) -> list[Any]:
    """The strips of the dancer that the panel is about; () if there is no such dancer, or no music for it.

    Where it is not clear who dances, but only one armature has music, those are meant.
    """
    scene = context.scene
    try:
        armature = armatures.find_armature(context)
    except KinetoneError:
        ours = [strip for _, strip in sequencer.sound_strips(scene) if is_ours(strip)]
        names = {strip[PREFIX + "armature"] for strip in ours}
        return own_strips(scene, names.pop(), "") if len(names) == 1 else []
    return own_strips(scene, armature.name, setting(armature, "kinetone_id"))


def audible(strips: list[Any]) -> Any | None:
    """The take that plays; the first of them if the user has let several."""
    return next((strip for strip in strips if not strip.mute), None)
