"""What is measured: one function for each row, each giving a table of Timings by name and some numbers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from kinetone.core import gpu as gpus
from kinetone.core.checkpoint import Checkpoint, load_checkpoint
from kinetone.core.codec.model import Codec, CodecConfig
from kinetone.core.engine.client import EngineClient
from kinetone.core.generate import GenerateOptions, generate, stream
from kinetone.core.motion.features import motion_features, movement
from kinetone.core.motion.skeleton import REST_JOINTS
from kinetone.core.predictor.cells import CellStepper, CellWeights
from kinetone.core.predictor.fast import FastStepper, FastWeights
from kinetone.core.predictor.model import Predictor, PredictorConfig
from kinetone.core.predictor.recall import recall_frames, recalled_codes
from kinetone.core.predictor.sampling import (
    FRAMES_CAPTURED,
    Continuations,
    Sampling,
    choose,
    predict_codes,
)
from kinetone.core.predictor.stepper import PlainStepper, Stepper
from kinetone.core.timing import FRAME_RATE, SAMPLE_RATE
from measure import processor_s, resident_mb, summary, timed
from torch.nn import functional

from training import training

Row = dict[str, Any]
"""``timings`` by name, and ``numbers`` that say the rest."""

CHECKOUT = Path(__file__).resolve().parents[1]


class PlainCheckpoint(Checkpoint):
    """Generates with the networks as they are trained: the reference."""

    def stepper(self) -> Stepper:
        """A plain one."""
        return PlainStepper(self.predictor.decoder)


def checkpoints() -> tuple[Checkpoint, Checkpoint]:
    """The default checkpoint, fast and plain."""
    fast = load_checkpoint()
    return fast, PlainCheckpoint(fast.codec, fast.predictor, fast.card)


def dance(seconds: float) -> npt.NDArray[np.float64]:
    """A body whose joints sway at several rates each: (N, 24, 3), metres, 60 Hz."""
    random = np.random.default_rng(0)
    time_s = np.arange(round(seconds * FRAME_RATE))[:, None, None, None] / FRAME_RATE
    rates, phases = random.uniform(0.3, 2.5, (3, 24, 3)), random.uniform(0, 2 * np.pi, (3, 24, 3))
    return REST_JOINTS + 0.05 * np.sin(2 * np.pi * rates * time_s + phases).sum(1)


def music(joints: npt.NDArray[np.float64], checkpoint: Checkpoint, takes: int = 1) -> None:
    """Generates and forgets."""
    generate(joints, checkpoint, GenerateOptions(seed=1, takes=takes), lambda stage, fraction: None)


def ten_seconds(repeats: int) -> Row:
    """Predictor and codec for 10 s of dance, one take, loaded and warm: fast against plain."""
    joints = dance(10)
    fast, plain = checkpoints()
    return {
        "timings": timed(
            {"fast": lambda: music(joints, fast), "plain": lambda: music(joints, plain)}, repeats
        )
    }


def takes(repeats: int) -> Row:
    """Eight takes of 10 s against one."""
    joints = dance(10)
    fast, _ = checkpoints()
    runs = {"1 take": lambda: music(joints, fast), "8 takes": lambda: music(joints, fast, 8)}
    return {"timings": timed(runs, repeats)}


def length(repeats: int, seconds: tuple[int, ...] = (10, 20, 40, 80, 160)) -> Row:
    """Time and memory against the dance's length, and how soon the first piece can be heard."""
    fast, _ = checkpoints()
    music(dance(10), fast)
    timings, numbers = {}, {}
    for each in seconds:
        joints = dance(each)
        walls, processors, firsts, before = [], [], [], resident_mb()
        for _ in range(max(1, repeats // 3)):
            started_s, processor_s, peak = time.perf_counter(), time.process_time(), 0.0
            for n, _ in enumerate(
                stream(motion_features(joints), fast, GenerateOptions(seed=1), lambda stage, fraction: None)
            ):
                if n == 0:
                    firsts.append(time.perf_counter() - started_s)
                peak = max(peak, resident_mb())
            walls.append(time.perf_counter() - started_s)
            processors.append(time.process_time() - processor_s)
        timings[f"{each} s"] = summary(walls, processors)
        numbers[f"{each} s: memory above that of 10 s, MB"] = peak - before
        numbers[f"{each} s: first piece after, s"] = min(firsts)
    return {"timings": timings, "numbers": numbers}


def engine(repeats: int) -> Row:
    """A new engine process: until it is ready, until 10 s of music are on disk, then again; its memory."""
    walls: dict[str, list[float]] = {"ready": [], "first music": [], "music again": []}
    processors: dict[str, list[float]] = {name: [] for name in walls}
    memory = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "joints.npy", dance(10))
        params = {
            "joints": str(folder / "joints.npy"),
            "output": [str(folder / "music.wav")],
            "replace": True,
        }
        for _ in range(repeats):
            with EngineClient(Path(sys.executable), CHECKOUT) as client:
                started_s, spent_s = time.perf_counter(), 0.0
                for stage, method in (
                    ("ready", "info"),
                    ("first music", "generate"),
                    ("music again", "generate"),
                ):
                    if stage == "music again":
                        started_s, spent_s = time.perf_counter(), processors["first music"][-1]
                    client.call(method, {} if method == "info" else params)
                    assert client.hello is not None
                    walls[stage].append(time.perf_counter() - started_s)
                    processors[stage].append(processor_s(client.hello.pid) - spent_s)
                memory.append(resident_mb(client.hello.pid))
    return {
        "timings": {name: summary(walls[name], processors[name]) for name in walls},
        "numbers": {"resident, MB": max(memory), "of which import torch, MB": _memory_of_torch()},
    }


def _memory_of_torch() -> float:
    program = "import torch; print(next(l for l in open('/proc/self/status') if l.startswith('VmRSS')))"
    try:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError:
        return float("nan")
    return int(done.stdout.split()[1]) / 1024


def reading(repeats: int) -> Row:
    """A dance of 15 s read out of Blender: from its keys, and by showing frame after frame."""
    python = CHECKOUT / ".venv-bpy45" / "bin" / "python"
    extension = next((CHECKOUT / "dist").glob("kinetone-*.zip"), None)
    if not python.exists() or extension is None:
        return {"numbers": {"not measured, as `make env extension` was not run": float("nan")}}
    command = [python, CHECKOUT / "benchmarks" / "reading.py", extension, "--repeats", str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds: dict[str, list[tuple[float, float]]] = json.loads(done.stdout)
    timings = {
        name: summary([wall for wall, _ in rounds], [processor for _, processor in rounds])
        for name, rounds in seconds.items()
    }
    ratios = {
        f"{name} / keys, medians": timing["median"] / timings[name.partition(":")[0] + ": keys"]["median"]
        for name, timing in timings.items()
        if not name.endswith(": keys")
    }
    return {"timings": timings, "numbers": ratios}


def features(repeats: int) -> Row:
    """Displacements and kinematic beats of 10 minutes of motion, and the pulse as well."""
    joints = dance(600)
    cases = {
        "without the pulse": lambda: movement(joints),
        "all features": lambda: motion_features(joints),
    }
    return {"timings": timed(cases, 3 * repeats)}


def steps(repeats: int) -> Row:
    """One frame of the code decoder at the default and at the paper's size, for one take and for eight."""
    torch.manual_seed(0)
    sizes = {
        "default": load_checkpoint().predictor,
        "paper": Predictor(PredictorConfig(codebook_delay=1)).eval(),
    }
    timings = {}
    for size, predictor in sizes.items():
        for rows in (4, 32):
            steppers = {
                "integers": FastStepper(FastWeights(predictor.decoder, True)),
                "floats": FastStepper(FastWeights(predictor.decoder, False)),
                "plain": PlainStepper(predictor.decoder),
            }
            pointers = len(predictor.config.recall)
            runs = {
                f"{size}, {rows} rows, {name}": _step(each, rows, pointers) for name, each in steppers.items()
            }
            timings.update(timed(runs, repeats, inner=10))
    logits, draws = torch.randn(4, 8, 1024) * 3, torch.rand(4, 8)
    runs = {"choice of codes, 4 rows": lambda: choose(logits, Sampling(0.7, 64), draws)}
    return {"timings": {**timings, **timed(runs, repeats, inner=50)}}


def _step(stepper: Stepper, rows: int, pointers: int) -> Callable[[], object]:
    """A step from one of several codes, as a table that is read at the same places stays in the cache."""
    stepper.keep(torch.zeros(rows, dtype=torch.long))
    inputs = stepper.inputs(torch.randn(1, 1, 256))[0]
    previous = torch.randint(1024, (97, rows, 8)).unbind(0)
    recalled = torch.randint(1024, (97, rows, 2, 8, pointers)).unbind(0) if pointers else [None] * 97
    turn = iter(range(10**9))

    def step() -> object:
        number = next(turn) % 97
        return stepper.step(inputs, previous[number], recalled[number])

    return step


def gpu(repeats: int) -> Row:
    """On a GPU, loaded and warm: 10 s of dance in one take and in eight, and twelve frames of the decoder."""
    if reason := gpus.why_not():
        return {"numbers": {f"not measured, as {reason}": float("nan")}}
    joints, device = dance(10), gpus.DEVICE
    fast = load_checkpoint(None, device)
    plain = PlainCheckpoint(fast.codec, fast.predictor, fast.card, device)
    runs: dict[str, Callable[[], object]] = {
        "1 take": lambda: music(joints, fast),
        "8 takes": lambda: music(joints, fast, 8),
        "1 take, plain": lambda: music(joints, plain),
    }
    frames = {}
    sizes = {"default": fast.predictor, "paper": Predictor(PredictorConfig()).eval().to(device)}
    for size, predictor in sizes.items():
        weights = CellWeights(predictor.decoder)
        frames |= {f"12 frames, {size}, {rows} rows": _frames(weights, rows, device) for rows in (4, 32)}
    return {"timings": {**timed(runs, repeats), **timed(frames, repeats, inner=20)}}


def _frames(weights: CellWeights, rows: int, device: torch.device) -> Callable[[], object]:
    """As many frames as one graph has, until the GPU is done with them."""
    stepper, given = CellStepper(weights), torch.zeros(8, 0, dtype=torch.long, device=device)
    recall = torch.empty(0, 0, dtype=torch.long)
    continuations = Continuations(stepper, given, rows, Sampling(0.7, 64), 1024, 0, recall)
    continuations.keep(torch.zeros(rows, dtype=torch.long, device=device))
    encoded = torch.randn(1, FRAMES_CAPTURED, 256, device=device)

    def run() -> None:
        continuations.extend(encoded)
        continuations.finished()[0].cpu()

    return run


def codec(repeats: int) -> Row:
    """The codec's decoder on 10 s, and SoundStream's and EnCodec's at 24 kHz with untrained weights."""
    codecs = {"ours": load_checkpoint().codec, "SoundStream": Codec(CodecConfig()).eval()}
    pieces = torch.randint(1024, (1, 8, 10 * FRAME_RATE)).split(2 * FRAME_RATE, -1)
    runs: dict[str, Callable[[], object]] = {
        name: partial(lambda codec: list(codec.decode_stream(pieces)), codec)
        for name, codec in codecs.items()
    }
    parameters = {
        name: sum(p.numel() for p in codec.decoder.parameters()) / 1e6 for name, codec in codecs.items()
    }
    try:
        from encodec import EncodecModel
    except ImportError:
        print("EnCodec is not installed (the extra `bench`), and left out.")
    else:
        peer = EncodecModel.encodec_model_24khz(pretrained=False).eval()
        latents = torch.randn(1, 128, 10 * SAMPLE_RATE // 320)
        runs["EnCodec"] = lambda: peer.decoder(latents)
        parameters["EnCodec"] = sum(p.numel() for p in peer.decoder.parameters()) / 1e6
    numbers = {f"decoder's parameters, {name}, millions": count for name, count in parameters.items()}
    return {"timings": timed(runs, repeats), "numbers": numbers}


def agreement(repeats: int) -> Row:
    """Whether fast and plain mean the same: greedy codes on the same history."""
    del repeats
    fast, plain = checkpoints()
    features_ = torch.from_numpy(motion_features(dance(20)).stacked())
    drawn = predict_codes(fast.predictor, features_, 0, 1, Sampling(0.7, 64, 1))
    codes = torch.cat(list(drawn), -1)
    encoded = fast.predictor.encoder(features_[None], torch.tensor([0]))
    config = fast.predictor.config
    frames = recall_frames(features_, config.recall, 0)
    recalled = recalled_codes(codes, frames, config.codebook_size)
    previous = functional.pad(codes, (1, 0), value=config.codebook_size)
    logits = []
    for stepper in (plain.stepper(), fast.stepper()):
        inputs = enumerate(stepper.inputs(encoded))
        steps = [stepper.step(each, previous[..., n], recalled[:, n : n + 2]) for n, each in inputs]
        logits.append(torch.cat(steps))
    same = (logits[0].argmax(-1) == logits[1].argmax(-1)).float()
    expected, made = (each.log_softmax(-1) for each in logits)
    return {
        "numbers": {
            "greedy codes that agree, %": 100 * float(same.mean()),
            "frames in which all eight agree, %": 100 * float(same.min(-1).values.mean()),
            "KL divergence of fast from plain, nats per code": float(
                (expected.exp() * (expected - made)).sum(-1).mean()
            ),
        }
    }


def floor(repeats: int) -> Row:
    """What one thread can do: weights read a second, from memory and cache, and products of each kind."""
    row = torch.ones(1, 4096, dtype=torch.int8)
    rows, square = (torch.randint(-127, 128, (n, 1024), dtype=torch.int8) for n in (1024, 1024))
    weights = {f"{mb} MB": torch.ones(mb * 256, 4096, dtype=torch.int8) for mb in (6, 256)}
    a, b = rows.float(), square.float()
    signal = torch.randn(1, 192, 1, 8192).to(memory_format=torch.channels_last)
    kernel = torch.randn(192, 192, 1, 7).to(memory_format=torch.channels_last)
    signal16, kernel16 = signal.bfloat16(), kernel.bfloat16()
    products, taps = 2 * 1024**3, 2 * kernel.numel() * (8192 - 6)
    runs: dict[str, tuple[Callable[[], object], float, str]] = {
        f"one row times int8 weights of {name}": (_product(row, each), each.nbytes, "GB/s")
        for name, each in weights.items()
    }
    runs |= {
        "matrix product, float32": (lambda: functional.linear(a, b), products, "GFLOP/s"),
        "matrix product, int8": (_product(rows, square), products, "GOP/s"),
        "convolution, float32": (lambda: functional.conv2d(signal, kernel), taps, "GFLOP/s"),
        "convolution, bfloat16": (lambda: functional.conv2d(signal16, kernel16), taps, "GFLOP/s"),
    }
    timings = timed({name: run for name, (run, _, _) in runs.items()}, 3 * repeats)
    numbers = {
        f"{name}, {unit}": amount / timings[name]["cpu"] / 1e9 for name, (_, amount, unit) in runs.items()
    }
    return {"timings": timings, "numbers": numbers}


def _product(rows: torch.Tensor, weights: torch.Tensor) -> Callable[[], object]:
    transposed = weights.t()
    return lambda: torch._int_mm(rows, transposed)


ROWS: dict[str, Callable[[int], Row]] = {
    "ten_seconds": ten_seconds,
    "takes": takes,
    "length": length,
    "engine": engine,
    "reading": reading,
    "features": features,
    "steps": steps,
    "gpu": gpu,
    "codec": codec,
    "agreement": agreement,
    "floor": floor,
    "training": training,
}
