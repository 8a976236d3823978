"""``python -m core.engine``: the engine process, started by a client, never by hand."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

from .worker import Method, main

META_KERNELS = "torch._meta_registrations"
"""What torch needs to run networks without numbers, as compilers do. Brings a thousand decompositions."""


def load_methods() -> Mapping[str, Method]:
    """What the engine can do. The import brings torch, which takes seconds: hence a function."""
    # Threads that wait would spin, and beside a busy Blender take the time of those that they wait for.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with _left_out(META_KERNELS):
        from .methods import METHODS

    return METHODS


@contextmanager
def _left_out(module: str) -> Iterator[None]:
    """Has imports of a module find nothing in it, until somebody imports it later."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = ModuleType(module)
    try:
        yield
    finally:
        del sys.modules[module]


if __name__ == "__main__":
    main(load_methods)
