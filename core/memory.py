"""Too little memory: how to know, and what to try then."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from typing import TypeVar

import torch

Made = TypeVar("Made")

_WORDS = ("DefaultCPUAllocator", "bad_alloc", "CUDA out of memory", "could not create a")
"""In messages of RuntimeErrors by which torch and its libraries say that memory ran out: for processors
there is no class of its own. The last one is oneDNN's, which says the same of what it cannot do at all."""


def ran_out(error: BaseException) -> bool:
    """Whether an error says that there was not enough memory, of the computer or of a GPU."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)


def first_that_fits(attempts: Iterable[tuple[str, Callable[[], Made]]]) -> tuple[Made, list[str]]:
    """Makes something in the first way for which the memory suffices.

    Args: attempts: ways from the best to the most frugal, each with what to tell the user when it was
        needed; the first one's is not told. Each starts from the beginning.
    Returns: what was made, and what to tell.
    Raises: MemoryError: it suffices for none; whatever else an attempt raises.
    """
    notes: list[str] = []
    failure: BaseException | None = None
    for note, attempt in attempts:
        if failure is not None:
            failure = None
            _free()
            notes = [note]
        try:
            return attempt(), notes
        except (MemoryError, RuntimeError) as error:
            if not ran_out(error):
                raise
            # Its frames hold what the attempt had made.
            failure = error.with_traceback(None)
    raise MemoryError(str(failure)) from failure


def _free() -> None:
    """Gives back what torch keeps for later."""
    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
