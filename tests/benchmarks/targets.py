"""What is aimed at, and whether the measured figures reach it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from tests.benchmarks.calm import CALM
from tests.benchmarks.cases import SGD
from tests.benchmarks.growth import TARGETS
from tests.benchmarks.peers import CONTENDERS

OTHERS = ("naive", "autograd", "torch", "compile", "sklearn")
SMALL = {"xor": 0.85, "seed": 0.85, "moons": 0.85, "digits": 0.85}
JIT = {"xor": 1.3, "seed": 1.3}  # under 10 parameters a layer
FLOOR = {"wide": 1.05, "mnist": 1.15, "deep": 1.35, "digits": 1.6, "moons": 1.8}
START = {"torch": 1 / 8, "jit": 1 / 4}
OBJECTS = 2048  # bytes that Python's own numbers, tuples and views take for a moment


@dataclass(frozen=True)
class Target:
    """One line: what is measured, where, the figure and the most it may be."""

    what: str
    case: str
    measured: float
    most: float
    unit: str = ""
    strict: bool = True  # the most itself is too much

    @property
    def holds(self) -> bool:
        return self.measured < self.most if self.strict else self.measured <= self.most


def targets(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Every target of which the figures are there; "disturbed": others used the machine too."""
    noisy = {name for name, case in results["cases"].items() if case["others"] > CALM}
    steps = [(one, one.case in noisy) for one in _steps(results)]
    others = (*_start(results), *_memory(results), *_compiler(results))
    return [
        {**asdict(one), "holds": one.holds, "disturbed": disturbed}
        for one, disturbed in [*steps, *((one, False) for one in others)]
    ]


def _steps(results: dict[str, Any]) -> Iterator[Target]:
    cases = results["cases"]
    ratios = {
        name: {key: one["ratio"] for key, one in case["contenders"].items() if one["ratio"]}
        for name, case in cases.items()
    }
    for name in [name for name in SGD if name in ratios]:
        against = [key for key in OTHERS if key in ratios[name]]
        if against:
            strongest = max(against, key=lambda key: ratios[name][key])
            what = f"graphc / fastest: {CONTENDERS[strongest].label}"
            yield Target(what, name, ratios[name][strongest], 1)
    for what, key, most, strict in (
        ("graphc / naive NumPy", "naive", SMALL, True),
        ("graphc / JAX jit", "jit", dict.fromkeys(SGD, 1) | JIT, True),
        ("graphc / products, NumPy", "floor", FLOOR, False),
        ("graphc / PyTorch", "torch", {"wide-adam": 1}, True),
    ):
        for name, value in most.items():
            if key in ratios.get(name, {}):
                yield Target(what, name, ratios[name][key], value, strict=strict)
    for name, values in ratios.items():
        if "fit" in values and "graphc" in values:
            yield Target("graphc fit / step", name, 1 / values["fit"], 1.1, strict=False)


def _start(results: dict[str, Any]) -> Iterator[Target]:
    for key, most in START.items():
        one = results.get("start", {}).get("contenders", {}).get(key)
        if one and one["ratio"]:
            what = f"start to first step, graphc / {CONTENDERS[key].label}"
            yield Target(what, "digits", one["ratio"], most, strict=False)


def _memory(results: dict[str, Any]) -> Iterator[Target]:
    for name, values in results.get("memory", {}).items():
        for key in ("torch", "jit"):
            if isinstance(values.get(key), int):
                what = f"most memory, graphc / {CONTENDERS[key].label}"
                yield Target(what, name, values["graphc"] / values[key], 1)
    for name, values in results.get("allocated", {}).items():
        yield Target("allocated in a step, at its peak", name, values["peak"], OBJECTS, " bytes")
        yield Target("kept by a step", name, values["kept"], 0, " bytes", strict=False)


def _compiler(results: dict[str, Any]) -> Iterator[Target]:
    sizes = {row["nodes"]: row for row in results.get("compiler", []) if "total" in row}
    for nodes, most in TARGETS.items():
        if nodes in sizes:
            what = f"compiling {nodes:,} nodes"
            yield Target(what, "", sizes[nodes]["total"], most, " s", strict=False)
    for nodes, row in sizes.items():
        if nodes // 10 in sizes and nodes >= 10_000:
            growth = row["total"] / sizes[nodes // 10]["total"]
            yield Target(
                f"{nodes:,} nodes / {nodes // 10:,}", "", growth, 13, " times", strict=False
            )
