"""Documents whose frames are files, commands and what those print: run, and compared or renewed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)(?: (\w+)=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
TIME = re.compile(r"\d[\d,.]* (?:min \d+ s|h \d+ min|ms|µs|s|min)\b(?!/)( left)?")
RATE = re.compile(r"\d[\d,.]* (?=(samples|steps)/s)")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?")
ROUNDING = 1e-6  # below it numbers are what is left of others


def shell(command: str, folder: Path) -> str:
    """The output of a command, with this Python's `graphc` and `python` first on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=os.environ | {"PATH": path, "COLUMNS": "80"},
        capture_output=True,
        text=True,
    )
    return result.stdout + result.stderr


def write_files(text: str, folder: Path) -> None:
    """Writes the frames that are files."""
    for _, kind, name, body in BLOCK.findall(text):
        if kind == "file":
            (folder / name).write_text(body, encoding="utf-8")


def renewed(text: str, folder: Path) -> str:
    """A document with what its commands print, and its `shown=` files hold, as it is now.

    Times are left out. What was there stays if it agrees: on another processor the last digits of
    what was learnt are others.
    """

    def frame(found: re.Match[str]) -> str:
        language, kind, name, body = found.groups()
        if kind == "shown":
            content = (folder / name).read_text(encoding="utf-8")
            return f"```{language} {kind}={name}\n{content}```"
        if language != "console":
            return found[0]
        return f"```console\n{STEP.sub(step, body)}```"

    def step(found: re.Match[str]) -> str:
        command, expected = found.groups()
        timeless = TIME.sub(lambda time: "" if time[1] else "…", shell(command, folder))
        lines = RATE.sub("… ", timeless).rstrip().splitlines()
        output = "".join(f"{line.rstrip()}\n" for line in lines)
        return found[0] if agree(output, expected) else f"$ {command}\n{output}"

    return BLOCK.sub(frame, text)


def agree(one: str, other: str) -> bool:
    """Whether two texts are the same but for the last digits of numbers: 2 %, and rounding."""
    if NUMBER.sub("0", one).split() != NUMBER.sub("0", other).split():
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(a == b or _near(a, b) for a, b in pairs)


def _near(one: str, other: str) -> bool:
    whole = one.isdigit() and other.isdigit()
    a, b = float(one), float(other)
    return not whole and abs(a - b) <= max(0.02 * abs(b), ROUNDING)
