"""Text tables for people: columns as wide as they need to be, numbers to the right."""

from collections.abc import Iterable, Iterator, Sequence
from unicodedata import combining, east_asian_width


def cell_width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    return sum(0 if combining(mark) else 2 if east_asian_width(mark) in "WF" else 1 for mark in text)


def lay_out(rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset(), gap: str = "  ") -> list[str]:
    """One line per row, columns aligned; columns in `right` end together instead of beginning together."""
    if not rows:
        return []
    columns = max(len(row) for row in rows)
    widths = [max(cell_width(row[index]) for row in rows if index < len(row)) for index in range(columns)]
    return [
        gap.join(_pad(cell, widths[index], index in right) for index, cell in enumerate(row)).rstrip() for row in rows
    ]


def labelled(label: str, sentences: Iterable[str], *, width: int = 12) -> Iterator[str]:
    """Sentences, of a line or more each, beside a label that stands in the first `width` columns."""
    lines = [line for sentence in sentences for line in sentence.split("\n")]
    for number, line in enumerate(lines):
        yield f"  {'' if number else label:<{width - 2}}{line}".rstrip()


def _pad(text: str, width: int, to_the_right: bool) -> str:
    space = " " * (width - cell_width(text))
    return space + text if to_the_right else text + space
