"""How long a text may be: beyond it, reading alone would take more than twelve seconds."""

from __future__ import annotations

import re
from itertools import islice

from graphc.errors import Report
from graphc.source import LARGEST, Source, Span

MOST_WORDS = 1_000_000  # names, numbers, signs and line ends
NUMBER = r"\.?\d\w*(?:\.\w*)?(?:(?<=[eE])[+-]\w+)?"
WORD = re.compile(rf"(?:[ \t]|#[^\r\n]*)*({NUMBER}|\w+|.|\r?\n|\r)")


def within(source: Source, report: Report) -> bool:
    """Whether a text is short enough to be read; if not, it is reported."""
    text = source.text
    if len(text) > LARGEST // 4 and len(text.encode(errors="surrogatepass")) > LARGEST:
        message = f"the text has more than {LARGEST:,} bytes"
        # only what is shown: to find the lines of the whole would take long
        start = Span(Source(text[:200], source.name, source.path), 0, 1)
        report.add("E0906", start, message, help="that is the most that a text may have")
        return False
    if len(text) <= MOST_WORDS:
        return True
    over = next(islice(WORD.finditer(text), MOST_WORDS, None), None)
    if over is None:
        return True
    message = f"the text has more than {MOST_WORDS:,} words"
    hint = "names, numbers, signs and line ends are counted"
    upto = Source(text[: over.end()], source.name, source.path)
    report.add("E0906", Span(upto, *over.span(1)), message, label="one too many", help=hint)
    return False
