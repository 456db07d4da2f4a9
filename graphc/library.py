"""The blocks and updates that a file can use: its own, those it imports, and the prelude's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path, PurePath

from graphc import syntax, tree
from graphc.book import book
from graphc.errors import CompileError, Note, Report
from graphc.opening import opened
from graphc.source import Source, Span
from graphc.tree import Definition

PRELUDE = Path(__file__).parent / "prelude"
REPEAT = "repeat"  # the block that the compiler itself knows how to expand
SHIPPED = "prelude/"  # what the names of the prelude's files begin with
LONGEST = 100  # imports that lead to one another
HINT = "imports are written relative to the file, with `/`, and stay in its folder"


DEFINITION = re.compile(r"^(block|update) (\w+).*?^\}", re.MULTILINE | re.DOTALL)


@dataclass
class Shipped:
    """A definition of the prelude, parsed when it is first asked for: most are never."""

    source: Source
    start: int
    end: int

    @cached_property
    def definition(self) -> Definition:
        report = Report()
        (one,) = syntax.parse(self.source, report, self.start, self.end).definitions
        report.stop_if_failed()
        return one


@dataclass(eq=False)
class Shelf(Mapping[str, Definition]):
    """Definitions by name."""

    known: dict[str, Definition | Shipped] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Definition:
        one = self.known[name]
        return one.definition if isinstance(one, Shipped) else one

    def __contains__(self, name: object) -> bool:
        return name in self.known

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


@dataclass
class Library:
    """Definitions by keyword and name; the user's take precedence over the prelude's."""

    blocks: Shelf = field(default_factory=Shelf)
    updates: Shelf = field(default_factory=Shelf)
    own: list[Definition] = field(default_factory=list)  # of the user
    sources: list[Source] = field(default_factory=list)  # of the files that were imported
    lost: set[str] = field(default_factory=set)  # what the texts define where they do not parse

    def of(self, keyword: str) -> Shelf:
        """The blocks or the updates."""
        return self.blocks if keyword == "block" else self.updates

    def lacks(self, name: str) -> bool:
        """Whether a name that is not known may be in a text that could not be read."""
        return name in self.lost or "import" in self.lost


@cache
def prelude() -> Library:
    """What ships with the package, by name."""
    library = Library()
    for path in sorted(PRELUDE.glob("*.nn")):
        source = Source(path.read_text("utf-8"), f"{SHIPPED}{path.name}")
        for found in DEFINITION.finditer(source.text):
            library.of(found[1]).known[found[2]] = Shipped(source, *found.span())
    return library


def remark(one: Definition) -> str:
    """What the comment right above a definition says, on one line."""
    return " ".join(line for line in _comment(one) if line and not line.startswith(" "))


def example(one: Definition) -> str:
    """The line of a model, set in, that the comment above a definition shows."""
    return next((line.strip() for line in _comment(one) if line.startswith(" ")), "")


def _comment(one: Definition) -> list[str]:
    source, lines = one.span.source, list[str]()
    for number in range(one.span.line - 1, 0, -1):
        line = source.line(number)
        if not line.startswith("#"):
            break
        lines.insert(0, line.removeprefix("#").removeprefix(" ").rstrip())
    return lines


def gather(file: tree.File, report: Report) -> Library:
    """What the statements of a file can use. What is wrong with its imports goes to `report`."""
    library = Library()
    path = file.source.path
    _Gathering(library, report, [] if path is None else [path]).file(file)
    shipped = {
        shadowed(name) if name in library.blocks else name: one
        for name, one in prelude().blocks.known.items()
    }
    library.blocks = Shelf({**shipped, **library.blocks.known})
    library.updates = Shelf({**prelude().updates.known, **library.updates.known})
    return library


def shipped(source: Source) -> bool:
    """Whether a text is one of the prelude's."""
    return source.path is None and source.name.startswith(SHIPPED)


def spoken(span: Span, name: str) -> str:
    """What the user wrote for an operation: its name, or in the prelude's text the block called."""
    own = [call.text for call in span.calls if not shipped(call.source)]
    return re.split(r"\W", own[-1])[0] if own and shipped(span.source) else name


def shadowed(name: str) -> str:
    """What a block of the prelude is called where the user has another of its name."""
    return f"prelude.{name}"


@dataclass
class _Gathering:
    library: Library
    report: Report
    open: list[Path]  # the files that are being read, each imported by the one before
    done: set[Path] = field(default_factory=set)

    def file(self, file: tree.File) -> None:
        self.library.lost |= file.broken
        for one in file.definitions:
            self._define(one)
        for wanted in file.imports:
            self._import(wanted, file.source)

    def _define(self, one: Definition) -> None:
        name, shelf = one.name.id, self.library.of(one.keyword)
        if one.keyword == "block" and (book().offered(name) or name == REPEAT):
            message = f"`{name}` is an operation of the language and cannot be a block"
            self.report.add("E0203", one.name.span, message, help="give the block another name")
        elif name in shelf:
            notes = [Note(shelf[name].name.span, "first defined here")]
            message = f"the {one.keyword} `{name}` is defined twice"
            self.report.add("E0203", one.name.span, message, notes=notes)
        else:
            shelf.known[name] = one
        self.library.own.append(one)

    def _import(self, one: tree.Import, source: Source) -> None:
        """Takes in what another file defines; each file once, whoever imports it."""
        wanted = one.path.id
        if source.path is None:
            message = "a text without a file imports nothing"
            self._told(one, "E0901", message, "compile a file instead")
            return
        folder = source.path.parent
        path = _resolved(folder, wanted)
        if path is None or not path.is_relative_to(folder):
            message = f"`{_short(one)}` is not in the folder of the file that imports it"
            message = message if wanted else "the import names no file"
            self._told(one, "E0902", message, HINT)
        elif path in self.open:
            names = [each.name for each in (*self.open[self.open.index(path) :], path)]
            message = f"this import goes in a circle: {' -> '.join(names)}"
            self._told(one, "E0903", message, CIRCLE)
        elif len(self.open) > LONGEST:
            message = f"more than {LONGEST} files import one another, one after the other"
            self._told(one, "E0901", message, "import what they define here")
        elif path not in self.done:
            self.done.add(path)
            self._read(one, path, str(PurePath(source.name).parent / wanted))

    def _read(self, one: tree.Import, path: Path, name: str) -> None:
        try:
            if path.exists() and not (path.is_file() or path.is_dir()):
                raise OSError(22, "not a file")  # to read a pipe would take for ever
            source = opened(path, name)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self._told(one, "E0901", f"`{_short(one)}` cannot be read: {reason}", "")
            return
        except CompileError as error:
            self.report.found.extend(error.diagnostics)
            self.library.lost.add("import")
            return
        self.library.sources.append(source)
        self.open.append(path)
        self.file(syntax.parse(source, self.report))
        self.open.pop()

    def _told(self, one: tree.Import, code: str, message: str, hint: str) -> None:
        self.report.add(code, one.path.span, message, help=hint)
        self.library.lost.add("import")


def _short(one: tree.Import) -> str:
    """What an import names, or how it begins."""
    return one.path.id if len(one.path.id) <= 100 else f"{one.path.id[:97]}..."


CIRCLE = "put what both files need into a third one, which both import"


def _resolved(folder: Path, wanted: str) -> Path | None:
    """The file that an import names, links followed; None if it names none in the folder."""
    parts = wanted.split("/")
    if not wanted or wanted.startswith("/") or "\\" in wanted or ".." in parts or "\0" in wanted:
        return None
    try:
        return (folder / wanted).resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return None
