"""The default model from nothing: corpus, codec, codes, predictor, checkpoint, and its scores.

Every stage goes on where it stopped, and so does the whole.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..core.checkpoint import CARD_NAME, WEIGHTS_NAME
from ..core.errors import KinetoneError
from .codec import CodecTraining, train_codec
from .corpus.build import build_corpus
from .corpus.compose import Music
from .data.augment import Augmentation
from .data.datasets import DatasetSettings, codec_music, load_dataset
from .data.prepare import Preparation, prepare
from .data.prepared import bind_run, read_prepared
from .evaluation.command import evaluate_codec_command, evaluate_command
from .export import export, trained_codec
from .parallel import Device, start_fabric
from .predictor import PredictorTraining, train_predictor
from .presets import CODEC_PRESETS, PREDICTOR_PRESETS

PIECES, SECONDS, SEEDS = 12, 12.0, 2
"""Held-out dances that the model is judged by, how much of each, and takes for each."""


@dataclass(frozen=True)
class Recipe:
    """What the model is made of.

    Attributes:
        size: the preset of codec and predictor.
        mocap: folder with recorded dances.
        hours: of the corpus.
        seed: of the corpus.
        music: of the corpus, see :func:`.corpus.compose.compose`.
    """

    size: str
    mocap: Path
    hours: float
    seed: int
    music: Music

    @property
    def codec(self) -> CodecTraining:
        """How the codec is trained; not beyond its encoder, where another decoder takes over then."""
        codec = CODEC_PRESETS[self.size][1]
        return replace(codec, steps=codec.encoder_steps) if self.decoder else codec

    @property
    def decoder(self) -> CodecTraining | None:
        """How another decoder is trained for that codec's codes, if one is."""
        return CODEC_PRESETS.get(f"{self.size}-decoder", ("", None))[1]

    @property
    def predictor(self) -> PredictorTraining:
        """How the predictor is trained, but for the genres, which are the corpus's."""
        return PREDICTOR_PRESETS[self.size][1]

    def about(self) -> dict[str, Any]:
        """What the checkpoint's card says of where it comes from."""
        command = f"kinetone-train corpus --hours {self.hours:g} --seed {self.seed} --music {self.music}"
        return {
            "name": f"Kinetone {self.size}",
            "version": "1",
            "description": f"The presets `{self.size}`, trained on Kinetone's own corpus.",
            "trained_on": f"{self.hours:g} hours of music composed and rendered by this project "
            f"({command}) with the FluidR3 GM soundfont (Frank Wen, MIT "
            "licence) and Sonic Pi's samples (CC0), paired with recorded dances retimed to the beat and with "
            "choreography made in code.",
            "licence": "CC0-1.0; what the model makes belongs to whoever made it",
        }


def make_default_model(out: Path, recipe: Recipe, workers: int = 1, device: Device = "auto") -> Path:
    """Makes corpus, codec, decoder, prepared, predictor, model and scores, each in a folder of its name.

    Returns: the folder of the checkpoint.
    Raises: as the stages do; KinetoneError (training.nothing_held_out); Cancelled if training was told to
        stop: the same call goes on from there.
    """
    pairs, codec_run, prepared = out / "corpus", out / "codec", out / "prepared"
    build_corpus(pairs, recipe.hours, recipe.seed, recipe.mocap, workers, recipe.music)
    music, held_out = codec_music(pairs, DatasetSettings())
    if not held_out:
        raise KinetoneError(
            f"A corpus of {recipe.hours:g} hours holds no piece to judge the model by.",
            code="training.nothing_held_out",
            hint="Make it longer: twenty minutes have one or two.",
        )
    fabric = start_fabric(recipe.codec.precision, device)
    train_codec(recipe.codec, music, held_out, codec_run, fabric=fabric)
    if recipe.decoder:
        start_from, codec_run = codec_run, out / "decoder"
        train_codec(recipe.decoder, music, held_out, codec_run, start_from, fabric)
    codec = trained_codec(codec_run)
    kind = Preparation({"folder": str(pairs.resolve()), "kind": "corpus"}, Augmentation(), workers, "cpu")
    prepare(load_dataset(pairs, DatasetSettings()), codec, prepared, kind)
    data = read_prepared(prepared)
    bind_run(out / "predictor", data.codec)
    settings = replace(recipe.predictor, model=replace(recipe.predictor.model, genres=data.genres))
    splits = data.split("train"), data.split("test")
    train_predictor(settings, *splits, out / "predictor", start_fabric(settings.precision, device), codec)
    model = out / "model"
    export(codec_run, out / "predictor", model, {**recipe.about(), "scores": {}}, best=True)
    _add_scores(model, pairs, out / "scores")
    return model


def _add_scores(model: Path, pairs: Path, folder: Path) -> None:
    """Measures the checkpoint and writes the means into its card; other weights get a folder of their own."""
    weights = hashlib.sha256((model / WEIGHTS_NAME).read_bytes()).hexdigest()
    folder = folder / weights[:12]
    measured = {"pieces": PIECES, "seconds": SECONDS, "seeds": SEEDS}
    evaluate_command(model, pairs, folder, pieces=PIECES, seconds=SECONDS, seeds=SEEDS, genre="own")
    evaluate_codec_command(model, pairs, folder / "codec.json", pieces=PIECES, seconds=SECONDS)
    columns = json.loads((folder / "scores.json").read_text(encoding="utf-8"))["columns"]
    means = {
        name: {measure: round(score["mean"], 4) for measure, score in column.items()}
        for name, column in columns.items()
    }
    codec = json.loads((folder / "codec.json").read_text(encoding="utf-8"))
    path = model / CARD_NAME
    card = json.loads(path.read_text(encoding="utf-8"))
    card["scores"] = {"measured_on": measured, "predictor": means, "codec": codec}
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
