"""Tables with a column per director, and how they share the width: side by side where there is room, else below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from lvstop.ui.fitting import wrapped_text

GAP = 2
"""Blank cells between two columns."""
SECTION_GAP = 4
"""Blank cells between two tables side by side."""
_ORDINARY = 20
"""Cells of a label up to which it always stands beside its cells."""


class Part(NamedTuple):
    """A piece of text and its style."""

    text: str
    style: str = ""


Line = tuple[Part, ...]
"""Compared by value: what looks the same is not drawn again."""

BLANK: Line = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: what it is about, and a cell per director; without cells the label has the line to itself."""

    label: Part
    cells: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A table. Its first line are the directors' names, with `title` before them."""

    title: str
    heads: tuple[Line, ...]
    rows: tuple[Row, ...]

    def widths(self) -> tuple[int, int]:
        """What the labels and the widest cell need."""
        labels = [cell_len(row.label.text) for row in self.rows]
        cells = [length(cell) for row in self.rows for cell in row.cells] + [length(head) for head in self.heads]
        return max([cell_len(self.title), *labels]), max(cells, default=0)


def length(line: Iterable[Part]) -> int:
    """Its cells."""
    return sum(cell_len(part.text) for part in line)


def fit(line: Line, width: int) -> Line:
    """The line in exactly so many cells; what does not fit is cut."""
    missing = width - length(line)
    if missing >= 0:
        return (*line, Part(" " * missing))
    kept: list[Part] = []
    room = width - 1
    for part in line:
        taken = min(room, cell_len(part.text))
        kept.append(Part(set_cell_size(part.text, taken), part.style))
        room -= taken
    return (*kept, Part("…" * (width > 0)))


def shared_widths(columns: Iterable[Sequence[Section]]) -> list[tuple[int, int]]:
    """Widths for tables that stand in the same place of several blocks, so that they are aligned with each other."""
    found: list[tuple[int, int]] = []
    for sections in zip_longest(*columns):
        widths = [section.widths() for section in sections if section is not None]
        found.append((max(label for label, _ in widths), max(cell for _, cell in widths)))
    return found


def lay_out(sections: Sequence[Section], widths: Sequence[tuple[int, int]], room: int) -> list[Line]:
    """Tables from left to right, and below where the width is used up; directors that do not fit go below too.

    Before that happens, long labels have a line of their own: directors are read against each other.
    """
    folded = [_folded(section, label, cell, room) for section, (label, cell) in zip(sections, widths, strict=True)]
    sections = [section for section, _ in folded]
    widths = [(label, cell) for (_, label), (_, cell) in zip(folded, widths, strict=True)]
    lines: list[Line] = []
    shelf: list[list[Line]] = []
    used = 0
    for section, (label, cell) in zip(sections, _aligned(sections, widths, room), strict=True):
        for piece in _pieces(section, label, cell, room):
            drawn = _draw(piece, label, min(cell, max(1, room - label - GAP)))
            needed = length(drawn[0])
            if shelf and used + SECTION_GAP + needed > room:
                lines += [*_side_by_side(shelf), BLANK]
                shelf, used = [], 0
            used += needed + (SECTION_GAP if shelf else 0)
            shelf.append(drawn)
    return lines + _side_by_side(shelf)


def _folded(section: Section, label: int, cell: int, room: int) -> tuple[Section, int]:
    """The table with its long labels above their cells, where these would not be side by side else; and the label."""
    labels = [cell_len(section.title), *(cell_len(row.label.text) for row in section.rows)]
    least = max(labels[0], *(width for width in labels if width <= _ORDINARY), 0)
    columns = range(len(section.heads), 0, -1)
    left = next((rest for each in columns if (rest := room - each * (GAP + cell)) >= least), 0)
    if label <= left or not left:
        return section, label
    rows: list[Row] = []
    for row in section.rows:
        if cell_len(row.label.text) <= left:
            rows.append(row)
        else:
            rows += (Row(row.label, ()), Row(Part(""), row.cells))
    return Section(section.title, section.heads, tuple(rows)), max(width for width in labels if width <= left)


def _aligned(sections: Sequence[Section], widths: Sequence[tuple[int, int]], room: int) -> Sequence[tuple[int, int]]:
    """Tables that stand below each other anyway begin in the same columns, as far as there is room for the widest."""
    columns = max(len(section.heads) for section in sections)
    needed = sorted(label + columns * (GAP + cell) for label, cell in widths)
    if len(needed) < 2 or needed[0] + SECTION_GAP + needed[1] <= room:
        return widths
    label, cell = max(label for label, _ in widths), max(cell for _, cell in widths)
    fits = room >= label + columns * (GAP + cell)
    return [(label, cell if fits else own) for _, own in widths]


def _pieces(section: Section, label: int, cell: int, room: int) -> Iterable[Section]:
    """The table, or several with some of the directors each."""
    fitting = max(1, (room - label) // (cell + GAP))
    for start in range(0, max(1, len(section.heads)), fitting):
        stop = start + fitting
        rows = tuple(Row(row.label, row.cells[start:stop]) for row in section.rows)
        yield Section(section.title, section.heads[start:stop], rows)


def _draw(section: Section, label: int, cell: int) -> list[Line]:
    gap = Part(" " * GAP)
    heads: list[Part] = list(fit((Part(section.title, "$muted"),), label))
    for head in section.heads:
        heads += [gap, *fit(head, cell)]
    lines: list[Line] = [tuple(heads)]
    for row in section.rows:
        if not row.cells:
            lines.append(fit((row.label,), length(lines[0])))
            continue
        parts = list(fit((row.label,), label))
        for each in row.cells:
            parts += [gap, *fit(each, cell)]
        lines.append(tuple(parts))
    return lines


def _side_by_side(shelf: Sequence[Sequence[Line]]) -> list[Line]:
    width = [length(drawn[0]) for drawn in shelf]
    lines: list[Line] = []
    for row in zip_longest(*shelf, fillvalue=BLANK):
        parts: list[Part] = []
        for index, line in enumerate(row):
            if index:
                parts.append(Part(" " * SECTION_GAP))
            parts += fit(line, width[index])
        lines.append(tuple(parts))
    return lines


def heading(text: str, more: str, room: int) -> Line:
    """A band over the whole width."""
    band = "on $header-background"
    said = fit((Part(f" {text} ", f"bold $heading {band}"), Part(f" {more}", f"$header-text {band}")), room)
    return tuple(Part(part.text, part.style or band) for part in said)


def paragraph(label: Line, text: str, indent: int, room: int, style: str = "") -> list[Line]:
    """A sentence of any length, broken at words, beside a label."""
    wrapped = wrapped_text(text, room - indent)
    first: Line = (*fit(label, indent), Part(wrapped[0], style))
    return [first, *((Part(" " * indent), Part(line, style)) for line in wrapped[1:])]
