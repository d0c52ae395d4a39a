"""What a cluster's alarms have to tell, until somebody asks."""

from dataclasses import replace

from lvstop.analysis.alarms import AlarmEvent
from lvstop.config.alarms import Debounce
from lvstop.engine.alarm_watch import AlarmWatch
from lvstop.engine.outbox import MOST_WAITING
from lvstop.model.alert import Alert, Severity
from support.alarms import alarmed, an_alert
from support.clocks import ManualClock


def test_a_look_that_shows_very_much_is_told_whole() -> None:
    """The worst is the first of its alerts: none of them goes to make room for milder ones, and each is told once."""
    clock = ManualClock()
    watch = AlarmWatch(clock, Debounce(critical_after=1.0, warning_after=1.0), interval=1.0)
    worst = an_alert(Severity.CRITICAL)
    mild = [_mild(number) for number in range(3 * MOST_WAITING)]
    look = alarmed(worst, *mild)
    for _ in range(3):
        clock.advance(1.0)
        watch.take(replace(look, generated_at=clock.now()))
    news = watch.fetch()
    assert {each.event for each in news} == {AlarmEvent.RAISED}
    assert sorted(each.alarm.alert.subject for each in news) == sorted(each.subject for each in (worst, *mild))
    assert watch.fetch() == ()


def _mild(number: int) -> Alert:
    return an_alert(Severity.WARNING, subject=f"TCP:10.0.{number // 250}.{number % 250}:80")
