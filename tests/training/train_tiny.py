"""A tiny run in a process of its own, alone or one of several: KIND FOLDER SETTINGS, those as JSON."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import torch
from kinetone.training.audio import audio_files
from kinetone.training.codec import train_codec
from kinetone.training.parallel import start_fabric
from kinetone.training.predictor import train_predictor
from tiny_runs import CODEC, PREDICTOR, beaten_pairs, write_tones


def train_tiny(kind, folder, settings):
    """Trains to the end, whatever is there already; returns the run."""
    fabric = start_fabric("float32")
    if kind == "predictor":
        pairs = beaten_pairs()
        return train_predictor(replace(PREDICTOR, **settings), pairs, pairs, folder, fabric)
    if fabric.is_global_zero:
        music = folder / "music"
        music.mkdir(parents=True, exist_ok=True)
        write_tones(music)
    fabric.barrier()
    files = audio_files(folder / "music")
    return train_codec(replace(CODEC, **settings), files[1:], files[:1], folder, fabric=fabric)


if __name__ == "__main__":
    torch.set_num_threads(1)
    kinds, folder, settings = sys.argv[1].split(","), Path(sys.argv[2]), json.loads(sys.argv[3])
    for kind in kinds:
        run = train_tiny(kind, folder / kind, settings)
        network = run.codec if kind == "codec" else run.predictor
        torch.save(network.state_dict(), folder / f"{kind}_{run.fabric.global_rank}.pt")
