"""Joint mappings as files: small JSON, in the extension's own folder or wherever the user puts them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from ..core.errors import FileFormatError, RigError
from ..core.motion.skeleton import JOINT_NAMES
from ..core.untrusted import read_json
from .destination import is_reserved
from .installing import user_folder

FORMAT = "kinetone joint mapping"

_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
"""What Windows, the strictest system, allows in no file name."""

MAX_BYTES = 1 << 20
"""No mapping is longer; what is, is something else."""


def preset_folder() -> Path:
    """Where the presets of this user lie."""
    return user_folder() / "rigs"


def preset_names() -> list[str]:
    """The presets that there are."""
    return sorted(path.stem for path in preset_folder().glob("*.json"))


def preset_path(name: str) -> Path:
    """The file of a preset.

    Raises: RigError (rig.preset_name) for a name that no file can have.
    """
    clean = _NO_FILE_NAME.sub("_", name).strip(" ._")
    clean = f"_{clean}" if is_reserved(clean) else clean
    if not clean:
        raise RigError(
            f"A preset cannot be called “{name}”.",
            code="rig.preset_name",
            hint="Give it a name with letters.",
        )
    return preset_folder() / f"{clean}.json"


def write_mapping(path: Path, bones: Mapping[str, str]) -> None:
    """Write bones by joint name.

    Raises: FileFormatError (rig.preset_file) if the file cannot be written.
    """
    content = {"format": FORMAT, "version": 1, "bones": dict(bones)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise FileFormatError(
            f"The mapping cannot be written to {path}: {error.strerror or error}.",
            code="rig.preset_file",
            hint="Choose a folder in which you may write.",
        ) from error


def read_mapping(path: Path) -> dict[str, str]:
    """Bones by joint name.

    Raises: FileFormatError (rig.preset_file) for what is no mapping.
    """
    try:
        content = read_json(path, MAX_BYTES)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError("it is something else")
        bones = content.get("bones")
        if not isinstance(bones, dict) or not all(isinstance(bone, str) for bone in bones.values()):
            raise ValueError("its bones are no texts")
        if unknown := sorted(set(bones) - set(JOINT_NAMES)):
            raise ValueError(f"there are no joints called {', '.join(unknown)}")
    except (OSError, ValueError) as error:
        raise FileFormatError(
            f"{path.name} is no joint mapping: {error}.",
            code="rig.preset_file",
            hint="Choose a file that Kinetone's Save Mapping has written.",
        ) from error
    return bones
