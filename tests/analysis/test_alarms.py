"""From alerts to alarms: what calls somebody, when, and how often."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.analysis.alarms import Alarms, judged
from lvstop.analysis.merge import merge
from lvstop.config.alarms import Debounce
from lvstop.model.alert import AlertCode, Severity
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorStatus
from support import scenes
from support.alarms import Watcher, alarmed, an_alert, is_fine, with_alerts
from support.factories import (
    FIRST,
    NOW,
    SERVICE,
    backup,
    cluster,
    gone,
    later,
    master,
)

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
QUIET = cluster()
ONE_GONE = cluster(master(), gone(backup()))
NONE_ANSWERS = cluster(gone(master()), gone(backup()))
BAD, WORRYING, NOTED = alarmed(an_alert(CRITICAL)), alarmed(an_alert(WARNING)), alarmed(an_alert(INFO))


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        # how long it stands
        ([(BAD, 5)], []),
        ([(BAD, 6)], ["raised"]),
        ([(WORRYING, 20)], []),
        ([(WORRYING, 21)], ["raised"]),
        ([(NOTED, 100)], []),
        # a failover that works
        ([(QUIET, 10), (BAD, 4), (QUIET, 100)], []),
        # it ends when it has been away for a while
        ([(BAD, 10), (QUIET, 30)], ["raised"]),
        ([(BAD, 10), (QUIET, 31)], ["raised", "cleared"]),
        ([(BAD, 10), (QUIET, 29), (BAD, 1), (QUIET, 29), (BAD, 1), (QUIET, 29)], ["raised"]),
        ([(BAD, 10), (QUIET, 40), (BAD, 10)], ["raised", "cleared", "raised"]),
        # what comes and goes adds up
        ([(BAD, 3), (QUIET, 5)] * 3, ["raised"]),
        ([(BAD, 3), (QUIET, 40)] * 20, []),
        ([(BAD, 1), (QUIET, 1)] * 10 + [(BAD, 1)], ["raised"]),
        ([(BAD, 1), (QUIET, 1)] * 9 + [(BAD, 1)], []),
        ([(WORRYING, 1), (QUIET, 1)] * 40 + [(WORRYING, 1)], ["raised"]),
        ([(BAD, 1), (QUIET, 31)] * 20, []),
        ([(BAD, 1), (with_alerts(NONE_ANSWERS, ()), 1)] * 11, ["raised"]),
        # worse, and better again
        ([(WORRYING, 30), (BAD, 5)], ["raised"]),
        ([(WORRYING, 30), (BAD, 6)], ["raised", "escalated"]),
        ([(WORRYING, 30), (BAD, 10), (WORRYING, 20), (BAD, 10)], ["raised", "escalated"]),
        ([(WORRYING, 30), (BAD, 10), (WORRYING, 40), (BAD, 10)], ["raised", "escalated", "escalated"]),
        ([(BAD, 30), (WORRYING, 100), (QUIET, 40)], ["raised", "cleared"]),
        # who cannot be asked says nothing
        ([(BAD, 10), (with_alerts(ONE_GONE, ()), 100)], ["raised"]),
        ([(BAD, 10), (with_alerts(NONE_ANSWERS, ()), 1000), (QUIET, 30)], ["raised"]),
        ([(BAD, 10), (with_alerts(NONE_ANSWERS, ()), 1000), (QUIET, 31)], ["raised", "cleared"]),
        ([(BAD, 10), (QUIET, 20), (with_alerts(ONE_GONE, ()), 1), (QUIET, 30)], ["raised"]),
    ],
)
def test_what_is_told(looks: list[tuple[ClusterSnapshot, int]], told: list[str]) -> None:
    """Once a second; each look so many times."""
    watcher = Watcher()
    for snapshot, times in looks:
        watcher.look(snapshot, times=times)
    assert watcher.told == told


def test_a_flapping_thing_is_one_alarm() -> None:
    """Not forty."""
    watcher = Watcher()
    for _ in range(40):
        watcher.look(BAD, times=6)
        watcher.look(QUIET, times=20)
    assert watcher.told == ["raised"]


def test_the_first_looks_call_nobody() -> None:
    """Everything is unknown at the start; what then stands has to stand for its moment."""
    watcher = Watcher()
    (connecting,) = scenes.connecting()
    watcher.look(connecting, times=60)
    assert (watcher.told, judged(connecting, watcher.alarms)) == ([], Health.UNKNOWN)
    watcher.look(BAD, times=5)
    assert watcher.told == []


NIGHT = 28_800.0


@pytest.mark.parametrize(("seconds", "slept"), [(1.0, NIGHT), (NIGHT, 0.0)], ids=["asleep", "stopped"])
def test_a_machine_that_slept_saw_nothing(seconds: float, slept: float) -> None:
    """Neither that something stood all the while, nor that it was away: by whichever clock one notices."""
    watcher = Watcher()
    watcher.look(BAD, times=2)
    watcher.look(BAD, seconds, slept=slept)
    watcher.look(BAD, times=4)
    assert watcher.told == []
    watcher.look(BAD, times=1)
    assert watcher.told == ["raised"]
    watcher.look(QUIET, times=20)
    watcher.look(QUIET, seconds, slept=slept)
    watcher.look(QUIET, times=29)
    assert watcher.told == ["raised"]
    watcher.look(QUIET)
    assert watcher.told == ["raised", "cleared"]


def test_looks_that_are_far_apart_on_purpose() -> None:
    """A cluster that is read once in ten minutes: two looks in a row are what stands."""
    alarms, _ = Alarms().observe(BAD, 0.0, Debounce(), gap=1800.0)
    later_look = replace(BAD, generated_at=later(600))
    alarms, news = alarms.observe(later_look, 600.0, Debounce(), gap=1800.0)
    assert [str(each.event) for each in news] == ["raised"]


def test_many_rows_become_one_alert() -> None:
    """The fourth real server that fails makes one alert of all of them: the three before are not over."""
    rows = [an_alert(WARNING, AlertCode.REAL_SERVER_DOWN, f"10.0.0.{n}:80 of TCP:10.0.0.9:80") for n in range(3)]
    watcher = Watcher()
    watcher.look(alarmed(*rows), times=30)
    together = alarmed(an_alert(WARNING, AlertCode.REAL_SERVER_DOWN, "TCP:10.0.0.9:80"))
    watcher.look(together, times=60)
    assert watcher.told == ["raised"] * 4
    watcher.look(QUIET, times=40)
    assert watcher.told == ["raised"] * 4 + ["cleared"] * 4


LATE = cluster(master(), gone(backup(), DirectorStatus.STALE))
ALL_LATE = cluster(gone(master(), DirectorStatus.STALE), gone(backup(), DirectorStatus.STALE))
"""Nobody answers: some are late, before their connections are given up."""


def test_a_silent_director_is_one_alarm() -> None:
    """Its last answer is old, then its connection is lost, and back again: that is one silence and its 30 seconds."""
    watcher = Watcher()
    watcher.look(LATE, times=15)
    watcher.look(ONE_GONE, times=15)
    assert watcher.told == []
    watcher.look(ONE_GONE)
    assert watcher.told == ["raised"]
    watcher.look(LATE, times=60)
    watcher.look(ONE_GONE, times=60)
    assert watcher.told == ["raised"]
    assert len(watcher.standing) == 1
    watcher.look(QUIET, times=31)
    assert watcher.told == ["raised", "cleared"]
    assert {each.alarm.key for each in watcher.news} == {(AlertCode.DIRECTOR_UNREACHABLE, "keepalived2")}


def test_who_knows_of_a_silence_knows_of_it() -> None:
    """It calls again only where it becomes critical: nobody answers any more."""
    watcher = Watcher()
    watcher.look(LATE, times=40)
    watcher.alarms = watcher.alarms.acknowledged()
    watcher.look(ONE_GONE, times=60)
    assert [each.acknowledged for each in watcher.alarms.standing] == [True]
    watcher.look(ALL_LATE, times=60)
    assert {(each.alert.subject, each.acknowledged) for each in watcher.alarms.standing} == {
        ("keepalived1", False),
        ("keepalived2", False),
    }


def test_one_row_that_is_left_does_not_keep_the_whole_table_critical() -> None:
    """A virtual server was absent from the master's table; it is back, but for a row."""
    one_row = an_alert(WARNING, AlertCode.TABLE_DRIFT, f"{FIRST} of {SERVICE}")
    watcher = Watcher()
    watcher.look(alarmed(an_alert(CRITICAL, subject=SERVICE)), times=30)
    watcher.look(alarmed(one_row), times=40)
    assert watcher.standing == {
        SERVICE: ("warning", "unseen"),
        f"{FIRST} of {SERVICE}": ("warning", "standing"),
    }
    assert judged(alarmed(one_row), watcher.alarms) is Health.WARNING
    watcher.look(QUIET, times=40)
    assert watcher.standing == {}


def test_what_is_less_severe_is_not_over() -> None:
    """Critical for a few seconds, then a warning that comes and goes: nobody says that it is over."""
    watcher = Watcher()
    watcher.look(BAD, times=6)
    for _ in range(30):
        watcher.look(QUIET)
        watcher.look(WORRYING)
    assert watcher.told == ["raised"]
    assert [str(each.severity) for each in watcher.alarms.standing] == ["warning"]


def test_a_laptop_that_wakes_up_calls_nobody() -> None:
    """Its connections are lost and made again: nobody answers for a while, and nothing is wrong."""
    watcher = Watcher()
    watcher.look(QUIET, times=10)
    watcher.look(QUIET, slept=NIGHT)
    watcher.look(NONE_ANSWERS, times=25)
    watcher.look(QUIET, times=60)
    assert watcher.told == []


def test_blindness_ends_with_the_first_answer() -> None:
    """A director alone that cannot be asked is a warning: it was critical only while nobody answered."""
    watcher = Watcher()
    watcher.look(NONE_ANSWERS, times=31)
    assert set(watcher.standing.values()) == {("critical", "standing")}
    watcher.look(ONE_GONE, times=40)
    assert watcher.standing == {"keepalived2": ("warning", "standing")}


@pytest.mark.parametrize(
    ("snapshot", "times", "health"),
    [
        (QUIET, 1, Health.OK),
        (BAD, 3, Health.WARNING),
        (BAD, 6, Health.CRITICAL),
        (WORRYING, 1, Health.WARNING),
        (NONE_ANSWERS, 30, Health.UNKNOWN),
        (ONE_GONE, 1, Health.WARNING),
    ],
)
def test_one_word(snapshot: ClusterSnapshot, times: int, health: Health) -> None:
    """What stands and is no alarm yet is no reason to say that all is well."""
    watcher = Watcher()
    watcher.look(snapshot, times=times)
    assert judged(snapshot, watcher.alarms) is health


def test_an_alarm_outlives_what_is_known() -> None:
    """A cluster in trouble of which nobody answers any more is not merely unknown."""
    watcher = Watcher()
    watcher.look(BAD, times=10)
    watcher.look(NONE_ANSWERS, times=100)
    assert judged(NONE_ANSWERS, watcher.alarms) is Health.CRITICAL
    assert watcher.standing["TCP:172.26.127.20:445"] == ("critical", "unseen")


SETS = {"both": QUIET.directors, "one": ONE_GONE.directors, "none": NONE_ANSWERS.directors}
SEES = {"none": 0, "one": 1, "both": 2}
ROUNDING = 1e-6
LOOKS = st.lists(
    st.tuples(
        st.sampled_from([0.2, 1.0, 1.0, 1.0, 5.0, 600.0]),
        st.sampled_from(["both", "both", "one", "none"]),
        st.sampled_from([None, WARNING, CRITICAL]),
        st.sampled_from([None, None, INFO, CRITICAL]),
        st.integers(1, 40),
    ),
    max_size=30,
)


@given(LOOKS)
def test_never_an_all_clear_while_something_stands(
    looks: list[tuple[float, str, Severity | None, Severity | None, int]],
) -> None:
    """Nor while it was not seen to be away for its time, by all who had seen it: whatever happens."""
    watcher = Watcher()
    away: dict[str, float | None] = {"a": None, "b": None}
    seen_by = {"a": 0, "b": 0}
    for seconds, answering, first, second, times in looks:
        alerts = [an_alert(severity, subject=name) for name, severity in (("a", first), ("b", second)) if severity]
        merged = merge("smb", SETS[answering], now=NOW)
        snapshot = with_alerts(merged, alerts)
        standing = {alert.subject for alert in alerts if alert.severity > INFO}
        for _ in range(times):
            news = watcher.look(snapshot, seconds)
            for name, before in away.items():
                if name in standing:
                    seen_by[name] = max(seen_by[name], SEES[answering])
                known = name not in standing and SEES[answering] >= seen_by[name]
                counted = before is not None and seconds < 30
                away[name] = None if not known else (before or 0.0) + seconds if counted else 0.0
            over = {name for name, span in away.items() if span is not None and span >= 30.0 - ROUNDING}
            assert {each.alarm.alert.subject for each in news if each.event == "cleared"} <= over
            seen_by.update(dict.fromkeys(over, 0))
            if standing or watcher.alarms.standing or answering != "both":
                assert not is_fine(snapshot, watcher.alarms)
            assert (judged(snapshot, watcher.alarms) is Health.OK) <= (not standing and not watcher.alarms.standing)


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 29)), min_size=1, max_size=40))
def test_a_flap_within_the_hysteresis_is_at_most_one_alarm(flaps: list[tuple[int, int]]) -> None:
    """However it flaps, it is told once, and told at all where it stood long enough."""
    watcher = Watcher()
    for on, off in flaps:
        watcher.look(BAD, times=on)
        watcher.look(QUIET, times=off)
    # the first look of a time shows that it stands, and not since when: half of the second before it is counted
    stood = sum(on - 1 for on, _ in flaps) + 0.5 * (len(flaps) - 1)
    assert watcher.told == (["raised"] if stood >= 5 else [])
