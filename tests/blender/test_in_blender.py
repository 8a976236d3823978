"""Runs the tests of inside/ with every Blender at hand, on the extension as users install it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).parent / "inside"
BLENDERS = ("bpy45", "bpy50")


def blender_python(name):
    python = CHECKOUT / f".venv-{name}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"there is no {python.parents[1].name}: `make env` sets it up")
    return python


@pytest.fixture(scope="session")
def extension(tmp_path_factory):
    """The extension's zip, built from the checkout as it is now."""
    python = blender_python("bpy45")
    builder = next(
        python.parents[1].glob(
            "lib/python3*/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"
        )
    )
    path = tmp_path_factory.mktemp("extension") / "kinetone.zip"
    command = [python, builder, "build", "--source-dir", CHECKOUT, "--output-filepath", path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return path


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory):
    """A model with random weights, small enough to compose in no time."""
    from kinetone.core.checkpoint import save_checkpoint
    from kinetone.core.codec.model import Codec, CodecConfig
    from kinetone.core.predictor.model import Predictor, PredictorConfig

    channels = (8, 8, 8, 8, 8)
    codec = CodecConfig(
        encoder_channels=channels, decoder_channels=channels, latent_dim=8, n_codebooks=2, codebook_size=16
    )
    predictor = PredictorConfig(
        genres=("salsa", "house"),
        width=16,
        n_heads=2,
        head_dim=8,
        feed_forward=16,
        history_dim=8,
        hidden=16,
        lstm_layers=1,
        n_codebooks=2,
        codebook_size=16,
    )
    folder = tmp_path_factory.mktemp("checkpoint")
    save_checkpoint(folder, Codec(codec), Predictor(predictor), {"name": "tiny", "version": "0"})
    return folder


@pytest.mark.parametrize("name", BLENDERS)
def test_in_blender(name, extension, tiny_checkpoint, tmp_path):
    python = blender_python(name)
    environment = os.environ | {
        "KINETONE_TEST_EXTENSION": str(extension),
        "KINETONE_TEST_CHECKPOINT": str(tiny_checkpoint),
        "KINETONE_ENGINE_PYTHON": sys.executable,
        "BLENDER_USER_RESOURCES": str(tmp_path / "blender"),
        "OMP_NUM_THREADS": "1",
    }
    command = [python, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", INSIDE]
    done = subprocess.run(
        command,
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        # A shell has its background jobs ignore Ctrl-C, which some of the tests send.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    report = done.stdout + done.stderr
    sys.stdout.write(report)
    assert done.returncode == 0, report


def test_the_demo(extension, tmp_path):
    """What `make demo` runs, with the default model: its music hits the dance better than chance."""
    demo = CHECKOUT / "assets" / "sample" / "demo.py"
    command = [blender_python("bpy45"), demo, "--extension", extension, "--engine-python", sys.executable]
    done = subprocess.run([*command, "--output", tmp_path / "demo"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("kinetone_demo.blend", "dance.npz", "alignment.png"):
        assert (tmp_path / "demo" / name).stat().st_size > 10_000
    (music,) = (tmp_path / "demo" / "kinetone").glob("*.wav")
    alignment = json.loads(music.with_suffix(".json").read_text(encoding="utf-8"))["alignment"]
    assert alignment["hit"] > alignment["shifted"]
