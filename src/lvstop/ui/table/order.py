"""Which rows of the table are shown, and in which order: filter, faults only, collapsed virtual servers, sorting.

Pure: a board and the operator's wishes in, lines out. Rows are known by their key, so that the cursor can stay with its
row whatever is sorted, inserted or removed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lvstop.analysis.board import Board, Row
from lvstop.analysis.listing import Listing
from lvstop.model.address import VirtualServerKey
from lvstop.model.ipvs import Rates, RealServer
from lvstop.ui.table.columns import BY_ID, SortValue

Line = tuple[int, int]
"""Index of a virtual server in the listing, and of one of its real servers; `SERVER` for the virtual server itself."""

SERVER = -1


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator asked for.

    Attributes:
        sort: id of a column; None is the order of addresses.
        filter: words that a row must all have, in its address, port, mark, scheduler, forwarding method or state.
        collapsed: virtual servers whose real servers are hidden.
        marked: rows that the next change is to be about; they stay marked while they are hidden.
    """

    sort: str | None = None
    descending: bool = True
    filter: str = ""
    faults_only: bool = False
    collapsed: frozenset[VirtualServerKey] = frozenset()
    marked: frozenset[Row] = frozenset()

    @property
    def by_value(self) -> bool:
        """The order changes with the numbers, not only with the rows."""
        return self.sort is not None

    @property
    def lasting(self) -> bool:
        """The same rows in the same order as long as no row comes or goes."""
        return not (self.by_value or self.faults_only or self.filter.strip())


def server_name(key: VirtualServerKey) -> str:
    """A virtual server as the table shows it: `TCP 172.26.127.20:445`."""
    protocol, _, rest = str(key).partition(":")
    return f"{protocol} {rest}"


class Arrangement:
    """Lines for boards that follow each other; what did not change is not computed again."""

    def __init__(self) -> None:
        self.lines: Sequence[Line] = ()
        self._listing: Listing | None = None
        self._wishes: Wishes | None = None
        self._texts: dict[Line, str] = {}

    def arrange(self, board: Board, wishes: Wishes) -> bool:
        """Bring `lines` up to date; returns whether they may have changed."""
        same_rows = board.listing is self._listing
        if same_rows and wishes == self._wishes and wishes.lasting:
            return False
        if not same_rows:
            self._texts = {}
        self._listing, self._wishes = board.listing, wishes
        self.lines = list(self._arranged(board, wishes))
        return True

    def find(self, board: Board, row: Row) -> int | None:
        """The place of a row among the lines; None where it is not shown."""
        server = board.listing.find(row[0])
        if server is None:
            return None
        reals = board.listing.servers[server].real_servers
        if row[1] is not None and row[1] not in reals:
            return None
        line = (server, SERVER if row[1] is None else reals.index(row[1]))
        return self.lines.index(line) if line in self.lines else None

    def _arranged(self, board: Board, wishes: Wishes) -> list[Line]:
        words = wishes.filter.lower().split()
        lines: list[Line] = []
        for server in _sorted_servers(board, wishes):
            rows = self._kept(board, server, words, faults_only=wishes.faults_only)
            if rows is None:
                continue
            lines.append((server, SERVER))
            if board.listing.servers[server].key not in wishes.collapsed:
                lines.extend((server, row) for row in _sorted_rows(board, server, rows, wishes))
        return lines

    def _kept(self, board: Board, server: int, words: Sequence[str], *, faults_only: bool) -> Sequence[int] | None:
        """The real servers of a virtual server that are shown; None where it is not shown itself."""
        count = len(board.listing.servers[server].real_servers)
        rows: Sequence[int] = range(count)
        if faults_only:
            rows = [row for row in rows if board.states(server, row)]
            if not rows and not board.virtual_server(server).states:
                return None
        if not words:
            return rows
        states = [str(state) for state in board.virtual_server(server).states]
        copy = board.copy(server, board.listing.servers[server].leader)
        scheduler = "" if copy is None else copy.scheduler
        missing = _missing(words, self._text(board, (server, SERVER)))
        if not missing or _matches(missing, scheduler, states):
            return rows
        rows = [row for row in rows if self._row_matches(board, server, row, words, scheduler)]
        return rows or None

    def _row_matches(self, board: Board, server: int, row: int, words: Sequence[str], scheduler: str) -> bool:
        missing = _missing(words, self._text(board, (server, row)))
        if not missing:
            return True
        real = board.row(server, row, board.listing.servers[server].leader)
        method = "" if real is None else str(real.forwarding).lower()
        return _matches(missing, f"{scheduler} {method}", [str(state) for state in board.states(server, row)])

    def _text(self, board: Board, line: Line) -> str:
        """What a filter finds of a row that does not change while it lives; in lower case."""
        text = self._texts.get(line)
        if text is None:
            listed = board.listing.servers[line[0]]
            own = "" if line[1] == SERVER else f" {listed.real_servers[line[1]]}"
            text = self._texts[line] = f"{server_name(listed.key)} {listed.key}{own}".lower()
        return text


def _missing(words: Sequence[str], text: str) -> Sequence[str]:
    return [word for word in words if word not in text]


def _matches(words: Sequence[str], text: str, states: Sequence[str]) -> bool:
    return all(word in text or any(state.startswith(word) for state in states) for word in words)


def _sorted_servers(board: Board, wishes: Wishes) -> Sequence[int]:
    order = range(len(board.listing.servers))
    sort = _sort_value(wishes)
    if sort is None:
        return order
    return _by_value(order, lambda server: _server_value(board, server, sort), descending=wishes.descending)


def _server_value(board: Board, server: int, sort: SortValue) -> float | None:
    """A virtual server's own rate, or the sum over its real servers; None where the kernel does not tell."""
    value = sort(None, board.rates(server))
    if value is not None:
        return value
    rows = [row for row in board.rows(server) if row is not None]
    values = [each for row in rows if (each := sort(row, None)) is not None]
    return sum(values) if values or not (rows or _is_absent(board, server)) else None


def _is_absent(board: Board, server: int) -> bool:
    return board.copy(server, board.listing.servers[server].leader) is None


def _sorted_rows(board: Board, server: int, rows: Sequence[int], wishes: Wishes) -> Sequence[int]:
    sort = _sort_value(wishes)
    if sort is None or len(rows) < 2:
        return rows
    found = board.rows(server)
    keys = board.listing.servers[server].real_servers
    rates = board.real_rates(server)

    def value(row: int) -> float | None:
        own: Rates | None = rates.get(keys[row])
        real: RealServer | None = found[row]
        return sort(real, own)

    return _by_value(rows, value, descending=wishes.descending)


def _by_value(items: Sequence[int], value: Callable[[int], float | None], *, descending: bool) -> Sequence[int]:
    """Sorted by value; what has none comes last in both directions, equals keep their order of addresses."""
    sign = -1.0 if descending else 1.0
    known = {item: found for item in items if (found := value(item)) is not None}
    ordered = sorted(known, key=lambda item: sign * known[item])
    return [*ordered, *(item for item in items if item not in known)]


def _sort_value(wishes: Wishes) -> SortValue | None:
    column = None if wishes.sort is None else BY_ID.get(wishes.sort)
    return None if column is None else column.sort
