"""The report on the terminal."""

from __future__ import annotations

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.benchmarks import calm
from tests.benchmarks.peers import CONTENDERS

OURS = ("graphc", "fit")
WIDTH = 98


def show(results: dict[str, Any], console: Console) -> None:
    """Everything that was measured."""
    show_machine(results["machine"], console)
    for case in results["cases"].values():
        show_times(case, "µs per step", console)
    if "start" in results:
        show_times(results["start"], "ms", console)
    if "memory" in results:
        show_memory(results["memory"], console)
    if "compiler" in results:
        show_compiler(results["compiler"], console)
    if results["targets"]:
        show_targets(results["targets"], console)


def show_machine(machine: dict[str, Any], console: Console) -> None:
    load = machine["load"]
    busy = f", load before {load:.2f}" if load is not None else ""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    console.print(f"{machine['processor']}, {machine['cores']} cores, {machine['system']}{busy}")
    console.print(f"threads: {machine['threads']} for each contender")
    console.print(f"{versions}\n")


def table(title: str, *columns: str) -> Table:
    """A table whose first column is text and whose others are numbers."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, width=WIDTH, header_style="dim")
    made.add_column(Text(title, style="bold not dim"), ratio=1)
    for column in columns:
        made.add_column(column, justify="right", no_wrap=True)
    return made


def named(key: str, note: str = "") -> Text:
    """A contender's name, and what it decided for itself."""
    text = Text(CONTENDERS[key].label, style="bold cyan" if key in OURS else "")
    return text.append(f" ({note})", style="dim") if note else text


def number(value: float) -> str:
    """Three digits that matter."""
    if value >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def show_times(case: dict[str, Any], unit: str, console: Console) -> None:
    """The contenders of a case, the fastest first."""
    made = table(case["title"], unit, "quartiles", "graphc / this")
    ranked = sorted(case["contenders"].items(), key=lambda pair: float(pair[1]["median"]))
    for key, one in ranked:
        low, high = map(number, one["quartiles"])
        ratio = "" if one["ratio"] is None or key == "graphc" else number(one["ratio"])
        label = named(key, one.get("note", ""))
        made.add_row(label, number(one["median"]), f"{low} – {high}", ratio)
    console.print(made, end="")
    show_others(case.get("others", 0), console)
    for label, reason in case["left_out"].items():
        console.print(f"{label}: left out, {reason}", style="dim", highlight=False)


def show_others(share: float, console: Console) -> None:
    """What other processes took meanwhile, if it is enough to disturb."""
    if share > calm.CALM:
        text = f"disturbed: other processes took {100 * share:.0f} % of the processors"
        console.print(text, style="bold red")


def show_memory(found: dict[str, Any], console: Console) -> None:
    """The most that processes had in memory."""
    made = table("most memory of a process that trains", "MB", "graphc / this")
    for case, values in found.items():
        for key, value in values.items():
            label = named(key).append(f", {case}", style="")
            if isinstance(value, int):
                ratio = "" if key == "graphc" else number(values["graphc"] / value)
                made.add_row(label, number(value / 1e6), ratio)
            else:
                made.add_row(label, "left out", value)
    console.print(made, end="")


def show_compiler(rows: list[dict[str, Any]], console: Console) -> None:
    """Seconds of each stage, and how they grow."""
    names = list(rows[0]["stages"]) if rows else []
    sizes = [f"{row['nodes']:,}" for row in rows]
    made = table("compiler, ms by nodes", *sizes)
    for name in [*names, "total"]:
        cells, before = [], None
        for row in rows:
            seconds = row.get("total") if name == "total" else row["stages"].get(name)
            growth = f" × {seconds / before:4.1f}" if seconds and before else " " * 7
            cells.append(f"{number(1e3 * seconds)}{growth}" if seconds is not None else "–")
            before = seconds
        made.add_row(Text(name, style="bold" if name == "total" else ""), *cells)
    console.print(made, end="")
    for row in [row for row in rows if "failed" in row]:
        console.print(f"{row['nodes']:,} nodes: {row['failed']}", style="dim")


def show_targets(found: list[dict[str, Any]], console: Console) -> None:
    """What is aimed at, line by line."""
    made = table("targets", "case", "measured", "target", "holds")
    before = None
    for one in found:
        what = one["what"]
        sign = "<" if one["strict"] else "≤"
        most = f"{one['most']:.4g}"
        verdict = Text("yes", style="green") if one["holds"] else Text("NO", style="bold red")
        if one["disturbed"]:
            verdict = Text("disturbed", style="dim")
        made.add_row(
            "" if what == before else what,
            one["case"],
            f"{number(one['measured'])}{one['unit']}",
            f"{sign} {most}{one['unit']}",
            verdict,
        )
        before = what
    console.print(made, end="")
