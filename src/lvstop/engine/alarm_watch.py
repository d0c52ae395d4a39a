"""The alarms of one cluster over time: kept where its snapshots are, and their news for whoever tells them."""

from collections.abc import Sequence

from lvstop.analysis.alarms import LEAP, Alarm, AlarmNews, Alarms, judged
from lvstop.clock import Clock
from lvstop.config.alarms import Debounce
from lvstop.model.cluster import ClusterSnapshot, Health

_INTERVALS = 3.0


class AlarmWatch:
    """Takes every snapshot; `fetch` hands out each piece of news once, and is to be called after each snapshot.

    News wait for that without a bound: a look makes no more of them than there were alerts, and whoever tells them
    knows better which of them can be left out.

    Attributes:
        alarms: as of the last snapshot.
    """

    def __init__(self, clock: Clock, debounce: Debounce, interval: float) -> None:
        """`interval`: seconds between two snapshots."""
        self.alarms = Alarms()
        self._clock = clock
        self._debounce = debounce
        self._gap = max(LEAP, _INTERVALS * interval)
        self._news: list[AlarmNews] = []

    def take(self, snapshot: ClusterSnapshot) -> None:
        """One more look."""
        self.alarms, news = self.alarms.observe(snapshot, self._clock.monotonic(), self._debounce, self._gap)
        self._news.extend(news)

    def fetch(self) -> Sequence[AlarmNews]:
        """What is news since the last time somebody asked, in order."""
        found = tuple(self._news)
        self._news.clear()
        return found

    def acknowledge(self) -> int:
        """Take note of all alarms of now. Returns how many there were of which nobody had."""
        fresh = sum(not alarm.acknowledged for alarm in self.alarms.standing)
        self.alarms = self.alarms.acknowledged()
        return fresh

    @property
    def standing(self) -> Sequence[Alarm]:
        """All alarms that are not over, the worst first."""
        return self.alarms.standing

    def health(self, snapshot: ClusterSnapshot) -> Health:
        """One word for the cluster, by its alarms."""
        return judged(snapshot, self.alarms)
