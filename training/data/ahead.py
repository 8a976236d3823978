"""Batches that are there before they are asked for, so that reading files never holds up a step."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

BATCHES_AHEAD = 4
"""Batches that are made, or waited for, beside the one that is learned from."""

THREADS = 2
"""That make them: files are read and decoded without Python's lock."""

Batch = TypeVar("Batch")


class Ahead(Generic[Batch]):
    """Calls a function of a batch's number in other threads, before its result is wanted.

    Attributes:
        waited_s: how long batches have been waited for so far.
    """

    def __init__(self, make: Callable[[int], Batch], stride: int) -> None:
        """Args: stride: from one number to the next that will be asked for."""
        self.waited_s = 0.0
        self._make = make
        self._stride = stride
        self._threads = ThreadPoolExecutor(THREADS, "batches")
        self._coming: dict[int, Future[Batch]] = {}

    def batch(self, number: int) -> Batch:
        """The batch of this number; raises what the function raised."""
        began_s = time.monotonic()
        window = range(number, number + (1 + BATCHES_AHEAD) * self._stride, self._stride)
        self._coming = {
            each: self._coming.get(each) or self._threads.submit(self._make, each) for each in window
        }
        batch = self._coming.pop(number).result()
        self.waited_s += time.monotonic() - began_s
        return batch
