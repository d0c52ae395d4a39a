"""The machines under the directors of one cluster, side by side."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.reactive import reactive
from textual.widgets import Footer

from lvstop.engine.feed import ClusterFeed
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.failover.screen import FailoverScreen, failover_binding
from lvstop.ui.machines.side_by_side import machine_lines
from lvstop.ui.vrrp.lines import Lines
from lvstop.ui.widgets.failover_strip import FailoverStrip
from lvstop.ui.widgets.reading import Reading
from lvstop.ui.widgets.top_bar import TopBar

_MARGINS = 3
"""Cells beside the lines: a blank on either side, and the scrollbar."""


class MachinesBody(Reading):
    """What scrolls."""


class MachinesScreen(FailoverScreen):
    """Processors, memory, tables and interfaces of every director."""

    AUTO_FOCUS = "MachinesBody"
    CSS_PATH = "machines.tcss"
    HELP = """\
# Machines

What each director has to do as a machine, and what is near its end. Read every five seconds; rates are over that time.

- **processors**: the part of the time that goes to packets (**softirq**, where IPVS works), to everything else, and to
  others on the same host (**steal**). One that is full of softirq loses packets while the others are idle.
- **conntrack**: connections that netfilter tracks, of those that it may. At the limit new ones are dropped.
- **IPVS**: connections in its table, and buckets of its hash table. That is no limit: with many more connections than
  buckets packets only take longer to find theirs.
- **backlog**: packets for which a processor had no room, and how often it had to leave some for later.
- **interfaces**: bits, drops and errors a second, and the last five minutes of both directions.

First stands what is near its end: the same alerts as everywhere, with what to do. `–` is *unknown*, never 0. A
director that does not answer shows what it said last.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,h", "app.pop_screen", "Back", tooltip="Back to the cluster", id="machines.back"),
        failover_binding(show=False),
    ]

    body = query_one(MachinesBody)
    text = query_one("#machines-text", Lines)

    snapshot: reactive[ClusterSnapshot | None] = reactive(None)

    def __init__(self, feed: ClusterFeed) -> None:
        super().__init__()
        self.feed = feed

    def compose(self) -> ComposeResult:
        """The bar, and what scrolls below it."""
        yield TopBar(interval=self.feed.config.interval, place="machines").data_bind(snapshot=MachinesScreen.snapshot)
        yield FailoverStrip().data_bind(snapshot=MachinesScreen.snapshot)
        with MachinesBody(id="machines-body"):
            yield Lines(id="machines-text")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Show what is known."""
        self._draw()

    def on_resize(self, _event: events.Resize) -> None:
        """Another width: other places."""
        self._draw()

    def watch_snapshot(self, snapshot: ClusterSnapshot | None) -> None:
        """Show what is new."""
        if snapshot is not None and self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        snapshot = self.feed.latest if self.snapshot is None else self.snapshot
        self.text.lines = tuple(machine_lines(snapshot, self.feed.vitals, max(40, self.size.width - _MARGINS)))
