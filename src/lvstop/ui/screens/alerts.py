"""All alerts, with what to do about each."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Footer, Static

from lvstop import format as fmt
from lvstop.analysis.alarms import Alarm, Presence, alarm_key
from lvstop.analysis.certainty import what_is_unknown
from lvstop.analysis.words import listing
from lvstop.engine.feed import ClusterFeed
from lvstop.model.alert import Alert
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.alarms.words import ABSENCE
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

An alert that stands for a while is an **alarm**: it rings, and runs the command `on_alert` of your settings. `A`
acknowledges the alarms of this cluster: they ring no more, at this terminal only, and stay in sight. What is new or
gets worse rings again. An alarm is over when its alert was known to be away for a while: out of sight is not over.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,a", "app.pop_screen", "Back", tooltip="To the cluster", id="alerts.back"),
        Binding(
            "A",
            "acknowledge",
            "Acknowledge",
            tooltip="You know of these alarms: no bell for them, here",
            id="alerts.acknowledge",
        ),
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
            alarms = self.feed.alarms.standing
            self.query_one("#alerts", Static).update(alerts_at_length(snapshot, self.size.width - 2, alarms))

    def on_resize(self) -> None:
        """Sentences are wrapped to the width."""
        self.watch_snapshot(self.snapshot)

    async def action_acknowledge(self) -> None:
        """Take note of the cluster's alarms, and show that."""
        await self.run_action("app.acknowledge")
        self.watch_snapshot(self.snapshot)


def alerts_at_length(snapshot: ClusterSnapshot, width: int, alarms: Sequence[Alarm] = ()) -> Content:
    """Counts, then a paragraph per alert, and one per alarm that is not over though its alert does not stand."""
    gone = [alarm for alarm in alarms if alarm.presence is not Presence.STANDING]
    if not snapshot.alerts and not gone:
        return _all_is_well(snapshot, width)
    severities = [alert.severity for alert in snapshot.alerts]
    parts = [Content.styled(f" {counted(severities)}", "$muted")] if severities else []
    noted = {alarm.key for alarm in alarms if alarm.acknowledged}
    for alert in by_urgency(snapshot.alerts):
        style = f"bold {SEVERITY_STYLE[alert.severity]}"
        head = Content.assemble(
            (f" {SEVERITY_SIGN[alert.severity]} {alert.code}", style),
            (f"  {alert.subject}", "bold"),
            (_since(alert, snapshot.generated_at), "$muted"),
            ("  acknowledged" if alarm_key(alert) in noted else "", "$muted"),
        )
        body = hanging(Content("   "), Content(alert.summary), width)
        remedy = hanging(muted("   → "), muted(alert.remedy), width) if alert.remedy else []
        parts.append(Content("\n").join([head, *body, *remedy]))
    parts += [_not_over(alarm, width) for alarm in gone]
    return Content("\n\n").join(parts)


def _all_is_well(snapshot: ClusterSnapshot, width: int) -> Content:
    """No more than is known."""
    unknown = what_is_unknown(snapshot)
    if not unknown:
        return Content(" Nothing is wrong: every director answers, and all that counts was read.")
    said = Content(f"Nothing is known to be wrong, but this is not known: {listing(unknown, most=8)}.")
    return Content("\n").join(hanging(Content(" "), said, width))


def _not_over(alarm: Alarm, width: int) -> Content:
    """An alarm whose alert does not stand."""
    head = Content.assemble(
        (f" {SEVERITY_SIGN[alarm.severity]} {alarm.alert.code}", f"bold {SEVERITY_STYLE[alarm.severity]}"),
        (f"  {alarm.alert.subject}", "bold"),
        (f"  {ABSENCE[alarm.presence]}{', acknowledged' if alarm.acknowledged else ''}", "$muted"),
    )
    return Content("\n").join([head, *hanging(Content("   "), muted(alarm.alert.summary), width)])


def _since(alert: Alert, now: datetime) -> str:
    """`  since 14:01:02 (1m 9s)`; nothing where it is not known."""
    if alert.since is None:
        return ""
    return f"  since {fmt.day_time(alert.since, now)} ({fmt.duration(now - alert.since)})"
