"""A small table whose rows are known by a key: its cursor stays with the row, not with the place.

Drawn line by line: of two hundred rows only those on screen are painted, and of those only the ones that changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lvstop.ui.table.cells import Cell, Slot

MOST_ROWS = 200
"""So many rows at most: each of them is made on every tick."""

_HEADER = 1
_GAP = " "
"""Behind each column."""

Pieces = tuple[Cell, ...]
"""A cell of several meanings."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column. `width` in cells."""

    title: str
    width: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row. `past` marks rows of a director that does not answer."""

    key: str
    cells: tuple[Pieces, ...]
    past: bool = False


class KeyedTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows with a cursor. The first column stands still when the others are scrolled."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"rows--{name}" for name in ("header", "cursor", "blurred", "past")),
        *(f"rows--{slot}" for slot in Slot),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="What there is to know of this row", id="rows.open"),
        Binding("up,k", "move(-1)", "Up", show=False, id="rows.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="rows.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="rows.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="rows.page-down"),
        Binding("home", "move(-1000000)", "First row", show=False, id="rows.first"),
        Binding("end", "move(1000000)", "Last row", show=False, id="rows.last"),
        Binding("left", "sideways(-8)", "Scroll left", show=False, id="rows.left"),
        Binding("right", "sideways(8)", "Scroll right", show=False, id="rows.right"),
    ]

    @dataclass
    class Opened(Message):
        """Somebody wants to know more of a row."""

        key: str

    @dataclass
    class Moved(Message):
        """Another row is under the cursor."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as Textual calls it
        super().__init__(id=id)
        self._columns: tuple[TableColumn, ...] = ()
        self._begins: tuple[int, ...] = ()
        self._rows: tuple[TableRow, ...] = ()
        self._place = 0
        self._pinned: str | None = None
        """The row that the cursor is on; it may be gone."""
        self._styles: dict[str, Style] = {}

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor; None where that row is gone, until it is back or the cursor moves."""
        return self._pinned if self._on_row(self._place) else None

    @property
    def rows(self) -> tuple[TableRow, ...]:
        """What is shown."""
        return self._rows

    def show(self, columns: Sequence[TableColumn], rows: Sequence[TableRow]) -> None:
        """Show these rows. Where the cursor's row is gone, no row is under it: never a neighbour."""
        before, after = self._rows, tuple(rows)
        key, offset = self.cursor_key, self._place - self.scroll_offset.y
        same = tuple(columns) == self._columns and [row.key for row in before] == [row.key for row in after]
        self._columns, self._rows = tuple(columns), after
        self._begins = (0, *accumulate(column.width + len(_GAP) for column in self._columns))
        if same:
            changed = [place for place, old in enumerate(before) if old != after[place]]
            self._repaint(changed)
            return
        if self._pinned is None and after:
            self._pinned = after[0].key
        place = next((place for place, row in enumerate(after) if row.key == self._pinned), self._place)
        moved = place != self._place
        self._place = max(0, min(place, len(after) - 1))
        if self.cursor_key != key:
            self.post_message(self.Moved())
        self.virtual_size = Size(sum(column.width + len(_GAP) for column in self._columns), len(after) + _HEADER)
        if moved:
            self.scroll_to(y=self._place - offset, animate=False, force=True)
        self.refresh(layout=True)

    def lines_wanted(self, width: int) -> int:
        """Lines that all rows take on `width` cells: titles, rows, and the bar where columns do not fit."""
        across = sum(column.width + len(_GAP) for column in self._columns)
        return len(self._rows) + _HEADER + (across > width)

    def mark_past(self) -> None:
        """What is shown is the past: nothing takes its place."""
        self.show(self._columns, [replace(row, past=True) for row in self._rows])

    # drawing

    def render_line(self, y: int) -> Strip:
        """The titles, a row, or nothing."""
        if not self._styles:
            self._read_styles()
        base = self.rich_style
        if y < _HEADER:
            style = base + self._styles["header"]
            cells = [(Cell(column.title),) for column in self._columns]
            return self._strip(cells, style, Style.null(), plain=True)
        place = self.scroll_offset.y + y - _HEADER
        if place >= len(self._rows):
            return Strip.blank(self.size.width, base)
        row = self._rows[place]
        over = self._styles["past"] if row.past else Style.null()
        if place == self._place and self._on_row(place):
            over += self._styles["cursor" if self.has_focus else "blurred"]
        return self._strip(row.cells, base, over, plain=False)

    def _strip(self, cells: Sequence[Pieces], base: Style, over: Style, *, plain: bool) -> Strip:
        segments: list[list[Segment]] = []
        for pieces, column in zip(cells, self._columns, strict=True):
            if not plain:
                pieces = self._whole(pieces, column, len(segments))
            length = sum(len(piece.text) for piece in pieces)
            own = (
                [Segment(" " * (column.width - length), base + over)] if column.right and length < column.width else []
            )
            room = column.width
            for piece in pieces:
                text = piece.text if len(piece.text) <= room else piece.text[: max(0, room - 1)] + "…" * (room > 0)
                own.append(Segment(text, base + over if plain else base + self._styles[piece.slot] + over))
                room -= len(text)
            left = 0 if column.right else room
            own.append(Segment(" " * left + _GAP, base + over))
            segments.append(own)
        if not segments:
            return Strip.blank(self.size.width, base)
        first = Strip(segments[0])
        start, width = int(self.scroll_offset.x), max(0, self.size.width - first.cell_length)
        rest = Strip([segment for own in segments[1:] for segment in own]).crop_extend(
            start, start + width, base + over
        )
        return Strip.join([first, rest]).crop_extend(0, self.size.width, base + over).simplify()

    def _whole(self, pieces: Pieces, column: TableColumn, number: int) -> Pieces:
        """A number that the edge would cut is not shown: what is left of it would be read as another one."""
        if not column.right or number == 0:
            return pieces
        start, scrolled = self._begins[number], int(self.scroll_offset.x)
        end = start + column.width
        first, last = self._begins[1] + scrolled, self.size.width + scrolled
        if start < first < end:
            return (Cell(" " * (first - start) + "…".ljust(end - first), Slot.MUTED),)
        if start < last < end:
            return (Cell("…".rjust(last - start) + " " * (end - last), Slot.MUTED),)
        return pieces

    def _repaint(self, places: Sequence[int]) -> None:
        top, width = self.scroll_offset.y - _HEADER, self.size.width
        regions = [Region(0, place - top, width, 1) for place in places if _HEADER <= place - top < self.size.height]
        if regions:
            self.refresh(*regions)

    def _read_styles(self) -> None:
        names = ("header", "cursor", "blurred", "past", *Slot)
        self._styles = {name: self.get_component_rich_style(f"rows--{name}", partial=True) for name in names}

    def notify_style_update(self) -> None:
        """Another theme."""
        super().notify_style_update()
        self._styles = {}

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Lines are cut at the scroll position."""
        super().watch_scroll_x(old_value, new_value)
        self.refresh()

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self._repaint([self._place])

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self._repaint([self._place])

    def _on_row(self, place: int) -> bool:
        """The cursor's row is there and not only its place."""
        return place < len(self._rows) and self._rows[place].key == self._pinned

    # what the operator does

    def _go(self, place: int) -> None:
        key = self.cursor_key
        before, self._place = self._place, max(0, min(place, len(self._rows) - 1))
        self._pinned = self._rows[self._place].key if self._rows else None
        top, room = self.scroll_offset.y, max(1, self.size.height - _HEADER)
        if self._place < top:
            self.scroll_to(y=self._place, animate=False, force=True)
        elif self._place >= top + room:
            self.scroll_to(y=self._place - room + 1, animate=False, force=True)
        self._repaint([before, self._place])
        if self.cursor_key != key:
            self.post_message(self.Moved())

    def action_move(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self._go(self._place + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a screen."""
        self._go(self._place + pages * max(1, self.size.height - _HEADER - 1))

    def action_sideways(self, cells: int) -> None:
        """Scroll the columns."""
        self.scroll_to(x=self.scroll_offset.x + cells, animate=False, force=True)

    def action_open(self) -> None:
        """Ask for more of the row under the cursor."""
        key = self.cursor_key
        if key is not None:
            self.post_message(self.Opened(key))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a double click opens the row."""
        place = self.scroll_offset.y + event.y - _HEADER
        if event.y >= _HEADER and place < len(self._rows):
            self._go(place)
            if event.chain == 2:
                self.action_open()
