"""From cells to strips. A strip is painted once for what it shows and kept while that stays on screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from lvstop.ui.table.cells import Cell, Slot
from lvstop.ui.table.columns import GAP
from lvstop.ui.table.layout import Layout

_KEPT = 256
_TITLES = ("  VIRTUAL SERVER / REAL SERVER", "  VIRTUAL / REAL SERVER", "  SERVER")


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles by meaning, read from the theme.

    Attributes:
        base: the table's own colours.
        cursor: laid over a row under the cursor; `blurred` where the table does not have the focus.
        changed: laid over a cell whose value changed.
        past: laid over rows of a director that does not answer.
    """

    base: Style
    slots: dict[Slot, Style]
    header: Style
    sorted: Style
    cursor: Style
    blurred: Style
    changed: Style
    past: Style


class Paint(NamedTuple):
    """Everything that a row's strip depends on, apart from palette and layout.

    Attributes:
        name: the pieces of the first column.
        changed: indices of the cells that are tinted; -1 is the name.
        cursor: None, or whether the table has the focus.
    """

    name: tuple[Cell, ...]
    cells: tuple[Cell, ...]
    changed: frozenset[int]
    cursor: bool | None
    past: bool


class Painter:
    """Paints rows for one palette and one layout."""

    def __init__(self, palette: Palette, layout: Layout, width: int, scroll_x: int) -> None:
        self._palette = palette
        self._layout = layout
        self._width = width
        self._scroll_x = scroll_x
        self._strips: LRUCache[Paint, Strip] = LRUCache(_KEPT)
        self._styles: dict[tuple[Slot, bool, bool, bool | None], Style] = {}

    def row(self, paint: Paint) -> Strip:
        """The strip of a row."""
        strip = self._strips.get(paint)
        if strip is None:
            strip = self._strips[paint] = self._row(paint)
        return strip

    def header(self, sort: str | None, *, descending: bool) -> Strip:
        """The titles; the column that is sorted by says in which direction."""
        layout, palette = self._layout, self._palette
        style = palette.base + palette.header
        mark = "▼" if descending else "▲"
        pieces = []
        for column, width in zip(layout.columns, layout.widths, strict=True):
            title = layout.title(column)
            own = style + palette.sorted if column.id == sort else style
            text = f"{title}{mark}" if column.id == sort else title
            pieces.append(Segment(_fit(text, width, right=column.right) + " " * GAP, own))
        title = next((each for each in _TITLES if len(each) + 1 < layout.name), "")
        name = Segment(title.ljust(layout.name), style)
        return self._join([name], pieces, style)

    def blank(self) -> Strip:
        """A line below the last row."""
        return Strip.blank(self._width, self._palette.base)

    def note(self, text: str) -> Strip:
        """What stands where there is no row."""
        style = self._palette.base + self._palette.slots[Slot.MUTED]
        return Strip([Segment(f"  {text}", style)]).crop_extend(0, self._width, self._palette.base)

    def _row(self, paint: Paint) -> Strip:
        layout = self._layout
        rest = self._style(Slot.PLAIN, paint, changed=False)
        pieces = []
        for index, (cell, column, width) in enumerate(zip(paint.cells, layout.columns, layout.widths, strict=True)):
            text = _fit(cell.text, width, right=column.right)
            if index in paint.changed:
                pieces.append(Segment(text, self._style(cell.slot, paint, changed=True)))
                pieces.append(Segment(" " * GAP, rest))
            else:
                pieces.append(Segment(text + " " * GAP, self._style(cell.slot, paint, changed=False)))
        return self._join(self._name(paint), pieces, rest)

    def _style(self, slot: Slot, paint: Paint, *, changed: bool) -> Style:
        """A meaning's style on such a row; to add styles up costs more than to paint with them."""
        key = (slot, changed, paint.past, paint.cursor)
        style = self._styles.get(key)
        if style is None:
            palette = self._palette
            style = palette.base + palette.slots[slot]
            style += palette.changed if changed else Style.null()
            style += palette.past if paint.past else Style.null()
            if paint.cursor is not None:
                style += palette.cursor if paint.cursor else palette.blurred
            self._styles[key] = style
        return style

    def _name(self, paint: Paint) -> list[Segment]:
        room, tinted = self._layout.name - 1, -1 in paint.changed
        segments: list[Segment] = []
        for cell in paint.name:
            text = cell.text if len(cell.text) <= room else _shortened(cell, room)
            room -= len(text)
            segments.append(Segment(text, self._style(cell.slot, paint, changed=tinted)))
        segments.append(Segment(" " * (room + 1), self._style(Slot.PLAIN, paint, changed=False)))
        return segments

    def _join(self, name: list[Segment], rest: Sequence[Segment], style: Style) -> Strip:
        """The name stays where it is; what stands beside it scrolls."""
        left = self._width - self._layout.width
        if left >= 0 and self._scroll_x == 0:
            return Strip([*name, *rest, Segment(" " * left, style)], self._width)
        scrolled = Strip(rest).crop_extend(
            self._scroll_x, self._scroll_x + max(0, self._width - self._layout.name), style
        )
        return Strip.join([Strip(name), scrolled]).crop_extend(0, self._width, style)


def _fit(text: str, width: int, *, right: bool) -> str:
    if not right:
        # so that it does not touch the number before it
        text = f" {text}"
    if len(text) > width:
        return text[: width - 1] + "…"
    return text.rjust(width) if right else text.ljust(width)


def _shortened(cell: Cell, room: int) -> str:
    """Addresses differ at their ends, so that the middle is left out; what explains is left out as a whole."""
    if cell.slot is Slot.MUTED or room < 1:
        return ""
    tail = (room - 1) * 3 // 5
    return f"{cell.text[: room - 1 - tail]}…{cell.text[len(cell.text) - tail :]}"
