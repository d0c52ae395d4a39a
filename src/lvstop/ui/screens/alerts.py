"""All alerts, with what to do about each."""

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Footer, Static

from lvstop import format as fmt
from lvstop.engine.feed import ClusterFeed
from lvstop.model.alert import Alert
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.failover.screen import FailoverScreen, failover_binding
from lvstop.ui.fitting import hanging
from lvstop.ui.widgets.failover_strip import FailoverStrip
from lvstop.ui.widgets.reading import Reading
from lvstop.ui.widgets.top_bar import TopBar
from lvstop.ui.words import SEVERITY_SIGN, SEVERITY_STYLE, by_urgency, counted, muted


class AlertsScreen(FailoverScreen):
    """What is wrong now, at length, the worst first."""

    HELP = """\
# Alerts

What is wrong now, the worst first. An alert goes by itself when its cause has gone. Its code is stable: scripts that
read `lvstop status --json` find the same one.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,a", "app.pop_screen", "Back", tooltip="To the cluster", id="alerts.back"),
        failover_binding(show=False),
    ]

    snapshot: reactive[ClusterSnapshot | None] = reactive(None)

    def __init__(self, feed: ClusterFeed) -> None:
        super().__init__()
        self.feed = feed

    def compose(self) -> ComposeResult:
        """One text that scrolls."""
        yield TopBar(interval=self.feed.config.interval, place="alerts").data_bind(snapshot=AlertsScreen.snapshot)
        yield FailoverStrip().data_bind(snapshot=AlertsScreen.snapshot)
        with Reading():
            yield Static(id="alerts")
        yield Footer(compact=True, show_command_palette=False)

    def watch_snapshot(self, snapshot: ClusterSnapshot | None) -> None:
        """Say what is wrong now."""
        if snapshot is not None and self.is_mounted:
            self.query_one("#alerts", Static).update(alerts_at_length(snapshot, self.size.width - 2))

    def on_resize(self) -> None:
        """Sentences are wrapped to the width."""
        self.watch_snapshot(self.snapshot)


def alerts_at_length(snapshot: ClusterSnapshot, width: int) -> Content:
    """Counts, then a paragraph per alert."""
    if not snapshot.alerts:
        return Content(" Nothing is wrong that lvstop knows of.")
    severities = [alert.severity for alert in snapshot.alerts]
    parts = [Content.styled(f" {counted(severities)}", "$muted")]
    for alert in by_urgency(snapshot.alerts):
        style = f"bold {SEVERITY_STYLE[alert.severity]}"
        head = Content.assemble(
            (f" {SEVERITY_SIGN[alert.severity]} {alert.code}", style),
            (f"  {alert.subject}", "bold"),
            (_since(alert, snapshot.generated_at), "$muted"),
        )
        body = hanging(Content("   "), Content(alert.summary), width)
        remedy = hanging(muted("   → "), muted(alert.remedy), width) if alert.remedy else []
        parts.append(Content("\n").join([head, *body, *remedy]))
    return Content("\n\n").join(parts)


def _since(alert: Alert, now: datetime) -> str:
    """`  since 14:01:02 (1m 9s)`; nothing where it is not known."""
    if alert.since is None:
        return ""
    return f"  since {fmt.day_time(alert.since, now)} ({fmt.duration(now - alert.since)})"
