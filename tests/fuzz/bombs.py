"""Texts that are far too large or too deep: `python -m tests.fuzz.bombs [--long] [NAME ...]`.

Each is compiled in a process of its own whose memory and processor time are bounded, and gives a
module or a CompileError. A word that is parsed takes about 10 µs, so a text of a million words, the
most that it may have, is read or refused within twelve seconds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import graphc

SECONDS, LONG = 20, 600  # of processor time, for those of QUICK and of SLOW
MEMORY = 4 << 30  # bytes of address space


def model(value: str, above: str = "") -> str:
    return f"{above}param w : [3] = ones\np = {value}\noutput p\nloss mean(p)\n"


def lines(line: str, number: int) -> str:
    """A line many times, its number in the place of `#`, the one before in the place of `<`."""
    numbers = range(1, number + 1)
    return "".join(line.replace("#", str(i)).replace("<", str(i - 1)) + "\n" for i in numbers)


def chain(line: str, number: int) -> str:
    return model(f"x{number}", f"param x0 : [3] = ones\n{lines(line, number)}")


def calls(name: str, number: int) -> str:
    return model(f"{name * number}w{')' * number}")


TWICE = "block b0(x) { return x + x }\n" + lines("block b#(x) { return b<(b<(x)) }", 60)
DEEP = "block b0(x) { return tanh(x) }\n" + lines("block b#(x) { return b<(x) }", 2_000)
QUICK: dict[str, Callable[[], str]] = {
    "499 brackets": lambda: model(f"{'(' * 499}w{')' * 499}"),
    "100,000 brackets": lambda: model("(" * 100_000),
    "450 calls": lambda: calls("tanh(", 450),
    "3,000 signs": lambda: model("-" * 3_000 + "w"),
    "lists in lists": lambda: f"param v = {'[' * 100_000}\n",
    "schedules in schedules": lambda: (
        f"{model('w * 1')}optimizer sgd({'warmup(' * 300}0.1{', steps = 3)' * 300})\n"
    ),
    "a digit 100,000 times": lambda: model("9" * 100_000),
    "a name of 1 MB": lambda: model("x" * 1_000_000),
    "a string of 1 MB": lambda: f'import "{"x" * 1_000_000}"\n',
    "a comment of many signs": lambda: "#x " * 500_000 + "\n" + model("w * 1"),
    "a comment of 10 MB": lambda: f"# {'x' * 10_000_000}\n{model('w * 1')}",
    "powers of powers": lambda: model("w * 9 ** 9 ** 9 ** 9"),
    "a size of powers of powers": lambda: "dim d = 9 ** 9 ** 9 ** 9\n" + model("w"),
    "sizes near 2 ** 63": lambda: model("v * 1", f"param v : [{'999999999999999999, ' * 3}] = 1\n"),
    "sizes that are squared": lambda: model("w", "dim d0 = 9\n" + lines("dim d# = d< * d<", 60)),
    "a diamond of 25": lambda: chain("x# = x< * x<", 25),
    "blocks of two blocks": lambda: model("b60(w)", TWICE),
    "2,000 blocks in blocks": lambda: model("b2000(w)", DEEP),
    "a vast repeat": lambda: model("w |> repeat(999999999, tanh)"),
    "repeat of repeat": lambda: model("w |> repeat(1000, repeat(1000, repeat(1000, tanh)))"),
    "1,000 errors": lambda: lines("a# = b#", 1_000),
    "a digit 10 million times": lambda: model("9" * 10_000_000),
    "a million brackets": lambda: model("(" * 1_000_000),
    "a million odd characters": lambda: model("$" * 1_000_000),
    "a million empty lines": lambda: "\n" * 1_000_000 + model("w * 1"),
    "10 MB of brackets": lambda: model("(" * 10_000_000),
    "10 MB of closing brackets": lambda: model(")" * 10_000_000),
    "10 MB of pairs of brackets": lambda: model("()" * 5_000_000),
    "10 MB of braces": lambda: "{\n" * 5_000_000,
    "10 MB of zero bytes": lambda: "\0" * 10_000_000,
    "10 MB of marks that turn": lambda: "\u202e" * 10_000_000,
    "10 MB of marks in a comment": lambda: "#\u202e\n" * 3_300_000,
    "10 MB of halves of surrogates": lambda: "\ud800" * 10_000_000,
    "10 MB of emoji": lambda: "\U0001f600 " * 5_000_000,
    "10 MB of quotes": lambda: '"' * 10_000_000,
    "10 MB of signs": lambda: model("w " + "-" * 10_000_000 + " w"),
    "10 MB of dots": lambda: model("w" + ".T" * 5_000_000),
    "10 MB of pipes": lambda: model("w" + " |> tanh" * 1_250_000),
    "10 MB of names": lambda: "x " * 5_000_000,
    "10 MB of numbers": lambda: model(f"[{'1,' * 5_000_000}]"),
    "10 MB of empty lines": lambda: "\n" * 10_000_000,
    "10 MB of empty statements": lambda: "loss\n" * 2_000_000,
    "10 MB of blocks": lambda: lines("block b#(x) { return x }", 350_000),
    "10 MB of imports": lambda: 'import "a"\n' * 1_000_000,
    "a line of 10 MB": lambda: model("w" + " + w * 1" * 1_250_000),
    "pipes that make a million words": lambda: model("w" + " |> tanh" * 490_000),
    "products near 2 ** 63": lambda: model(
        "v @ u", "param v : [3037000500, 3037000500] = 1\nparam u : [3037000500, 3037000500] = 1\n"
    ),
}
SLOW: dict[str, Callable[[], str]] = {
    "50,000 terms": lambda: model("w" + " + w" * 50_000),
    "a chain of 10,000": lambda: chain("x# = tanh(x<)", 10_000),
    "300,000 numbers": lambda: model("v * 1", f"param v = [{'1, ' * 300_000}]\n"),
    "20,000 errors": lambda: lines("a# = b#", 20_000),
    "a name 100,000 times": lambda: "param w = 1\n" * 100_000,
    "10,000 operands": lambda: model(f"concat({'w, ' * 10_000}axis = 0)"),
    "a comment of 16 MB": lambda: f"# {'x' * 16_000_000}\n{model('w * 1')}",
    "100 MB": lambda: "# x\n" * 25_000_000,
    "100,000 errors": lambda: lines("a# = b#", 100_000),
    "100,000 lines that do not parse": lambda: lines("a# = = b#", 100_000),
    "100,000 names twice": lambda: lines("param w : [2] = 1", 100_000),
    "100,000 nodes": lambda: model("x1 + w", lines("x# = w * #", 100_000)),
    "a chain of 100,000": lambda: chain("x# = tanh(x<)", 100_000),
    "a million nodes": lambda: model("x1 + w", lines("x# = w", 1_000_000)),
    "a cycle of 100,000": lambda: lines("x# = tanh(x<)", 100_000) + "x0 = x100000\noutput x1\n",
    "a block of 10 MB": lambda: f"block a(x) {{\n{lines('x# = x * #', 700_000)}return x }}\n",
    "a statement of a million words": lambda: model("w" + " + w" * 490_000),
    "signs that make a million words": lambda: model("-" * 990_000 + "w"),
    "a list that makes a million words": lambda: f"param v = [{'1,' * 490_000}]\nloss mean(v)\n",
}


def outcome(text: str) -> str:
    """`compiled`, or the codes of what is told; anything else is a failure."""
    try:
        graphc.compile_text(text)
    except graphc.CompileError as error:
        return " ".join(sorted({one.code for one in error.diagnostics}))
    except BaseException as error:
        return f"failed: {type(error).__name__}"
    return "compiled"


def _measured(name: str, seconds: int, out: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    text = {**QUICK, **SLOW}[name]()
    start = time.process_time()
    told = outcome(text)
    taken = time.process_time() - start
    out.send((told, taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def measured(name: str) -> tuple[str, float, float]:
    """What became of a text, its seconds of processor time, the most MB that its process held."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    seconds = SECONDS if name in QUICK else LONG
    child = context.Process(target=_measured, args=(name, seconds, theirs))
    child.start()
    theirs.close()
    try:
        found: tuple[str, float, float] = ours.recv()
    except EOFError:
        found = f"failed: ended after {seconds} s or for want of memory", float(seconds), 0.0
    child.join()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.bombs")
    parser.add_argument("--long", action="store_true", help="those too that take a minute")
    parser.add_argument("names", nargs="*", help="these alone")
    chosen = parser.parse_args()
    graphc.compile_text(model("w * 1"))  # what is made once
    failed = False
    for name in chosen.names or [*QUICK, *(SLOW if chosen.long else ())]:
        told, seconds, memory = measured(name)
        print(f"{name:<28} {seconds:7.2f} s {memory:6.0f} MB  {told}", flush=True)
        failed = failed or told.startswith("failed")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
