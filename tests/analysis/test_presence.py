"""One real server across virtual servers and directors: what its verdict says, and what it leaves open."""

from ipaddress import ip_address

import pytest

from lvstop.analysis.board import Board
from lvstop.analysis.presence import Presence, places_of, presences, sums_of, verdict
from lvstop.model.address import RealServerKey
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.host import Sysctls
from lvstop.model.ipvs import Rates, RealServer, VirtualServer, VirtualServerRates
from support.factories import (
    FIRST,
    SERVICE,
    backup,
    checked,
    checked_server,
    cluster,
    detail,
    gone,
    master,
    real_server,
    row_detail,
    unprivileged,
    virtual_server,
    vs_key,
)

OTHER = "TCP:172.26.127.20:139"
FIRST_139 = "172.26.127.21:139"
ADDRESS = ip_address("172.26.127.21")


def found(snapshot: ClusterSnapshot, address: str = "172.26.127.21") -> list[Presence]:
    """Where an address stands in a cluster."""
    board = Board.of(snapshot)
    return list(presences(board, places_of(board.listing, ip_address(address))))


def table(weight: int = 1, other: int = 1, *, active: int = 0, inactive: int = 0) -> tuple[VirtualServer, ...]:
    """Two virtual servers with the address, on ports 445 and 139."""
    rows = real_server(FIRST, weight, active=active, inactive=inactive)
    return (virtual_server(SERVICE, rows), virtual_server(OTHER, real_server(FIRST_139, other)))


def pair(mine: DirectorSnapshot, theirs: DirectorSnapshot) -> ClusterSnapshot:
    """A cluster of which the first director holds the VIP."""
    return cluster(mine, theirs)


def test_a_healthy_real_server_takes_connections() -> None:
    """Nothing is out of the ordinary: where it works and what it has."""
    snapshot = pair(master(virtual_servers=table(active=12)), backup(virtual_servers=table()))
    assert verdict(found(snapshot)) == (
        "takes new connections in all 2 virtual servers on keepalived1 and keepalived2; 12 established connections"
    )


def test_drained_on_one_director_in_one_virtual_server() -> None:
    """The drift is the news, and what is left is counted where it was drained."""
    snapshot = pair(master(virtual_servers=table(0, active=12)), backup(virtual_servers=table()))
    assert verdict(found(snapshot)) == (
        "drained on keepalived1 in 1 of 2 virtual servers; 12 established connections left"
    )


def test_drained_everywhere() -> None:
    """Both virtual servers on both directors."""
    snapshot = pair(master(virtual_servers=table(0, 0)), backup(virtual_servers=table(0, 0)))
    assert verdict(found(snapshot)) == (
        "drained everywhere: in all 2 virtual servers on keepalived1 and keepalived2; 0 established connections left"
    )


def test_directors_of_which_the_same_is_true_share_a_sentence() -> None:
    """One of two virtual servers, on both."""
    snapshot = pair(master(virtual_servers=table(0)), backup(virtual_servers=table(0)))
    assert verdict(found(snapshot)).startswith("drained on keepalived1 and keepalived2 in 1 of 2 virtual servers; ")


def test_a_director_that_cannot_be_asked_is_unknown() -> None:
    """Its past is no verdict: neither drained nor fine."""
    snapshot = pair(master(virtual_servers=table(0, 0)), gone(backup(virtual_servers=table())))
    sentence = verdict(found(snapshot))
    assert sentence.endswith("; nothing is known of it on keepalived2 now")
    assert "everywhere: in all 2 virtual servers on keepalived1;" in sentence


def test_when_the_holder_is_silent_nobody_knows_what_is_left() -> None:
    """No director answers: no number is made of the past."""
    snapshot = pair(gone(master(virtual_servers=table(0, active=12))), gone(backup(virtual_servers=table())))
    assert verdict(found(snapshot)) == "nothing is known of it on keepalived1 and keepalived2 now"


def test_an_address_that_nobody_has() -> None:
    """Nothing to be said of a stranger."""
    assert found(cluster(), "10.9.9.9") == []
    assert verdict([]) == "no virtual server has it on any director that could be asked"


def test_down_by_checks_is_not_drained_and_not_absent() -> None:
    """keepalived took it out of the kernel: that is one fact, not two."""
    checks = (checked_server(SERVICE, checked(FIRST, alive=False)),)
    empty = (virtual_server(SERVICE),)
    snapshot = pair(master(virtual_servers=empty, checks=checks), backup(virtual_servers=empty, checks=checks))
    assert verdict(found(snapshot)) == (
        "down by keepalived's checks everywhere: in its virtual server on keepalived1 and keepalived2"
    )


def test_absent_on_the_other_director() -> None:
    """A row that is missing there is drift."""
    snapshot = pair(master(virtual_servers=table()), backup(virtual_servers=table()[:1]))
    assert "absent on keepalived2 in 1 of 2 virtual servers" in verdict(found(snapshot))


def test_udp_is_told_by_what_it_has() -> None:
    """UDP has no established connections: none of them would always be left."""
    udp = "UDP:172.26.127.20:53"
    servers = (virtual_server(udp, real_server("172.26.127.21:53", 0, inactive=7)),)
    snapshot = pair(master(virtual_servers=servers), backup(virtual_servers=servers))
    assert verdict(found(snapshot)).endswith("; 7 connections left (UDP)")


@pytest.mark.parametrize(
    ("templates", "expire", "told"),
    [
        (3, 0, "; persistence keeps sending 3 clients"),
        (1, None, "; persistence may keep sending 1 client"),
        (0, 0, ""),
        (3, 1, ""),
        (None, 0, "; how many clients persistence keeps sending is unknown"),
    ],
)
def test_persistence_defeats_a_drain(templates: int | None, expire: int | None, told: str) -> None:
    """Clients with a template come back to a drained real server, unless the kernel expires them."""
    servers = (virtual_server(SERVICE, real_server(FIRST, 0), persistent=True, persistence_seconds=300),)
    details = {vs_key(SERVICE): detail({FIRST: row_detail(persistent=templates)}, persistence_seconds=300)}
    sysctls = Sysctls(expire_quiescent_template=expire)
    snapshot = pair(master(virtual_servers=servers, details=details, sysctls=sysctls), backup(virtual_servers=servers))
    assert verdict(found(snapshot)).partition("connections left")[2] == told


def test_sums_are_made_of_what_is_known() -> None:
    """Counts are for everybody; what only root may read stays unknown, and so does a director that is silent."""
    rates = {
        vs_key(SERVICE): VirtualServerRates(None, {found_key(FIRST): Rates(1, 0, 0, 10, 0)}),
        vs_key(OTHER): VirtualServerRates(None, {found_key(FIRST_139): Rates(2, 0, 0, 20, 0)}),
    }
    mine = master(virtual_servers=table(active=5, inactive=2), rates=rates)
    first, second = sums_of(found(pair(mine, unprivileged(backup(virtual_servers=table(active=1))))))
    assert (first.active, first.inactive, first.rates) == (5, 2, Rates(3, 0, 0, 30, 0))
    assert (second.active, second.persistent, second.rates) == (1, None, None)
    _, silent = sums_of(found(pair(mine, gone(backup(virtual_servers=table(active=1))))))
    assert (silent.known, silent.active) == (False, None)


def found_key(text: str) -> RealServerKey:
    """The key of a row."""
    return real_server(text).key


def test_one_rate_that_is_unknown_makes_the_sum_unknown() -> None:
    """A sum without a part of it would be too small."""
    rates = {vs_key(SERVICE): VirtualServerRates(None, {found_key(FIRST): Rates(1, 0, 0, 10, 0)})}
    first, _ = sums_of(found(pair(master(virtual_servers=table(), rates=rates), backup(virtual_servers=table()))))
    assert first.rates is None


def test_rows_that_differ_are_marked_on_both_sides() -> None:
    """Weight or forwarding, or a row that is missing; not what nobody can see."""
    snapshot = pair(master(virtual_servers=table(0)), backup(virtual_servers=table()))
    assert [each.differs for each in found(snapshot)] == [False, False, True, True]
    snapshot = pair(master(virtual_servers=table(0)), gone(backup(virtual_servers=table())))
    assert not any(each.differs for each in found(snapshot))


def test_the_leader_comes_first() -> None:
    """Its values are those that count."""
    rows = found(pair(backup("keepalived1", virtual_servers=table()), master("keepalived2", virtual_servers=table())))
    assert [(each.director.name, each.leads) for each in rows[:2]] == [("keepalived2", True), ("keepalived1", False)]
    assert isinstance(rows[0].row, RealServer)
