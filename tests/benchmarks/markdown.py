"""The tables of the README's performance section, from what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.benchmarks.peers import CONTENDERS
from tests.benchmarks.report import number

LEFT_OUT = ("graphc", "fit", "torch-floor")


def readme(results: dict[str, Any]) -> str:
    """Markdown: graphc's time, and everyone else's as a multiple of it."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    head = f"Measured on {machine['processor']}, {machine['threads']} threads, with {versions}."
    parts = [head, steps(results["cases"])]
    if "start" in results or "memory" in results:
        parts.append(processes(results))
    if "compiler" in results:
        parts.append(compiler(results["compiler"]))
    return "\n\n".join(parts) + "\n"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; all columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def times(value: float) -> str:
    """A multiple of graphc's figure; bold if it is less."""
    text = f"× {number(value)}"
    return f"**{text}**" if value < 1 else text


def steps(cases: dict[str, Any]) -> str:
    """A row for each case, a column for each contender that was in one."""
    met = {key for case in cases.values() for key in case["contenders"]}
    columns = [key for key in CONTENDERS if key in met and key not in LEFT_OUT]
    head = ["layers, batch", "graphc", *(CONTENDERS[key].label for key in columns)]
    rows = []
    for case in cases.values():
        found = case["contenders"]
        ratios = {key: found[key]["ratio"] for key in columns if key in found}
        cells = [times(1 / ratios[key]) if ratios.get(key) else "" for key in columns]
        rows.append([case["title"], f"{number(found['graphc']['median'])} µs", *cells])
    return grid(head, rows)


def processes(results: dict[str, Any]) -> str:
    """Start and memory: a column for each contender."""
    begun = results.get("start", {}).get("contenders", {})
    used = results.get("memory", {})
    columns = [
        key
        for key in CONTENDERS
        if key != "graphc" and (key in begun or any(key in values for values in used.values()))
    ]
    rows = []
    if begun:
        cells = [times(1 / begun[key]["ratio"]) if key in begun else "" for key in columns]
        own = f"{number(begun['graphc']['median'])} ms"
        rows.append(["start to first step, digits", own, *cells])
    for case, values in used.items():
        own = values["graphc"]
        cells = [
            times(values[key] / own) if isinstance(values.get(key), int) else "" for key in columns
        ]
        rows.append([f"most memory, {case}", f"{number(own / 1e6)} MB", *cells])
    return grid(["", "graphc", *(CONTENDERS[key].label for key in columns)], rows)


def compiler(rows: list[dict[str, Any]]) -> str:
    """How the compiler's time grows."""
    cells = []
    before = None
    for row in rows:
        total = row.get("total")
        growth = f"× {total / before:.1f}" if total and before else ""
        cells.append([f"{row['nodes']:,}", f"{total:.2f} s" if total else row["failed"], growth])
        before = total
    return grid(["nodes of the source", "compiled in", "growth"], cells)
