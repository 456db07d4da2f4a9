"""Input number n of a seed: a text and the name of its file, most of them with something odd."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from .phrases import CHARACTERS, COMMENTS, FILES, NAMES, NUMBERS, calls, phrase, words
from .updates import own

TESTS = Path(__file__).resolve().parent.parent
TOKEN = re.compile(r"[A-Za-z_]\w*|[0-9][\w.]*|[ \t]+|\r?\n|.", re.DOTALL)
DEFINED = re.compile(r"^(?:\w+ +)?(\w+) *[:=]", re.MULTILINE)
LONGEST = 3_000  # characters of an input, so that most are quick


@dataclass(frozen=True)
class Input:
    """What is compiled, and how."""

    text: str
    file: str = "model.nn"
    dtype: str | None = None
    plain: bool = False


@cache
def sources() -> list[str]:
    """The examples, without the comments, and the catalogue of mistakes."""
    paths = [*(TESTS.parent / "examples").glob("*.nn")] * 8 + [*(TESTS / "bad").glob("*.nn")]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in sorted(paths)]
    return [text for one in texts if len(text := re.sub(r" *#.*\n+", "\n", one)) < LONGEST]


def made(seed: int, number: int) -> Input:
    """The same for the same two numbers, whatever was made before."""
    random = Random(f"{seed}/{number}")
    text = random.choice(sources())
    if random.random() < 0.1:
        text = "\n".join(phrase(random, "statement", NAMES) for _ in range(random.randint(1, 20)))
    if random.random() < 0.15:
        text = own(random, text)
    changes = SOUND if random.random() < 0.4 else CHANGES
    for _ in range(int(random.expovariate(0.4))):
        text = random.choice(changes)(random, text)[: 4 * LONGEST]
    file = random.choice(FILES) if random.random() < 0.3 else "model.nn"
    dtype = random.choice([None, None, "float32", "float64"])
    return Input(text, file, dtype, random.random() < 0.3)


def named(text: str) -> list[str]:
    """The names that a text seems to define."""
    return sorted(set(DEFINED.findall(text))) or NAMES


def _token(random: Random, text: str, fits: Callable[[str], bool] = lambda one: True) -> re.Match:
    found = [one for one in TOKEN.finditer(text) if not one[0].isspace() and fits(one[0])]
    return random.choice(found) if found else re.match("", text)  # type: ignore[return-value]


def _replaced(text: str, one: re.Match, new: str) -> str:
    return text[: one.start()] + new + text[one.end() :]


def _line(random: Random, text: str) -> tuple[list[str], int]:
    lines = text.split("\n")
    return lines, random.randrange(len(lines))


def drop(random: Random, text: str) -> str:
    return _replaced(text, _token(random, text), "")


def double(random: Random, text: str) -> str:
    one = _token(random, text)
    return _replaced(text, one, f"{one[0]} " * random.choice([2, 2, 3, 30]))


def swap(random: Random, text: str) -> str:
    a, b = sorted((_token(random, text), _token(random, text)), key=lambda one: one.start())
    return a[0] if a == b else _replaced(_replaced(text, b, a[0]), a, b[0])


def number(random: Random, text: str) -> str:
    one = _token(random, text, lambda token: token[0].isdigit())
    return _replaced(text, one, random.choice(NUMBERS))


def name(random: Random, text: str) -> str:
    one = _token(random, text, str.isidentifier)
    return _replaced(text, one, random.choice(random.choice([words(), named(text), calls()])))


def rename(random: Random, text: str) -> str:
    """A name becomes another wherever it stands: such a model is often sound."""
    old, new = random.choice(named(text)), random.choice(words())
    return re.sub(rf"\b{old}\b", new, text)


def character(random: Random, text: str) -> str:
    place = random.randint(0, len(text))
    return text[:place] + random.choice(CHARACTERS) + text[place:]


def comment(random: Random, text: str) -> str:
    lines, place = _line(random, text)
    lines[place] += random.choice(["", " "]) + random.choice(COMMENTS)
    return "\n".join(lines)


def line_dropped(random: Random, text: str) -> str:
    lines, place = _line(random, text)
    return "\n".join(lines[:place] + lines[place + 1 :])


def line_moved(random: Random, text: str) -> str:
    lines, place = _line(random, text)
    lines.insert(random.randint(0, len(lines)), lines.pop(place) if random.random() < 0.7 else "")
    return "\n".join(lines)


def line_taken(random: Random, text: str) -> str:
    """A line of another model."""
    others, there = _line(random, random.choice(sources()))
    lines, place = _line(random, text)
    return "\n".join([*lines[:place], others[there], *lines[place:]])


def statement(random: Random, text: str) -> str:
    lines, place = _line(random, text)
    return "\n".join([*lines[:place], phrase(random, "statement", named(text)), *lines[place:]])


def expression(random: Random, text: str) -> str:
    """One value, in a place where a name stands."""
    one = _token(random, text, str.isidentifier)
    return _replaced(text, one, f"({phrase(random, 'expr', named(text), 6)})")


def called(random: Random, text: str) -> str:
    """An operation on what stands behind a `=`, and at times with an argument too many."""
    lines, place = _line(random, text)
    before, sign, value = lines[place].partition(" = ")
    more = random.choice(["", "", "", f", {phrase(random, 'argument', named(text), 6)}"])
    if sign and not value.startswith("["):
        lines[place] = f"{before} = {random.choice(calls())}({value}{more})"
    return "\n".join(lines)


def option(random: Random, text: str) -> str:
    """A setting of the model that changes what is emitted."""
    lines, place = _line(random, text)
    lines.insert(place, random.choice(OPTIONS).replace("NUMBER", random.choice(NUMBERS)))
    return "\n".join(
        one for i, one in enumerate(lines) if i == place or not _same(one, lines[place])
    )


def _same(one: str, other: str) -> bool:
    return re.findall(r"^\w+", one) == re.findall(r"^\w+", other)


OPTIONS = [
    *("dtype float64", "dtype float32", "nn 1", "model lambda", "model __class__", "model os"),
    *(
        "optimizer adam(learning_rate = NUMBER)",
        "optimizer sgd(momentum = NUMBER, nesterov = true)",
    ),
    *("optimizer adamw(weight_decay = NUMBER * matrices, clip_norm = 1)", "optimizer lion(NUMBER)"),
    *("train(seed = NUMBER)", "train(epochs = NUMBER, batch_size = NUMBER, shuffle = false)"),
    "optimizer rmsprop(learning_rate = warmup(cosine_decay(0.1, steps = NUMBER), steps = NUMBER))",
]
SOUND = [rename, rename, comment, line_moved, called, option]  # after which many still compile
CHANGES = [
    *SOUND,
    *(drop, double, swap, number, number, name, name, character, line_dropped, line_taken),
    *(statement, expression),
]
