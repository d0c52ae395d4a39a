"""Alerts about what clients get."""

from dataclasses import replace
from typing import Any

import pytest

from lvstop.model.director import DirectorSnapshot
from lvstop.model.host import Sysctls
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    SYSCTLS,
    VIP,
    alert,
    backup,
    checked,
    checked_server,
    cluster,
    detail,
    gone,
    master,
    real_server,
    row,
    row_detail,
    told,
    unprivileged,
    virtual_server,
    vs_key,
)

EMPTY = (virtual_server(SERVICE),)
ZERO = (virtual_server(SERVICE, real_server(FIRST, 0), real_server(SECOND, 0)),)
ALL_DEAD = (checked_server(SERVICE, checked(FIRST, alive=False), checked(SECOND, alive=False)),)


def only(snapshot_code: str, *directors: DirectorSnapshot) -> list[tuple[str, str]]:
    return [(severity, subject) for code, severity, subject in told(cluster(*directors)) if code == snapshot_code]


@pytest.mark.parametrize(
    ("directors", "expected"),
    [
        ((master(virtual_servers=EMPTY, checks=ALL_DEAD), backup(virtual_servers=EMPTY, checks=ALL_DEAD)), "critical"),
        ((master(virtual_servers=EMPTY, checks=None), backup()), "critical"),
        ((master(), backup(virtual_servers=EMPTY, checks=None)), "warning"),
        ((master(virtual_servers=EMPTY, checks=(checked_server(SERVICE),)),), "warning"),
        ((unprivileged(master(virtual_servers=EMPTY)), unprivileged(backup(virtual_servers=EMPTY))), "warning"),
        ((master(), gone(backup(virtual_servers=EMPTY))), None),
        ((master(virtual_servers=None), backup()), None),
    ],
)
def test_a_virtual_server_without_real_servers(directors: tuple[DirectorSnapshot, ...], expected: str | None) -> None:
    assert only("virtual-server-empty", *directors) == ([(expected, SERVICE)] if expected else [])


def test_an_empty_virtual_server_tells_why() -> None:
    snapshot = cluster(master(virtual_servers=EMPTY, checks=ALL_DEAD), backup())
    assert alert(snapshot, "virtual-server-empty").summary == (
        f"{SERVICE} has no real server on keepalived1, where 2 are configured and none passes its checks."
    )
    assert "table-drift" not in {code for code, *_ in told(snapshot)}


@pytest.mark.parametrize(
    ("directors", "expected"),
    [
        ((master(virtual_servers=ZERO), backup(virtual_servers=ZERO)), "critical"),
        ((master(), backup(virtual_servers=ZERO)), "warning"),
        ((master(virtual_servers=(virtual_server(SERVICE, real_server(FIRST, 0), SECOND),)), backup()), None),
        ((master(virtual_servers=EMPTY), backup()), None),
        ((gone(master(virtual_servers=ZERO)), gone(backup(virtual_servers=ZERO))), None),
    ],
)
def test_all_weights_zero(directors: tuple[DirectorSnapshot, ...], expected: str | None) -> None:
    assert only("all-weights-zero", *directors) == ([(expected, SERVICE)] if expected else [])


def test_a_virtual_server_that_is_not_on_a_vip_is_served_by_who_holds_one() -> None:
    marked = (virtual_server("FWM:7", real_server("10.0.0.2:0", 0)),)
    pair = (master(virtual_servers=marked, checks=None), backup(virtual_servers=marked, checks=None))
    assert only("all-weights-zero", *pair) == [("critical", "FWM:7")]
    standby_only = (
        master(virtual_servers=(virtual_server("FWM:7", "10.0.0.2:0"),), checks=None),
        backup(virtual_servers=marked, checks=None),
    )
    assert only("all-weights-zero", *standby_only) == [("warning", "FWM:7")]


def test_a_real_server_that_fails_on_both_directors_is_one_alert() -> None:
    table = (virtual_server(SERVICE, FIRST),)
    checks = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False)),)
    snapshot = cluster(master(virtual_servers=table, checks=checks), backup(virtual_servers=table, checks=checks))
    assert told(snapshot) == [("real-server-down", "warning", row(SECOND))]
    assert snapshot.alerts[0].summary == (f"{row(SECOND)} fails its checks on keepalived1 and keepalived2 (1 checker).")


def test_a_real_server_that_fails_on_one_director_only_says_so() -> None:
    checks = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False, inhibit=True)),)
    table = (virtual_server(SERVICE, FIRST, real_server(SECOND, 0)),)
    summary = alert(cluster(master(), backup(virtual_servers=table, checks=checks)), "real-server-down").summary
    assert "on keepalived2 (1 checker), while it passes on keepalived1" in summary
    assert summary.endswith("it stays in the table with weight 0.")


def test_a_real_server_that_somebody_took_out_of_the_table() -> None:
    snapshot = cluster(master(virtual_servers=(virtual_server(SERVICE, FIRST),)), backup())
    assert told(snapshot) == [("real-server-down", "warning", row(SECOND))]
    assert "passes its checks, but is not in the kernel's table of keepalived1" in snapshot.alerts[0].summary


def test_below_the_quorum_only_the_sorry_server_is_in_the_table() -> None:
    sorry = "172.26.127.29:445"
    checks = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False), quorum_up=False, sorry=sorry),)
    table = (virtual_server(SERVICE, sorry),)
    pair = [make(virtual_servers=table, checks=checks) for make in (master, backup)]
    assert told(cluster(*pair)) == [("real-server-down", "warning", row(SECOND))]


@pytest.mark.parametrize("unasked", [{"checks": None}, {"checks": None, "virtual_servers": None}])
def test_checks_that_are_unknown_say_nothing(unasked: dict[str, Any]) -> None:
    assert only("real-server-down", master(**unasked), backup(**unasked)) == []


PERSISTENT = (virtual_server(SERVICE, FIRST, real_server(SECOND, 0), persistent=True, persistence_seconds=300),)
KEEPS = replace(SYSCTLS, expire_quiescent_template=0)


@pytest.mark.parametrize(
    ("changes", "fires"),
    [
        ({"sysctls": KEEPS}, True),
        ({"sysctls": SYSCTLS}, False),
        ({"sysctls": None}, False),
        ({"sysctls": Sysctls()}, False),
        ({"sysctls": KEEPS, "virtual_servers": ZERO}, False),
        ({"sysctls": KEEPS, "details": {vs_key(SERVICE): detail({SECOND: row_detail(persistent=0)})}}, False),
        ({"sysctls": KEEPS, "details": {vs_key(SERVICE): detail({SECOND: row_detail(persistent=12)})}}, True),
        ({"sysctls": KEEPS, "details": {vs_key(SERVICE): detail({SECOND: row_detail(persistent=None)})}}, True),
    ],
)
def test_persistence_defeats_a_drain(changes: dict[str, Any], fires: bool) -> None:
    values: dict[str, Any] = {"virtual_servers": PERSISTENT, "checks": None, **changes}
    found = only("persistence-defeats-drain", master(**values), backup(**values))
    assert found == ([("warning", row(SECOND))] if fires else [])


def test_persistence_that_defeats_a_drain_names_the_directors() -> None:
    values: dict[str, Any] = {"virtual_servers": PERSISTENT, "checks": None}
    snapshot = cluster(master(**values, sysctls=KEEPS), backup(**values))
    found = alert(snapshot, "persistence-defeats-drain")
    assert "has weight 0 on keepalived1, but known clients still get new connections" in found.summary
    assert "expire_quiescent_template=1" in found.remedy
    assert VIP in found.subject


def test_rows_that_share_an_alert_are_counted() -> None:
    """By the rules: whatever it is that fails of them."""
    rows = [f"172.26.127.{n}:445" for n in range(30, 43)]
    for count in (4, 13):
        dead = tuple(checked(row, alive=row not in rows[:count], inhibit=True) for row in rows)
        table = (virtual_server(SERVICE, *(real_server(row, int(row not in rows[:count])) for row in rows)),)
        checks = (checked_server(SERVICE, *dead),)
        pair = (master(virtual_servers=table, checks=checks), backup(virtual_servers=table, checks=checks))
        assert alert(cluster(*pair), "real-server-down").extent == count
