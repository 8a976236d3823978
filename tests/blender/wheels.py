"""Wheels of a few bytes that stand for the engine's packages where only their installation is tested."""

import hashlib
import zipfile
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "blender_addon" / "engine_requirements.txt"


def write_wheels(folder, left_out=(), broken=()):
    """A wheel for each pinned package, and below ``locks`` their hashes; importing those in ``broken`` fails.

    The same wheel is the same file at any time. Returns the folder.
    """
    locks = folder / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    entries = {}
    for pin in REQUIREMENTS.read_text(encoding="utf-8").splitlines()[1:]:
        name, version = pin.split("==")
        wheel = _write_wheel(
            folder, name, version, f"raise ImportError('no {name}')" if name in broken else ""
        )
        entries[name] = f"{pin} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
        if name in left_out:
            wheel.unlink()
    (locks / "with_torch.txt").write_text("".join(entries.values()))
    others = [entry for name, entry in entries.items() if not name.startswith("torch")]
    (locks / "without_torch.txt").write_text("".join(others))
    return folder


def tamper(wheel):
    """Change a wheel without breaking it: a comment at the end of its archive."""
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.comment = b"tampered"


def _write_wheel(folder, name, version, code):
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"__version__ = '{version}'\n{code}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD"
    files[record] = "".join(f"{path},,\n" for path in [*files, record])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for inside, content in files.items():
            wheel.writestr(zipfile.ZipInfo(inside), content)
    return path
