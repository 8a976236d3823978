"""Wheels of a few bytes that stand for the engine's packages where only their installation is tested."""

import zipfile
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "blender_addon" / "engine_requirements.txt"


def write_wheels(folder, left_out=(), broken=()):
    """A wheel for each pinned package; importing those in ``broken`` fails. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for pin in REQUIREMENTS.read_text(encoding="utf-8").splitlines()[1:]:
        name, version = pin.split("==")
        if name not in left_out:
            _write_wheel(folder, name, version, f"raise ImportError('no {name}')" if name in broken else "")
    return folder


def _write_wheel(folder, name, version, code):
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"__version__ = '{version}'\n{code}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD"
    files[record] = "".join(f"{path},,\n" for path in [*files, record])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
