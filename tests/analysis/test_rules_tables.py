"""Alerts that compare tables, and what a failover would find."""

from dataclasses import replace
from typing import Any

import pytest

from lvstop.analysis.memory import Memory
from lvstop.model.alert import Severity
from lvstop.model.checks import CheckedRealServer
from lvstop.model.director import DirectorSnapshot, Keepalived
from lvstop.model.ipvs import Tunnel, TunnelType, VirtualServerDetail
from lvstop.model.vrrp import VrrpInstance
from support.factories import (
    CHECKS,
    FIRST,
    SECOND,
    SERVICE,
    VIP,
    alert,
    backup,
    checked,
    checked_server,
    cluster,
    detail,
    gone,
    instance,
    later,
    master,
    real_server,
    row,
    row_detail,
    silent,
    sync_daemon,
    told,
    unprivileged,
    virtual_server,
    vs_key,
)

THIRD, FOURTH = "172.26.127.25:445", "172.26.127.26:445"
DNS = virtual_server(f"UDP:{VIP}:53", "172.26.127.21:53")
ROWS = (FIRST, SECOND)


def on_backup(*servers: object, **more: object) -> DirectorSnapshot:
    """A backup with this table; what its checks say is not known."""
    values: dict[str, Any] = {"checks": None, **more}
    return backup(virtual_servers=servers, **values)


def codes(*directors: DirectorSnapshot) -> set[str]:
    return {code for code, *_ in told(cluster(*directors))}


def test_connections_are_never_drift_and_neither_is_the_order_of_rows() -> None:
    busy = virtual_server(SERVICE, real_server(SECOND, active=7), real_server(FIRST, active=900, inactive=3))
    assert told(cluster(master(), on_backup(busy))) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scheduler": "wlc"}, "scheduler rr on keepalived1 and wlc on keepalived2"),
        ({"persistent": True, "persistence_seconds": 300}, "persistence off on keepalived1 and 300 s on keepalived2"),
        ({"one_packet": True}, "one-packet scheduling off on keepalived1 and on on keepalived2"),
        ({"one_packet": None}, None),
    ],
)
def test_a_virtual_server_that_differs(changes: dict[str, Any], words: str | None) -> None:
    snapshot = cluster(master(), on_backup(virtual_server(SERVICE, *ROWS, **changes)))
    if words is None:
        assert told(snapshot) == []
    else:
        assert told(snapshot) == [("table-drift", "warning", SERVICE)]
        assert words in snapshot.alerts[0].summary


@pytest.mark.parametrize(
    ("seconds", "prefix", "drift"), [(300, 32, False), (None, 32, False), (600, 32, True), (300, 24, True)]
)
def test_persistence_of_unknown_length_is_not_different(seconds: int | None, prefix: int, drift: bool) -> None:
    known = virtual_server(SERVICE, *ROWS, persistent=True, persistence_seconds=300, persistence_prefix=32)
    other = virtual_server(SERVICE, *ROWS, persistent=True, persistence_seconds=seconds, persistence_prefix=prefix)
    assert ("table-drift" in codes(master(virtual_servers=(known,)), on_backup(other))) is drift


def test_a_row_on_one_side_only() -> None:
    snapshot = cluster(master(), on_backup(virtual_server(SERVICE, FIRST)))
    assert told(snapshot) == [("table-drift", "warning", row(SECOND))]
    assert "is on keepalived1 and is not on keepalived2" not in snapshot.alerts[0].summary
    assert "is on keepalived1 and not on keepalived2" in snapshot.alerts[0].summary


def test_a_row_that_its_own_checks_took_out_is_not_drift() -> None:
    checks = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False)),)
    snapshot = cluster(master(), on_backup(virtual_server(SERVICE, FIRST), checks=checks))
    assert {code for code, *_ in told(snapshot)} == {"backup-not-ready", "real-server-down"}


def test_forwarding_methods_differ() -> None:
    other = virtual_server(SERVICE, FIRST, real_server(SECOND, forwarding="Masq"))
    snapshot = cluster(master(), on_backup(other))
    assert told(snapshot) == [("table-drift", "warning", row(SECOND))]
    assert "forwarding Route on keepalived1 and Masq on keepalived2" in snapshot.alerts[0].summary


LIMITED = row_detail(2)
IPIP = Tunnel(TunnelType.IPIP, None, None)
GUE = Tunnel(TunnelType.GUE, 5555, "nocsum")


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        (detail(flags=["sh-port"]), detail(), "scheduler flags sh-port on keepalived1 and none on keepalived2"),
        (detail(engine="sip"), detail(), "persistence engine sip on keepalived1 and none on keepalived2"),
        (detail({FIRST: row_detail(1000, 500)}), detail({FIRST: row_detail()}), "upper threshold 1000 on keepalived1"),
        (
            detail({FIRST: row_detail(tunnel=GUE)}),
            detail({FIRST: row_detail(tunnel=IPIP)}),
            "tunnel gue:5555:nocsum on keepalived1 and ipip on keepalived2",
        ),
        (detail({FIRST: row_detail(None)}), detail({FIRST: row_detail(9)}), None),
        (detail({FIRST: row_detail(persistent=9)}), detail({FIRST: row_detail(persistent=1)}), None),
        (detail({FIRST: row_detail(1), SECOND: LIMITED}), detail({SECOND: LIMITED, FIRST: row_detail(1)}), None),
    ],
)
def test_what_only_root_may_read_is_compared_where_both_may(
    here: VirtualServerDetail, there: VirtualServerDetail, words: str | None
) -> None:
    key = vs_key(SERVICE)
    snapshot = cluster(master(details={key: here}), backup(details={key: there}))
    assert (words in alert(snapshot, "table-drift").summary) if words else told(snapshot) == []
    assert told(cluster(master(details={key: here}), backup())) == []


def test_a_virtual_server_on_one_side_only() -> None:
    snapshot = cluster(master(), on_backup(*CHECKS_TABLE, DNS))
    assert told(snapshot) == [("table-drift", "critical", f"UDP:{VIP}:53")]
    assert snapshot.alerts[0].summary == f"UDP:{VIP}:53 is not in the table of keepalived1; keepalived2 has it."
    snapshot = cluster(master(virtual_servers=(*CHECKS_TABLE, DNS)), on_backup(*CHECKS_TABLE))
    assert told(snapshot) == [("table-drift", "warning", f"UDP:{VIP}:53")]


CHECKS_TABLE = (virtual_server(SERVICE, *ROWS),)


def test_a_firewall_mark_of_unknown_family_is_the_mark_the_other_side_knows() -> None:
    known = virtual_server("FWM:7", "172.26.127.21:0")
    empty = virtual_server("FWM:7:?")
    snapshot = cluster(master(virtual_servers=(known,), checks=None), on_backup(empty))
    assert told(snapshot) == [("virtual-server-empty", "warning", "FWM:7")]


def test_nothing_is_compared_with_a_director_that_does_not_answer_or_whose_table_is_unknown() -> None:
    other = backup(virtual_servers=(DNS,), checks=None)
    assert codes(master(), gone(other)) == {"director-unreachable"}
    assert codes(master(), backup(virtual_servers=None, checks=None)) == set()


def test_an_empty_backup_is_said_once_and_not_row_by_row() -> None:
    snapshot = cluster(master(), on_backup(ipvs_loaded=False, sync_daemons=None))
    assert told(snapshot) == [("backup-not-ready", "warning", "keepalived2")]
    assert "the ip_vs module is not loaded, while keepalived1 has 1 virtual server" in snapshot.alerts[0].summary


def test_an_empty_master_is_critical() -> None:
    snapshot = cluster(master(virtual_servers=()), backup())
    assert told(snapshot) == [("table-drift", "critical", "keepalived1")]
    assert "keepalived2 has 1 virtual server and keepalived there keeps 1" in snapshot.alerts[0].summary


def test_a_table_flushed_under_a_running_keepalived_shows_without_a_peer() -> None:
    assert told(cluster(master(virtual_servers=()))) == [("table-drift", "critical", "keepalived1")]
    both = cluster(master(virtual_servers=()), backup(virtual_servers=()))
    assert [(code, severity) for code, severity, _ in told(both)] == [
        ("table-drift", "critical"),
        ("table-drift", "warning"),
    ]
    one_of_two = (*CHECKS, checked_server(f"UDP:{VIP}:53", "172.26.127.21:53"))
    snapshot = cluster(master(checks=one_of_two))
    assert snapshot.alerts[0].summary.endswith("of keepalived1, although keepalived keeps it there.")


def test_three_directors_are_compared_with_each_other() -> None:
    other = virtual_server(SERVICE, FIRST)
    snapshot = cluster(master(), backup(), replace(on_backup(other), name="keepalived3"))
    assert "is on keepalived1 and keepalived2 and not on keepalived3" in alert(snapshot, "table-drift").summary


def test_many_rows_of_one_virtual_server_share_an_alert() -> None:
    full = virtual_server(SERVICE, *(f"10.0.0.{number}:80" for number in range(1, 21)))
    snapshot = cluster(
        master(virtual_servers=(full,), checks=None),
        on_backup(virtual_server(SERVICE, "10.0.0.1:80"), sync_daemons=None),
    )
    assert told(snapshot) == [("table-drift", "warning", SERVICE)]
    assert snapshot.alerts[0].summary.startswith(f"19 real servers of {SERVICE}: ")
    assert "16 more" in snapshot.alerts[0].summary


def test_two_things_about_one_subject_are_one_alert() -> None:
    full = virtual_server(SERVICE, *(f"10.0.0.{number}:80" for number in range(1, 21)))
    other = virtual_server(SERVICE, "10.0.0.1:80", scheduler="wlc")
    snapshot = cluster(master(virtual_servers=(full,), checks=None), on_backup(other))
    assert told(snapshot) == [("table-drift", "warning", SERVICE)]
    assert "scheduler" in snapshot.alerts[0].summary
    assert "19 real servers" in snapshot.alerts[0].summary


# Weights


def weighted(*weights: int) -> tuple[object, ...]:
    rows = (real_server(text, weight) for text, weight in zip((FIRST, SECOND, THIRD, FOURTH), weights, strict=False))
    return (virtual_server(SERVICE, *rows),)


def test_a_weight_that_differs_between_directors() -> None:
    snapshot = cluster(master(virtual_servers=weighted(1, 0)), backup())
    assert told(snapshot) == [("weight-drift", "warning", row(SECOND))]
    assert snapshot.alerts[0].summary == (
        f"{row(SECOND)} has weight 0 on keepalived1 and 1 on keepalived2 (keepalived wants 1 on keepalived1); "
        "a failover would put it back to work or take it out."
    )


def test_a_weight_by_hand_on_both_directors_is_a_note() -> None:
    snapshot = cluster(master(virtual_servers=weighted(1, 0)), backup(virtual_servers=weighted(1, 0)))
    assert told(snapshot) == [("weight-drift", "info", row(SECOND))]
    assert "weight 0 on keepalived1 and 0 on keepalived2, set by hand; keepalived would give it 1" in (
        snapshot.alerts[0].summary
    )


@pytest.mark.parametrize(
    "second",
    [
        checked(SECOND, weight=1, effective=0),  # drained in keepalived's own terms
        checked(SECOND, alive=False, inhibit=True),  # failed, and kept with weight 0
    ],
)
def test_a_weight_that_keepalived_wrote_is_not_by_hand(second: CheckedRealServer) -> None:
    checks = (checked_server(SERVICE, FIRST, second),)
    pair = [make(virtual_servers=weighted(1, 0), checks=checks) for make in (master, backup)]
    assert "weight-drift" not in codes(*pair)


def test_a_failed_check_explains_weight_zero_on_one_side() -> None:
    checks = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False, inhibit=True)),)
    snapshot = cluster(master(), backup(virtual_servers=weighted(1, 0), checks=checks))
    assert {code for code, *_ in told(snapshot)} == {"backup-not-ready", "real-server-down"}


def test_without_checks_a_weight_is_not_called_manual() -> None:
    pair = [unprivileged(make(virtual_servers=weighted(1, 0))) for make in (master, backup)]
    assert "weight-drift" not in codes(*pair)


# Backups


@pytest.mark.parametrize("state", ["FAULT", "STOP"])
def test_a_peer_that_cannot_become_master(state: str) -> None:
    snapshot = cluster(master(), backup(vrrp=(instance(state),)))
    assert told(snapshot) == [("backup-not-ready", "warning", "keepalived2")]
    assert f"SMB is {state}" in snapshot.alerts[0].summary


def test_init_is_only_wrong_when_it_lasts() -> None:
    starting = backup(vrrp=(instance("INIT", last_transition=None),))
    assert codes(master(), starting) == set()
    memory = Memory().observe(cluster())
    memory = memory.observe(cluster(master(), starting, now=later(1), memory=memory))
    assert told(cluster(master(), starting, now=later(5), memory=memory)) == []
    lasting = cluster(master(), starting, now=later(20), memory=memory)
    assert told(lasting) == [("backup-not-ready", "warning", "keepalived2")]


@pytest.mark.parametrize(
    ("vrrp", "words"),
    [
        ((), "it has no VRRP instance SMB"),
        ((instance("BACKUP", "SMB", VIP, "10.0.0.9"),), "SMB claims 10.0.0.9 only there"),
        ((instance("BACKUP", "SMB", "10.0.0.9"),), f"SMB lacks {VIP} there; SMB claims 10.0.0.9 only there"),
    ],
)
def test_a_peer_that_is_configured_otherwise(vrrp: tuple[VrrpInstance, ...], words: str) -> None:
    assert words in alert(cluster(master(), backup(vrrp=vrrp), vips=[]), "backup-not-ready").summary


def test_a_backup_that_sees_fewer_real_servers_alive() -> None:
    checks = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False)),)
    snapshot = cluster(master(), backup(virtual_servers=(virtual_server(SERVICE, FIRST),), checks=checks))
    assert f"fewer real servers alive than keepalived1: 1 instead of 2 for {SERVICE}" in (
        alert(snapshot, "backup-not-ready").summary
    )


def test_a_master_that_sees_fewer_is_no_fault_of_the_backup() -> None:
    checks = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False)),)
    snapshot = cluster(master(virtual_servers=(virtual_server(SERVICE, FIRST),), checks=checks), backup())
    assert told(snapshot) == [("real-server-down", "warning", row(SECOND))]


def test_a_third_director_need_not_share_every_instance() -> None:
    assert codes(master(), backup(), backup("keepalived3", vrrp=())) == set()


@pytest.mark.parametrize("other", [silent(), unprivileged(backup())])
def test_a_backup_of_which_nothing_is_known_is_not_called_unready(other: DirectorSnapshot) -> None:
    assert "backup-not-ready" not in codes(master(), other)


# Connection synchronisation


@pytest.mark.parametrize(
    ("here", "there", "severity", "words"),
    [
        ((), (), Severity.INFO, "a failover resets the established ones"),
        (("master",), (), Severity.WARNING, "it runs on keepalived1 and not on keepalived2"),
        (("backup",), ("backup",), Severity.WARNING, "keepalived1 is MASTER, but has no master daemon"),
        (("master",), ("master",), Severity.WARNING, "keepalived2 is not MASTER, but has no backup daemon"),
        (("master",), ("backup",), None, ""),
        (("master", "backup"), ("master", "backup"), None, ""),
        (None, (), None, ""),
        (("master",), None, None, ""),
    ],
)
def test_sync_daemons(
    here: tuple[str, ...] | None, there: tuple[str, ...] | None, severity: Severity | None, words: str
) -> None:
    one, other = (None if side is None else tuple(sync_daemon(role) for role in side) for side in (here, there))
    snapshot = cluster(master(sync_daemons=one), backup(sync_daemons=other))
    if severity is None:
        assert told(snapshot) == []
    else:
        assert told(snapshot) == [("sync-daemon-missing", str(severity), "smb")]
        assert words in snapshot.alerts[0].summary


def test_sync_ids_differ_unless_they_are_unknown() -> None:
    other = backup(sync_daemons=(sync_daemon("backup", 21),))
    assert "the sync ids differ (20 and 21)" in alert(cluster(master(), other), "sync-daemon-missing").summary
    assert told(cluster(master(), backup(sync_daemons=(sync_daemon("backup", None),)))) == []


def test_nothing_to_synchronise_or_nobody_to_synchronise_with() -> None:
    assert told(cluster(master(sync_daemons=()))) == []
    empty: dict[str, Any] = {"virtual_servers": (), "checks": (), "sync_daemons": ()}
    assert told(cluster(master(**empty), backup(**empty))) == []
    down = Keepalived("2.2.7", False, None)
    assert codes(master(), backup(sync_daemons=(), keepalived=down, vrrp=None)) == {"keepalived-down"}
