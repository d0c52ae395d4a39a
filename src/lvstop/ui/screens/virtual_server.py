"""One virtual server: its settings in sentences, its past as charts, its real servers with what is due to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from lvstop.analysis.board import Board, Row
from lvstop.analysis.importance import most_important
from lvstop.analysis.listing import Listing
from lvstop.analysis.series import Field, RowKey
from lvstop.analysis.shares import Share, shares
from lvstop.engine.feed import ClusterFeed
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.connections import ConnectionScope
from lvstop.ui.actions.bindings import HELP as ACTIONS_HELP
from lvstop.ui.chart.axes import Unit
from lvstop.ui.connections.key import HELP as CONNECTIONS_HELP
from lvstop.ui.detail.bindings import CHART_HELP, detail_bindings
from lvstop.ui.detail.chart_row import ChartRow
from lvstop.ui.detail.curves import history_keys, lines_of, serving
from lvstop.ui.detail.screen import DetailScreen
from lvstop.ui.detail.server_facts import fact_lines, gone_line
from lvstop.ui.detail.server_rows import server_columns, server_rows
from lvstop.ui.fitting import wrapped
from lvstop.ui.messages import ShowScreen
from lvstop.ui.table.columns import replies_bypass
from lvstop.ui.table.order import server_name
from lvstop.ui.widgets.chart import ChartLine
from lvstop.ui.widgets.failover_strip import FailoverStrip
from lvstop.ui.widgets.key_bar import SPARE, KeyBar
from lvstop.ui.widgets.keyed_table import MOST_ROWS, KeyedTable
from lvstop.ui.widgets.top_bar import TopBar

_CHOSEN_FOR = 5.0
"""Seconds for which the choice among too many rows stands, unless rows come or go."""

_CHARTS = (
    ("Connections", Unit.COUNT, ((Field.ACTIVE, "active"), (Field.INACTIVE, "inactive"))),
    ("New connections/s", Unit.PER_SECOND, ((Field.CONNECTIONS, ""),)),
    ("Bits/s", Unit.BITS, ((Field.IN_BYTES, "in"), (Field.OUT_BYTES, "out"))),
)


class VirtualServerScreen(DetailScreen):
    """A virtual server. When it goes, its past stays on screen."""

    CSS_PATH = "detail.tcss"
    AUTO_FOCUS = "KeyedTable"
    HELP = f"""\
# A virtual server

**kernel** and **clients** tell what the kernel does with a new connection; **checks** what keepalived has configured
and found out. Where they differ, the kernel is what happens and keepalived is what was meant.

{CHART_HELP}
**The table** has the values of the director that holds the VIP. `GETS/DUE` compares what a real server gets of the
virtual server with what scheduler and weights would give it: of new connections where there are enough of them to
speak of, else of those that are open. The bar is what it gets, the stroke across it what is due; `more` or `less` where
the difference is more than chance. `WEIGHT` `3→0`: keepalived wrote 3, somebody set 0. A column per other director
tells what it has in the same row: after a failover that would be true.

{ACTIONS_HELP}
{CONNECTIONS_HELP}"""
    BINDINGS: ClassVar[list[BindingType]] = detail_bindings("virtual-server")

    def __init__(self, feed: ClusterFeed, key: VirtualServerKey) -> None:
        super().__init__(feed)
        self.key = key
        self._newest: Board | None = None
        self._board: Board | None = None
        """The last board that had the virtual server."""
        self._choice: tuple[Listing, float, Sequence[int]] | None = None
        self._due: tuple[float, Mapping[RealServerKey, Share]] = (0.0, {})
        self._reals: dict[str, RealServerKey] = {}

    def compose(self) -> ComposeResult:
        """From the top: bar, sentences, charts, real servers."""
        place = server_name(self.key)
        interval = self.feed.config.interval
        yield TopBar(interval=interval, place=place).data_bind(snapshot=VirtualServerScreen.snapshot)
        yield FailoverStrip().data_bind(snapshot=VirtualServerScreen.snapshot)
        yield Static(id="facts")
        yield ChartRow([(title, unit) for title, unit, _ in _CHARTS], id="charts")
        yield KeyedTable()
        yield Static(id="left-out")
        yield KeyBar(SPARE)

    def show(self) -> None:
        """Bring everything up to date."""
        if self.snapshot is None:
            return
        board = self._newest = Board.of(self.snapshot, self._newest)
        server = find_server(board.listing, self.key)
        if server is None:
            self._show_gone()
            return
        self._board = board
        self.feed.history.watch(history_keys(board, server))
        self.tell(fact_lines(board, server, self.size.width - 1))
        chosen = self._chosen(board, server)
        reals = board.listing.servers[server].real_servers
        self._reals = {str(reals[real]): reals[real] for real in chosen}
        self.table.show(server_columns(board, server), server_rows(board, server, chosen, self._shares(board, server)))
        self._tell_left_out(len(reals), len(chosen))
        self.place()
        self.draw()

    def _show_gone(self) -> None:
        """Its last rows and its past stay; nothing is said of the present but that it is gone."""
        if self.snapshot is None:
            return
        since: datetime | None = None if self._board is None else self._board.snapshot.generated_at
        self.tell(wrapped(gone_line(self.key, since, self.snapshot), self.size.width - 1))
        self.table.mark_past()
        self.place()
        self.draw()

    def _chosen(self, board: Board, server: int) -> Sequence[int]:
        """Which real servers are shown. Where there are too many, they are not chosen anew on every tick."""
        now = board.snapshot.generated_at.timestamp()
        choice = self._choice
        if choice is None or choice[0] is not board.listing or not 0 <= now - choice[1] < _CHOSEN_FOR:
            chosen = self._with_cursor(board, server, most_important(board, server, most=MOST_ROWS))
            choice = self._choice = (board.listing, now, chosen)
        return choice[2]

    def _with_cursor(self, board: Board, server: int, chosen: Sequence[int]) -> Sequence[int]:
        """What the cursor is on stays, even where others are busier by now."""
        held = self._reals.get(self.table.cursor_key or "")
        reals = board.listing.servers[server].real_servers
        if held is None or len(chosen) == len(reals) or held not in reals:
            return chosen
        place = reals.index(held)
        return chosen if place in chosen else [*chosen[:-1], place]

    def _shares(self, board: Board, server: int) -> Mapping[RealServerKey, Share]:
        """Shares need all rows; where there are thousands, they are made as often as rows are chosen."""
        copy = board.copy(server, board.listing.servers[server].leader)
        if copy is None:
            return {}
        at = board.snapshot.generated_at.timestamp() if self._choice is None else self._choice[1]
        if len(copy.real_servers) <= MOST_ROWS or at != self._due[0]:
            rates = board.leader(server).rates
            self._due = (at, shares(copy, None if rates is None else rates.get(copy.key)))
        return self._due[1]

    def _tell_left_out(self, every: int, shown: int) -> None:
        text = f"{shown:,} of {every:,} real servers: the faulty ones, then the most active. "
        text += f"{every - shown:,} more are in the cluster's table (esc, then / filters)."
        self.tell_left_out(text if shown < every else "")

    # charts

    def curves(self, number: int, span: float) -> tuple[Sequence[ChartLine], str]:
        """The director that serves, and one that did. No curve at 0 tells of replies that do not pass the director."""
        fields = [each for each in _CHARTS[number][2] if each[0] is not Field.OUT_BYTES or self._sees_replies()]
        keys = serving(self.feed.history, self._keys(), span)
        return lines_of(self.feed.history, keys, fields, span), self._why_empty(fields[0][0])

    def _sees_replies(self) -> bool:
        board = self._board
        server = None if board is None else find_server(board.listing, self.key)
        rows = [] if board is None or server is None else [row for row in board.rows(server) if row is not None]
        return not replies_bypass(rows, None)

    def _keys(self) -> list[RowKey]:
        board = self._board
        server = None if board is None else find_server(board.listing, self.key)
        return [] if board is None or server is None else history_keys(board, server)

    def _why_empty(self, field: Field) -> str:
        board = self._board
        server = None if board is None else find_server(board.listing, self.key)
        if board is None or server is None:
            return "nothing is known of it"
        counted = field in (Field.ACTIVE, Field.INACTIVE)
        if not counted and board.leader(server).counters is None:
            return "only root may read counters"
        return "nothing is known yet"

    # what the operator does

    @property
    def pointed_at(self) -> Row | None:
        """The real server under the cursor."""
        real = self._reals.get(self.table.cursor_key or "")
        return None if real is None else (self.key, real)

    @property
    def countable(self) -> ConnectionScope:
        """The virtual server, whichever of its real servers the cursor is on."""
        return ConnectionScope(self.key)

    def on_keyed_table_opened(self, message: KeyedTable.Opened) -> None:
        """Open a real server."""
        from lvstop.ui.screens.real_server import RealServerScreen

        key = self._reals.get(message.key)
        if key is None:
            return
        below = self.below
        if isinstance(below, RealServerScreen) and below.address == key.address:
            self.app.pop_screen()
        else:
            self.post_message(ShowScreen(lambda feed: RealServerScreen(feed, key.address)))


def find_server(listing: Listing, key: VirtualServerKey) -> int | None:
    """The place of a virtual server. A firewall mark's family may become known, or unknown, while it is looked at."""
    place = listing.find(key)
    if place is not None or key.fwmark is None:
        return place
    marks = [index for index, listed in enumerate(listing.servers) if listed.key.fwmark == key.fwmark]
    alike = [index for index in marks if None in (key.family, listing.servers[index].key.family)]
    return alike[0] if len(marks) == 1 and alike else None
