"""The cluster screen: what an operator looks at all day."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.getters import query_one
from textual.reactive import reactive
from textual.widgets import Input

from lvstop.actions.intent import Row as RealRow
from lvstop.analysis.board import Row
from lvstop.engine.feed import ClusterFeed
from lvstop.model.address import IPAddress, format_endpoint
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.connections import ConnectionScope
from lvstop.ui.actions.access import operates
from lvstop.ui.actions.bindings import HELP as ACTIONS_HELP
from lvstop.ui.actions.screen import ActingScreen
from lvstop.ui.connections.key import HELP as CONNECTIONS_HELP
from lvstop.ui.failover.screen import HELP as FAILOVER_HELP
from lvstop.ui.messages import ShowScreen
from lvstop.ui.table.bindings import HELP as TABLE_HELP
from lvstop.ui.table.order import Wishes
from lvstop.ui.table.widget import ClusterTable
from lvstop.ui.widgets.alert_strip import AlertStrip
from lvstop.ui.widgets.director_card import DirectorCard
from lvstop.ui.widgets.failover_strip import FailoverStrip
from lvstop.ui.widgets.key_bar import SPARE, KeyBar
from lvstop.ui.widgets.maintenance_strip import MaintenanceStrip
from lvstop.ui.widgets.table_caption import TableCaption
from lvstop.ui.widgets.top_bar import TopBar
from lvstop.ui.widgets.vip_banner import VipBanner


@dataclass(frozen=True, slots=True)
class View:
    """How an operator looks at a cluster's table; kept while another cluster is shown."""

    columns: tuple[str, ...] = ()
    wishes: Wishes = field(default_factory=Wishes)
    cursor: Row | None = None


class ClusterScreen(ActingScreen):
    """One cluster: its directors, who holds the VIP, what is wrong, and the table."""

    AUTO_FOCUS = "ClusterTable"
    HELP = f"""\
# The cluster

The **banner** answers who holds the VIP in the kernel, and since when. It turns red when nobody holds it, when several
directors hold it at once, or when VRRP and the kernel disagree.

A **card** per director: how far its data can be trusted (`live`, `degraded`, `stale`, `unreachable`, with its age), its
VRRP instances with effective and base priority, what it holds, load and traffic.

**Alerts** tell what is wrong and what to do, the worst first; `a` shows them all.

{TABLE_HELP}
{ACTIONS_HELP}
{FAILOVER_HELP}
{CONNECTIONS_HELP}"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mark", "Mark", tooltip="The next change is about marked rows", show=False, id="cluster.mark"),
        Binding("M", "unmark", "Clear marks", tooltip="No row is marked any more", show=False, id="cluster.unmark"),
        Binding("slash", "filter", "Filter", tooltip="Show rows with these words only", id="cluster.filter"),
        Binding("escape", "clear", "Clear filter", show=False, id="cluster.clear"),
        Binding("v", "vrrp", "VRRP", tooltip="Instances side by side, and who would win", id="cluster.vrrp"),
        Binding(
            "h",
            "machines",
            "Machines",
            tooltip="Processors, memory, tables and interfaces of the directors",
            show=False,
            id="cluster.machines",
        ),
        Binding("e", "events", "Events", tooltip="Everything that changed", id="cluster.events"),
        Binding("a", "alerts", "Alerts", tooltip="All alerts, and what to do", id="cluster.alerts"),
        Binding("o", "columns", "Columns", tooltip="Choose the columns", show=False, id="cluster.columns"),
        Binding(
            "y", "copy_row", "Copy row", tooltip="The row under the cursor, as text", show=False, id="cluster.copy-row"
        ),
        Binding(
            "i",
            "copy_address",
            "Copy address",
            tooltip="Address and port of the row",
            show=False,
            id="cluster.copy-address",
        ),
        Binding("p", "pause", "Pause", tooltip="The screen stands still; collecting goes on", id="cluster.pause"),
    ]

    table = query_one(ClusterTable)
    caption = query_one(TableCaption)

    # Whoever is bound to a snapshot paints what it changes: the screen as a whole need not.
    snapshot: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)
    """The newest; what is shown is `shown`."""
    shown: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)
    paused: reactive[bool] = reactive(default=False, init=False)

    def __init__(self, feed: ClusterFeed, view: View | None = None) -> None:
        super().__init__()
        self.feed = feed
        self._begin_with = view or View()

    @property
    def view(self) -> View:
        """How the table is looked at now."""
        return View(self.table.chosen, self.table.wishes, self.table.cursor)

    def compose(self) -> ComposeResult:
        """From the top: bar, cards, banner, table, alerts."""
        config = self.feed.config
        yield TopBar(interval=config.interval, place="").data_bind(snapshot=ClusterScreen.shown)
        yield FailoverStrip().data_bind(ClusterScreen.snapshot)  # whether or not the screen stands still
        with Horizontal(id="cards"):
            for director in config.directors:
                yield DirectorCard(director.name).data_bind(snapshot=ClusterScreen.shown)
        yield VipBanner().data_bind(snapshot=ClusterScreen.shown)
        yield ClusterTable()
        yield Input(placeholder="address, port, drained, down, drift …", id="filter", compact=True)
        yield TableCaption()
        yield MaintenanceStrip().data_bind(snapshot=ClusterScreen.shown)
        # below the table: its rows stay where they are when alerts come and go
        yield AlertStrip().data_bind(snapshot=ClusterScreen.shown)
        yield KeyBar(SPARE)

    def on_mount(self) -> None:
        """As the operator left it."""
        view = self._begin_with
        self.table.chosen, self.table.wishes = view.columns, view.wishes
        self.query_one("#filter", Input).value = view.wishes.filter
        self.set_class(bool(view.wishes.filter), "-filtering")
        if view.cursor is not None and self.snapshot is not None:
            self.table.show(self.snapshot, self.feed.history)
            self.table.go_to(view.cursor)

    def watch_snapshot(self, snapshot: ClusterSnapshot | None) -> None:
        """News are shown unless the screen is paused, or another one covers it."""
        if not self.paused and (self.is_current or self.shown is None):
            self.shown = snapshot

    def on_screen_resume(self) -> None:
        """What covered it is gone: it shows the present at once."""
        self.watch_snapshot(self.snapshot)

    def watch_shown(self, snapshot: ClusterSnapshot | None) -> None:
        """The table takes the snapshot with the history behind it."""
        if snapshot is not None and self.is_mounted:
            self.table.show(snapshot, self.feed.history)

    def watch_paused(self, paused: bool) -> None:
        """A screen that stands still says so; when it goes on it shows the present at once."""
        self.set_class(paused, "-paused")
        self.query_one(TopBar).note = "PAUSED: collecting goes on, p continues" if paused else ""
        if not paused:
            self.shown = self.snapshot

    def on_cluster_table_changed(self) -> None:
        """The caption says what is shown of the table."""
        self.caption.tell(self.table)

    # what a change is about

    @property
    def pointed_at(self) -> Row | None:
        """The row under the cursor."""
        return self.table.cursor

    @property
    def countable(self) -> ConnectionScope | None:
        """The row under the cursor."""
        row = self.table.cursor
        return None if row is None else ConnectionScope.of_row(*row)

    @property
    def marked_rows(self) -> Sequence[RealRow]:
        """What was marked, in order of address."""
        found = [(server, real) for server, real in self.table.wishes.marked if real is not None]
        return sorted(found, key=lambda row: (row[0].sort_key, row[1].sort_key))

    def forget_marks(self) -> None:
        """Nothing is marked any more."""
        self.table.wishes = replace(self.table.wishes, marked=frozenset())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Marks are for changes: in read-only mode there are none."""
        if action in ("mark", "unmark"):
            return operates(self, self.feed.name) or None
        return super().check_action(action, parameters)

    def action_mark(self) -> None:
        """Mark the real server under the cursor, or take its mark away."""
        row = self.real_row()
        if row is not None:
            self.table.wishes = replace(self.table.wishes, marked=self.table.wishes.marked ^ {row})

    def action_unmark(self) -> None:
        """Take all marks away."""
        self.forget_marks()

    def action_filter(self) -> None:
        """Open the filter."""
        self.add_class("-filtering")
        self.query_one("#filter", Input).focus()

    def action_clear(self) -> None:
        """Show all rows again."""
        self.query_one("#filter", Input).value = ""
        self.table.wishes = replace(self.table.wishes, filter="", faults_only=False)
        self._leave_filter()

    def action_vrrp(self) -> None:
        """VRRP at length."""
        from lvstop.ui.screens.vrrp import VrrpScreen

        self.post_message(ShowScreen(VrrpScreen))

    def action_machines(self) -> None:
        """The machines under the directors."""
        from lvstop.ui.screens.machines import MachinesScreen

        self.post_message(ShowScreen(MachinesScreen))

    def action_events(self) -> None:
        """The event log."""
        from lvstop.ui.screens.events import EventsScreen

        self.post_message(ShowScreen(EventsScreen))

    def action_alerts(self) -> None:
        """All alerts at length."""
        from lvstop.ui.screens.alerts import AlertsScreen

        self.post_message(ShowScreen(AlertsScreen))

    def on_cluster_table_opened(self, message: ClusterTable.Opened) -> None:
        """The virtual server of the row, or for a real server's row that real server everywhere."""
        server, real = message.row
        if real is not None:
            self._open_real(real.address)
            return
        from lvstop.ui.screens.virtual_server import VirtualServerScreen

        self.post_message(ShowScreen(lambda feed: VirtualServerScreen(feed, server)))

    def _open_real(self, address: IPAddress) -> None:
        from lvstop.ui.screens.real_server import RealServerScreen

        self.post_message(ShowScreen(lambda feed: RealServerScreen(feed, address)))

    def action_columns(self) -> None:
        """Choose the columns."""
        from lvstop.ui.screens.columns import ColumnsScreen

        self.app.push_screen(ColumnsScreen(self.table.columns), self._take_columns)

    def _take_columns(self, chosen: tuple[str, ...] | None) -> None:
        if chosen is not None:
            self.table.chosen = chosen

    def action_copy_row(self) -> None:
        """Put the row under the cursor into the operator's clipboard (OSC 52)."""
        text = self.table.row_text()
        if text:
            self.app.copy_to_clipboard(text)
            self.notify("The row is in the clipboard.", timeout=3, markup=False)

    def action_copy_address(self) -> None:
        """Put the endpoint under the cursor into the operator's clipboard; a firewall mark has none."""
        row = self.table.cursor
        key = None if row is None else row[1] or row[0]
        if key is None or key.address is None or key.port is None:
            return
        text = format_endpoint(key.address, key.port)
        self.app.copy_to_clipboard(text)
        self.notify(f"{text} is in the clipboard.", timeout=3, markup=False)

    def action_pause(self) -> None:
        """Stand still, or go on."""
        self.paused = not self.paused

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        self.table.wishes = replace(self.table.wishes, filter=event.value)

    def on_input_submitted(self) -> None:
        """Back to the rows; the filter stays."""
        self._leave_filter()

    def _leave_filter(self) -> None:
        self.set_class(bool(self.table.wishes.filter), "-filtering")
        self.table.focus()
