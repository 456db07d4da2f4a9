"""What the figures were measured on, and with."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

LIBRARIES = ("graphc", "numpy", "torch", "jax", "pytensor", "numba", "autograd", "scikit-learn")


def describe(threads: int) -> dict[str, Any]:
    """The processor, its cores, the libraries' versions and how busy the machine was before."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"Python": platform.python_version(), **versions()},
    }


def processor() -> str:
    """Its name, as Linux tells it, with the family if that name says little."""
    table = Path("/proc/cpuinfo")
    if not table.exists():
        return platform.processor() or platform.machine()
    pairs = (line.split(":", 1) for line in table.read_text().splitlines() if ":" in line)
    facts = {key.strip(): value.strip() for key, value in pairs}
    return facts.get("model name") or platform.machine()


def versions() -> dict[str, str]:
    """Of what is installed; NumPy's with the library that multiplies its matrices."""
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    import graphc

    found["graphc"] = graphc.__version__
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[call-overload]
    found["numpy"] += f" ({blas['name']} {blas['version']})"
    return {name: found[name] for name in LIBRARIES if name in found}


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def confine(threads: int) -> None:
    """Holds this process, and those it starts, to so many cores: every library sees no others."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
