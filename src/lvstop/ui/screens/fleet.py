"""All clusters, a line each; the worst first."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from lvstop import format as fmt
from lvstop.analysis.alarms import Alarm
from lvstop.analysis.words import count
from lvstop.engine.feed import ClusterFeed
from lvstop.model.alert import Severity
from lvstop.model.cluster import WORST_FIRST, ClusterSnapshot, Health
from lvstop.model.failover import FailoverPhase
from lvstop.ui.actions.access import operates
from lvstop.ui.alarms.app import AlarmingApp
from lvstop.ui.alarms.words import absent, health_with, of_absent
from lvstop.ui.badge import READ_ONLY
from lvstop.ui.words import HEALTH_SIGN, HEALTH_STYLE


class ClusterList(OptionList):
    """The clusters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Show", tooltip="This cluster, with its past", id="fleet.show")
    ]


class FleetScreen(Screen[str | None]):
    """A list to choose a cluster from. They all keep collecting, so that switching shows the present at once."""

    HELP = """\
# Clusters

The worst first. Enter shows one; it has been read all the time, its past is there. `A` acknowledges the alarms of the
one under the cursor, which then have a ✓: they ring no more, at this terminal only.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,c", "leave", "Back", tooltip="Stay at the cluster that is shown", id="fleet.back"),
        Binding(
            "A",
            "acknowledge",
            "Acknowledge",
            tooltip="You know of this cluster's alarms: no bell for them, here",
            id="fleet.acknowledge",
        ),
    ]

    def __init__(self, feeds: dict[str, ClusterFeed], current: str) -> None:
        super().__init__()
        self._feeds = feeds
        self._current = current
        self._above = (Content(""), Content(""))
        self._lines: dict[str, Content] = {}
        self._placed = False

    bar = query_one("#fleet-bar", Static)
    heading = query_one("#fleet-heading", Static)
    options = query_one(ClusterList)

    def compose(self) -> ComposeResult:
        """A bar, a heading and the list."""
        yield Static(id="fleet-bar")
        yield Static(id="fleet-heading")
        yield ClusterList(id="clusters", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Fill the list and keep it fresh."""
        self.refresh_lines()
        self.set_interval(1.0, self.refresh_lines)

    def on_resize(self) -> None:
        """Another width: other words fit."""
        self.refresh_lines()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go there."""
        self.dismiss(event.option.id)

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(None)

    def action_acknowledge(self) -> None:
        """Take note of the alarms of the cluster under the cursor."""
        marked = self.options.highlighted
        name = None if marked is None else self.options.get_option_at_index(marked).id
        if name is not None and isinstance(self.app, AlarmingApp):
            self.app.alarms.acknowledge([self._feeds[name]])
            self.refresh_lines()

    def refresh_lines(self) -> None:
        """Bring the lines up to date: only what differs is painted, and the list stays where it was scrolled to."""
        width = self.size.width
        ordered = sorted(
            self._feeds.values(), key=lambda feed: (WORST_FIRST.index(shown_health(feed)), feed.name.lower())
        )
        names = max(len(feed.name) for feed in ordered)
        read_only = not any(operates(self, name) for name in self._feeds)
        above = (
            bar_line([shown_health(feed) for feed in ordered], width, read_only=read_only),
            Content(_columns("  CLUSTER", "VIP ON", "ACTIVE", "WHAT IS WRONG", names + 2)),
        )
        for static, text, told in zip((self.bar, self.heading), above, self._above, strict=True):
            if not text.is_same(told):
                static.update(text)
        self._above = above
        before, self._lines = (
            self._lines,
            {feed.name: fleet_line(feed.latest, names, width, feed.alarms.standing) for feed in ordered},
        )
        if list(before) != list(self._lines):
            self._order()
            return
        for name, line in self._lines.items():
            if not line.is_same(before[name]):
                self.options.replace_option_prompt(name, line)

    def _order(self) -> None:
        """Other clusters are worse now: their lines change places, the cursor stays with its own."""
        options, marked = self.options, self._current
        if options.highlighted is not None:
            marked = options.get_option_at_index(options.highlighted).id or marked
        top = options.scroll_offset.y
        options.clear_options()
        options.add_options(Option(line, id=name) for name, line in self._lines.items())
        options.highlighted = list(self._lines).index(marked)
        if self._placed:
            options.scroll_to(y=top, animate=False, force=True)
        self._placed = True


def shown_health(feed: ClusterFeed) -> Health:
    """As it is shown: no better than an alarm that calls although nothing of the present tells of it."""
    return health_with(feed.latest.health, absent(feed.alarms.standing))


def bar_line(found: Sequence[Health], width: int, *, read_only: bool) -> Content:
    """How many clusters there are, and in which health; closer together where there is little room.

    Args:
        width: cells.
        read_only: none of them can be changed here.
    """
    told = [
        Content.styled(f"{HEALTH_SIGN[health]} {_so_many(found.count(health), health)}", f"bold {HEALTH_STYLE[health]}")
        for health in WORST_FIRST
        if health in found
    ]
    clusters = (count(len(found), "cluster"), "bold")
    head = Content.assemble((" lvstop ", "bold $primary"), ("· ", "$muted"), clusters)
    badge = [Content.styled(READ_ONLY, "bold")] if read_only else []
    wide = Content("   ").join([head, *badge, *told])
    return wide if wide.cell_length <= width else Content("  ").join([Content.assemble(" ", clusters), *badge, *told])


def _so_many(number: int, health: Health) -> str:
    """`2 critical`, `2 warnings`, `2 OK`."""
    if health is Health.WARNING:
        return count(number, "warning")
    return f"{number:,} {'OK' if health is Health.OK else health}"


def fleet_line(snapshot: ClusterSnapshot, names: int = 20, width: int = 200, alarms: Sequence[Alarm] = ()) -> Content:
    """Health, name, who holds, how many connections, what is worst, and a ✓ where somebody knows of it."""
    holders = list(dict.fromkeys(name for vip in snapshot.vips for name in vip.holders))
    held = fmt.UNKNOWN if not holders else holders[0] if len(holders) == 1 else f"{len(holders)} directors"
    worst = max(snapshot.alerts, key=lambda alert: alert.severity, default=None)
    rest = "" if len(snapshot.alerts) < 2 else f" ({len(snapshot.alerts) - 1} more)"
    # what holds it decides who can be MASTER, and is no alert that would be seen here
    holding = any(failover.phase is FailoverPhase.HELD for failover in snapshot.failovers)
    rest += " ⇄ a failover's lever is held" if holding else ""
    said = "" if worst is None or worst.severity is Severity.INFO else worst.summary
    if worst is not None and any(each.acknowledged and each.key == (worst.code, worst.subject) for each in alarms):
        said = f"✓ {said}"
    gone = absent(alarms)
    if gone and not said:
        said = f"{of_absent(gone)}: {max(gone, key=lambda each: each.severity).alert.summary}"
    health = health_with(snapshot.health, gone)
    sign = Content.styled(f" {HEALTH_SIGN[health]} ", f"bold {HEALTH_STYLE[health]}")
    line = sign + Content(_columns(snapshot.name, held, fmt.number(_active(snapshot)), said, names))
    if not said:
        return line + rest.lstrip() if holding else line
    room = width - len(rest) - 1
    return line.truncate(room, ellipsis=True) + rest if line.cell_length > room else line + rest


def _active(snapshot: ClusterSnapshot) -> int | None:
    """Established connections on the directors that hold a VIP; None where that is not known."""
    holders = {name for vip in snapshot.vips for name in vip.holders}
    tables = [each.virtual_servers for each in snapshot.directors if each.name in holders and each.answers]
    known = [table for table in tables if table is not None]
    if not known:
        return None
    return sum(row.active_connections for table in known for server in table for row in server.real_servers)


def _columns(name: str, holder: str, active: str, said: str, names: int) -> str:
    return f"{name:<{names}}  {holder:<16.16} {active:>9}   {said}"
