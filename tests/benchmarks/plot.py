"""One picture of what was measured."""

from __future__ import annotations

import io
from typing import Any

from tests.benchmarks.peers import CONTENDERS

INK, FAINT, OURS = "#22262b", "#d9dde2", "#d6336c"
LOOKS = {  # colour and marker of each contender
    "floor": ("#868e96", "|"),
    "torch-floor": ("#f4a582", "|"),
    "naive": ("#495057", "o"),
    "torch": ("#e8590c", "s"),
    "compile": ("#f59f00", "D"),
    "jit": ("#1864ab", "^"),
    "queued": ("#4dabf7", ">"),
    "scan": ("#66d9e8", "v"),
    "pytensor": ("#2f9e44", "P"),
    "autograd": ("#7048e8", "X"),
    "sklearn": ("#0c8599", "h"),
}


def draw(results: dict[str, Any]) -> bytes | None:
    """A PNG; None if matplotlib is not installed."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    style = {
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.edgecolor": FAINT,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
    }
    with pyplot.rc_context(style):
        sides = [part for part in (start, memory, compiler) if part.__name__ in results]
        width = 14 if sides else 9.5
        height = max(3.2 + 0.55 * len(results["cases"]), 2.6 * len(sides), 4)
        figure = pyplot.figure(figsize=(width, height), layout="constrained")
        if sides and results["cases"]:
            left, right = figure.subfigures(1, 2, width_ratios=[2, 1], wspace=0.04)
            steps(left.subplots(), results["cases"])
            for part, axes in zip(sides, right.subplots(len(sides), 1, squeeze=False), strict=True):
                part(axes[0], results[part.__name__])
        elif sides:
            for part, axes in zip(
                sides, figure.subplots(1, len(sides), squeeze=False)[0], strict=True
            ):
                part(axes, results[part.__name__])
        else:
            steps(figure.subplots(), results["cases"])
        content = io.BytesIO()
        figure.savefig(content, dpi=150, format="png")
        pyplot.close(figure)
    return content.getvalue()


def steps(axes: Any, cases: dict[str, Any]) -> None:
    """A line of marks for each case: the time of a step, graphc's being 1."""
    seen: dict[str, Any] = {}
    rivals = [
        (row, key, one)
        for row, case in enumerate(cases.values())
        for key, one in case["contenders"].items()
        if key in LOOKS and one["ratio"]
    ]
    for row, key, one in rivals:
        colour, marker = LOOKS[key]
        own = one["median"] * one["ratio"]
        low, high = (value / own for value in one["quartiles"])
        axes.plot([low, high], [row, row], color=colour, linewidth=1.2, alpha=0.6)
        tick = marker == "|"
        look = {"s": 170, "linewidths": 2} if tick else {"s": 62, "edgecolors": "white"}
        at = 1 / one["ratio"]
        seen[key] = axes.scatter(
            at, row, color=colour, marker=marker, zorder=2 + (not tick), **look
        )
    for row, case in enumerate(cases.values()):
        axes.axhline(row, color=FAINT, linewidth=0.8, zorder=0)
        own, right = case["contenders"]["graphc"]["median"], axes.get_yaxis_transform()
        time = f"{own / 1e3:.1f} ms" if own >= 1e3 else f"{own:.0f} µs"
        axes.text(1.01, row, time, color=OURS, va="center", transform=right)
    axes.axvline(1, color=OURS, linewidth=1.6, zorder=1)
    axes.axvspan(1e-9, 1, color=OURS, alpha=0.05, linewidth=0, zorder=0)
    multiples = [1 / one["ratio"] for _, _, one in rivals] or [1]
    axes.set_xscale("log")
    axes.set_xlim(min(multiples) / 1.4, max(multiples) * 1.4)
    axes.set_ylim(len(cases) - 0.4, -0.6)
    labels = [case["title"].replace(" ", "\n", 1) for case in cases.values()]
    axes.set_yticks(range(len(cases)), labels)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"× {value:g}")
    axes.set_xlabel("time of a training step, in multiples of graphc's")
    axes.spines["left"].set_visible(False)
    top = axes.get_xaxis_transform()
    axes.text(1, 1.01, "graphc", color=OURS, ha="center", weight="bold", transform=top)
    names = [CONTENDERS[key].label for key in seen]
    columns = -(-len(seen) // 3)
    axes.figure.legend(seen.values(), names, loc="outside upper left", ncols=columns, frameon=False)


def bars(axes: Any, title: str, rows: list[tuple[str, str, float, str]]) -> None:
    """Horizontal bars: key, label, value, and what is written at its end."""
    for i, (key, _, value, text) in enumerate(rows):
        colour = OURS if key == "graphc" else LOOKS[key][0]
        axes.barh(i, value, 0.62, color=colour)
        axes.annotate(text, (value, i), (4, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(rows)), [label for _, label, _, _ in rows])
    axes.invert_yaxis()
    axes.set_title(title)
    axes.set_xlim(0, 1.3 * max(value for _, _, value, _ in rows))
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines["bottom"].set_visible(False)


def start(axes: Any, found: dict[str, Any]) -> None:
    """From the start of a process to its first finished step."""
    rows = [
        (key, CONTENDERS[key].label, one["median"], f"{one['median'] / 1e3:.2f} s")
        for key, one in found["contenders"].items()
    ]
    bars(axes, "Start to first step, digits", rows)


def memory(axes: Any, found: dict[str, Any]) -> None:
    """The most memory of a process."""
    rows = [
        (key, f"{CONTENDERS[key].label}, {case}", value / 1e6, f"{value / 1e6:.0f} MB")
        for case, values in found.items()
        for key, value in values.items()
        if isinstance(value, int)
    ]
    bars(axes, "Most memory of a process", rows)


def compiler(axes: Any, rows: list[dict[str, Any]]) -> None:
    """Seconds by nodes, beside a straight line."""
    done = [(row["nodes"], row["total"]) for row in rows if "total" in row]
    if not done:
        return
    sizes, totals = zip(*done, strict=True)
    ideal = [totals[0] * size / sizes[0] for size in sizes]
    axes.plot(sizes, ideal, color=FAINT, linewidth=1.4, zorder=0)
    axes.plot(sizes, totals, color=OURS, marker="o", linewidth=1.8)
    for size, total in done:
        axes.annotate(f"{total:.2g} s", (size, total), (6, -12), textcoords="offset points")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title("Compile time")
    axes.set_xlabel("nodes of the source")
    axes.margins(0.15)
