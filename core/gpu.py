"""The GPU: whether there is one to compute on, and what the user is told where there is none, or it fails."""

from __future__ import annotations

import logging

import torch

logger = logging.getLogger(__name__)

DEVICE = torch.device("cuda")
"""What torch calls the first GPU, NVIDIA's or AMD's."""

AGAIN = "It is tried again once Blender has been restarted."

FAILURES = (RuntimeError, torch.cuda.DeferredCudaCallError)
"""What torch raises when a GPU, its driver or one of its libraries fails; not only then."""

# Transposed convolutions may add up in any order without it, and the same codes give other samples.
torch.backends.cudnn.deterministic = True

_failure = ""


def why_not() -> str:
    """Why nothing can be computed on a GPU, and what to do about it; empty if it can."""
    if _failure:
        return f"the GPU has failed before ({_failure}). {AGAIN}"
    if torch.version.cuda is None and torch.version.hip is None:
        return (
            "the engine's PyTorch is the build for processors only. "
            "If there is an NVIDIA GPU, remove the engine in Kinetone's preferences and install it again."
        )
    if not torch.cuda.is_available():
        return "PyTorch finds no GPU that it can use. If there is one, update its driver."
    return ""


def give_up(error: Exception) -> str:
    """Has nothing more computed on the GPU in this process, as after some failures of one nothing can be.

    Returns: what to tell the user.
    """
    global _failure
    logger.error("The GPU has failed", exc_info=error)
    _failure = str(error).strip().partition("\n")[0][:200].rstrip(".") or type(error).__name__
    return f"the GPU has failed ({_failure}). {AGAIN}"
