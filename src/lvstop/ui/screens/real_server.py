"""One real server by its address: all its virtual servers on all directors, what is left on it, and its past."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from lvstop.actions.intent import Row as RealRow
from lvstop.analysis.board import Board, Row
from lvstop.analysis.combined import RunningSum
from lvstop.analysis.listing import Listing
from lvstop.analysis.presence import (
    Place,
    Presence,
    anything_known,
    places_of,
    presences,
    sums_of,
    total_rates,
    verdict,
)
from lvstop.analysis.series import Field, RowKey
from lvstop.analysis.words import count
from lvstop.engine.feed import ClusterFeed
from lvstop.model.address import IPAddress
from lvstop.model.connections import ConnectionScope
from lvstop.ui.actions.bindings import HELP as ACTIONS_HELP
from lvstop.ui.chart.axes import Unit
from lvstop.ui.connections.key import HELP as CONNECTIONS_HELP
from lvstop.ui.detail.bindings import CHART_HELP, detail_bindings
from lvstop.ui.detail.chart_row import ChartRow
from lvstop.ui.detail.real_rows import real_columns, real_rows, row_name, sum_line
from lvstop.ui.detail.screen import DetailScreen
from lvstop.ui.fitting import hanging
from lvstop.ui.messages import ShowScreen
from lvstop.ui.widgets.chart import ChartLine
from lvstop.ui.widgets.failover_strip import FailoverStrip
from lvstop.ui.widgets.key_bar import SPARE, KeyBar
from lvstop.ui.widgets.keyed_table import MOST_ROWS, KeyedTable
from lvstop.ui.widgets.top_bar import TopBar

_CHARTS = (("Active connections", Unit.COUNT), ("New connections/s", Unit.PER_SECOND))
_FIELDS = (Field.ACTIVE, Field.CONNECTIONS)


class RealServerScreen(DetailScreen):
    """A real server, wherever it stands. When it goes, its past stays on screen."""

    CSS_PATH = "detail.tcss"
    AUTO_FOCUS = "KeyedTable"
    HELP = f"""\
# A real server

The **first line** is the verdict: drained, down or absent where, and how many connections are left. What nobody can
tell is said to be unknown. *Established connections* are the kernel's ActiveConn on the director that holds the VIP;
inactive ones end by timeout and are not counted. UDP has inactive ones only.

Below it, the **sums** on each director, and in **the table** a row per virtual server and director; `●` marks the
director whose kernel decides now. `differs ≠`: the directors do not have the same row, so that a failover would change
what this real server gets.

{CHART_HELP}
{ACTIONS_HELP}
{CONNECTIONS_HELP}"""
    BINDINGS: ClassVar[list[BindingType]] = detail_bindings("real-server")

    def __init__(self, feed: ClusterFeed, address: IPAddress) -> None:
        super().__init__(feed)
        self.address = address
        self._board: Board | None = None
        self._places: tuple[Place, ...] = ()
        self._listing: Listing | None = None
        self._seen = False
        self._sums = {field: RunningSum() for field in _FIELDS}
        self._rows: dict[str, RealRow] = {}

    def compose(self) -> ComposeResult:
        """From the top: bar, verdict and sums, charts, rows."""
        interval = self.feed.config.interval
        yield TopBar(interval=interval, place=str(self.address)).data_bind(snapshot=RealServerScreen.snapshot)
        yield FailoverStrip().data_bind(snapshot=RealServerScreen.snapshot)
        yield Static(id="facts")
        yield ChartRow(_CHARTS, id="charts")
        yield KeyedTable()
        yield Static(id="left-out")
        yield KeyBar(SPARE)

    def show(self) -> None:
        """Bring everything up to date."""
        if self.snapshot is None:
            return
        board = self._board = Board.of(self.snapshot, self._board)
        if board.listing is not self._listing:
            self._listing, self._places = board.listing, places_of(board.listing, self.address)
        found = list(presences(board, self._places))
        self.tell(self._told(found))
        self._record(board, found)
        if found:
            self._tell_rows(found)
        else:
            self.table.mark_past()
        self.place()
        self.draw()

    def _told(self, found: Sequence[Presence]) -> list[Content]:
        if self.snapshot is not None and not anything_known(self.snapshot) and not found:
            return [
                Content.styled(f" ? nothing is known of {self.address}: no director's table can be read", "$unknown")
            ]
        sentence = verdict(found)
        if not found:
            past = "; below is its past" if self._seen else ""
            return [Content.styled(f" ✖ {self.address}: {sentence}{past}", "bold $health-critical")]
        sums = sums_of(found)
        width = max(len(each.director) for each in sums)
        odd = any(each.known and (each.down or each.drained or each.row is None) for each in found)
        style = "bold $server-drained" if odd else "bold"
        sign = "▲" if odd else "●" if all(each.known for each in found) else "?"
        lines = hanging(Content.styled(f" {sign} ", style), Content.styled(sentence, style), self.size.width - 1)
        for each in sums:
            rows = [part.row for part in found if part.director.name == each.director and part.row is not None]
            lines.append(sum_line(each, rows, width=width, room=self.size.width - 1))
        return lines

    def _tell_rows(self, found: Sequence[Presence]) -> None:
        """As many rows as there is sense in; where there are more, those that are out of the ordinary come first."""
        shown = found
        if len(found) > MOST_ROWS:
            shown = sorted(found, key=_quiet)[:MOST_ROWS]
        self._rows = {row_name(each): (each.virtual_server, each.key) for each in shown}
        self.table.show(real_columns(found), real_rows(shown))
        rest = count(len(found) - len(shown), "more row")
        text = f"{rest} of it, all in order, in the cluster's table (esc, / {self.address})."
        self.tell_left_out(text if len(shown) < len(found) else "")

    # its past

    def _record(self, board: Board, found: Sequence[Presence]) -> None:
        """Add what is now. The sum is of the directors that hold the VIPs, so that it goes on over a failover."""
        now = board.snapshot.generated_at.timestamp()
        leading = [each for each in found if each.leads]
        if leading and not self._seen:
            self._seen = True
            self._begin(leading, now)
        rows = [each.row for each in leading if each.row is not None]
        known = bool(leading) and all(each.known for each in leading)
        rates = total_rates([each.rates for each in leading if each.row is not None])
        active = float(sum(row.active_connections for row in rows))
        self._sums[Field.ACTIVE].append(now, active if known else None)
        self._sums[Field.CONNECTIONS].append(now, rates.connections if known and rates is not None else None)

    def _begin(self, leading: Sequence[Presence], now: float) -> None:
        keys = [RowKey(each.director.name, each.virtual_server, each.key) for each in leading]
        for field, running in self._sums.items():
            running.begin([self.feed.history.series(key, field, span=900.0) for key in keys], now=now)

    def curves(self, number: int, span: float) -> tuple[Sequence[ChartLine], str]:
        """One line: what the directors that hold the VIPs count."""
        privileged = self.snapshot is not None and any(each.counters is not None for each in self.snapshot.directors)
        why = "nothing is known yet" if number == 0 or privileged else "only root may read counters"
        return [ChartLine("", self._sums[_FIELDS[number]].series)], why

    # what the operator does

    @property
    def pointed_at(self) -> Row | None:
        """The row under the cursor, whichever director's."""
        return self._rows.get(self.table.cursor_key or "")

    @property
    def countable(self) -> ConnectionScope:
        """The real server in all its virtual servers."""
        return ConnectionScope(address=self.address)

    def on_keyed_table_opened(self, message: KeyedTable.Opened) -> None:
        """Open a virtual server."""
        from lvstop.ui.screens.virtual_server import VirtualServerScreen

        row = self._rows.get(message.key)
        if row is None:
            return
        key = row[0]
        below = self.below
        if isinstance(below, VirtualServerScreen) and below.key == key:
            self.app.pop_screen()
        else:
            self.post_message(ShowScreen(lambda feed: VirtualServerScreen(feed, key)))


def _quiet(each: Presence) -> tuple[bool, int]:
    """Sorts what is out of the ordinary first, then what is busy."""
    odd = each.down or each.drained or each.row is None or each.differs
    return (not odd, -(each.row.active_connections if each.row is not None else 0))
