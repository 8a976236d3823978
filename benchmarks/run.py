"""Times Kinetone on this machine: ``python benchmarks/run.py [ROW ...]``, or ``make bench``.

Every row leaves ``ROW.json`` in the output folder; what is there makes ``results.md`` and ``length.png``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from measure import machine
from rows import ROWS


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; all without")
    parser.add_argument("--threads", type=int, default=2, help="of torch (default: 2)")
    parser.add_argument("--repeats", type=int, default=9, help="rounds of each comparison (default: 9)")
    parser.add_argument("--output", type=Path, default=Path("build/bench"), help="default: build/bench")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.rows if name not in ROWS]:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    torch.set_num_threads(arguments.threads)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in arguments.rows or ROWS:
        print(f"{name} …", flush=True)
        with torch.inference_mode():
            measured = ROWS[name](arguments.repeats)
        row = {"about": ROWS[name].__doc__, "machine": machine(), **measured}
        (arguments.output / f"{name}.json").write_text(json.dumps(row, indent=2) + "\n")
    write_report(arguments.output)


def write_report(folder: Path) -> None:
    """A table and a plot of all rows that have been measured."""
    rows = {name: json.loads(path.read_text()) for name in ROWS if (path := folder / f"{name}.json").exists()}
    (folder / "results.md").write_text("\n\n".join(as_markdown(row) for row in rows.values()) + "\n")
    if "length" in rows:
        plot_length(folder / "length.png", rows["length"]["timings"])
    print((folder / "results.md").read_text())


def as_markdown(row: dict[str, Any]) -> str:
    """One row's tables; ratios are of minima, to the last entry."""
    about = ", ".join(f"{name} {value}" for name, value in row["machine"].items())
    parts = [f"## {row['about']}", about]
    if timings := row.get("timings"):
        table = ["| what | median | quartiles | minimum | processor time |", "|---|---|---|---|---|"]
        for name, t in timings.items():
            columns = (t["median"], t["q1"], t["q3"], t["min"], t["cpu"])
            median, q1, q3, least, cpu = (f"{1000 * each:.4g}" for each in columns)
            table.append(f"| {name} | {median} ms | {q1} to {q3} | {least} ms | {cpu} ms |")
        parts.append("\n".join(table))
    if numbers := row.get("numbers"):
        parts.append(
            "\n".join(
                ["| | |", "|---|---|", *(f"| {name} | {value:.4g} |" for name, value in numbers.items())]
            )
        )
    return "\n\n".join(parts)


def plot_length(path: Path, timings: dict[str, dict[str, float]]) -> None:
    """Seconds of work against seconds of dance."""
    from matplotlib.figure import Figure

    lengths = [float(name.split()[0]) for name in timings]
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(lengths, [each["min"] for each in timings.values()], "o-", label="on the clock")
    axes.plot(lengths, [each["cpu"] for each in timings.values()], "s--", label="processor time")
    axes.set(xlabel="length of the dance (s)", ylabel="time to make the music (s)", xlim=0, ylim=0)
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
