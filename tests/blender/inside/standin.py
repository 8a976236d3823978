"""An engine without a model: the real worker and protocol, silence for music, and a brake for every stage."""

import sys
from pathlib import Path

SCRIPT = """#!{python}
import os, sys, time
from pathlib import Path

sys.path.insert(0, os.getcwd())
import numpy as np
from core.audio import MusicFiles, sidecar_path
from core.engine.worker import main

BRAKES = Path({brakes!r})


def stage(name, progress, fraction):
    progress(name, fraction)
    while (BRAKES / name).exists():
        progress(name, fraction)
        time.sleep(0.005)


def generate(params, progress):
    output = [Path(path) for path in params["output"]]
    joints = params["joints"]
    frames = len(np.load(joints if isinstance(joints, str) else joints[0]))
    with MusicFiles(output, 24_000) as files:
        stage("Composing", progress, 0.4)
        files.write(np.zeros((len(output), 200 * frames)))
        stage("Writing", progress, 0.7)
        files.write(np.zeros((len(output), 200 * frames)))
        for path in output:
            files.attach(sidecar_path(path), b"{{}}")
    stage("Done", progress, 1.0)
    facts = {{"seed": params["seed"], "alignment": {{"hit": 0.5}}, "musical_beats_s": [0.25, 1.0]}}
    files = [{{"path": str(path), "take": take, **facts}} for take, path in enumerate(output)]
    return {{"files": files, "kinematic_beats_s": [0.5], "timings": {{"Composing": 0.0}}, "notes": []}}


main(lambda: {{"generate": generate, "regenerate": generate}})
"""

STAGES = ("Composing", "Writing", "Done")
"""Nothing is written before the second; in the third the files are whole, and Blender not told yet."""


class StandIn:
    """Where the engine is, and where it stays.

    Args:
        folder: for the interpreter that Kinetone starts, and what it looks at.
    """

    def __init__(self, folder: Path) -> None:
        self.python = folder / "engine"
        self._folder = folder
        self.python.write_text(SCRIPT.format(python=sys.executable, brakes=str(folder)))
        self.python.chmod(0o755)

    def stop_in(self, stage: str) -> None:
        """Let the engine stay in a stage of STAGES."""
        (self._folder / stage).touch()

    def go_on(self) -> None:
        """Let it pass through all of them."""
        for stage in STAGES:
            (self._folder / stage).unlink(missing_ok=True)
