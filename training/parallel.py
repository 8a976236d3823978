"""One process or many, CPU or GPU: what of this differs, Lightning Fabric takes care of."""

from __future__ import annotations

import os
from typing import Literal

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["bfloat16", "float32"]


def start_fabric(precision: Precision, device: Device = "cpu") -> Fabric:
    """Joins the processes that ``torchrun`` started; a process started otherwise is on its own.

    Args:
        precision: of what runs under ``fabric.autocast()`` or in a module that Fabric set up.
        device: ``auto`` for the GPU if there is one. Each process of a machine gets a GPU of its own.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    local = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    fabric = Fabric(
        accelerator=device,
        devices=local,
        num_nodes=processes // local,
        # Codebooks learn outside of backpropagation and are shared there; for a while the
        # encoder stands still and has no gradients.
        strategy=DDPStrategy(broadcast_buffers=False, find_unused_parameters=True)
        if processes > 1
        else "auto",
        precision="bf16-mixed" if precision == "bfloat16" else "32-true",
    )
    fabric.launch()
    return fabric
