"""Who may import whom, read from the source and seen in a fresh interpreter."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
HEAVY = {"torch", "torchaudio", "safetensors", "soundfile"}
TORCH_FREE = (
    "errors",
    "timing",
    "version",
    "alignment",
    "audio",
    "motion",
    "onsets",
    "options",
    "sidecar",
    "unfinished",
    "untrusted",
    "engine.protocol",
    "engine.process",
    "engine.client",
)
"""The part of core that Blender's process may use: numpy and the standard library."""


def modules(folder):
    """The package and the syntax tree of each of a folder's modules."""
    return list(_modules(folder))


def _modules(folder):
    for path in sorted((CHECKOUT / folder).rglob("*.py")):
        parts = path.relative_to(CHECKOUT).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        package = name if is_package else name.rpartition(".")[0]
        yield pytest.param(package, ast.parse(path.read_text(encoding="utf-8")), id=name)


def imported(package, tree):
    """What a module imports, anywhere in it: dotted names, relative ones from the checkout on.

    Names are those of modules and, as it cannot be told apart here, of what is taken from them.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            # Level 1 is the package itself; what climbs out of the checkout has no parts left.
            assert node.level <= len(parts) + 1, f"line {node.lineno} climbs out of the checkout"
            base = ".".join(parts[: len(parts) + 1 - node.level]) if node.level else ""
            start = ".".join(filter(None, (base, node.module)))
            yield from (f"{start}.{alias.name}" for alias in node.names)


def top(name):
    return name.partition(".")[0]


@pytest.mark.parametrize(("package", "tree"), modules("core"))
def test_core_imports_neither_blender_nor_training(package, tree):
    assert not {top(name) for name in imported(package, tree)} & {
        "bpy", "mathutils", "blender_addon", "training", "kinetone",
    }  # fmt: skip


@pytest.mark.parametrize(("package", "tree"), modules("core"))
def test_core_never_reaches_above_itself(package, tree):
    """In the engine process core is the top: there is nothing above it to import from."""
    levels = [node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert max(levels, default=0) <= package.count(".") + 1


@pytest.mark.parametrize(("package", "tree"), modules("training"))
def test_training_imports_neither_blender_nor_the_add_on(package, tree):
    assert not {top(name) for name in imported(package, tree)} & {"bpy", "blender_addon", "kinetone"}


@pytest.mark.parametrize(("package", "tree"), modules("blender_addon"))
def test_the_add_on_imports_only_what_runs_in_blender(package, tree):
    names = list(imported(package, tree))
    allowed = {
        "bpy",
        "bpy_extras",
        "mathutils",
        "aud",
        "numpy",
        "core",
        "blender_addon",
        *sys.stdlib_module_names,
    }
    assert {top(name) for name in names} <= allowed
    of_core = [name.removeprefix("core.") for name in names if top(name) == "core"]
    strays = [name for name in of_core if not any(f"{name}.".startswith(f"{free}.") for free in TORCH_FREE)]
    assert not strays


@pytest.mark.parametrize("folder", ["core", "training", "blender_addon"])
def test_nothing_is_star_imported(folder):
    for module in modules(folder):
        assert not [name for name in imported(*module.values) if name.endswith("*")], module.id


def test_the_torch_free_part_brings_no_torch():
    names = [f"kinetone.core.{name}" for name in TORCH_FREE]
    names += [
        ".".join(("kinetone", *path.relative_to(CHECKOUT).with_suffix("").parts))
        for path in (CHECKOUT / "core" / "motion").glob("[!_]*.py")
    ]
    program = (
        f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name)\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {top(name) for name in done.stdout.split()}
    assert "numpy" in loaded
    assert not loaded & {*HEAVY, "bpy", "scipy", "smplx", "librosa"}


def test_the_engine_greets_before_it_loads_numpy_or_torch():
    program = "import core.engine.__main__, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert not {top(name) for name in done.stdout.split()} & {*HEAVY, "numpy"}


def test_what_the_engine_leaves_out_of_torch_can_be_imported_later():
    program = (
        "import sys, core.engine.__main__ as engine\n"
        "engine.load_methods()\n"
        "print(engine.META_KERNELS in sys.modules)\n"
        "from torch._meta_registrations import meta_mm\n"
        "import torch\n"
        "print((torch.ones(2, 3, device='meta') @ torch.ones(3, 4, device='meta')).shape == (2, 4))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
