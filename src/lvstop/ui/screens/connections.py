"""Connections of a virtual server or of a real server, counted on all directors when somebody asks."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.getters import query_one
from textual.reactive import reactive
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from lvstop.analysis.counted import Place, count_rows
from lvstop.engine.feed import ClusterFeed
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.connections import ConnectionScope, Counting
from lvstop.model.director import Fault
from lvstop.ui.actions.access import operates
from lvstop.ui.connections.key import counter_of
from lvstop.ui.connections.table import counted_lines, table_columns, table_rows
from lvstop.ui.failover.screen import FailoverScreen, failover_binding
from lvstop.ui.messages import ShowScreen
from lvstop.ui.widgets.failover_strip import FailoverStrip
from lvstop.ui.widgets.key_bar import KeyBar
from lvstop.ui.widgets.keyed_table import KeyedTable
from lvstop.ui.widgets.top_bar import TopBar

_GROUP = "connections"


class ConnectionsScreen(FailoverScreen):
    """What the connection tables say of one scope. They are read once; leaving the screen ends that."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["detail.tcss", "connections.tcss"]
    AUTO_FOCUS = "KeyedTable"
    HELP = """\
# Connections

The kernel's entries, counted on each director by itself, once; `r` counts again, `x` ends the counting and shows what
was counted so far, and so does lvstop after a minute. Leaving this screen ends it as well. A column per director: a
number, and what part it is of all connections there. `–` is *unknown*, never 0.

- **told by the other director**: entries that its sync daemon has sent; the others began on this director.
- **persistence templates** bind a client to a real server. They are no connections and are counted apart.
- **end within**: how many would be gone after so long if no client sent anything more; every packet begins an
  entry's time anew. Closed connections only wait for their end.
- **client networks** are /24 of IPv4 and /64 of IPv6. `≥`: there were more clients than can be counted each, so that
  this number may be too low, by no more than is said above. Where addresses are masked, `no. 1` is the one with most
  connections in its network, on each director by itself.

A big table takes its time: the kernels of older distributions find each page of it by walking it from its beginning.
lvstop reads at the lowest priority, and rests as long as it reads.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "Back", tooltip="Where you came from", id="connections.back"),
        Binding("r", "again", "Count again", tooltip="Read the tables once more", id="connections.again"),
        Binding("x", "stop", "Stop", tooltip="Show what was counted so far", id="connections.stop"),
        failover_binding(show=False),
    ]

    table = query_one(KeyedTable)
    counted = query_one("#counted", Static)

    snapshot: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)

    def __init__(self, feed: ClusterFeed, scope: ConnectionScope) -> None:
        super().__init__()
        self.feed = feed
        self.scope = scope
        self._countings: dict[str, Counting] = {}
        self._stopped = False
        self._places: Mapping[str, Place] = {}

    def compose(self) -> ComposeResult:
        """From the top: bar, how far it is, numbers."""
        interval, place = self.feed.config.interval, f"connections of {self.scope}"
        yield TopBar(interval=interval, place=place).data_bind(snapshot=ConnectionsScreen.snapshot)
        yield FailoverStrip().data_bind(snapshot=ConnectionsScreen.snapshot)
        yield Static(id="counted")
        yield KeyedTable()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin."""
        self._count()

    def on_unmount(self) -> None:
        """Nobody looks any more: nothing is to run on a director for that."""
        self.workers.cancel_node(self)

    def on_resize(self) -> None:
        """Sentences are wrapped to the width."""
        self._show()

    @property
    def counting(self) -> bool:
        """Some director has not come to its end."""
        return not all(each.over for each in self._countings.values())

    def _count(self) -> None:
        counter = counter_of(self)
        if counter is None:
            return
        self._countings = {each.name: Counting(each.name) for each in self.feed.config.directors}
        self._stopped = False
        self.run_worker(
            counter(self.feed.config, self.scope, self._take, lambda: self._stopped),
            name=_GROUP,
            group=_GROUP,
            description=f"counting connections of {self.scope}",
            exclusive=True,
            exit_on_error=False,
        )
        self._show()
        self.refresh_bindings()

    def _take(self, counting: Counting) -> None:
        self._countings[counting.director] = counting
        self._show()
        if counting.over:
            self.refresh_bindings()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """An error of lvstop's own is said where the numbers would be."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            fault = Fault.internal(event.worker.error)
            for each in self._countings.values():
                if not each.over:
                    self._take(Counting(each.director, each.read, each.seconds, fault=fault))

    def _show(self) -> None:
        if not self.is_mounted:
            return
        countings = list(self._countings.values())
        masks = self.feed.config.mask_clients and not operates(self, self.feed.name)
        lines = counted_lines(countings, masks=masks, width=self.size.width - 1)
        self.counted.update(Content("\n").join(lines))
        rows = count_rows(countings, self.scope)
        self._places = {row.key: row.server for row in rows if row.server is not None}
        self.table.display = bool(rows)
        if rows:
            self.table.show(table_columns(countings, rows), table_rows(rows))

    # what the operator does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One thing or the other: it counts, or has."""
        if action == "stop":
            return self.counting or None
        if action == "again":
            return None if self.counting else counter_of(self) is not None
        return super().check_action(action, parameters)

    def action_again(self) -> None:
        """Count once more."""
        self._count()

    def action_stop(self) -> None:
        """It is enough: show what there is."""
        self._stopped = True

    def on_keyed_table_opened(self, message: KeyedTable.Opened) -> None:
        """Open the real server of the row."""
        from lvstop.ui.screens.real_server import RealServerScreen

        place = self._places.get(message.key)
        if place is not None:
            address = place[1].address
            self.post_message(ShowScreen(lambda feed: RealServerScreen(feed, address)))
