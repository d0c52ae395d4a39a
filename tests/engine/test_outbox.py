"""Which news the operator's command is told, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.analysis.alarms import AlarmEvent, AlarmNews
from lvstop.engine.outbox import MINUTE, MOST_WAITING, Outbox
from lvstop.model.alert import Severity
from support.alarms import an_alert, news_of
from support.factories import later

RAISED, ESCALATED, CLEARED = AlarmEvent.RAISED, AlarmEvent.ESCALATED, AlarmEvent.CLEARED


def test_so_many_in_a_minute() -> None:
    """The next one waits until the oldest of them is a minute old."""
    outbox = Outbox(2)
    for number in range(4):
        outbox.put(news_of(name=f"c{number}", at=later(number)))
    first, second = outbox.take(0.0), outbox.take(10.0)
    assert first is not None
    assert second is not None
    assert (first[0].cluster, second[0].cluster) == ("c0", "c1")
    assert outbox.take(20.0) is None
    assert outbox.due_in(20.0) == 40.0
    third = outbox.take(60.0)
    assert third is not None
    assert third[0].cluster == "c2"
    assert outbox.due_in(60.0) == 10.0
    assert outbox.waiting == 1


@pytest.mark.parametrize(
    ("before", "events", "told", "left_out"),
    [
        ([], [RAISED], [RAISED], 0),
        ([], [RAISED, CLEARED], [], 2),
        ([], [RAISED, ESCALATED], [RAISED], 1),
        ([], [ESCALATED, CLEARED], [], 2),
        ([], [CLEARED, RAISED], [RAISED], 1),
        ([], [RAISED, CLEARED, RAISED], [RAISED], 2),
        ([RAISED], [CLEARED], [CLEARED], 0),
        ([RAISED], [ESCALATED, CLEARED], [CLEARED], 1),
        ([RAISED], [CLEARED, RAISED], [RAISED], 1),
        ([RAISED], [CLEARED, RAISED, CLEARED], [CLEARED], 2),
        ([RAISED], [CLEARED, RAISED, ESCALATED, CLEARED], [CLEARED], 3),
        ([RAISED, CLEARED], [RAISED, CLEARED], [], 2),
    ],
)
def test_what_was_overtaken_while_it_waited(
    before: list[AlarmEvent], events: list[AlarmEvent], told: list[AlarmEvent], left_out: int
) -> None:
    """It is left out, and counted in the next document; who was told of the beginning is told of the end."""
    outbox = Outbox(60)
    for event in before:
        outbox.put(news_of(event))
        assert outbox.take(0.0) is not None
    for event in events:
        outbox.put(news_of(event))
    outbox.put(news_of(RAISED, name="last", alert=an_alert(Severity.WARNING), at=later(99)))
    taken = [outbox.take(0.0) for _ in range(len(told) + 1)]
    assert outbox.take(0.0) is None
    found = [each for each in taken if each is not None]
    assert sorted(news.event for news, _ in found if news.cluster == "smb") == told
    assert sum(left for _, left in found) == left_out


def test_the_most_urgent_first() -> None:
    """What is wrong before what is over, critical before warnings, the oldest first."""
    outbox = Outbox(60)
    warning = an_alert(Severity.WARNING)
    outbox.put(news_of(RAISED, name="over", at=later(0)))
    assert outbox.take(0.0) is not None
    outbox.put(news_of(CLEARED, name="over", at=later(0)))
    outbox.put(news_of(RAISED, name="warning", alert=warning, at=later(1)))
    outbox.put(news_of(RAISED, name="new", at=later(9)))
    outbox.put(news_of(RAISED, name="old", at=later(2)))
    taken = [outbox.take(0.0) for _ in range(4)]
    assert [each[0].cluster for each in taken if each] == ["old", "new", "warning", "over"]


def test_no_more_wait_than_there_is_room_for() -> None:
    """The rest is counted."""
    outbox = Outbox(1)
    for number in range(MOST_WAITING + 5):
        outbox.put(news_of(name=f"c{number}"))
    assert outbox.waiting == MOST_WAITING
    taken = outbox.take(0.0)
    assert taken is not None
    assert taken[1] == 5


def test_the_least_urgent_gives_way() -> None:
    """Where there is no room for a critical alarm a warning goes, the newest first, and never a critical one for it."""
    outbox = Outbox(MOST_WAITING)
    warning = an_alert(Severity.WARNING)
    for number in range(MOST_WAITING):
        outbox.put(news_of(name=f"w{number}", alert=warning, at=later(number)))
    outbox.put(news_of(name="bad", at=later(2 * MOST_WAITING)))
    outbox.put(news_of(name="mild", alert=warning, at=later(2 * MOST_WAITING)))
    assert outbox.waiting == MOST_WAITING
    taken = [outbox.take(0.0) for _ in range(MOST_WAITING)]
    assert [each[0].cluster for each in taken if each] == ["bad", *(f"w{number}" for number in range(MOST_WAITING - 1))]
    assert sum(each[1] for each in taken if each) == 2
    outbox.put(news_of(CLEARED, name="mild", alert=warning))
    assert outbox.waiting == 0


def test_an_end_gives_way_to_nothing() -> None:
    """Whoever was told of a beginning waits for it; there are no more of them than there were beginnings."""
    outbox = Outbox(1)
    outbox.put(news_of(name="told"))
    assert outbox.take(0.0) is not None
    outbox.put(news_of(CLEARED, name="told"))
    for number in range(MOST_WAITING + 5):
        outbox.put(news_of(name=f"c{number}"))
    assert outbox.waiting == MOST_WAITING + 1
    taken = [outbox.take(MINUTE * each) for each in range(1, MOST_WAITING + 2)]
    assert taken[0] is not None
    assert taken[0][1] == 5
    assert taken[-1] is not None
    assert (taken[-1][0].event, taken[-1][0].cluster) == (CLEARED, "told")


# eighths of a second: their sums are exact, so that a minute is a minute
SECONDS = st.integers(0, 240).map(lambda eighths: eighths / 8)
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([RAISED, ESCALATED, CLEARED]), SECONDS), max_size=60)


@given(STEPS, st.integers(1, 5))
def test_never_more_in_any_minute_and_nothing_is_lost(steps: list[tuple[str, AlarmEvent, float]], most: int) -> None:
    """What was put is told, waits, or was counted as left out."""
    outbox, now, told, left_out = Outbox(most), 0.0, list[float](), 0
    for name, event, seconds in steps:
        now += seconds
        outbox.put(news_of(event, name=name))
        while (taken := outbox.take(now)) is not None:
            told.append(now)
            left_out += taken[1]
        assert sum(now - MINUTE < at for at in told) <= most
    rest = 0
    while outbox.waiting:
        now += outbox.due_in(now) or 0.0
        taken = outbox.take(now)
        if taken is not None:
            rest, left_out = rest + 1, left_out + taken[1]
    counted = len(told) + rest + left_out
    assert counted <= len(steps)
    outbox.put(news_of(name="last"))
    last = outbox.take(now + MINUTE)
    assert last is not None
    assert counted + last[1] == len(steps)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 99)), max_size=30), st.integers(1, 6))
def test_what_waits_is_the_most_urgent_of_all(alarms: list[tuple[bool, int]], room: int) -> None:
    """In whatever order they came: where there is no room for all of them the rest was less urgent."""
    outbox = Outbox(60, room)
    for number, (critical, seconds) in enumerate(alarms):
        severity = Severity.CRITICAL if critical else Severity.WARNING
        outbox.put(news_of(alert=an_alert(severity, subject=f"{number}"), at=later(seconds)))
        assert outbox.waiting <= room
    taken = [found for _ in range(room) if (found := outbox.take(0.0))]
    urgency = [(news.alarm.severity is not Severity.CRITICAL, news.at) for news, _ in taken]
    assert urgency == sorted((not critical, later(seconds)) for critical, seconds in alarms)[:room]
    assert sum(left_out for _, left_out in taken) == max(0, len(alarms) - room)


@given(STEPS, st.integers(1, 5))
def test_who_was_told_last_knows_how_it_is(steps: list[tuple[str, AlarmEvent, float]], most: int) -> None:
    """When nothing waits any more what was told last of an alarm is what was put last; no end without a beginning."""
    outbox, now = Outbox(most), 0.0
    put, told = dict[str, AlarmNews](), dict[str, AlarmNews]()

    def take() -> None:
        taken = outbox.take(now)
        if taken is None:
            return
        (news, _), name = taken, taken[0].cluster
        if news.event is CLEARED:
            assert name in told
            assert told[name].event is not CLEARED
        told[name] = news

    for number, (name, event, seconds) in enumerate(steps):
        now += seconds
        put[name] = news_of(event, name=name, at=later(number))
        outbox.put(put[name])
        take()
    while outbox.waiting:
        now += outbox.due_in(now) or 0.0
        take()
    for name, last in put.items():
        if last.event is CLEARED:
            assert name not in told or told[name].event is CLEARED
        else:
            assert told[name].event is not CLEARED
            assert told[name].alarm == last.alarm
