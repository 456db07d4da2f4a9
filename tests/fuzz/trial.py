"""One input, compiled within bounds: what became of it."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import graphc
from graphc.drawing import draw
from graphc.errors import CODES, CompileError

from .known import check
from .texts import Input

SECONDS = 10.0  # of an input
WIDEST = 1_000  # characters of a line of what is told


class TooSlowError(BaseException):
    """An input that took longer than it may; no handler of the compiler's catches it."""


@dataclass(frozen=True)
class Outcome:
    """`compiled`, the code of the first error, or `failed`; where it failed and how."""

    kind: str
    seconds: float
    mark: str = ""  # two failures with the same mark have the same cause
    told: str = ""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stops what takes longer, by a signal: in the main thread of a process alone."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlowError(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def attempt(one: Input, seconds: float = SECONDS) -> Outcome:
    """Compiles an input and judges what it gives; whatever is wrong is an outcome."""
    start = time.perf_counter()
    try:
        with limited(seconds):
            kind = _judged(one)
    except (Exception, TooSlowError) as error:
        return _failure(error, time.perf_counter() - start)
    return Outcome(kind, time.perf_counter() - start)


def _judged(one: Input) -> str:
    try:
        compiled = graphc.compile_text(one.text, one.file, dtype=one.dtype, plain=one.plain)
    except CompileError as error:
        for diagnostic in error.diagnostics:
            assert diagnostic.code in CODES, diagnostic.code
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(one.text)
            drawn = draw(diagnostic)
            assert drawn.startswith(f"{diagnostic.severity}[{diagnostic.code}]: ")
            assert max(map(len, drawn.split("\n"))) <= WIDEST, "a line that is too wide"
        return error.diagnostics[0].code
    check(compiled.source)
    return "compiled"


def _failure(error: BaseException, seconds: float) -> Outcome:
    told = "".join(traceback.format_exception(error))
    frames = [
        one for one in traceback.extract_tb(error.__traceback__) if "/tests/" not in one.filename
    ]
    place = "" if isinstance(error, TooSlowError) or not frames else f" in {frames[-1].name}"
    return Outcome("failed", seconds, f"{type(error).__name__}{place}", told)
