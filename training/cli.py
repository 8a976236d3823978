"""``kinetone-train``: from nothing to a checkpoint, one command a stage."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import tyro
from tyro.conf import Positional

from ..core.errors import Cancelled, KinetoneError
from ..core.motion.beats import beat_frames
from ..core.motion.features import motion_features
from ..core.motion.read import joints_at_60hz, read_motion
from ..core.timing import FRAME_RATE
from .audio import read_audio
from .codec import CodecRun, CodecTraining, train_codec
from .corpus.build import build_corpus
from .corpus.compose import Music
from .corpus.preview import write_preview
from .data.augment import Augmentation
from .data.bodies import smpl_difference
from .data.datasets import DatasetSettings, codec_music, kind_of, load_dataset
from .data.prepare import Preparation, prepare
from .data.prepared import bind_run, check_codec, read_prepared, run_codec
from .default_model import Recipe, make_default_model
from .downbeats import train_downbeats
from .evaluation.command import register as register_evaluation
from .evaluation.rhythm import beat_alignment
from .export import export, trained_codec
from .parallel import Device, start_fabric
from .plots import alignment_picture
from .predictor import PredictorRun, PredictorTraining, train_predictor
from .presets import CODEC_PRESETS, PREDICTOR_PRESETS
from .state import use_threads

app = tyro.extras.SubcommandApp()
register_evaluation(app)

if TYPE_CHECKING:
    CodecPreset = CodecTraining
    PredictorPreset = PredictorTraining
else:
    CodecPreset = Annotated[
        tyro.extras.subcommand_type_from_defaults(
            {name: settings for name, (_, settings) in CODEC_PRESETS.items()},
            {name: text for name, (text, _) in CODEC_PRESETS.items()},
        ),
        tyro.conf.arg(name=""),
    ]
    PredictorPreset = Annotated[
        tyro.extras.subcommand_type_from_defaults(
            {name: settings for name, (_, settings) in PREDICTOR_PRESETS.items()},
            {name: text for name, (text, _) in PREDICTOR_PRESETS.items()},
        ),
        tyro.conf.arg(name=""),
    ]


@app.command(name="corpus")
def corpus_command(
    out: Positional[Path],
    mocap: Path,
    hours: float,
    seed: int = 0,
    workers: int = 1,
    music: Music = "played",
    variety: int = 1,
    preview: int = 0,
) -> None:
    """Makes pairs of a dance and its music; the same command again makes those that are missing.

    Args:
        out: folder for the pairs.
        mocap: folder with recorded dances.
        hours: of music, in all.
        seed: of everything that is chosen.
        workers: processes.
        music: played: songs as people play them; plain: one song a genre, dry, on code frames; groove: the
            same without its tune, which a small model can learn.
        variety: of every genre, so many times 40 songs and 80 choreographies are drawn from. 1: in some hours
            each comes several times; 4: a model learns from hardly any of them twice.
        preview: pairs of each genre for a page to listen to and look at, OUT/preview/index.html.
    """
    build_corpus(out, hours, seed, mocap, workers, music, variety)
    if preview > 0:
        print(write_preview(out, preview))  # noqa: T201


@app.command(name="codec")
def codec_command(
    source: Positional[Path],
    run: Positional[Path],
    settings: CodecPreset,
    data: DatasetSettings = DatasetSettings(),  # noqa: B008
    start_from: Path | None = None,
    device: Device = "auto",
    threads: int | None = None,
) -> None:
    """Trains the codec; the same command again goes on where the last one stopped.

    Args:
        source: folder of a data set, whose split says which songs are held out, or of music alone.
        run: folder of the training run.
        settings: a preset, whose settings can be overridden.
        data: how to read the data set.
        start_from: folder of a checkpoint or another run whose weights and codebooks a new run begins with.
        device: auto takes a GPU if there is one.
        threads: to compute on; every core if left out.
    """
    use_threads(threads)
    fabric = start_fabric(settings.precision, device)
    files, held_out = codec_music(source, data)
    _print_scores(train_codec(settings, files, held_out, run, start_from, fabric))


@app.command(name="prepare")
def prepare_command(
    source: Positional[Path],
    codec_run: Positional[Path],
    out: Positional[Path],
    data: DatasetSettings = DatasetSettings(),  # noqa: B008
    augment: Augmentation = Augmentation(),  # noqa: B008
    workers: int = 1,
    device: str = "cpu",
) -> None:
    """Turns the pairs of a data set into motion features and codec codes, and reports what it left out.

    Args:
        source: folder of a data set: AIST++, ballroom dances, a corpus, or dances with music beside them.
        codec_run: folder of the codec's training run, or of a checkpoint.
        out: folder for the prepared pairs; a run that was stopped goes on there.
        data: how to read the data set.
        augment: variants of the training pairs.
        workers: processes, of one thread each.
        device: that the codec computes on, such as cuda.
    """
    read_as = {"folder": str(source.resolve()), "kind": data.kind or kind_of(source)}
    aist = {name: str(value) for name, value in asdict(data.aist).items() if name != "split"}
    preparation = Preparation({**read_as, **aist}, augment, workers, device)
    report = prepare(load_dataset(source, data), trained_codec(codec_run), out, preparation)
    print(report)  # noqa: T201


@app.command(name="bodies")
def bodies_command(source: Positional[Path], model: Positional[Path], dances: int = 40) -> None:
    """Measures how much dances on Kinetone's average body differ from those on SMPL's own.

    Args:
        source: folder of AIST++'s annotations, with motions/.
        model: SMPL's model file, .pkl or .npz.
        dances: how many of them, by name.
    """
    print(smpl_difference(source, model, dances))  # noqa: T201


@app.command(name="predictor")
def predictor_command(
    prepared: Positional[Path],
    run: Positional[Path],
    settings: PredictorPreset,
    codec_run: Path | None = None,
    start_from: Path | None = None,
    device: Device = "auto",
    threads: int | None = None,
) -> None:
    """Trains the predictor; the same command again goes on where the last one stopped.

    Args:
        prepared: folder that ``kinetone-train prepare`` wrote; its index says what is held out.
        run: folder of the training run.
        settings: a preset, whose settings can be overridden; without genres, the data's are taken.
        codec_run: folder of the codec's training run, or of a checkpoint, to hear and see samples in
            TensorBoard.
        start_from: folder of a checkpoint or another run whose weights a new run begins with. It should
            have learnt codes of this codec, or of one that this codec started from.
        device: auto takes a GPU if there is one.
        threads: to compute on; every core if left out.
    """
    use_threads(threads)
    fabric = start_fabric(settings.precision, device)
    data = read_prepared(prepared)
    model = replace(settings.model, genres=settings.model.genres or data.genres)
    data.check_predictor(model)
    codec = None if codec_run is None else trained_codec(codec_run)
    if codec is not None:
        check_codec(data.codec, codec)
    bind_run(run, data.codec)
    settings = replace(settings, model=model)
    splits = data.split("train"), data.split("test")
    _print_scores(train_predictor(settings, *splits, run, fabric, codec, start_from))


def _print_scores(run: CodecRun | PredictorRun) -> None:
    if run.fabric.is_global_zero:
        print(json.dumps(run.evaluate(), indent=2))  # noqa: T201


@app.command(name="export")
def export_command(
    codec_run: Positional[Path],
    predictor_run: Positional[Path],
    out: Positional[Path],
    about: Path,
    best: bool = False,
) -> None:
    """Writes the checkpoint that Kinetone loads.

    Args:
        codec_run: folder of the codec's training run, or of the checkpoint whose codec it was.
        predictor_run: folder of the predictor's training run.
        out: folder for the checkpoint.
        about: JSON file with what its card says: name, trained_on, licence, scores.
        best: takes the predictor as it did best on what is held out, instead of as it was last.
    """
    if fingerprint := run_codec(predictor_run):
        check_codec(fingerprint, trained_codec(codec_run))
    export(codec_run, predictor_run, out, json.loads(about.read_text(encoding="utf-8")), best)


@app.command(name="default-model")
def default_model_command(
    out: Positional[Path],
    mocap: Path,
    size: Literal["paper", "small", "tiny"] = "small",
    hours: float = 3.0,
    seed: int = 4,
    music: Music = "groove",
    workers: int = 1,
    device: Device = "auto",
    threads: int | None = None,
) -> None:
    """Makes a model like the default one from nothing; the same command goes on where it stopped.

    Args:
        out: folder for the corpus, the training runs, the model and its scores.
        mocap: folder with recorded dances.
        size: the preset of codec and predictor.
        hours: of the corpus.
        seed: of the corpus.
        music: of the corpus, as `kinetone-train corpus` explains it.
        workers: processes that render and encode the corpus.
        device: to train on; auto takes a GPU if there is one.
        threads: to compute on; every core if left out.
    """
    use_threads(threads)
    print(make_default_model(out, Recipe(size, mocap, hours, seed, music), workers, device))  # noqa: T201


@app.command(name="downbeats")
def downbeats_command(out: Positional[Path], dances: int = 800, threads: int | None = None) -> None:
    """Trains what finds the bars of a dance, on choreographies, and says how often it finds them.

    Args:
        out: the file of weights; core/motion/downbeats.npz is what every model's pulse is told by.
        dances: of each genre.
        threads: to compute on; every core if left out.
    """
    use_threads(threads)
    train_downbeats(out, dances)


@app.command(name="align")
def align_command(
    music: Positional[Path], dance: Positional[Path], picture: Path | None = None, seed: int = 0
) -> None:
    """Measures how much of a dance's pulse its music hits, beside the same music shifted.

    Args:
        music: 24 kHz mono file that starts with the dance.
        dance: motion file: BVH, AIST++ or .npz.
        picture: PNG to draw waveform, onsets and beats into.
        seed: of the random shifts.
    """
    waveform = read_audio(music)[0].numpy()
    beats = motion_features(joints_at_60hz(read_motion(dance))).kinematic_beats
    beats_s = beat_frames(beats) / FRAME_RATE
    result, onsets_s = beat_alignment(waveform, beats_s, np.random.default_rng(seed))
    if picture is not None:
        alignment_picture(picture, waveform, onsets_s, beats_s, title=music.name)
    print(  # noqa: T201
        f"Kinematic beats with a musical onset within 100 ms: {result.hit:.0%} of {len(beats_s)}\n"
        f"The same with the music shifted at random:          {result.shifted:.0%} "
        f"± {result.shifted_spread:.0%}"
    )


def main() -> None:
    """The command line; an error that Kinetone can explain ends with exit code 1, being stopped with 130."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        app.cli(prog="kinetone-train")
    except KinetoneError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except Cancelled as stop:
        print(stop, file=sys.stderr)  # noqa: T201
        sys.exit(130)
