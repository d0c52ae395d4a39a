"""The table of the cluster screen, drawn line by line: only what is on screen is built, whatever there is below."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from lvstop.analysis.board import Board, Row
from lvstop.analysis.history import History
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.table.bindings import BINDINGS
from lvstop.ui.table.columns import BY_ID, COLUMNS
from lvstop.ui.table.layout import Layout, NameWidth, lay_out, wanted_name, whose_rows, why_empty
from lvstop.ui.table.line_view import LineView
from lvstop.ui.table.order import SERVER, Arrangement, Line, Wishes
from lvstop.ui.table.painter import Paint, Painter
from lvstop.ui.table.palette import COMPONENTS, read_palette
from lvstop.ui.table.rows import RowPainter

HEADER = 1
"""Lines above the rows."""


class ClusterTable(LineView, can_focus=True, inherit_bindings=False):
    """Virtual servers and their real servers, as both directors' kernels have them."""

    BINDING_GROUP_TITLE = "Table"
    COMPONENT_CLASSES = COMPONENTS
    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    wishes: reactive[Wishes] = reactive(Wishes(), init=False)
    follow: reactive[bool] = reactive(default=False, init=False)
    chosen: reactive[tuple[str, ...]] = reactive(tuple[str, ...], init=False)

    @dataclass
    class Opened(Message):
        """Somebody wants the detail of a row."""

        row: Row

    @dataclass
    class Changed(Message):
        """What is shown, or where the cursor is, is another now: captions follow."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as Textual calls it
        super().__init__(id=id)
        self._rows = RowPainter()
        self._arrangement = Arrangement()
        self._board: Board | None = None
        self._wanted = NameWidth()
        self._cursor: Row | None = None
        self._cursor_line = 0
        # at first the cursor is on the first row; later it may be on none
        self._placed = False
        self._painter: Painter | None = None
        self._layout: Layout | None = None
        self._shown: dict[int, Paint] = {}

    # what others ask

    @property
    def cursor(self) -> Row | None:
        """The row under the cursor, by its key."""
        return self._cursor

    @property
    def shown_rows(self) -> int:
        """How many lines there are, virtual servers included."""
        return len(self._arrangement.lines)

    @property
    def all_rows(self) -> int:
        """How many lines there would be without any wish."""
        servers = () if self._board is None else self._board.listing.servers
        return sum(1 + len(listed.real_servers) for listed in servers)

    @property
    def lacks(self) -> tuple[str, ...]:
        """Titles of columns that this privilege cannot fill."""
        return () if self._layout is None else self._layout.lacks

    @property
    def whose(self) -> str:
        """Whose rows are shown where nobody is known to hold a VIP, and how old they are."""
        return "" if self._board is None else whose_rows(self._board)

    @property
    def columns(self) -> tuple[str, ...]:
        """Ids of the columns that are shown."""
        return () if self._layout is None else tuple(column.id for column in self._layout.columns)

    def row_text(self) -> str:
        """The row under the cursor, its cells with two blanks between them."""
        if self._cursor is None or self._ready_painter() is None:
            return ""
        paint = self._paint(self._cursor_line)
        name = "".join(cell.text for cell in paint.name).strip()
        return "  ".join([name, *(cell.text.strip() for cell in paint.cells if cell.text.strip())])

    def show(self, snapshot: ClusterSnapshot, history: History) -> None:
        """Show this snapshot. The cursor stays with its row."""
        before = self._board
        board = self._board = Board.of(snapshot, before)
        if before is None or before.listing is not board.listing:
            self._wanted = wanted_name(board)
        self._rows.take(board, history, self._visible_rows())
        self._arrange(asked=False)
        history.watch(self._rows.history_keys(self._visible_rows()))

    def go_to(self, row: Row) -> bool:
        """Put the cursor on a row, which is unfolded for it; False where a filter hides it."""
        if row[1] is not None and row[0] in self.wishes.collapsed:
            self.wishes = replace(self.wishes, collapsed=self.wishes.collapsed - {row[0]})
        line = None if self._board is None else self._arrangement.find(self._board, row)
        if line is None:
            return False
        self._set_cursor(line)
        return True

    # drawing

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the titles, a row, or nothing."""
        painter = self._ready_painter()
        if painter is None:
            return Strip.blank(self.size.width, self.rich_style)
        if y < HEADER:
            return painter.header(self.wishes.sort, descending=self.wishes.descending)
        line = self.scroll_offset.y + y - HEADER
        if line >= len(self._arrangement.lines):
            return painter.note(why_empty(self._board)) if line == 0 else painter.blank()
        paint = self._paint(line)
        self._shown[y] = paint
        return painter.row(paint)

    def _ready_painter(self) -> Painter | None:
        if self._painter is not None:
            return self._painter
        if self._board is None or self.size.width <= 0:
            return None
        self._fit(self._board)
        if self._layout is None:
            return None
        width, scrolled = self.size.width, int(self.scroll_offset.x)
        self._painter = Painter(read_palette(self), self._layout, width, scrolled)
        return self._painter

    def _paint(self, line: int) -> Paint:
        cursor = self.has_focus if self._cursor is not None and line == self._cursor_line else None
        return self._rows.paint(self._arrangement.lines[line], cursor, self.wishes)

    def _repaint(self) -> None:
        """Draw what looks different from what is on screen, and no other line."""
        lines = self._arrangement.lines
        top = self.scroll_offset.y - HEADER
        if self._ready_painter() is None:
            self.refresh()
            return
        regions: list[Region] = []
        width, height = self.size
        for y in range(HEADER, height):
            line = y + top
            paint = self._paint(line) if line < len(lines) else None
            if paint != self._shown.get(y):
                regions.append(Region(0, y, width, 1))
                if paint is None:
                    self._shown.pop(y, None)
        if regions:
            self.refresh(*regions)

    def _redraw(self) -> None:
        """Draw everything: widths, colours or the place of the view changed."""
        self._painter = None
        self._shown.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme: other styles."""
        super().notify_style_update()
        self._redraw()

    def on_resize(self, _event: events.Resize) -> None:
        """Another width: other columns. The cursor stays in sight."""
        self._redraw()
        if self._board is not None:
            self._fit(self._board)
            self._reveal()

    def watch_show_horizontal_scrollbar(self) -> None:
        """There is a line less to see, or one more."""
        self._reveal()

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Strips are cut at the scroll position."""
        super().watch_scroll_x(old_value, new_value)
        self._redraw()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines are on screen."""
        super().watch_scroll_y(old_value, new_value)
        self._shown.clear()

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self._repaint()

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self._repaint()

    # order, and the cursor in it

    def watch_wishes(self) -> None:
        """Another order or selection."""
        self._arrange(asked=True)
        self._redraw()

    def watch_chosen(self) -> None:
        """Other columns."""
        if self._board is not None:
            self._fit(self._board)
            self._redraw()

    def _arrange(self, *, asked: bool) -> None:
        """Bring the lines up to date; `asked` where the operator wants other ones, not where rows came and went."""
        board = self._board
        if board is None:
            return
        if self._arrangement.arrange(board, self.wishes):
            self._pin(board, asked=asked)
        self._fit(board)
        self._repaint()
        self.post_message(self.Changed())

    def _fit(self, board: Board) -> None:
        """Fit the columns into the width that there is, beside the bar that many rows need."""
        bar = self.styles.scrollbar_size_vertical if len(self._arrangement.lines) >= self.size.height else 0
        layout = lay_out(board, max(1, self.size.width - bar), self.chosen, self._wanted)
        if layout != self._layout:
            self._layout = self._rows.layout = layout
            self._redraw()
        self._measure()

    def _pin(self, board: Board, *, asked: bool) -> None:
        """Find the cursor's row again.

        Where it is gone, the cursor goes to its virtual server, and with that gone too there is none: never to a
        neighbour, unless the operator asked for other rows.
        """
        lines, place, had = self._arrangement.lines, None, self._cursor
        offset = self._cursor_line - self.scroll_offset.y
        if had is not None:
            place = self._arrangement.find(board, had)
            if place is None and had[1] is not None:
                place = self._arrangement.find(board, (had[0], None))
        moved = place is not None and place != self._cursor_line
        self._cursor_line = min(self._cursor_line, max(0, len(lines) - 1)) if place is None else place
        stays = place is not None or asked or not self._placed
        self._cursor = self._row(lines[self._cursor_line]) if lines and stays else None
        self._placed = self._placed or self._cursor is not None
        if moved and (self.follow or not self.wishes.by_value) and 0 <= offset < self.size.height:
            self._measure()
            self.scroll_to(y=self._cursor_line - offset, animate=False, force=True)

    def _row(self, line: Line) -> Row | None:
        if self._board is None:
            return None
        listed = self._board.listing.servers[line[0]]
        return (listed.key, None if line[1] == SERVER else listed.real_servers[line[1]])

    def _measure(self) -> None:
        width = 0 if self._layout is None else self._layout.width
        size = Size(width, len(self._arrangement.lines) + HEADER)
        if size != self.virtual_size:
            self.virtual_size = size

    def _visible_rows(self) -> Sequence[Line]:
        top = self.scroll_offset.y
        return self._arrangement.lines[top : top + self._room]

    @property
    def _room(self) -> int:
        """Rows that can be seen at once: those below the titles and above a scrollbar."""
        return max(1, self.scrollable_content_region.height - HEADER)

    def _set_cursor(self, line: int) -> None:
        lines = self._arrangement.lines
        if not lines:
            return
        self._cursor_line = max(0, min(line, len(lines) - 1))
        self._cursor = self._row(lines[self._cursor_line])
        self._reveal()
        self._repaint()
        self.post_message(self.Changed())

    def _reveal(self) -> None:
        """Scroll as far as it takes to see the cursor."""
        top, room = self.scroll_offset.y, self._room
        if self._cursor_line < top:
            self.scroll_to(y=self._cursor_line, animate=False, force=True)
        elif self._cursor_line >= top + room:
            self.scroll_to(y=self._cursor_line - room + 1, animate=False, force=True)

    # what the operator does

    def action_move(self, lines: int) -> None:
        """Move the cursor by so many lines."""
        self._set_cursor(self._cursor_line + lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a screen."""
        self._set_cursor(self._cursor_line + pages * max(1, self._room - 1))

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first row (-1) or the last (1)."""
        self._set_cursor(0 if side < 0 else len(self._arrangement.lines) - 1)

    def action_sideways(self, cells: int) -> None:
        """Scroll the columns; the names stay."""
        self.scroll_to(x=self.scroll_offset.x + cells, animate=False, force=True)

    def action_open(self) -> None:
        """Ask for the detail of the row under the cursor."""
        if self._cursor is not None:
            self.post_message(self.Opened(self._cursor))

    def action_fold(self) -> None:
        """Hide or show the real servers of the virtual server under the cursor."""
        if self._cursor is None:
            return
        key = self._cursor[0]
        self._cursor = (key, None) if key not in self.wishes.collapsed else self._cursor
        self.wishes = replace(self.wishes, collapsed=self.wishes.collapsed ^ {key})

    def action_fold_all(self) -> None:
        """Show virtual servers only."""
        if self._board is not None:
            keys = frozenset(listed.key for listed in self._board.listing.servers)
            self.wishes = replace(self.wishes, collapsed=keys)

    def action_unfold_all(self) -> None:
        """Show all real servers."""
        self.wishes = replace(self.wishes, collapsed=frozenset())

    def action_sort_by(self, step: int) -> None:
        """Sort by the next column that can be sorted by; after the last comes the order of addresses."""
        shown = COLUMNS if self._layout is None else self._layout.columns
        choices = [None, *(column.id for column in shown if column.sort is not None)]
        place = choices.index(self.wishes.sort) if self.wishes.sort in choices else 0
        self.wishes = replace(self.wishes, sort=choices[(place + step) % len(choices)], descending=True)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.wishes = replace(self.wishes, descending=not self.wishes.descending)

    def action_faults(self) -> None:
        """Only rows that are out of the ordinary, or all."""
        self.wishes = replace(self.wishes, faults_only=not self.wishes.faults_only)

    def action_follow(self) -> None:
        """Keep the cursor's row in sight while rows move, or let the view stand still."""
        self.follow = not self.follow
        self.post_message(self.Changed())

    def on_click(self, event: events.Click) -> None:
        """A title sorts; a row takes the cursor, a double click opens it; the mark of a virtual server folds it."""
        if event.y < HEADER:
            self._sort_at(event.x)
            return
        line = self.scroll_offset.y + event.y - HEADER
        if line >= len(self._arrangement.lines):
            return
        self._set_cursor(line)
        if event.x < 2 and self._arrangement.lines[line][1] == SERVER:
            self.action_fold()
        elif event.chain == 2:
            self.action_open()

    def _sort_at(self, x: int) -> None:
        layout = self._layout
        if layout is None:
            return
        place = layout.name - int(self.scroll_offset.x)
        for column, width in zip(layout.columns, layout.widths, strict=True):
            if place <= x < place + width + 1 and x >= layout.name and BY_ID[column.id].sort is not None:
                same = self.wishes.sort == column.id
                descending = not self.wishes.descending if same else True
                self.wishes = replace(self.wishes, sort=column.id, descending=descending)
                return
            place += width + 1
        if x < layout.name:
            self.wishes = replace(self.wishes, sort=None)
