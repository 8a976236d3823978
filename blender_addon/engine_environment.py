"""The engine's own Python environment: which PyTorch suits this machine, and whether it is whole. No bpy."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..core.errors import EngineError

REQUIREMENTS = Path(__file__).with_name("engine_requirements.txt")
"""Pinned packages, in pip's format."""

LOCKS = Path(__file__).with_name("engine_locks")
"""What is taken from PyPI, by SHA-256: ``pip.txt``; ``with_torch.txt``, all packages and what they need; and
``without_torch.txt``, the same without PyTorch and its GPU libraries. ``make lock`` writes them."""

WHEELS_VARIABLE = "KINETONE_ENGINE_WHEELS"
"""Environment variable: a folder with wheels of all that is needed. Nothing is downloaded then."""

INDEX_VARIABLE = "KINETONE_ENGINE_INDEX"
"""Environment variable: address of a package index (a mirror) to take everything from."""

RECORD = "kinetone.json"
"""Written into the environment when it is whole; without this file it is not."""

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)
"""The pinned packages have wheels for these versions and those between."""

_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


@dataclass(frozen=True)
class Build:
    """One of the builds of PyTorch.

    Attributes:
        key: short name, kept in the preferences.
        name: for the user.
        torch_index: where pip finds this build; None for PyPI, whose build differs by system. Of what
            lies elsewhere no hashes are known here.
        download_mb: about, of all packages together.
        disk_mb: about, of the finished environment.
    """

    key: str
    name: str
    torch_index: str | None
    download_mb: int
    disk_mb: int


_PYTORCH = "https://download.pytorch.org/whl/"
_CPU = Build("CPU", "Processor only", _PYTORCH + "cpu", 250, 1000)
_CPU_OF_PYPI = Build("CPU", "Processor only", None, 150, 1000)

_BUILDS = {
    "Darwin": (Build("APPLE", "Apple (processor and GPU)", None, 120, 500),),
    "Linux": (
        _CPU,
        Build("CUDA", "NVIDIA (CUDA 13)", None, 2750, 5000),
        Build("CUDA_12", "NVIDIA, older card or driver (CUDA 12)", _PYTORCH + "cu126", 3000, 7500),
        Build("ROCM", "AMD (ROCm)", _PYTORCH + "rocm7.2", 5000, 16000),
    ),
    "Windows": (
        _CPU_OF_PYPI,
        Build("CUDA", "NVIDIA (CUDA 13)", _PYTORCH + "cu130", 2750, 5000),
        Build("CUDA_12", "NVIDIA, older card or driver (CUDA 12)", _PYTORCH + "cu126", 2600, 5500),
    ),
}


def builds() -> tuple[Build, ...]:
    """The builds that this system can have, the one that always works first."""
    return _BUILDS.get(platform.system(), (_CPU,))


def chosen_build(key: str, for_gpu: bool) -> Build:
    """The build of that key; for any other key the smallest that can compute on what it is wanted for.

    Args: for_gpu: whether music is to be made by the graphics card; takes a moment then.
    """
    named = next((build for build in builds() if build.key == key), None)
    return named or (suitable_build() if for_gpu else builds()[0])


def suitable_build() -> Build:
    """The build for this machine's graphics card, as far as it can be told; takes a moment.

    CUDA 13 needs driver 580 or later and a card of the Turing generation (compute capability 7.5)
    or later. A card by AMD is not looked for: whether ROCm knows it is for its owner to say.
    """
    by_key = {build.key: build for build in builds()}
    cards = _nvidia_cards()
    if not cards or "CUDA" not in by_key:
        return builds()[0]
    new_enough = all(driver >= 580 and capability >= 7.5 for driver, capability in cards)
    return by_key["CUDA" if new_enough else "CUDA_12"]


def _nvidia_cards() -> list[tuple[float, float]]:
    """Major version of the driver, and compute capability, of each card that NVIDIA's own tool reports."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    query = [tool, "--query-gpu=driver_version,compute_cap", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, timeout=10, creationflags=_NO_WINDOW, check=True)
        rows = [line.split(",") for line in answer.stdout.decode("ascii").splitlines()]
        return [(float(driver.split(".")[0]), float(capability)) for driver, capability in rows]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []


@dataclass(frozen=True)
class Source:
    """Where packages come from.

    Attributes:
        wheels: a folder, instead of the network.
        index: a package index instead of PyPI's and PyTorch's.
    """

    wheels: Path | None = None
    index: str | None = None

    def pip_options(self, torch_index: str | None) -> list[str]:
        """What tells pip where to look."""
        if self.wheels is not None:
            return ["--no-index", "--find-links", str(self.wheels)]
        index = self.index or torch_index
        return [] if index is None else ["--index-url", index]


def source_from_environment() -> Source:
    """The source that WHEELS_VARIABLE or INDEX_VARIABLE names; without them, the network's usual places."""
    wheels = os.environ.get(WHEELS_VARIABLE)
    return Source(Path(wheels).expanduser() if wheels else None, os.environ.get(INDEX_VARIABLE) or None)


class State(Enum):
    """What an environment's folder holds."""

    MISSING = "missing"
    UNFINISHED = "unfinished"
    OUTDATED = "outdated"
    READY = "ready"


def environment_python(folder: Path) -> Path:
    """The interpreter of the environment in this folder, whether it is there or not."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def requirements() -> list[str]:
    """The pinned packages."""
    lines = (line.strip() for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def environment_state(folder: Path) -> State:
    """Whether the environment can be used; quick enough for drawing.

    UNFINISHED also is one whose interpreter has gone, as it does when the folder was copied to
    another computer or the Blender that it was made with has been removed. OUTDATED is one that an
    earlier version of Kinetone made; it is brought up to date by installing again.
    """
    if not folder.is_dir():
        return State.MISSING
    record = read_record(folder)
    if record is None or not environment_python(folder).is_file():
        return State.UNFINISHED
    return State.READY if record.get("requirements") == requirements() else State.OUTDATED


def read_record(folder: Path) -> dict[str, object] | None:
    """What was noted when the environment was whole; None if it is not."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def write_record(folder: Path, build: Build, torch_version: str) -> None:
    """Note that the environment is whole."""
    record = {"build": build.key, "torch": torch_version, "requirements": requirements()}
    (folder / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def candidate_pythons() -> list[Path]:
    """Interpreters that might make the environment: Blender's own first, then those on the path.

    Blender's fits exactly and is always there, but some builds come without what ``venv`` needs.
    """
    names = [f"python3.{minor}" for minor in (13, 12, 11, 14)] + ["python3", "python"]
    found = [Path(sys.executable)] if sys.executable else []
    found += [Path(path) for name in names if (path := shutil.which(name))]
    return list(dict.fromkeys(found))


def clean_environment() -> dict[str, str]:
    """This process's variables without those that would send packages elsewhere.

    Python's own (PYTHONHOME, which Blender may set) are ignored by the option -I.
    """
    misleading = {"PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_NO_DEPS"}
    return {name: value for name, value in os.environ.items() if name not in misleading}


def check_space(folder: Path, build: Build) -> None:
    """Refuse if the disk cannot hold the environment.

    Raises: EngineError (engine.no_space).
    """
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free_mb = shutil.disk_usage(place).free // 10**6
    if free_mb < build.disk_mb:
        raise EngineError(
            f"The engine needs about {build.disk_mb / 1000:.1f} GB on the disk of {place}, "
            f"which has {free_mb / 1000:.1f} GB left.",
            code="engine.no_space",
            hint="Make room, then install again.",
        )


def remove(folder: Path) -> None:
    """Remove an environment, whole or half-made.

    Raises: EngineError (engine.in_use) if it cannot be moved out of the way; it is left as it was then.
    """
    doomed = folder.with_name(folder.name + ".removed")
    try:
        if doomed.exists():  # a removal that was cut short
            shutil.rmtree(doomed)
        if folder.exists():
            folder.rename(doomed)
            shutil.rmtree(doomed)
    except OSError as error:
        raise EngineError(
            f"The engine in {folder} cannot be removed: {error.strerror or error}.",
            code="engine.in_use",
            hint="Restart Blender and try again.",
        ) from error
