"""Who has taken note of an alarm is called again only when it gets worse."""

from dataclasses import replace

from lvstop.analysis.alarms import calls
from lvstop.model.alert import AlertCode, Severity
from lvstop.model.cluster import ClusterSnapshot
from support.alarms import Watcher, alarmed, an_alert
from support.factories import (
    SERVICE,
    cluster,
)

WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL
QUIET = cluster()
BAD, WORRYING = alarmed(an_alert(CRITICAL)), alarmed(an_alert(WARNING))


def test_acknowledged() -> None:
    """It stays an alarm, and calls nobody, until it gets worse; another one calls."""
    watcher = Watcher()
    watcher.look(WORRYING, times=30)
    watcher.alarms = watcher.alarms.acknowledged()
    assert [alarm.acknowledged for alarm in watcher.alarms.standing] == [True]
    both = alarmed(an_alert(WARNING), an_alert(CRITICAL, subject="TCP:172.26.127.20:139"))
    watcher.look(both, times=6)
    assert {alarm.alert.subject: alarm.acknowledged for alarm in watcher.alarms.standing} == {
        "TCP:172.26.127.20:445": True,
        "TCP:172.26.127.20:139": False,
    }
    assert calls(watcher.alarms.standing)
    watcher.alarms = watcher.alarms.acknowledged()
    assert not calls(watcher.alarms.standing)
    watcher.look(alarmed(an_alert(CRITICAL)), times=6)
    assert watcher.told == ["raised", "raised", "escalated"]
    assert calls(watcher.alarms.standing)


def test_an_alarm_that_is_over_is_not_remembered() -> None:
    """Who comes again is new: nobody has taken note of it."""
    watcher = Watcher()
    watcher.look(BAD, times=10)
    watcher.alarms = watcher.alarms.acknowledged()
    watcher.look(QUIET, times=40)
    watcher.look(BAD, times=10)
    assert [alarm.acknowledged for alarm in watcher.alarms.standing] == [False]


def failing(count: int, severity: Severity = WARNING) -> ClusterSnapshot:
    """So many real servers of one virtual server fail, in one alert."""
    return alarmed(replace(an_alert(severity, AlertCode.REAL_SERVER_DOWN, SERVICE), extent=count))


def test_more_of_the_same_calls_again() -> None:
    """Four real servers that fail were acknowledged; thirteen were not."""
    watcher = Watcher()
    watcher.look(failing(4), times=30)
    watcher.alarms = watcher.alarms.acknowledged()
    watcher.look(failing(13), times=20)
    assert watcher.told == ["raised"]
    watcher.look(failing(13))
    assert watcher.told == ["raised", "escalated"]
    assert [each.acknowledged for each in watcher.alarms.standing] == [False]
    watcher.alarms = watcher.alarms.acknowledged()
    watcher.look(failing(13), times=100)
    watcher.look(failing(5), times=100)
    watcher.look(failing(13), times=100)
    assert watcher.told == ["raised", "escalated"]
    assert [each.acknowledged for each in watcher.alarms.standing] == [True]


def test_more_for_a_moment_calls_nobody() -> None:
    """A row that fails a check now and then is no news of the others; nor is what was more when it became an alarm."""
    watcher = Watcher()
    watcher.look(failing(4), times=30)
    watcher.alarms = watcher.alarms.acknowledged()
    for _ in range(10):
        watcher.look(failing(5), times=15)
        watcher.look(failing(4), times=31)
    assert watcher.told == ["raised"]
    assert [each.acknowledged for each in watcher.alarms.standing] == [True]


def test_what_was_acknowledged_is_what_was_shown() -> None:
    """Somebody who takes note of the five that are left of thirteen has not taken note of thirteen."""
    watcher = Watcher()
    watcher.look(failing(13), times=30)
    watcher.look(failing(5), times=30)
    watcher.alarms = watcher.alarms.acknowledged()
    watcher.look(failing(13), times=21)
    assert watcher.told == ["raised", "escalated"]
    assert [each.acknowledged for each in watcher.alarms.standing] == [False]


def test_it_gets_worse_while_nobody_has_taken_note() -> None:
    """That is news as well: once for all that came together."""
    watcher = Watcher()
    watcher.look(failing(4), times=10)
    watcher.look(failing(5), times=60)
    assert watcher.told == ["raised"]
    for count in (6, 8, 13):
        watcher.look(failing(count), times=7)
    watcher.look(failing(13), times=60)
    assert watcher.told == ["raised", "escalated"]
