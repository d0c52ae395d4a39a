"""Looks at a cluster, one after the other, and what becomes of its alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from lvstop.analysis.alarms import Alarm, AlarmEvent, AlarmNews, Alarms, Presence, everything_is_fine, judged
from lvstop.analysis.certainty import what_is_unknown
from lvstop.analysis.memory import Memory
from lvstop.analysis.merge import health_of, merge_and_remember
from lvstop.config.alarms import Debounce
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorSnapshot
from support.factories import NOW, cluster

DEBOUNCE = Debounce()


def an_alert(
    severity: Severity = Severity.CRITICAL,
    code: AlertCode = AlertCode.TABLE_DRIFT,
    subject: str = "TCP:172.26.127.20:445",
) -> Alert:
    """An alert of which nothing matters but what it is called."""
    return Alert(code, severity, subject, f"{subject} is not as it should be.", "Mend it.")


def with_alerts(snapshot: ClusterSnapshot, alerts: Iterable[Alert]) -> ClusterSnapshot:
    """The same directors with these alerts and none of their own."""
    found = tuple(alerts)
    return replace(snapshot, alerts=found, health=health_of(snapshot.directors, snapshot.vips, found))


def alarmed(*alerts: Alert) -> ClusterSnapshot:
    """A pair that answers, with these alerts."""
    return with_alerts(cluster(), alerts)


def is_fine(snapshot: ClusterSnapshot, alarms: Alarms) -> bool:
    """All is said to be well."""
    return everything_is_fine(judged(snapshot, alarms), what_is_unknown(snapshot))


def news_of(
    event: AlarmEvent = AlarmEvent.RAISED,
    *,
    name: str = "smb",
    alert: Alert | None = None,
    at: datetime = NOW,
    acknowledged: bool = False,
) -> AlarmNews:
    """Something to tell."""
    said = alert or an_alert()
    alarm = Alarm(said.severity, said, at, Presence.STANDING, acknowledged)
    return AlarmNews(event, name, alarm, Health.CRITICAL, at)


class Watcher:
    """Looks, and keeps what was news.

    Attributes:
        told: events with the code of their alert.
    """

    def __init__(self, debounce: Debounce = DEBOUNCE) -> None:
        self.alarms = Alarms()
        self.news: list[AlarmNews] = []
        self._debounce = debounce
        self._at = 1000.0
        self._now = NOW

    def look(
        self, snapshot: ClusterSnapshot, seconds: float = 1.0, *, times: int = 1, slept: float = 0.0
    ) -> tuple[AlarmNews, ...]:
        """Look again and again, each time so many seconds later; `slept`: the machine slept before the first look."""
        found: list[AlarmNews] = []
        self._now += timedelta(seconds=slept)
        for _ in range(times):
            self._at += seconds
            self._now += timedelta(seconds=seconds)
            looked = replace(snapshot, generated_at=self._now)
            self.alarms, news = self.alarms.observe(looked, self._at, self._debounce)
            found += news
        self.news += found
        return tuple(found)

    @property
    def told(self) -> list[str]:
        """What was news, in order."""
        return [str(each.event) for each in self.news]

    @property
    def standing(self) -> dict[str, tuple[str, str]]:
        """Severity and presence of all alarms, by subject."""
        return {each.alert.subject: (str(each.severity), str(each.presence)) for each in self.alarms.standing}


class Story:
    """Directors as they are second by second: the rules judge them, with what they remember of earlier looks.

    Attributes:
        watcher: what becomes of the alerts.
        latest: the newest snapshot.
    """

    def __init__(self) -> None:
        self.watcher = Watcher()
        self.latest = cluster()
        self._memory = Memory()
        self._second = 0

    def looks(self, story: Iterable[Sequence[DirectorSnapshot]]) -> None:
        """One look a second."""
        for directors in story:
            self._second += 1
            now = NOW + timedelta(seconds=self._second)
            read = [replace(each, read_at=now, vrrp_read_at=now) if each.answers else each for each in directors]
            self.latest, self._memory = merge_and_remember("smb", read, now=now, memory=self._memory)
            self.watcher.look(self.latest)

    def told(self, code: str, subject: str | None = None) -> list[str]:
        """What was news of alarms with that code, and of that subject where one is given."""
        return [
            str(each.event)
            for each in self.watcher.news
            if each.alarm.alert.code == code and subject in (None, each.alarm.alert.subject)
        ]
