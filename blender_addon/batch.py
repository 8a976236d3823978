"""Many files, one after the other, in one Blender with one engine: goes on after one that fails."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import Cancelled, KinetoneError
from ..core.unfinished import unfinished_path
from ..core.version import VERSION
from . import jobs, unattended
from .unattended import Outcome, Wishes

logger = logging.getLogger(__name__)

DONE, FAILED, NOT_RUN = "done", "failed", "not run"


@dataclass(frozen=True)
class Entry:
    """What became of one file.

    Attributes:
        state: DONE, FAILED or NOT_RUN.
        seconds: that it took.
        code, message: why it failed.
    """

    file: Path
    state: str
    seconds: float = 0.0
    outcome: Outcome | None = None
    code: str = ""
    message: str = ""


def run(files: Sequence[Path], report: Path, wishes: Wishes, progress: jobs.Progress) -> int:
    """Generate for every file, and write report.json and report.md as it goes.

    Returns: the exit code: 0 if all went well, 1 if any failed or the report could not be written,
        130 after Ctrl-C.
    """
    entries = [Entry(file.absolute(), NOT_RUN) for file in files]
    interrupted = False
    reported = write_report(report, entries)
    if not reported:  # better now than after hours of work
        return 1
    for number, entry in enumerate(entries):
        sys.stdout.write(f"\n[{number + 1}/{len(entries)}] {entry.file}\n")
        try:
            entries[number] = _entry(entry.file, wishes, progress)
        except (KeyboardInterrupt, Cancelled):
            interrupted = True
            break
        finally:
            reported = write_report(report, entries)
        if entries[number].message:
            sys.stderr.write(f"\nkinetone: {entries[number].message}\n")
    sys.stdout.write(f"\n{table(entries)}\n{report / 'report.json'}\n")
    if interrupted:
        return 130
    return 0 if reported and all(entry.state == DONE for entry in entries) else 1


def _entry(file: Path, wishes: Wishes, progress: jobs.Progress) -> Entry:
    began = time.monotonic()
    try:
        _open(file)
        outcome = unattended.generate(wishes, progress)
    except KinetoneError as error:
        return Entry(file, FAILED, time.monotonic() - began, code=error.code, message=str(error))
    except Exception as error:  # the edge: one file's failure must not end the others
        logger.exception("%s failed", file)
        return Entry(file, FAILED, time.monotonic() - began, code="unexpected", message=str(error).strip())
    return Entry(file, DONE, time.monotonic() - began, outcome)


def _open(file: Path) -> None:
    """Open a .blend file, without running scripts that it may bring.

    Raises: KinetoneError (file.not_opened).
    """
    try:
        bpy.ops.wm.open_mainfile(filepath=str(file), load_ui=False, use_scripts=False)
    except RuntimeError as error:
        reason = str(error).strip().removeprefix("Error: ").rstrip(".")
        raise KinetoneError(
            f"{file} cannot be opened: {reason}.",
            code="file.not_opened",
            hint="Give .blend files that this Blender can read.",
        ) from error


def write_report(folder: Path, entries: Sequence[Entry]) -> bool:
    """Write both reports; the table is for people, the JSON for scripts.

    Returns: whether they could be written; if not, says why, and the files matter more.
    """
    content = {
        "kinetone": VERSION,
        "blender": bpy.app.version_string,
        **{
            state.replace(" ", "_"): sum(e.state == state for e in entries)
            for state in (DONE, FAILED, NOT_RUN)
        },
        "files": [_as_json(entry) for entry in entries],
    }
    text = json.dumps(content, ensure_ascii=False, indent=2)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "report.json", text + "\n")
        _write(folder / "report.md", table(entries) + "\n")
    except OSError as error:
        sys.stderr.write(f"\nkinetone: the report in {folder} cannot be written: {error.strerror or error}\n")
        return False
    return True


def _write(path: Path, text: str) -> None:
    """Write a file that is whole at any moment."""
    unfinished = unfinished_path(path)
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _as_json(entry: Entry) -> dict[str, Any]:
    content: dict[str, Any] = {
        "file": str(entry.file),
        "state": entry.state,
        "seconds": round(entry.seconds, 2),
    }
    if entry.outcome is not None:
        made = entry.outcome
        content |= {
            "armature": made.armature,
            "seed": made.seed,
            "duration_s": made.duration_s,
            "alignment": made.hits,
            "music": [str(path) for path in made.files],
            "video": None if made.video is None else str(made.video),
            "timings": made.timings,
            "notes": made.notes,
        }
    if entry.state == FAILED:
        content["error"] = {"code": entry.code, "message": entry.message}
    return content


def table(entries: Sequence[Entry]) -> str:
    """A Markdown table with a row for each file."""
    rows = ["| file | state | music | on the beat | time | what |", "|---|---|---|---|---|---|"]
    for entry in entries:
        made, what = entry.outcome, entry.message.replace("\n", " ").replace("|", "\\|")
        length = hits = ""
        if made is not None:
            length = f"{len(made.hits)} x {made.duration_s:.1f} s"
            hits = ", ".join("?" if hit < 0 else f"{hit:.0%}" for hit in made.hits)
            what = " ".join([", ".join(path.name for path in made.outputs()), *made.notes])
        rows.append(
            f"| {entry.file.name} | {entry.state} | {length} | {hits} | {entry.seconds:.1f} s | {what} |"
        )
    return "\n".join(rows)
