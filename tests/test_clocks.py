"""The clock of the wall may jump, by summer time, by a time server or by hand: nothing goes by it."""

import ast
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
WALL_CLOCKS = {
    "time": {"time", "time_ns", "ctime", "localtime", "gmtime", "strftime"},
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
}


def wall_clocks(source):
    """Where a module reads the wall's clock: lines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if node.attr in WALL_CLOCKS.get(owner, ()):
                yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (node.lineno for name in node.names if name.name in WALL_CLOCKS["time"])


@pytest.mark.parametrize(
    "source", ["time.time()", "datetime.now()", "datetime.datetime.now()", "from time import time"]
)
def test_the_wall_clock_is_seen_in_code(source):
    assert list(wall_clocks(source))


@pytest.mark.parametrize("folder", ["core", "blender_addon"])
def test_nothing_goes_by_the_wall_clock(folder):
    paths = sorted((CHECKOUT / folder).rglob("*.py"))
    assert paths
    found = {path: list(wall_clocks(path.read_text(encoding="utf-8"))) for path in paths}
    assert not any(found.values()), found
