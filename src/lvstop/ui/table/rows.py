"""What each row on screen looks like now: its cells, and which of them changed a moment ago."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import is_

from lvstop import format as fmt
from lvstop.analysis.board import Board, RealServerFacts, Row, RowState
from lvstop.analysis.history import History
from lvstop.analysis.series import Field, RowKey, buckets
from lvstop.analysis.shares import Share, shares
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.change import Change, ChangeKind, ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.table.cells import Cell, Slot, Surroundings
from lvstop.ui.table.columns import scheduling
from lvstop.ui.table.layout import RECORD_WHOLE, Layout
from lvstop.ui.table.order import SERVER, Line, Wishes, server_name
from lvstop.ui.table.painter import Paint

TINTED = 3
"""For so many snapshots a change is tinted."""

SPARK_SECONDS = 60.0
SPARK_EVERY = 5.0
"""Seconds between two looks at a row's past, at least: what is new stands in the row's numbers at once."""

_USER = 8
"""Characters of a user's name beside a state."""

_UNTINTED = frozenset({"spark", "share"})
"""Columns that say more than the row itself does."""

_TIMELY = _UNTINTED | {"state"}
"""Columns that say something else as time goes by, or as records come and go."""

_NONE = frozenset[int]()

_Known = tuple[tuple[object, ...], RealServerFacts, tuple[Cell, ...]]
"""What cells were made from (see `Board.basis`), and the cells."""


class RowPainter:
    """Makes `Paint`s for the rows of a board, each once; remembers what the rows on screen said before."""

    def __init__(self) -> None:
        self._layout: Layout | None = None
        self._board: Board | None = None
        self._history: History | None = None
        self._cells: dict[Line, tuple[Cell, ...]] = {}
        self._shares: dict[VirtualServerKey, Mapping[RealServerKey, Share]] = {}
        self._known: dict[Line, _Known] = {}
        self._sparks: dict[Row, tuple[int, tuple[float | None, ...]]] = {}
        self._texts: dict[Row, dict[str, str]] = {}
        self._tints: dict[Row, dict[str, int]] = {}
        self._records: Mapping[Row, Change] = {}
        self._around = Surroundings(self._spark, self._share, self._record)

    @property
    def layout(self) -> Layout | None:
        """The columns that cells are made for."""
        return self._layout

    @layout.setter
    def layout(self, layout: Layout) -> None:
        self._layout = layout
        self._cells, self._known, self._sparks = {}, {}, {}

    def take(self, board: Board, history: History, visible: Sequence[Line]) -> None:
        """A new snapshot: what was on screen is compared with what it says now."""
        before = self._board
        self._board, self._history = board, history
        self._cells, self._shares = {}, {}
        if before is None or before.listing is not board.listing or before.snapshot.changes != board.snapshot.changes:
            self._known, self._records = {}, _standing(board.snapshot)
        if before is None or self.layout is None:
            return
        seen: dict[Row, dict[str, str]] = {}
        for server, real in visible:
            row = _row(before, (server, real))
            line = _line(board, before, (server, real))
            if row is not None and line is not None:
                seen[row] = self._compared(row, line)
        self._texts = seen
        self._tints = {row: tints for row in seen if (tints := self._tints.get(row))}
        self._known = {line: self._known[line] for line in visible if line in self._known}
        self._sparks = {row: self._sparks[row] for row in seen if row in self._sparks}

    def paint(self, line: Line, cursor: bool | None, wishes: Wishes) -> Paint:
        """How a row looks now."""
        board = self._board
        if board is None:
            raise LookupError("no board was taken")
        row = _row(board, line)
        tints = self._tints.get(row, {}) if row is not None else {}
        columns = () if self.layout is None else self.layout.columns
        changed = frozenset(index for index, column in enumerate(columns) if column.id in tints) if tints else _NONE
        cells = self._row_cells(line)  # first: the name of a real server follows from what is known of it then
        name = self._server_name(line[0], wishes) if line[1] == SERVER else self._real_name(line, row in wishes.marked)
        return Paint(name, cells, changed, cursor, not board.leader(line[0]).answers)

    def history_keys(self, visible: Iterable[Line]) -> list[RowKey]:
        """Whose past is shown now."""
        if self._board is None:
            return []
        found = ((self._board.leader(line[0]).name, _row(self._board, line)) for line in visible)
        return [RowKey(leader, *row) for leader, row in found if row is not None]

    def _compared(self, row: Row, line: Line) -> dict[str, str]:
        """The texts of a row; what differs from the last ones is tinted for a while."""
        columns = () if self.layout is None else self.layout.columns
        before, old = self._known.get(line), self._texts.get(row)
        cells = self._row_cells(line)
        if old is not None and before is not None and cells is before[2] and not self._tints.get(row):
            return old
        texts = {column.id: cell.text for column, cell in zip(columns, cells, strict=True)}
        tints = {name: left - 1 for name, left in self._tints.get(row, {}).items() if left > 1}
        for name, text in texts.items():
            if old is not None and name in old and old[name] != text and name not in _UNTINTED:
                tints[name] = TINTED
        self._tints[row] = tints
        return texts

    def _row_cells(self, line: Line) -> tuple[Cell, ...]:
        cells = self._cells.get(line)
        if cells is None:
            cells = self._cells[line] = self._made(line)
        return cells

    def _made(self, line: Line) -> tuple[Cell, ...]:
        if self._board is None or self.layout is None:
            return ()
        if line[1] == SERVER:
            server = self._board.virtual_server(line[0])
            return tuple(column.server(server, self._around) for column in self.layout.columns)
        basis = self._board.basis(*line)
        known = self._known.get(line)
        if known is None or not all(map(is_, known[0], basis)):
            real = self._board.real_server(*line)
            cells = tuple(column.row(real, self._around) for column in self.layout.columns)
        else:
            # not the leader of then: it would keep a whole table of the past, and each row another one
            real = replace(known[1], leader=self._board.leader(line[0]))
            cells = tuple(
                column.row(real, self._around) if column.id in _TIMELY else cell
                for column, cell in zip(self.layout.columns, known[2], strict=True)
            )
            # the same object where it says the same: then nothing is to be compared
            cells = known[2] if cells == known[2] else cells
        self._known[line] = (basis, real, cells)
        return cells

    def _server_name(self, server: int, wishes: Wishes) -> tuple[Cell, ...]:
        if self._board is None:
            return ()
        facts = self._board.virtual_server(server)
        mark = "▸ " if facts.key in wishes.collapsed else "▾ "
        slot = Slot.DOWN if facts.states & {RowState.EMPTY, RowState.DOWN} else Slot.SERVER
        return (Cell(mark, Slot.MUTED), Cell(server_name(facts.key), slot), Cell(f"  {scheduling(facts)}", Slot.MUTED))

    def _real_name(self, line: Line, marked: bool) -> tuple[Cell, ...]:
        if self._board is None:
            return ()
        known = self._known.get(line)
        states = self._board.states(*line) if known is None else known[1].states
        text = str(self._board.listing.servers[line[0]].real_servers[line[1]])
        drained = Slot.DRAINED if RowState.DRAINED in states else Slot.PLAIN
        slot = Slot.DOWN if RowState.DOWN in states else drained
        return (Cell("  ◆ ", Slot.MARKED), Cell(text, slot)) if marked else (Cell(f"    {text}", slot),)

    def _spark(self, director: str, row: Row, _count: int) -> tuple[float | None, ...]:
        """Looked up twice while a bar stands, and no faster than is looked at: a bar that grows paints its row."""
        if self._history is None or self._board is None or self.layout is None:
            return ()
        width = next(w for c, w in zip(self.layout.columns, self.layout.widths, strict=True) if c.id == "spark")
        now, count = self._board.snapshot.generated_at.timestamp(), width - 1
        moment = int(now / max(SPARK_EVERY, SPARK_SECONDS / count / 2))
        known = self._sparks.get(row)
        if known is not None and known[0] == moment:
            return known[1]
        key = RowKey(director, *row)
        for field in (Field.CONNECTIONS, Field.ACTIVE):
            series = self._history.series(key, field, span=SPARK_SECONDS)
            if any(value is not None for _, value in series.points):
                found = buckets(series, now=now, span=SPARK_SECONDS, count=count)
                self._sparks[row] = (moment, found)
                return found
        return ()

    def _share(self, row: Row) -> Share | None:
        if self._board is None or row[1] is None:
            return None
        found = self._shares.get(row[0])
        if found is None:
            found = self._shares[row[0]] = self._shares_of(row[0])
        return found.get(row[1])

    def _record(self, row: Row) -> str:
        """`anna 13:58`, `13:58` or nothing, as there is room."""
        change = self._records.get(row)
        if change is None or self._board is None or self.layout is None:
            return ""
        state = next(column for column in self.layout.columns if column.id == "state")
        room = self.layout.widths[self.layout.columns.index(state)] - state.width
        since = _since(change.at, self._board.snapshot.generated_at)
        return f"{change.author.user[:_USER]} {since}" if room >= RECORD_WHOLE else since if room else ""

    def _shares_of(self, key: VirtualServerKey) -> Mapping[RealServerKey, Share]:
        board = self._board
        server = None if board is None else board.listing.find(key)
        if board is None or server is None:
            return {}
        copy, rates = board.copy(server, board.listing.servers[server].leader), board.leader(server).rates
        return {} if copy is None else shares(copy, None if rates is None else rates.get(copy.key))


def _standing(snapshot: ClusterSnapshot) -> Mapping[Row, Change]:
    """Drains on record, by their rows."""
    drains = (each for each in snapshot.changes if each.kind is ChangeKind.DRAIN and each.phase is ChangePhase.STANDING)
    return {row: change for change in drains for row in change.rows}


def _since(when: datetime, now: datetime) -> str:
    """`13:58`, or `10 Nov` where that was another day."""
    words = fmt.day_time(when, now).split()
    return words[0].rpartition(":")[0] if len(words) == 1 else " ".join(words[:2])


def _row(board: Board, line: Line) -> Row | None:
    if line[0] >= len(board.listing.servers):
        return None
    listed = board.listing.servers[line[0]]
    return (listed.key, None if line[1] == SERVER else listed.real_servers[line[1]])


def _line(board: Board, before: Board, line: Line) -> Line | None:
    """The same row's line on another board."""
    if board.listing is before.listing:
        return line
    row = _row(before, line)
    server = None if row is None else board.listing.find(row[0])
    if row is None or server is None:
        return None
    if row[1] is None:
        return (server, SERVER)
    reals = board.listing.servers[server].real_servers
    return (server, reals.index(row[1])) if row[1] in reals else None
