"""Which news of alarms the operator's command is told next: never more than it may be, the most urgent first. Pure."""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import replace

from lvstop.analysis.alarms import AlarmEvent, AlarmNews
from lvstop.model.alert import AlertCode, Severity

MINUTE = 60.0

MOST_WAITING = 1000
"""So many alarms that have begun may wait for their turn; what is more is left out, and counted."""

_Key = tuple[str, AlertCode, str]
_Urgency = tuple[bool, bool, float]


class Outbox:
    """What waits to be told, the newest of each alarm.

    Whoever is told late is told how it is then: news that were overtaken while they waited are left out and counted. An
    alarm that began and was cleared while it waited is not told at all; whoever was told of a beginning is told of its
    end.
    """

    def __init__(self, per_minute: int, room: int = MOST_WAITING) -> None:
        """Nothing waits.

        Args:
            per_minute: so many are handed out within any minute.
            room: so many that have begun may wait. Ends take none of it: there are no more of them than alarms that
                were told.
        """
        self._per_minute = per_minute
        self._room = room
        self._waiting: dict[_Key, AlarmNews] = {}
        self._order: list[tuple[_Urgency, _Key]] = []  # of what waits, the most urgent first
        self._open: set[_Key] = set()  # told as begun, and the end was not told yet
        self._told: deque[float] = deque(maxlen=per_minute)
        self._left_out = 0

    @property
    def waiting(self) -> int:
        """How many alarms wait for their turn."""
        return len(self._waiting)

    def put(self, news: AlarmNews) -> None:
        """Take news."""
        key = (news.cluster, *news.alarm.key)
        before = self._remove(key)
        if before is not None:
            self._left_out += 1
            if before.event is AlarmEvent.RAISED and news.event is AlarmEvent.ESCALATED:
                news = replace(news, event=AlarmEvent.RAISED)
        if news.event is AlarmEvent.CLEARED and key not in self._open:
            self._left_out += 1
            return
        self._waiting[key] = news
        insort(self._order, (_urgency(news), key))
        self._make_room()

    def _remove(self, key: _Key) -> AlarmNews | None:
        """What waits of an alarm does not wait any more."""
        news = self._waiting.pop(key, None)
        if news is not None:
            del self._order[bisect_left(self._order, (_urgency(news), key))]
        return news

    def _make_room(self) -> None:
        """Leave out the least urgent of what has begun, where that is too much."""
        begun = bisect_left(self._order, True, key=_is_over)
        if begun > self._room:
            self._remove(self._order[begun - 1][1])
            self._left_out += 1

    def due_in(self, now: float) -> float | None:
        """Seconds until the next may be told; None where nothing waits.

        Args:
            now: seconds on a clock that never goes back.
        """
        if not self._waiting:
            return None
        if len(self._told) < self._per_minute:
            return 0.0
        return max(0.0, self._told[0] + MINUTE - now)

    def take(self, now: float) -> tuple[AlarmNews, int] | None:
        """The most urgent news, and how many were left out since the last time; None where nothing may be told now."""
        if self.due_in(now) != 0.0:
            return None
        _, key = self._order.pop(0)
        news = self._waiting.pop(key)
        if news.event is AlarmEvent.CLEARED:
            self._open.discard(key)
        else:
            self._open.add(key)
        self._told.append(now)
        left_out, self._left_out = self._left_out, 0
        return news, left_out


def _urgency(news: AlarmNews) -> _Urgency:
    """What has begun before what is over, the critical before warnings, the oldest first."""
    alarm = news.alarm
    return news.event is AlarmEvent.CLEARED, alarm.severity is not Severity.CRITICAL, news.at.timestamp()


def _is_over(waiting: tuple[_Urgency, _Key]) -> bool:
    (over, _, _), _ = waiting
    return over
