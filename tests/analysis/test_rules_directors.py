"""Alerts about a director as such."""

from dataclasses import replace
from typing import Any

import pytest

from lvstop.model.alert import Severity
from lvstop.model.cluster import Health
from lvstop.model.director import (
    DirectorSnapshot,
    DirectorStatus,
    Fault,
    FaultKind,
    Keepalived,
    Lack,
    LackCause,
    ParseIssue,
)
from support.factories import VIP, address, alert, backup, cluster, director, gone, instance, master, silent, told

DOWN = Keepalived("2.2.7", False, None)
NONE_INSTALLED = Keepalived(None, False, None)


def stopped(snapshot: DirectorSnapshot, keepalived: Keepalived = DOWN) -> DirectorSnapshot:
    return replace(snapshot, keepalived=keepalived, vrrp=None, checks=None)


def killed(snapshot: DirectorSnapshot) -> DirectorSnapshot:
    """After `kill -9`: addresses and table stay behind."""
    return stopped(snapshot)


def test_one_director_out_of_reach_is_a_warning_with_its_fault_and_remedy() -> None:
    snapshot = cluster(master(), silent())
    assert told(snapshot) == [("director-unreachable", "warning", "keepalived2")]
    found = alert(snapshot, "director-unreachable")
    assert "no answer from 172.26.127.24:22 within 5 s" in found.summary
    assert "keepalived1 holds every VIP" in found.summary
    assert found.remedy == "ping 172.26.127.24"


def test_all_directors_out_of_reach_is_critical_and_nothing_else_is_claimed_about_them() -> None:
    snapshot = cluster(gone(master()), gone(backup()))
    assert told(snapshot) == [
        ("director-unreachable", "critical", "keepalived1"),
        ("director-unreachable", "critical", "keepalived2"),
    ]
    assert "42 s old" in snapshot.alerts[0].summary
    assert snapshot.health is Health.UNKNOWN


def test_the_others_words_stand_in_for_a_silent_master() -> None:
    summary = alert(cluster(gone(master()), backup()), "director-unreachable").summary
    assert f"Who holds {VIP} is unknown; keepalived2 is BACKUP of SMB, so it hears a master" in summary


def test_a_director_that_is_being_connected_has_no_alert() -> None:
    assert told(cluster(master(), silent(status=DirectorStatus.CONNECTING))) == []


def test_a_stale_director_tells_its_age_and_is_not_called_unreachable_too() -> None:
    snapshot = cluster(master(), gone(backup(), DirectorStatus.STALE))
    assert told(snapshot) == [("director-stale", "warning", "keepalived2")]
    assert "42 s old" in snapshot.alerts[0].summary


ISSUE = ParseIssue("/proc/net/ip_vs", 7, "…", "expected a weight")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": DirectorStatus.DEGRADED}, "something that it should tell could not be read"),
        ({"issues": (ISSUE, ISSUE)}, "2 lines not understood, the first in /proc/net/ip_vs, line 7: expected a weight"),
        ({"lacks": (Lack("sync daemons", LackCause.FAILED, "ps: not found"),)}, "sync daemons could not be read"),
        (
            {"status": DirectorStatus.DEGRADED, "fault": Fault(FaultKind.BAD_ANSWER, "half an answer")},
            "keepalived2: half an answer.",
        ),
    ],
)
def test_what_could_not_be_read_or_understood(changes: dict[str, Any], words: str) -> None:
    snapshot = cluster(master(), backup(**changes))
    assert told(snapshot) == [("director-degraded", "warning", "keepalived2")]
    assert words in snapshot.alerts[0].summary


@pytest.mark.parametrize("cause", [LackCause.UNPRIVILEGED, LackCause.UNSUPPORTED])
def test_what_may_not_or_cannot_be_read_is_no_degradation(cause: LackCause) -> None:
    snapshot = cluster(master(), backup(lacks=(Lack("thresholds", cause, "…"),)))
    assert "director-degraded" not in {alert.code for alert in snapshot.alerts}


def test_missing_privilege_is_one_note_per_director() -> None:
    lacks = tuple(Lack(what, LackCause.UNPRIVILEGED, "not allowed") for what in ("counters", "VRRP state"))
    snapshot = cluster(master(), backup(lacks=lacks))
    assert told(snapshot) == [("privilege-missing", "info", "keepalived2")]
    assert "counters and VRRP state" in snapshot.alerts[0].summary
    assert snapshot.health is Health.OK


def test_keepalived_down_on_the_backup_is_a_warning_and_explains_all_the_rest() -> None:
    snapshot = cluster(master(), replace(stopped(backup()), virtual_servers=(), sync_daemons=()))
    assert told(snapshot) == [("keepalived-down", "warning", "keepalived2")]


def test_keepalived_down_with_nobody_master_is_critical() -> None:
    snapshot = cluster(stopped(backup("keepalived1")), backup(vrrp=(instance("FAULT"),)))
    assert alert(snapshot, "keepalived-down").severity is Severity.CRITICAL


def test_keepalived_down_next_to_a_director_that_cannot_be_asked_is_critical() -> None:
    assert alert(cluster(stopped(backup()), silent("keepalived1")), "keepalived-down").severity is Severity.CRITICAL


def test_a_killed_keepalived_that_left_its_vip_behind_is_critical_and_the_duplicate_is_told_once() -> None:
    taken_over = backup(vrrp=(instance("MASTER"),), addresses=(address(VIP),))
    snapshot = cluster(killed(master(sync_daemons=None)), replace(taken_over, sync_daemons=None))
    assert told(snapshot) == [
        ("keepalived-down", "critical", "keepalived1"),
        ("vip-duplicate", "critical", VIP),
    ]
    assert f"yet it still holds {VIP}" in snapshot.alerts[0].summary
    assert "keepalived is not running on keepalived1 and keepalived2 is MASTER" in snapshot.alerts[1].summary


def test_directors_without_keepalived_are_no_fault() -> None:
    pair = [stopped(director(name), NONE_INSTALLED) for name in ("a", "b")]
    assert told(cluster(*pair)) == []


def test_a_keepalived_of_which_nobody_can_tell_is_not_called_down() -> None:
    assert told(cluster(master(), backup(keepalived=None))) == []
    assert told(cluster(master(), backup(keepalived=Keepalived(None, None, None)))) == []
