"""Events: what changed between two looks, and nothing about a side that was or is unknown."""

from dataclasses import replace
from datetime import datetime

import pytest

from lvstop.analysis.diff import dated, events
from lvstop.analysis.diff_table import MOST_EVENTS
from lvstop.model.alert import AlertCode
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Keepalived
from lvstop.model.event import Event, EventKind
from lvstop.model.ipvs import VirtualServer
from support.factories import (
    FIRST,
    NOW,
    SECOND,
    SERVICE,
    VIP,
    address,
    backup,
    cluster,
    gone,
    instance,
    later,
    master,
    real_server,
    row,
    silent,
    unprivileged,
    virtual_server,
    vrrp_counters,
)


def between(
    before: ClusterSnapshot | DirectorSnapshot, after: ClusterSnapshot | DirectorSnapshot, *, alerts: bool = False
) -> list[Event]:
    """Events between two looks a second apart; without those of alerts unless they are wanted."""
    old = before if isinstance(before, ClusterSnapshot) else cluster(before)
    new = after if isinstance(after, ClusterSnapshot) else cluster(after, now=later(1))
    return [event for event in events(old, new) if alerts or event.kind is not EventKind.ALERT]


def said(found: list[Event]) -> list[str]:
    return [event.summary for event in found]


def test_nothing_happened_between_a_look_and_itself_nor_before_the_first() -> None:
    snapshot = cluster()
    assert events(None, snapshot) == ()
    assert events(snapshot, snapshot) == ()
    assert events(snapshot, cluster(now=later(1))) == ()


@pytest.mark.parametrize(
    ("before", "after", "summary"),
    [
        (master(), gone(master()), "keepalived1 cannot be asked any more: no answer from 172.26.127.24:22 within 5 s."),
        (gone(master()), master(), "keepalived1 answers again, after 42 s."),
        (master(), gone(master(), DirectorStatus.STALE), "keepalived1 does not answer in time: no answer from"),
        (silent("keepalived1", DirectorStatus.CONNECTING), master(), "keepalived1 answers."),
        (silent("keepalived1", DirectorStatus.CONNECTING), silent("keepalived1"), "keepalived1 cannot be asked: no"),
        (silent("keepalived1"), silent("keepalived1", DirectorStatus.CONNECTING), "keepalived1 is being connected"),
        (master(), master(status=DirectorStatus.DEGRADED), "keepalived1 answers, but not everything could be read."),
        (master(status=DirectorStatus.DEGRADED), master(), "keepalived1 could be read completely again."),
    ],
)
def test_a_director_s_status(before: DirectorSnapshot, after: DirectorSnapshot, summary: str) -> None:
    (event,) = between(before, after)
    assert event.summary.startswith(summary)
    assert (event.kind, event.director, event.at) == (EventKind.DIRECTOR, "keepalived1", later(1))


@pytest.mark.parametrize(
    ("before", "after", "summaries"),
    [
        (Keepalived("2.2.7", True, 8), Keepalived("2.2.7", False, None), ["keepalived stopped on keepalived1."]),
        (Keepalived("2.2.7", False, None), Keepalived("2.2.7", True, 9), ["keepalived started on keepalived1."]),
        (
            Keepalived("2.2.7", True, 8),
            Keepalived("2.3.3", True, 9),
            [
                "keepalived was restarted on keepalived1.",
                "keepalived changed from version 2.2.7 to 2.3.3 on keepalived1.",
            ],
        ),
        (None, Keepalived("2.2.7", True, 8), []),
        (Keepalived("2.2.7", None, None), Keepalived(None, False, None), []),
    ],
)
def test_keepalived(before: Keepalived | None, after: Keepalived | None, summaries: list[str]) -> None:
    assert said(between(master(keepalived=before), master(keepalived=after))) == summaries


def test_a_transition_is_dated_by_keepalived_where_it_is_news() -> None:
    after = backup("keepalived1", vrrp=(instance("MASTER", last_transition=later(0.4)),), addresses=(address(VIP),))
    first, second = between(backup("keepalived1"), after)
    assert (first.summary, first.at) == ("SMB went from BACKUP to MASTER on keepalived1.", later(0.4))
    assert (second.summary, second.kind) == (f"{VIP} appeared on keepalived1.", EventKind.VIP)


@pytest.mark.parametrize("transition", [None, later(-3600), later(99)])
def test_a_transition_that_keepalived_does_not_date_plausibly_happened_when_it_was_seen(
    transition: datetime | None,
) -> None:
    after = backup("keepalived1", vrrp=(instance("FAULT", last_transition=transition),))
    (event,) = between(backup("keepalived1"), after)
    assert event.at == later(1)


def test_a_state_that_was_left_and_taken_again_between_two_looks() -> None:
    again = master(vrrp=(instance("MASTER", last_transition=later(0.5)),))
    assert said(between(master(), again)) == ["SMB left MASTER on keepalived1 and came back to it."]


@pytest.mark.parametrize("state", ["MASTER", "BACKUP"])
def test_a_reload_is_no_transition(state: str) -> None:
    """keepalived dates the last transition anew at a reload, and goes on with its counters."""
    counters = vrrp_counters(became=3, released=2)
    before = master(vrrp=(instance(state, counters=counters),))
    after = master(vrrp=(instance(state, last_transition=later(0.5), counters=counters),))
    assert said(between(before, after)) == []


def test_a_restart_is_a_transition_whatever_the_counters_say() -> None:
    """They begin anew, and may stand where they stood before."""
    counters = vrrp_counters(became=1)
    before = master(vrrp=(instance("MASTER", counters=counters),), keepalived=Keepalived("2.2.7", True, 1))
    again = (instance("MASTER", last_transition=later(0.5), counters=counters),)
    after = master(vrrp=again, keepalived=Keepalived("2.2.7", True, 2))
    assert "SMB left MASTER on keepalived1 and came back to it." in said(between(before, after))


def test_a_lever_shows_as_a_change_of_priority() -> None:
    before = master(vrrp=(instance("MASTER", effective_priority=150),))
    after = master(vrrp=(instance("MASTER", effective_priority=50),))
    assert said(between(before, after)) == ["The priority of SMB changed from 150 to 50 on keepalived1."]


def test_a_vip_that_moves_leaves_one_director_and_appears_on_the_other() -> None:
    after = cluster(master(addresses=()), backup(addresses=(address(VIP),)), now=later(1))
    assert said(between(cluster(), after)) == [f"{VIP} left keepalived1.", f"{VIP} appeared on keepalived2."]


Table = tuple[VirtualServer, ...]
DNS = virtual_server(f"UDP:{VIP}:53", "10.0.0.1:53")
PLAIN = virtual_server(SERVICE, FIRST, SECOND)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            (PLAIN,),
            (PLAIN, DNS),
            [(EventKind.VIRTUAL_SERVER, f"UDP:{VIP}:53", "appeared on keepalived1 (1 real server)")],
        ),
        ((PLAIN, DNS), (PLAIN,), [(EventKind.VIRTUAL_SERVER, f"UDP:{VIP}:53", "vanished from keepalived1")]),
        (
            (virtual_server(SERVICE, FIRST),),
            (PLAIN,),
            [(EventKind.REAL_SERVER, row(SECOND), "appeared on keepalived1 with weight 1")],
        ),
        (
            (PLAIN,),
            (virtual_server(SERVICE, SECOND),),
            [(EventKind.REAL_SERVER, row(FIRST), "vanished from keepalived1")],
        ),
        (
            (PLAIN,),
            (virtual_server(SERVICE, FIRST, real_server(SECOND, 0)),),
            [(EventKind.WEIGHT, row(SECOND), "changed its weight from 1 to 0 on keepalived1")],
        ),
        (
            (PLAIN,),
            (virtual_server(SERVICE, real_server(SECOND, 4)),),
            [
                (EventKind.REAL_SERVER, row(FIRST), "vanished"),
                (EventKind.WEIGHT, row(SECOND), "changed its weight from 1 to 4"),
            ],
        ),
        ((PLAIN,), (virtual_server(SERVICE, real_server(FIRST, active=9), SECOND),), []),
        ((PLAIN,), (virtual_server(SERVICE, SECOND, FIRST),), []),
        (None, (PLAIN,), []),
        ((PLAIN,), None, []),
        ((), (PLAIN,), [(EventKind.VIRTUAL_SERVER, SERVICE, "appeared on keepalived1 (2 real servers)")]),
    ],
)
def test_the_table(before: Table | None, after: Table | None, expected: list[tuple[EventKind, str, str]]) -> None:
    found = between(master(virtual_servers=before), master(virtual_servers=after))
    assert [(event.kind, event.subject) for event in found] == [(kind, subject) for kind, subject, _ in expected]
    assert all(words in event.summary for event, (*_, words) in zip(found, expected, strict=True))


def test_a_change_of_everything_is_one_event() -> None:
    rows = [f"10.0.0.{number}:80" for number in range(1, MOST_EVENTS + 10)]
    full = master(virtual_servers=(virtual_server(SERVICE, *rows),))
    (event,) = between(full, master(virtual_servers=(virtual_server(SERVICE),)))
    assert event.summary.startswith(f"{MOST_EVENTS + 9} real servers appeared or vanished on keepalived1; the first: ")


def test_a_reconnect_does_not_make_a_table_appear() -> None:
    empty = silent("keepalived1")
    assert {event.kind for event in between(empty, master())} == {EventKind.DIRECTOR}
    assert {event.kind for event in between(gone(master()), master(virtual_servers=(DNS,), vrrp=()))} == {
        EventKind.DIRECTOR
    }
    assert {
        event.kind for event in between(master(), replace(gone(master()), virtual_servers=None, addresses=None))
    } == {EventKind.DIRECTOR}


def test_a_lane_that_can_no_longer_be_read_is_no_news_about_its_subject() -> None:
    assert between(master(), unprivileged(master())) == []
    assert between(unprivileged(backup("keepalived1")), backup("keepalived1")) == []
    assert between(master(), master(addresses=None)) == []


def test_alerts_are_raised_change_and_are_cleared() -> None:
    healthy = cluster()
    drift = cluster(master(), backup(virtual_servers=(PLAIN, DNS), checks=None), now=later(1))
    raised = [event for event in events(healthy, drift) if event.kind is EventKind.ALERT]
    assert [(event.subject, event.director) for event in raised] == [(f"table-drift UDP:{VIP}:53", None)]
    assert raised[0].summary.startswith("critical: ")
    milder = cluster(master(virtual_servers=(PLAIN, DNS), checks=None), backup(checks=None), now=later(2))
    assert any(event.summary.startswith("now warning: ") for event in events(drift, milder))
    unasked = cluster(master(checks=None), backup(checks=None), now=later(3))
    cleared = [event.summary for event in events(milder, unasked) if event.kind is EventKind.ALERT]
    assert cleared == [f"cleared: table-drift of UDP:{VIP}:53."]


def test_an_alert_that_went_out_of_sight_is_not_called_cleared() -> None:
    drift = cluster(master(), backup(virtual_servers=(PLAIN, DNS), checks=None))
    blind = cluster(master(), silent(), now=later(1))
    found = [event.subject for event in events(drift, blind) if event.kind is EventKind.ALERT]
    assert found == ["director-unreachable keepalived2"]


def test_being_reached_again_clears_the_alert_even_while_another_director_is_lost() -> None:
    before = cluster(master(), silent())
    after = cluster(silent("keepalived1"), backup(), now=later(1))
    found = {event.summary for event in events(before, after) if event.kind is EventKind.ALERT}
    assert "cleared: director-unreachable of keepalived2." in found


def test_events_are_in_order_of_time() -> None:
    moved = backup("keepalived1", vrrp=(instance("MASTER", last_transition=later(0.2)),), addresses=(address(VIP),))
    after = cluster(replace(moved, virtual_servers=(PLAIN, DNS)), now=later(1))
    found = events(cluster(backup("keepalived1")), after)
    assert [event.at for event in found] == sorted(event.at for event in found)
    assert found[0].kind is EventKind.VRRP


def test_alerts_keep_the_moment_when_they_were_raised() -> None:
    """An alert that stands keeps its date, also when its sentence changes; a new one is dated now."""
    first = dated(None, cluster(master(), silent()))
    (raised,) = [alert for alert in first.alerts if alert.code is AlertCode.DIRECTOR_UNREACHABLE]
    assert raised.since == NOW
    second = dated(first, cluster(master(), silent(), now=later(5)))
    assert [alert.since for alert in second.alerts] == [NOW] * len(second.alerts)
    gone_and_back = dated(dated(first, cluster(now=later(6))), cluster(master(), silent(), now=later(7)))
    assert {alert.since for alert in gone_and_back.alerts} == {later(7)}
