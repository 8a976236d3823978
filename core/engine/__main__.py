"""``python -m core.engine``: the engine process, started by a client, never by hand."""

from __future__ import annotations

from collections.abc import Mapping

from .worker import Method, main


def load_methods() -> Mapping[str, Method]:
    """What the engine can do. The import brings torch, which takes seconds: hence a function."""
    from .methods import METHODS

    return METHODS


if __name__ == "__main__":
    main(load_methods)
