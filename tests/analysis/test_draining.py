"""Following a drain: the verdict by protocol, forwarding method, persistence and privilege, and what it is made of."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lvstop.analysis.board import Board
from lvstop.analysis.draining import DrainProgress, RowProgress, Safety, drain_progress
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, Privilege
from lvstop.model.host import Sysctls
from lvstop.model.ipvs import VirtualServer
from support.change_factories import change, weights
from support.factories import (
    FIRST,
    NOW,
    SECOND,
    SERVICE,
    address,
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
    row_detail,
    silent,
    virtual_server,
    vs_key,
)

UDP = "UDP:172.26.127.20:53"
SCTP = "SCTP:172.26.127.20:445"
MARK = "FWM:7"
SERVICES = {"TCP": SERVICE, "SCTP": SCTP, "UDP": UDP, "FWM": MARK}


def table(
    service: str = SERVICE,
    weight: int = 0,
    *,
    active: int = 0,
    inactive: int = 0,
    forwarding: str = "Route",
    real: str = FIRST,
    **more: object,
) -> tuple[VirtualServer, ...]:
    """One virtual server with the row of the drain, and another real server."""
    fields: dict[str, Any] = more
    row = real_server(real, weight, active=active, inactive=inactive, forwarding=forwarding)
    return (virtual_server(service, row, SECOND, **fields),)


def follow(*directors: DirectorSnapshot, of: Change | None = None) -> DrainProgress:
    """What is said of a drain; the directors are the usual pair unless given."""
    return drain_progress(of or change(), cluster(*directors), None, NOW)


def the_row(progress: DrainProgress) -> RowProgress:
    """The only one."""
    (row,) = progress.rows
    return row


def drained(service: str, seen: Mapping[str, Any]) -> DrainProgress:
    """A row that is drained on both directors, of which the first one balances it and shows this."""
    more = dict(seen)
    privilege, templates, expire = more.pop("privilege", True), more.pop("templates", 0), more.pop("expire", 0)
    details = {vs_key(service): replace(detail({FIRST: row_detail(persistent=templates)}), one_packet=False)}
    if more.get("one_packet"):
        details = {key: replace(each, one_packet=True) for key, each in details.items()}
    known: dict[str, Any] = {"details": details} if privilege else {"privilege": Privilege.NONE, "checks": None}
    sysctls = Sysctls(expire_quiescent_template=expire)
    mine = master(virtual_servers=table(service, **more), sysctls=sysctls, **known)
    return follow(mine, backup(virtual_servers=table(service)), of=change(*weights(service)))


S, N, U = Safety.SAFE, Safety.NOT_YET, Safety.UNKNOWN
KEPT = {"persistent": True, "templates": 3}
HIDDEN = {"persistent": True, "privilege": False}

VERDICTS: list[tuple[str, dict[str, Any], Safety, str]] = [
    # TCP and SCTP: ActiveConn, whatever the forwarding method
    ("TCP", {"active": 12, "inactive": 30}, N, "12 established connections left"),
    ("TCP", {"active": 1, "forwarding": "Masq"}, N, "1 established connection left"),
    ("TCP", {"active": 1, "forwarding": "Tunnel"}, N, "1 established connection left"),
    ("SCTP", {"active": 2}, N, "2 established connections left"),
    ("TCP", {}, S, "no established connection left"),
    ("SCTP", {}, S, "no established connection left"),
    # what is closing does not count, and what it is depends on what the director sees
    (
        *("TCP", {"inactive": 30}, S),
        "no established connection left; 30 inactive connections are inferred from the clients' side and not counted",
    ),
    (
        *("TCP", {"inactive": 1, "forwarding": "Tunnel"}, S),
        "no established connection left; 1 inactive connection is inferred from the clients' side and not counted",
    ),
    (
        *("TCP", {"inactive": 3, "forwarding": "Masq"}, S),
        "no established connection left; 3 closing connections still pass the director, and may carry a last answer",
    ),
    (
        *("SCTP", {"inactive": 1, "forwarding": "Masq"}, S),
        "no established connection left; 1 closing connection still passes the director, and may carry a last answer",
    ),
    # UDP: InActConn, whatever the forwarding method
    ("UDP", {"inactive": 7}, N, "7 connections left (UDP)"),
    ("UDP", {"inactive": 1, "forwarding": "Masq"}, N, "1 connection left (UDP)"),
    ("UDP", {}, S, "no connection left (UDP)"),
    # firewall marks carry both
    ("FWM", {"active": 2}, N, "2 established connections left"),
    ("FWM", {"active": 2, "inactive": 5}, N, "2 established connections left; 5 inactive ones, which may be UDP"),
    ("FWM", {"inactive": 5}, N, "0 established connections left; 5 inactive ones, which may be UDP"),
    ("FWM", {}, S, "no established connection left"),
    # one-packet scheduling
    (
        *("UDP", {"one_packet": True, "inactive": 2}, S),
        "scheduled packet by packet, so that with weight 0 nothing comes any more and nothing can be counted",
    ),
    (
        *("UDP", {"one_packet": True, "inactive": 2, "privilege": False}, S),
        "scheduled packet by packet, so that with weight 0 nothing comes any more and nothing can be counted",
    ),
    ("UDP", {"one_packet": None, "inactive": 2, "privilege": False}, N, "2 connections left (UDP)"),
    # persistence
    ("TCP", KEPT, N, "no established connection left, but persistence keeps sending 3 clients"),
    ("TCP", {**KEPT, "expire": None}, N, "no established connection left, but persistence may keep sending 3 clients"),
    ("TCP", {**KEPT, "expire": 1}, S, "no established connection left"),
    ("TCP", {**KEPT, "templates": 0}, S, "no established connection left"),
    ("TCP", {**KEPT, "active": 4}, N, "4 established connections left; persistence keeps sending 3 clients"),
    ("UDP", KEPT, N, "no connection left (UDP), but persistence keeps sending 3 clients"),
    ("FWM", KEPT, N, "no established connection left, but persistence keeps sending 3 clients"),
    (
        *("TCP", HIDDEN, U),
        "no established connection left, but how many clients persistence keeps sending is unknown: "
        "only root can read that on keepalived1",
    ),
    (
        *("TCP", {**KEPT, "templates": None}, U),
        "no established connection left, but how many clients persistence keeps sending is unknown",
    ),
    (
        *("TCP", {**HIDDEN, "active": 4}, N),
        "4 established connections left; how many clients persistence keeps sending is unknown",
    ),
    ("TCP", {**HIDDEN, "expire": 1}, S, "no established connection left"),
    # without privilege and persistence nothing is lacking
    ("TCP", {"privilege": False}, S, "no established connection left"),
    ("TCP", {"privilege": False, "active": 1}, N, "1 established connection left"),
    ("UDP", {"privilege": False}, S, "no connection left (UDP)"),
]


@pytest.mark.parametrize(("protocol", "seen", "safety", "words"), VERDICTS)
def test_verdicts(protocol: str, seen: dict[str, Any], safety: Safety, words: str) -> None:
    """Each protocol, forwarding method, persistence and privilege."""
    progress = drained(SERVICES[protocol], seen)
    row = the_row(progress)
    assert (row.safety, row.words) == (safety, words)
    assert (progress.safety, progress.safe) == (safety, safety is S)
    assert row.directors == ("keepalived1",)


def test_numbers_are_those_of_the_director_that_balances() -> None:
    """Connections that the backup has by synchronisation are copies."""
    details = {vs_key(SERVICE): detail({FIRST: row_detail(persistent=2)})}
    mine = master(virtual_servers=table(active=4, inactive=3, forwarding="Masq"), details=details)
    row = the_row(follow(mine, backup(virtual_servers=table(active=99, inactive=99))))
    assert (row.active, row.inactive, row.persistent, row.closing, row.bound, row.left) == (4, 3, 2, 3, 0, 4)


def test_copies_on_the_backup_do_not_keep_a_drain() -> None:
    """After a failover there may be many of them, for as long as their timeout lasts."""
    assert follow(master(virtual_servers=table()), backup(virtual_servers=table(active=9))).safe


def test_the_vip_moves_and_the_count_with_it() -> None:
    """Whoever holds it now."""
    mine = master(vrrp=(instance("BACKUP"),), addresses=(address("172.26.127.23"),), virtual_servers=table(active=1))
    theirs = backup(vrrp=(instance("MASTER"),), addresses=(address("172.26.127.20"),), virtual_servers=table(active=5))
    row = the_row(follow(mine, theirs))
    assert (row.directors, row.left) == (("keepalived2",), 5)


def test_without_a_holder_all_directors_count() -> None:
    """Nobody balances it, or both do: copies may be counted twice, and that is said."""
    nobody = master(vrrp=(instance("FAULT"),), addresses=(address("172.26.127.23"),), virtual_servers=table(active=1))
    row = the_row(follow(nobody, backup(virtual_servers=table(active=2))))
    assert (row.directors, row.left) == (("keepalived1", "keepalived2"), 3)
    assert row.words == ("3 established connections left; all directors count, since no director holds 172.26.127.20")
    both = backup(vrrp=(instance("MASTER"),), addresses=(address("172.26.127.20"),), virtual_servers=table())
    row = the_row(follow(master(virtual_servers=table()), both))
    assert row.safety is Safety.SAFE
    assert row.words.endswith("; all directors count, since keepalived1 and keepalived2 hold 172.26.127.20")


def test_a_silent_director_that_may_hold_the_vip() -> None:
    """Nobody can tell what it has."""
    row = the_row(follow(silent("keepalived1"), backup(virtual_servers=table())))
    assert row.safety is Safety.UNKNOWN
    assert row.words == (
        "nothing is known of it on keepalived1 now; all directors count, since nobody knows who holds 172.26.127.20"
    )
    assert (row.active, row.left, row.done, row.seconds) == (None, None, None, None)


def test_a_past_is_no_present() -> None:
    """The holder's last table had no connections; now it does not answer."""
    progress = follow(gone(master(virtual_servers=table())), backup(virtual_servers=table()))
    assert progress.safety is Safety.UNKNOWN
    assert progress.headline.startswith(
        "NOBODY CAN TELL WHETHER IT IS SAFE TO STOP: 172.26.127.21:445 of TCP:172.26.127.20:445: nothing is known "
    )


def test_a_silent_backup_changes_nothing() -> None:
    """The holder is known, and it counts."""
    assert follow(master(virtual_servers=table()), silent()).safe


def test_a_table_that_could_not_be_read() -> None:
    """The holder answers, and does not tell its table."""
    row = the_row(follow(master(virtual_servers=None), backup(virtual_servers=table())))
    assert (row.safety, row.words) == (Safety.UNKNOWN, "nothing is known of it on keepalived1 now")


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        (5, 0, "weight 5 again on keepalived1"),
        (0, 5, "weight 5 again on keepalived2"),
        (5, 3, "weight 5 again on keepalived1 and weight 3 again on keepalived2"),
    ],
)
def test_a_weight_that_came_back(mine: int, theirs: int, words: str) -> None:
    """On either director: on the backup it would be undone by the next failover."""
    progress = follow(master(virtual_servers=table(weight=mine)), backup(virtual_servers=table(weight=theirs)))
    row = the_row(progress)
    assert (row.safety, row.words, row.done, row.seconds) == (Safety.REVERTED, words, None, None)
    assert progress.headline == f"DRAIN REVERTED: 172.26.127.21:445 of TCP:172.26.127.20:445: {words}."
    assert (progress.safe, progress.done) == (False, None)


@pytest.mark.parametrize(
    ("kept", "then", "safety"),
    [(True, 5, Safety.REVERTED), (True, 0, Safety.UNKNOWN), (False, 5, Safety.UNKNOWN), (False, 0, Safety.UNKNOWN)],
)
def test_a_weight_that_may_have_been_restored(kept: bool, then: int, safety: Safety) -> None:
    """It was reverted where the drain still stands on record, as read after the table had shown the weight."""
    one = change()
    told: dict[str, Any] = {"changes": (one,) if kept else (), "changes_table": table(weight=then)}
    row = the_row(follow(master(virtual_servers=table(weight=5), **told), backup(virtual_servers=table()), of=one))
    again = "weight 5 again on keepalived1"
    words = again if safety is Safety.REVERTED else f"{again}; whether somebody has restored it is being asked"
    assert (row.safety, row.words) == (safety, words)


def test_a_weight_that_is_back_on_a_silent_director_is_not_told() -> None:
    """Its past is not the present."""
    assert follow(master(virtual_servers=table()), gone(backup(virtual_servers=table(weight=5)))).safe


def test_a_director_that_was_left_out_and_balances_now() -> None:
    """The drain was made on the other one only."""
    one = change(*weights(directors=("keepalived2",)))
    row = the_row(follow(master(virtual_servers=table(weight=5)), backup(virtual_servers=table()), of=one))
    assert (row.safety, row.words) == (Safety.REVERTED, "weight 5 on keepalived1, where it was not drained")


def test_a_row_that_left_the_table() -> None:
    """Nothing reaches it any more, so that it counts as safe; when keepalived will bring it back is said."""
    empty = (virtual_server(SERVICE, SECOND),)
    progress = follow(master(virtual_servers=empty, checks=()), backup(virtual_servers=table()))
    row = the_row(progress)
    words = "not in the table of keepalived1 any more, so that whatever it had is cut off already"
    assert (row.safety, row.words, row.left) == (Safety.GONE, words, None)
    assert (progress.safe, progress.headline) == (True, f"SAFE TO STOP NOW: {words}.")
    failed = (checked_server(SERVICE, checked(FIRST, alive=False), SECOND),)
    row = the_row(follow(master(virtual_servers=empty, checks=failed), backup(virtual_servers=table())))
    assert row.safety is Safety.GONE
    assert row.words == (
        f"{words}; keepalived's checks fail, and bring it back with its configured weight when they pass"
    )


def test_a_virtual_server_that_is_gone() -> None:
    """Nobody has it, in the kernel or in keepalived's configuration."""
    other = (virtual_server("TCP:172.26.127.20:139", SECOND),)
    assert the_row(
        follow(master(virtual_servers=other, checks=()), backup(virtual_servers=other, checks=()))
    ).safety is (Safety.GONE)


def test_a_mark_of_unknown_family_is_the_same_mark() -> None:
    """/proc tells no family of a mark without real servers: the drain's rows are found all the same."""
    of = change(*weights("FWM:7:?"))
    pair = master(virtual_servers=table(MARK, active=2)), backup(virtual_servers=table(MARK))
    assert the_row(follow(*pair, of=of)).left == 2


# several rows

OTHER = "TCP:172.26.127.20:139"
THIRD = "TCP:172.26.127.20:443"
THREE = change(*weights(), *weights(UDP), *weights(OTHER))


def several(**counts: VirtualServer) -> DrainProgress:
    """Three rows on the director that balances them: TCP 445, UDP 53 and TCP 139."""
    servers = {
        "tcp": table(active=0)[0],
        "udp": table(UDP)[0],
        "other": table(OTHER)[0],
        **counts,
    }
    tables = tuple(servers.values())
    quiet = tuple(table(service)[0] for service in (SERVICE, UDP, OTHER))
    mine = master(virtual_servers=tables, checks=(), sysctls=Sysctls(expire_quiescent_template=0))
    return follow(mine, backup(virtual_servers=quiet, checks=()), of=THREE)


GONE_ROW = virtual_server(OTHER, SECOND)
HEADLINES: list[tuple[dict[str, VirtualServer], Safety, str]] = [
    ({}, Safety.SAFE, "SAFE TO STOP NOW: no established connection left in 3 rows."),
    (
        *({"tcp": table(inactive=3, forwarding="Masq")[0], "other": GONE_ROW}, Safety.SAFE),
        "SAFE TO STOP NOW: no established connection left in 2 rows; 3 closing connections still pass the director; "
        "1 of 3 rows is not in the table any more.",
    ),
    (
        *({"tcp": table(active=12)[0]}, Safety.NOT_YET),
        "NOT YET SAFE TO STOP: 12 established connections.",
    ),
    (
        *({"tcp": table(active=12)[0], "udp": table(UDP, inactive=7)[0]}, Safety.NOT_YET),
        "NOT YET SAFE TO STOP: 12 established connections and 7 connections (UDP).",
    ),
    (
        *({"tcp": table(active=12)[0], "other": table(OTHER, persistent=True)[0]}, Safety.NOT_YET),
        "NOT YET SAFE TO STOP: 12 established connections; 1 of 3 rows is unknown.",
    ),
    (
        *({"tcp": table(active=12)[0], "other": table(OTHER, 1)[0]}, Safety.REVERTED),
        "DRAIN REVERTED: 172.26.127.21:445 of TCP:172.26.127.20:139: weight 1 again on keepalived1.",
    ),
    (
        *({"tcp": table(weight=1)[0], "udp": table(UDP, 1)[0], "other": table(OTHER, 1)[0]}, Safety.REVERTED),
        "DRAIN REVERTED: 172.26.127.21:445 of TCP:172.26.127.20:445: weight 1 again on keepalived1; and 2 more rows.",
    ),
]


@pytest.mark.parametrize(("counts", "safety", "headline"), HEADLINES)
def test_the_worst_row_decides(counts: dict[str, VirtualServer], safety: Safety, headline: str) -> None:
    """And one sentence says it for all of them."""
    progress = several(**counts)
    assert (progress.safety, progress.headline) == (safety, headline)


def test_all_rows_are_gone() -> None:
    """One sentence for all."""
    other = (virtual_server(THIRD, SECOND),)
    progress = follow(master(virtual_servers=other, checks=()), backup(virtual_servers=other, checks=()), of=THREE)
    assert progress.headline == "SAFE TO STOP NOW: none of 3 rows is in the table any more."
    assert (progress.safe, progress.safety, progress.left) == (True, Safety.GONE, 0)


def test_marks_and_bound_clients_in_the_headline() -> None:
    """Numbers by what they are."""
    progress = drained(MARK, {"active": 2, "inactive": 5, **KEPT})
    assert progress.headline == (
        "NOT YET SAFE TO STOP: 2 established connections, 5 inactive connections of firewall marks and 3 clients bound "
        "by persistence."
    )


def test_a_board_that_is_there_is_used() -> None:
    """Large tables are not listed twice."""
    snapshot: ClusterSnapshot = cluster(master(virtual_servers=table(active=3)), backup(virtual_servers=table()))
    board = Board.of(snapshot)
    assert drain_progress(change(), snapshot, None, later(1), board=board).left == 3
