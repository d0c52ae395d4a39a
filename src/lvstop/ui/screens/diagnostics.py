"""What lvstop itself costs, and how its directors answer."""

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.screen import Screen
from textual.widgets import Footer, Static

from lvstop.clock import Clock
from lvstop.engine.feed import ClusterFeed
from lvstop.engine.own_process import LoopLag, OwnProcess, OwnUse
from lvstop.ui.actions.access import operates
from lvstop.ui.diagnostics.lines import own_lines, reading_lines
from lvstop.ui.screens.fleet import bar_line, shown_health
from lvstop.ui.vrrp.lines import Lines
from lvstop.ui.widgets.reading import Reading

_MARGINS = 3
"""Cells beside the lines: a blank on either side, and the scrollbar."""
_EVERY = 2.0
"""Seconds between two looks at the process."""


class DiagnosticsBody(Reading):
    """What scrolls."""


class DiagnosticsScreen(Screen[None]):
    """Of all clusters. The process and the event loop are measured while it is open, and not otherwise."""

    AUTO_FOCUS = "DiagnosticsBody"
    CSS_PATH = "diagnostics.tcss"
    HELP = """\
# Diagnostics

What **lvstop itself** costs this machine, and how the directors answer.

- **event loop late**: how much later than asked lvstop comes to what it does next; keys wait as long. Measured while
  this screen is open.
- **median**, **95 %**: how long the last looks (120 at most) took until the table was read: half of them, and all but
  one of twenty, were faster.
- **read/s**: what the director's programs send, before SSH's own compression.
- **failed**, **again**: looks and attempts to connect that came to nothing; how often it was connected again.

A director that takes long, or is connected again and again, has a slow or lossy way, or a machine that is too busy:
`h` on its cluster shows that.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,L", "app.pop_screen", "Back", tooltip="To where you were", id="diagnostics.back"),
    ]

    bar = query_one("#diagnostics-bar", Static)
    text = query_one("#diagnostics-text", Lines)

    def __init__(self, feeds: Mapping[str, ClusterFeed], clock: Clock, process: OwnProcess) -> None:
        super().__init__()
        self._feeds = feeds
        self._process = process
        self._lag = LoopLag(clock)
        self._use: OwnUse | None = None

    def compose(self) -> ComposeResult:
        """A bar, and what scrolls below it."""
        yield Static(id="diagnostics-bar")
        with DiagnosticsBody(id="diagnostics-body"):
            yield Lines(id="diagnostics-text")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Measure as long as this is open."""
        self.run_worker(self._lag.run(), name="event loop", group="diagnostics", exit_on_error=False)
        self.look()
        self.set_interval(_EVERY, self.look)

    def on_resize(self, _event: events.Resize) -> None:
        """Another width: other places."""
        self._draw()

    def look(self) -> None:
        """What it is now."""
        self._use = self._process.use()
        self._draw()

    def _draw(self) -> None:
        room = max(40, self.size.width - _MARGINS)
        snapshots = [feed.latest for feed in self._feeds.values()]
        read_only = not any(operates(self, name) for name in self._feeds)
        healths = [shown_health(feed) for feed in self._feeds.values()]
        self.bar.update(bar_line(healths, self.size.width, read_only=read_only))
        self.text.lines = (*own_lines(self._use, self._lag.late, room), *reading_lines(snapshots, room))
