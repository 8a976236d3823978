"""The job behind Generate Music."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import armature as armatures
from . import changes, markers, takes
from .dance_range import scene_clock
from .job import Job, engine_parameters, push_undo
from .music import Music
from .request import about
from .status import status


class Generation(Job):
    """From the dance to new takes on the timeline."""

    def _method(
        self, folder: Path, joints: Sequence[Path], output: Sequence[Path]
    ) -> tuple[str, dict[str, Any]]:
        parameters = engine_parameters(self._request, joints, output)
        return "generate", {**parameters, "sidecar": about(self._request)}

    def _place(self, folder: Path, result: dict[str, Any]) -> None:
        request, span = self._request, self._request.span
        scene, armature = self._scene_and_armature()
        facts = {
            "armature": armature.name,
            "armature_id": armatures.lasting_id(armature),
            "partners": self._partners(scene),
            "genre": request.options.genre or "",
            "motion_frames": span.motion_frames,
            "start": span.start,
            "takes": request.takes,
            "dance_beats_s": tuple(result["kinematic_beats_s"]),
            **self._anchored,
        }
        made = [
            takes.Take(
                Path(file["path"]),
                Music(**facts, **take_facts(file)),
                self._fingerprint,
                request.destination.packed,
            )
            for file in result["files"]
        ]
        clock = scene_clock(scene)  # another by now, if the frame rate was changed meanwhile
        strips = takes.place(scene, clock, made)
        heard = next(strip for strip in strips if not strip.mute)
        markers.update(scene, clock, heard)
        push_undo("Generate Music")
        changes.look_soon()
        status.files = [] if request.destination.packed else [take.path for take in made]
        said = f"{heard.name} plays from frame {span.start:g} on channel {heard.channel}"
        status.tell(said, result["notes"])


def take_facts(file: dict[str, Any]) -> dict[str, Any]:
    """What the engine reports of one take: fields of Music."""
    return {
        "seed": int(file["seed"]),
        "take": int(file["take"]) + 1,
        "hit": float(file["alignment"]["hit"]),
        "music_beats_s": tuple(file["musical_beats_s"]),
    }
