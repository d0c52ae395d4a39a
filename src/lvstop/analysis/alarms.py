"""From alerts to alarms: what stands long enough to call somebody, and when it is over. A pure fold over snapshots.

An alert is what one look shows. An alarm is an alert that stood for a while (`Debounce`), and it ends only when the
alert was away for a while and is known to be: what comes and goes is one alarm, what is out of sight is not over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from lvstop.analysis.certainty import (
    ABOUT_ASKING,
    Sight,
    judged_with_patience,
    known_away,
    known_of,
    sight_of,
)
from lvstop.config.alarms import Debounce
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.cluster import ClusterSnapshot, Health

LEAP = 30.0
"""Seconds. After a longer time without a look (a laptop that slept, a program that was stopped) nothing is known of
what stood meanwhile; looks that are further apart than that on purpose say so by their gap."""

Key = tuple[AlertCode, str]
"""What makes an alarm the same one, within its cluster: a code and a subject."""


def alarm_key(alert: Alert) -> Key:
    """The alarm that an alert is part of: its own code and subject, but for a director that does not answer.

    That is one alarm, whether its last answer is old or its connection was given up: the one becomes the other.
    """
    return AlertCode.DIRECTOR_UNREACHABLE if alert.code in ABOUT_ASKING else alert.code, alert.subject


class Presence(StrEnum):
    """What the last look showed of an alert: it stands, it is away, or that could not be seen."""

    STANDING = "standing"
    AWAY = "away"
    UNSEEN = "unseen"


class AlarmEvent(StrEnum):
    """What is news about an alarm. It escalates when it becomes critical, and when it speaks of more than was told."""

    RAISED = "raised"
    ESCALATED = "escalated"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert that stood long enough, and is not over.

    Attributes:
        severity: the worst that stood long enough and is not over; what `alert` says now may be less, or more.
        alert: as it stood last.
        since: when it was first seen.
        presence: what the last look showed of it.
        acknowledged: somebody at this terminal has taken note of it.
    """

    severity: Severity
    alert: Alert
    since: datetime
    presence: Presence
    acknowledged: bool

    @property
    def key(self) -> Key:
        """What makes it the same alarm."""
        return alarm_key(self.alert)


@dataclass(frozen=True, slots=True)
class AlarmNews:
    """Something that somebody may have to be told.

    Attributes:
        alarm: as it is now; of one that was cleared, as it was.
        at: the moment of the look that showed it, by the wall clock.
    """

    event: AlarmEvent
    cluster: str
    alarm: Alarm
    health: Health
    at: datetime


@dataclass(frozen=True, slots=True)
class _Level:
    """An alert that is at least so severe, over time. All spans in seconds, of time in which somebody looked.

    Attributes:
        stood: how long it was seen to stand, its comings and goings added up.
        away: how long it has been known to be away without a break.
        sight: all that was read while it stood: whoever has shown it has to be seen to have it no more.
    """

    stood: float = 0.0
    away: float = 0.0
    raised: bool = False
    presence: Presence = Presence.UNSEEN
    sight: Sight = frozenset()

    def standing(self, seconds: float | None, hold: float, sight: Sight) -> "_Level":
        """It stands again, or still. `seconds` have passed since the last look; None: too many to say anything of them.

        Of the time since a look that did not show it nobody knows when it came: half is counted, so that what stands at
        every other look is an alarm in the end.
        """
        if seconds is None:
            stood = 0.0
        else:
            stood = min(self.stood + (seconds if self.presence is Presence.STANDING else seconds / 2), hold)
        return _Level(stood, 0.0, self.raised or stood >= hold, Presence.STANDING, self.sight | sight)

    def gone(self, seconds: float | None, known: bool, over_after: float) -> "_Level | None":
        """It does not stand. None: it is over."""
        if not known:
            return replace(self, away=0.0, presence=Presence.UNSEEN)
        away = self.away + seconds if seconds is not None and self.presence is Presence.AWAY else 0.0
        return None if away >= over_after else replace(self, away=away, presence=Presence.AWAY)


@dataclass(frozen=True, slots=True)
class _Watched:
    """An alert that stands, or that may not be over.

    Attributes:
        told: the extent of the alarm that somebody was told of, or took note of.
        more: for how long without a break, in seconds, it has been more than that; None: it is not.
    """

    alert: Alert
    since: datetime
    levels: Mapping[Severity, _Level]
    acknowledged: bool = False
    told: int = 0
    more: float | None = None

    @property
    def raised(self) -> Severity | None:
        """The worst level that is an alarm."""
        return max((severity for severity, level in self.levels.items() if level.raised), default=None)

    def alarm(self) -> Alarm | None:
        """What is shown of it; None while it is no alarm."""
        severity = self.raised
        if severity is None:
            return None
        presence = self.levels[min(self.levels)].presence
        return Alarm(severity, self.alert, self.since, presence, self.acknowledged)


_LEVELS = (Severity.WARNING, Severity.CRITICAL)


@dataclass(frozen=True, slots=True)
class Alarms:
    """The alarms of one cluster, and what may become one. Empty: nobody has looked yet."""

    _watched: Mapping[Key, _Watched] = field(default_factory=dict)
    _at: float | None = None
    _moment: datetime | None = None

    @property
    def standing(self) -> tuple[Alarm, ...]:
        """All that are not over: the worst first, among those the newest."""
        found = [alarm for each in self._watched.values() if (alarm := each.alarm()) is not None]
        return tuple(sorted(found, key=lambda alarm: (-alarm.severity, -alarm.since.timestamp(), alarm.key)))

    def acknowledged(self) -> "Alarms":
        """The same, with all alarms of now taken note of, as they are. What is raised or gets worse later is not."""
        noted = {
            key: each if each.raised is None else replace(each, acknowledged=True, told=each.alert.extent, more=None)
            for key, each in self._watched.items()
        }
        return replace(self, _watched=noted)

    def observe(
        self, snapshot: ClusterSnapshot, at: float, debounce: Debounce, gap: float = LEAP
    ) -> tuple["Alarms", tuple[AlarmNews, ...]]:
        """These and one more look, and what is news.

        Args:
            at: when it was, in seconds on a clock that never goes back.
            gap: seconds between two looks from which on nothing is known of the time between them.
        """
        present = {alarm_key(alert): alert for alert in snapshot.alerts if alert.severity in _LEVELS}
        if not present and not self._watched:
            return Alarms({}, at, snapshot.generated_at), ()
        sight, passed = sight_of(snapshot), self._passed(snapshot.generated_at, at, gap)
        look = _Look(snapshot, present, sight, known_of(snapshot, sight), passed, debounce)
        watched: dict[Key, _Watched] = {}
        events: list[tuple[AlarmEvent, Alarm]] = []
        for key in {**self._watched, **present}:
            before = self._watched.get(key)
            after = look.follow(key, before)
            if after is not None:
                watched[key] = after
            events += _events(before, after)
        alarms = Alarms(watched, at, snapshot.generated_at)
        health = judged(snapshot, alarms)
        news = (AlarmNews(event, snapshot.name, alarm, health, snapshot.generated_at) for event, alarm in events)
        return alarms, tuple(news)

    def _passed(self, moment: datetime, at: float, gap: float) -> float | None:
        """Seconds since the last look; None where it was too long ago, by either clock.

        A machine that sleeps stops the one clock, and the other one leaps when it wakes.
        """
        if self._at is None or self._moment is None:
            return None
        seconds = max(0.0, at - self._at)
        leapt = abs((moment - self._moment).total_seconds() - seconds)
        return None if seconds > gap or leapt > gap else seconds


@dataclass(frozen=True, slots=True)
class _Look:
    """One look, to follow each alert with.

    Attributes:
        sight: what was read.
        known: that, and what is known besides.
        seconds: since the look before; None: too many to say anything of them.
    """

    snapshot: ClusterSnapshot
    present: Mapping[Key, Alert]
    sight: Sight
    known: Sight
    seconds: float | None
    debounce: Debounce

    def follow(self, key: Key, before: _Watched | None) -> _Watched | None:
        """The alert after this look; None where nothing is left of it."""
        alert = self.present.get(key)
        levels: dict[Severity, _Level] = {}
        for severity in _LEVELS:
            level = None if before is None else before.levels.get(severity)
            if alert is not None and alert.severity >= severity:
                # whatever shows for the first time has not stood yet
                seconds = 0.0 if level is None else self.seconds
                level = (level or _Level()).standing(seconds, self._hold(key[0], severity), self.sight)
            elif level is not None:
                level = level.gone(self.seconds, self._away(key, alert, severity, level), self.debounce.over_after)
            if level is not None:
                levels[severity] = level
        levels = _called(levels)
        if not levels:
            return None
        if before is None:
            if alert is None:
                return None
            before = _Watched(alert, alert.since or self.snapshot.generated_at, {})
        return self._judged(before, replace(before, alert=alert or before.alert, levels=levels), alert)

    def _judged(self, before: _Watched, after: _Watched, alert: Alert | None) -> _Watched:
        """With what was told of it, and without the acknowledgement of somebody who knew it as less."""
        raised = after.raised
        if raised is None:
            return replace(after, acknowledged=False, told=0, more=None)
        if before.raised is None or raised > before.raised:
            return replace(after, acknowledged=False, told=after.alert.extent, more=None)
        if alert is None or alert.extent <= before.told:
            return replace(after, more=None)
        more = 0.0 if before.more is None or self.seconds is None else before.more + self.seconds
        if more < self._hold(alert.code, raised):
            return replace(after, more=more)
        return replace(after, acknowledged=False, told=alert.extent, more=None)

    def _hold(self, code: AlertCode, severity: Severity) -> float:
        return self.debounce.unanswered_after if code in ABOUT_ASKING else self.debounce.hold(severity)

    def _away(self, key: Key, alert: Alert | None, severity: Severity, level: _Level) -> bool:
        """What does not stand at this severity is known not to."""
        code, subject = key
        if alert is not None:
            # it is less severe now: is that because less is seen, or because it is judged with patience?
            return level.sight <= self.known and not judged_with_patience(code, subject, self.snapshot)
        # alerts about many rows of a virtual server become one about all of them, and the other way round
        related = any(
            other.code is code
            and other.severity >= severity
            and (subject.endswith(f" of {other.subject}") or other.subject.endswith(f" of {subject}"))
            for other in self.present.values()
        )
        return not related and known_away(code, subject, level.sight, self.snapshot, self.known)


def _called(levels: Mapping[Severity, _Level]) -> dict[Severity, _Level]:
    """Who was called for the worse is not told that it is over while it still is a warning."""
    worst = max((severity for severity, level in levels.items() if level.raised), default=Severity.INFO)
    return {
        severity: replace(level, raised=True) if severity < worst and not level.raised else level
        for severity, level in levels.items()
    }


def _events(before: _Watched | None, after: _Watched | None) -> Sequence[tuple[AlarmEvent, Alarm]]:
    old = None if before is None else before.alarm()
    new = None if after is None else after.alarm()
    if new is None or after is None:
        return () if old is None else ((AlarmEvent.CLEARED, old),)
    if old is None or before is None:
        return ((AlarmEvent.RAISED, new),)
    return ((AlarmEvent.ESCALATED, new),) if new.severity > old.severity or after.told > before.told else ()


def judged(snapshot: ClusterSnapshot, alarms: Alarms) -> Health:
    """One word for a cluster that is not shaken by what passes: its alarms decide whether it is critical.

    A cluster of which nothing can be told is unknown, unless it is known to be in trouble. It is OK only where no
    alert stands and no alarm is left; what stands and is no alarm yet makes it a warning.
    """
    standing = alarms.standing
    critical = [alarm for alarm in standing if alarm.severity is Severity.CRITICAL]
    if any(alarm.alert.code not in ABOUT_ASKING for alarm in critical):
        return Health.CRITICAL
    if snapshot.health is Health.UNKNOWN:
        return Health.UNKNOWN
    if critical:
        return Health.CRITICAL
    return Health.OK if snapshot.health is Health.OK and not standing else Health.WARNING


def calls(standing: Iterable[Alarm]) -> bool:
    """Something critical stands that nobody here has taken note of."""
    return any(alarm.severity is Severity.CRITICAL and not alarm.acknowledged for alarm in standing)


def everything_is_fine(health: Health, unknown: Sequence[str]) -> bool:
    """Nothing is wrong, and that is known: every director answers with all that counts, and no alarm stands.

    Args:
        health: as `judged`.
        unknown: as `what_is_unknown`.
    """
    return health is Health.OK and not unknown
