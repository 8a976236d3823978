"""How fast training is: real runs on made-up data, on the GPU if there is one."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from kinetone.core.motion.features import N_FEATURES
from kinetone.core.timing import FRAME_RATE, HOP_LENGTH, SAMPLE_RATE
from kinetone.training.codec import CodecRun
from kinetone.training.data.prepared import Pair
from kinetone.training.parallel import start_fabric
from kinetone.training.predictor import PredictorRun
from kinetone.training.presets import CODEC_PRESETS, PREDICTOR_PRESETS
from measure import summary

FILES, FILE_S = 8, 30
"""Of noise, to read crops from."""


def training(repeats: int) -> dict[str, Any]:
    """Training: a step of the predictor and of the codec, `paper` on a GPU, `small` on a CPU."""
    preset = "paper" if torch.cuda.is_available() else "small"
    timings, numbers = {}, {}
    with tempfile.TemporaryDirectory() as name, torch.inference_mode(False):
        for run in (_predictor(preset, Path(name)), _codec(preset, Path(name))):
            config = run.config
            walls, waited_s = _steps(run, repeats)
            what = f"{run.kind}, {preset}, {config.precision}, batch {config.batch_size}"
            timings[what] = summary(walls, [float("nan")])
            frames = config.batch_size * config.crop_frames / timings[what]["median"]
            numbers[f"{what}: audio, seconds a second"] = frames / FRAME_RATE
            numbers[f"{what}: codes a second"] = frames * config.model.n_codebooks
            numbers[f"{what}: waiting for data, % of the time"] = 100 * waited_s / sum(walls)
    return {"timings": timings, "numbers": numbers}


def _steps(run: PredictorRun | CodecRun, repeats: int) -> tuple[list[float], float]:
    """Seconds of each step after two that warm up, and the seconds in them spent waiting for batches."""
    walls: list[float] = []
    for step in range(2 + repeats):
        if step == 2:
            run.batches.waited_s = 0.0
        began_s = time.perf_counter()
        losses = run.train_step()
        [float(loss.mean()) for loss in losses.values()]  # has the GPU finish
        walls.append(time.perf_counter() - began_s)
    return walls[2:], run.batches.waited_s


def _predictor(preset: str, folder: Path) -> PredictorRun:
    config = PREDICTOR_PRESETS[preset][1]
    random, frames = np.random.default_rng(0), FILE_S * FRAME_RATE
    pairs = [
        Pair(
            f"{n}",
            random.standard_normal((frames, N_FEATURES), np.float32),
            random.integers(
                config.model.codebook_size, size=(config.model.n_codebooks, frames), dtype=np.int16
            ),
            genre="",
        )
        for n in range(FILES)
    ]
    return PredictorRun(config, pairs, [], folder, start_fabric(config.precision, "auto"))


def _codec(preset: str, folder: Path) -> CodecRun:
    """At the stage in which all of it learns, the discriminators too where there are any."""
    config = CODEC_PRESETS[preset][1]
    random, files = np.random.default_rng(0), []
    for n in range(FILES):
        files.append(folder / f"{n}.flac")
        noise = random.uniform(-0.5, 0.5, FILE_S * FRAME_RATE * HOP_LENGTH).astype(np.float32)
        soundfile.write(files[-1], noise, SAMPLE_RATE)
    run = CodecRun(config, files, [], folder, start_fabric(config.precision, "auto"))
    run.step = config.discriminators.start if config.discriminators.kinds else config.free_steps + 1
    return run
