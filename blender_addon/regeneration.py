"""The job behind Regenerate Range: music of which one part is made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..core import timing
from ..core.audio import sidecar_path
from ..core.errors import KinetoneError
from . import alignment, changes, markers, music, sequencer, takes
from .dance_range import DanceRange, checked, scene_clock
from .generation import take_facts
from .job import Job, engine_parameters, push_undo, temporary_files
from .music import Music
from .request import Request, about
from .status import status


@dataclass(frozen=True)
class Renewal:
    """Which part of which strip's music is made anew.

    Attributes:
        strip: its name at the click.
        earlier: what is known of its music.
        start_s, end_s: seconds after sample 0.
    """

    strip: str
    earlier: Music
    start_s: float
    end_s: float


def dance_of(strip: Any, scene: Any, armature: Any) -> DanceRange:
    """The span of the timeline where the dance of a strip's music lies now.

    Raises: MotionError, as of dance_range.checked.
    """
    earlier, clock = music.read(strip), scene_clock(scene)
    start = alignment.true_start(earlier, armature, clock)
    frames = alignment.motion_frames(earlier, armature, clock)
    return checked(DanceRange(clock, start, clock.motion_frame(start, frames - 1)))


def renewal(strip: Any, span: DanceRange, start: float, end: float) -> Renewal:
    """The part between two timeline frames, as far as the dance reaches.

    Raises: KinetoneError (scene.empty_range).
    """
    earlier = music.read(strip)
    seconds = [(frame - span.start) / span.clock.frame_rate for frame in (start, end)]
    start_s, end_s = (min(max(0.0, second), span.duration_s) for second in seconds)
    if span.motion_frames != earlier.motion_frames:
        end_s = span.duration_s  # of another length, music can only be renewed up to its end
        start_s = min(start_s, earlier.duration_s)
    if end_s - start_s < 1 / timing.FRAME_RATE:
        raise KinetoneError(
            f"Between the frames {start:g} and {end:g} there is no music to renew.",
            code="scene.empty_range",
            hint=f"The dance goes from frame {span.start:g} to {span.end:g}.",
        )
    return Renewal(strip.name, earlier, start_s, end_s)


class Regeneration(Job):
    """From the changed dance to the same strip with another file."""

    def __init__(self, request: Request, slice_s: float, part: Renewal) -> None:
        super().__init__(request, slice_s)
        self._part = part

    def _method(
        self, folder: Path, joints: Sequence[Path], output: Sequence[Path]
    ) -> tuple[str, dict[str, Any]]:
        scene, _ = self._scene_and_armature()
        parameters = engine_parameters(self._request, joints, output)
        return "regenerate", {
            **parameters,
            "music": str(self._sidecar(scene, folder)),
            "start_s": self._part.start_s,
            "end_s": self._part.end_s,
            "sidecar": about(self._request),
        }

    def _place(self, folder: Path, result: dict[str, Any]) -> None:
        request, span, earlier = self._request, self._request.span, self._part.earlier
        scene, armature = self._scene_and_armature()
        strip = self._strip(scene)
        (file,) = result["files"]
        path, packed = Path(file["path"]), request.destination.packed
        renewed = replace(
            earlier,
            **{**take_facts(file), "take": earlier.take},
            **self._anchored,
            armature=armature.name,
            start=span.start,
            motion_frames=span.motion_frames,
            partners=self._partners(scene),
            dance_beats_s=tuple(result["kinematic_beats_s"]),
        )
        clock = scene_clock(scene)  # another by now, if the frame rate was changed meanwhile
        takes.renew(scene, clock, strip, takes.Take(path, renewed, self._fingerprint, packed))
        alignment.realign(scene, armature, clock, [strip])
        markers.update(scene, clock, strip)
        push_undo("Regenerate Range")
        changes.look_soon()
        status.files = [] if packed else [path]
        first, last = (span.start + second * span.clock.frame_rate for second in self._seconds())
        said = f"{strip.name} is new from frame {first:.0f} to {last:.0f}"
        status.tell(said, result["notes"])

    def _seconds(self) -> tuple[float, float]:
        return self._part.start_s, self._part.end_s

    def _sidecar(self, scene: Any, folder: Path) -> Path:
        """The sidecar of the earlier music, with that music beside it; written out if both are packed."""
        strip = self._strip(scene)
        check_music(strip)
        sound, path = strip.sound, takes.sound_path(strip.sound)
        if sound.packed_file:
            path = folder / f"earlier{'.flac' if path.suffix.lower() == '.flac' else '.wav'}"
            with temporary_files():
                path.write_bytes(sound.packed_file.data)
                sidecar_path(path).write_text(music.sidecar_of(strip), encoding="utf-8")
        return sidecar_path(path)

    def _strip(self, scene: Any) -> Any:
        """The strip that plays the earlier music; of copies the one that has the name of the click."""
        ours = [strip for _, strip in sequencer.sound_strips(scene) if music.is_ours(strip)]
        found = [strip for strip in ours if music.read(strip) == self._part.earlier]
        strip = min(found, key=lambda strip: bool(strip.name != self._part.strip), default=None)
        if strip is None:
            raise KinetoneError(
                f"The strip “{self._part.strip}” is no longer on the timeline.",
                code="sequencer.vanished",
                hint="Regenerate again, or undo its removal.",
            )
        return strip


def check_music(strip: Any) -> None:
    """Refuse to renew a strip that has lost its music.

    Raises: KinetoneError (sequencer.no_file).
    """
    if strip.sound is None:
        raise KinetoneError(
            f"The strip “{strip.name}” has no sound any more.",
            code="sequencer.no_file",
            hint="Undo its removal, or generate the whole music anew.",
        )
    if not strip.sound.packed_file:
        _check_files(takes.sound_path(strip.sound))


def _check_files(path: Path) -> None:
    """Refuse to renew music whose files have gone.

    Raises: KinetoneError (sequencer.no_file).
    """
    try:
        missing = [file for file in (path, sidecar_path(path)) if not file.is_file()]
    except (OSError, ValueError):  # no path, or one longer than can be
        missing = [path]
    if missing:
        raise KinetoneError(
            f"There is no {' and no '.join(str(file) for file in missing)}.",
            code="sequencer.no_file",
            hint="Bring back what was moved or deleted, or generate the whole music anew.",
        )
