"""The colours of a picture, in light and dark, and its style sheet."""

from __future__ import annotations

COLOURS = {  # of each kind: fill and border in light, then in dark
    "input": ("#dbeafe", "#2563eb", "#172f5c", "#60a5fa"),
    "target": ("#ede9fe", "#7c3aed", "#33235e", "#a78bfa"),
    "param": ("#fef3c7", "#b45309", "#4a3208", "#fbbf24"),
    "frozen": ("#fef3c7", "#b45309", "#4a3208", "#fbbf24"),
    "const": ("#f1f5f9", "#64748b", "#1e293b", "#94a3b8"),
    "step": ("#ffffff", "#475569", "#0f172a", "#94a3b8"),
    "box": ("#f1f5f9", "#475569", "#1e293b", "#94a3b8"),
    "output": ("#dcfce7", "#15803d", "#0d3b22", "#4ade80"),
    "loss": ("#fee2e2", "#dc2626", "#501414", "#f87171"),
}
WIDTHS = {"output": 2.2, "loss": 1.8}  # of borders that are not 1.4 wide
INK, LINE, BACK = "#1e293b", "#64748b", "#c81e1e"  # text, edges, gradients
LIGHT = {"paper": "#ffffff", "ink": INK, "soft": "#64748b", "line": LINE, "back": BACK}
DARK = {
    "paper": "#0f172a",
    "ink": "#e2e8f0",
    "soft": "#94a3b8",
    "line": "#94a3b8",
    "back": "#f87171",
}
RULES = """
.graph { background: var(--paper); }
.graph text { fill: var(--ink); }
.graph text { font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.graph .paper { fill: var(--paper); }
.graph .small { font-size: 10px; fill: var(--soft); }
.graph .head { font-size: 14px; font-weight: bold; }
.graph .middle { text-anchor: middle; }
.graph .edge { fill: none; stroke: var(--line); stroke-width: 1.3; }
.graph .tip { fill: var(--line); }
.graph .back { fill: none; stroke: var(--back); stroke-width: 1.2; stroke-dasharray: 5 3; }
.graph .tip.returning, .graph .small.returning { fill: var(--back); }
.graph .sum circle { fill: var(--paper); stroke: var(--back); stroke-width: 1.2; }
.graph .sum path { stroke: var(--back); stroke-width: 1.4; }
.graph a:hover rect { stroke-width: 2.6; }
.graph .port { fill: none; stroke: var(--soft); stroke-dasharray: 2 3; }
.graph .target, .graph .frozen { stroke-dasharray: 5 3; }
.graph .inner { fill: none; }
.graph .open { fill-opacity: 0.45; }
"""


def _variables(common: dict[str, str], at: int) -> str:
    """The colours as variables; those of kinds stand at `at` in COLOURS."""
    named = {**common}
    for kind, colours in COLOURS.items():
        named |= {kind: colours[at], f"{kind}-line": colours[at + 1]}
    return " ".join(f"--{name}: {colour};" for name, colour in named.items())


def _kind(kind: str) -> str:
    width = WIDTHS.get(kind, 1.4)
    paint = f"fill: var(--{kind}); stroke: var(--{kind}-line); stroke-width: {width};"
    return f".graph .{kind} {{ {paint} }}"


STYLE = "\n".join(
    [
        f".graph {{ {_variables(LIGHT, 0)} }}",
        "@media (prefers-color-scheme: dark) {",
        f".graph {{ {_variables(DARK, 2)} }} }}",
        *map(_kind, COLOURS),
        RULES.strip(),
        "",
    ]
)
