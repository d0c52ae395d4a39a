"""The wall: all clusters, or one of them in large letters, in turn. No key is ever needed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from lvstop.analysis.hour import SPAN, Hour
from lvstop.clock import Clock
from lvstop.engine.feed import ClusterFeed
from lvstop.model.cluster import WORST_FIRST, Health
from lvstop.ui.alarms.app import AlarmingApp
from lvstop.ui.badge import READ_ONLY
from lvstop.ui.chart.axes import Unit
from lvstop.ui.wall.cluster_lines import fact_lines, holder_lines, is_large
from lvstop.ui.wall.fleet_cards import fleet
from lvstop.ui.wall.rotation import Turn, next_turn
from lvstop.ui.wall.words import OnWall
from lvstop.ui.widgets.chart import Chart, ChartLine
from lvstop.ui.words import HEALTH_STYLE

_SHIFT_SECONDS = 60
_SHIFTS = ((0, 0), (1, 0), (1, 1), (0, 1))
"""Where the picture stands, a minute each: nothing burns into a screen that shows it for years."""
_CHARTS_FROM = 26
"""Lines of a terminal that has room for charts."""
_CHART_LINES = 10


class WallScreen(Screen[str | None]):
    """Everything that is known, from across the room. Ends with the cluster to look closer at; None: with none."""

    CSS_PATH = "wall.tcss"
    HELP = """\
# The wall

All clusters, and each of them in turn, its holder in large letters. A cluster in which something critical has stood for
a moment is shown at once, and stays until that is over; where several alarm, they have their turns, and all are shown
between them. Nothing here can change a director.

`a` acknowledges the alarms of the cluster that is shown, or of all of them where all are: they ring no more, at this
terminal only, stay in sight, and do not keep the wall from its turns. What is new or gets worse calls again.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,n", "next", "Next", tooltip="The next one, before its turn", id="wall.next"),
        Binding(
            "a,A",
            "acknowledge",
            "Acknowledge",
            tooltip="You know of the alarms that are shown: no bell for them, here",
            id="wall.acknowledge",
        ),
        Binding("escape,enter", "leave", "Look closer", tooltip="The cluster's own screen", id="wall.leave"),
    ]

    def __init__(
        self, feeds: Mapping[str, ClusterFeed], hours: Mapping[str, Hour], clock: Clock, dwell: timedelta
    ) -> None:
        super().__init__()
        self._feeds = feeds
        self._hours = hours
        self._clock = clock
        self._dwell = dwell
        self._turn = Turn(None, clock.monotonic())
        self._said: dict[str, Content] = {}
        # kept, and not looked for: a terminal that is resized while the wall goes finds some of them gone
        self.bar = Static(id="wall-bar")
        self.all_clusters = Static(id="wall-fleet")
        self.holder = Static(id="wall-holder")
        self.facts = Static(id="wall-facts")
        self.past = (
            Chart("established connections", Unit.COUNT, id="wall-connections"),
            Chart("bits per second", Unit.BITS, id="wall-throughput"),
        )
        self.charts = Horizontal(*self.past, id="wall-charts")
        self.one_cluster = Vertical(self.holder, self.facts, self.charts, id="wall-cluster")
        self.body = Container(self.all_clusters, self.one_cluster, id="wall-body")

    def compose(self) -> ComposeResult:
        """A bar, and below it either of the two views."""
        yield self.bar
        yield self.body

    def on_mount(self) -> None:
        """Show what there is, and go on."""
        self.show()
        self.set_interval(1.0, self.show)

    def on_resize(self) -> None:
        """Other letters fit."""
        self._said.clear()
        self.show()

    @property
    def shown(self) -> str | None:
        """The cluster that is shown by itself; None where all are."""
        return self._turn.cluster

    def show(self) -> None:
        """Whose turn it is now, as it is now."""
        if not (self.is_mounted and self.is_attached):
            return  # a key that was pressed before it went, or a size told before it was there
        now = self._clock.now()
        clusters = {name: OnWall.of(feed.latest, feed.alarms.alarms) for name, feed in self._feeds.items()}
        calling = {name: cluster.calls for name, cluster in clusters.items()}
        self._turn = next_turn(self._turn, calling, self._clock.monotonic(), self._dwell)
        across, down = _SHIFTS[int(now.timestamp()) // _SHIFT_SECONDS % len(_SHIFTS)]
        self.body.styles.padding = (down, 1 - across, 1 - down, 1 + across)
        self._say(self.bar, self._bar([*clusters.values()], now))
        one = self._turn.cluster
        self.all_clusters.display, self.one_cluster.display = one is None, one is not None
        if one is None:
            self._show_all([*clusters.values()])
        else:
            self._show_one(clusters[one], self._hours.get(one), now)

    def _show_all(self, clusters: Sequence[OnWall]) -> None:
        width, height = self._room()
        lines = fleet(clusters, width, height)
        self._say(self.all_clusters, Content("\n").join(lines))

    def _show_one(self, cluster: OnWall, hour: Hour | None, now: datetime) -> None:
        width, height = self._room()
        facts = fact_lines(cluster, width)
        room = height - len(facts) - 2
        held, smaller = (holder_lines(cluster, width, lines) for lines in (room, room - _CHART_LINES))
        # however much is wrong now, the holder's letters are not given for what was
        charts = self.size.height >= _CHARTS_FROM and (is_large(smaller) or not is_large(held))
        charts = charts and hour is not None
        self._say(self.holder, Content("\n").join(smaller if charts else held))
        self._say(self.facts, Content("\n").join(facts))
        self.charts.display = charts
        if hour is not None and charts:
            for chart, series in zip(self.past, (hour.connections, hour.bytes), strict=True):
                chart.show([ChartLine("", series)], now=now.timestamp(), span=SPAN, empty="not known")

    def _room(self) -> tuple[int, int]:
        return max(20, self.size.width - 3), max(4, self.size.height - 3)

    def _bar(self, clusters: Sequence[OnWall], now: datetime) -> Content:
        left = Content.assemble((" lvstop ", "bold $primary"), ("· NOC · ", "$muted"), (READ_ONLY, "bold"))
        middle = _summary(clusters)
        complaint = self.app.alarms.complaint if isinstance(self.app, AlarmingApp) else ""
        if complaint:
            middle += Content.styled("  on_alert fails", f"bold {HEALTH_STYLE[Health.CRITICAL]}")
        clock = Content.styled(f"{now.astimezone(UTC):%H:%M:%S} UTC ", "bold")
        room = self.size.width - left.cell_length - middle.cell_length - clock.cell_length
        return Content.assemble(left, " " * max(1, room // 2), middle, " " * max(1, room - room // 2), clock)

    def _say(self, where: Static, said: Content) -> None:
        """Only what is said differently is painted again."""
        before = self._said.get(where.id or "")
        if before is None or not said.is_same(before):
            self._said[where.id or ""] = said
            where.update(said, layout=where in (self.holder, self.facts))

    def action_next(self) -> None:
        """Before its turn."""
        names: list[str | None] = [None, *self._feeds] if len(self._feeds) > 1 else [*self._feeds]
        place = names.index(self._turn.cluster) if self._turn.cluster in names else -1
        following = names[(place + 1) % len(names)]
        self._turn = Turn(following, self._clock.monotonic(), self._turn.calling, by_hand=True)
        self.show()

    def action_acknowledge(self) -> None:
        """Take note of the alarms that are shown."""
        if isinstance(self.app, AlarmingApp):
            shown = [self._turn.cluster] if self._turn.cluster is not None else [*self._feeds]
            self.app.alarms.acknowledge([self._feeds[name] for name in shown])
            self.show()

    def action_leave(self) -> None:
        """To the own screen of the cluster that is shown."""
        self.dismiss(self._turn.cluster)


def _summary(clusters: Sequence[OnWall]) -> Content:
    """How many clusters are how; that everything is fine where all of them are known to be."""
    if all(cluster.fine for cluster in clusters):
        return Content.styled("everything is fine", f"bold {HEALTH_STYLE[Health.OK]}")
    healths = [cluster.health for cluster in clusters]
    return Content("  ").join(
        Content.styled(f"{healths.count(health)} {health}", f"bold {HEALTH_STYLE[health]}")
        for health in WORST_FIRST
        if health in healths
    )
