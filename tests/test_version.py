"""The version is said in three places; they agree."""

import tomllib
from pathlib import Path

from kinetone.core.version import VERSION

CHECKOUT = Path(__file__).resolve().parents[1]


def test_the_packaging_files_say_the_same_version():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    manifest = tomllib.loads((CHECKOUT / "blender_manifest.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == manifest["version"] == VERSION
