"""Which rows the table has: the union of what the directors have, each with the director whose values are shown."""

import random
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.analysis.board import Board
from lvstop.analysis.listing import Listing, leading, listing_of, same_membership
from lvstop.model.checks import CheckedVirtualServer
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Keepalived
from lvstop.model.ipvs import VirtualServer
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    VIP,
    address,
    backup,
    checked,
    checked_server,
    cluster,
    gone,
    instance,
    master,
    real_server,
    silent,
    unprivileged,
    virtual_server,
)

THIRD = "172.26.127.30:445"
OTHER_VIP = "172.26.127.25"
OTHER = f"TCP:{OTHER_VIP}:80"


def texts(listing: Listing) -> dict[str, list[str]]:
    """Virtual servers with their real servers, as words, in order."""
    return {str(each.key): [str(key) for key in each.real_servers] for each in listing.servers}


def leaders(snapshot: ClusterSnapshot) -> dict[str, str]:
    """Whose values are shown, by virtual server."""
    listing = listing_of(snapshot)
    return {str(each.key): snapshot.directors[each.leader].name for each in listing.servers}


def test_the_union_of_both_tables_in_order_of_addresses() -> None:
    """A row that only one director has is listed, whatever the order in which the kernels tell."""
    mine = (virtual_server(SERVICE, SECOND, FIRST), virtual_server("UDP:10.0.0.9:53"))
    theirs = (virtual_server("FWM:7", "10.1.1.1:0"), virtual_server(SERVICE, THIRD, FIRST))
    snapshot = cluster(master(virtual_servers=mine, checks=()), backup(virtual_servers=theirs, checks=()))
    assert texts(listing_of(snapshot)) == {
        "UDP:10.0.0.9:53": [],
        SERVICE: [FIRST, SECOND, THIRD],
        "FWM:7": ["10.1.1.1:0"],
    }
    board = Board.of(snapshot)
    rows = [[None if row is None else str(row.key) for row in board.rows(1, director)] for director in (0, 1)]
    assert rows == [[FIRST, SECOND, None], [FIRST, None, THIRD]]


def test_ipv4_comes_before_ipv6() -> None:
    """Addresses are ordered by version and number, not by their text."""
    names = ("TCP:[2001:db8::1]:80", "TCP:10.0.0.10:80", "TCP:10.0.0.9:80")
    snapshot = cluster(master(virtual_servers=tuple(map(virtual_server, names)), checks=()))
    assert list(texts(listing_of(snapshot))) == ["TCP:10.0.0.9:80", "TCP:10.0.0.10:80", "TCP:[2001:db8::1]:80"]


def test_what_keepalived_took_out_is_listed() -> None:
    """A real server that left the kernel's table because its check failed stays as a row."""
    table = (virtual_server(SERVICE, FIRST),)
    checks = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False)),)
    snapshot = cluster(master(virtual_servers=table, checks=checks), backup(virtual_servers=table, checks=checks))
    assert texts(listing_of(snapshot)) == {SERVICE: [FIRST, SECOND]}


def test_what_a_dead_keepalived_believed_is_no_row() -> None:
    """Neither a keepalived that has stopped nor a director that does not answer adds rows of its checks."""
    table = (virtual_server(SERVICE, FIRST),)
    stopped = master(virtual_servers=table, keepalived=Keepalived("2.2.7", False, None))
    assert texts(listing_of(cluster(stopped))) == {SERVICE: [FIRST]}
    assert texts(listing_of(cluster(gone(master(virtual_servers=table))))) == {SERVICE: [FIRST]}


def test_a_mark_whose_family_is_unknown_is_the_one_that_the_other_knows() -> None:
    """/proc/net/ip_vs does not tell the family of an empty mark: it is one row, not two."""
    known, unknown = virtual_server("FWM:7:inet6", "[2001:db8::1]:0"), virtual_server("FWM:7:?")
    snapshot = cluster(master(virtual_servers=(known,), checks=()), backup(virtual_servers=(unknown,), checks=()))
    assert texts(listing_of(snapshot)) == {"FWM:7:inet6": ["[2001:db8::1]:0"]}
    assert Board.of(snapshot).copy(0, 1) is unknown


def test_a_mark_of_both_families_is_two_rows() -> None:
    """Where the same mark is used with both, one of unknown family is neither of them."""
    both = (virtual_server("FWM:7"), virtual_server("FWM:7:inet6"))
    snapshot = cluster(
        master(virtual_servers=both, checks=()), backup(virtual_servers=(virtual_server("FWM:7:?"),), checks=())
    )
    assert len(listing_of(snapshot).servers) == 3


def test_the_holder_leads() -> None:
    """Values are those of the director that holds the virtual server's VIP."""
    assert leaders(cluster()) == {SERVICE: "keepalived1"}
    assert leaders(cluster(backup("keepalived1"), master("keepalived2"))) == {SERVICE: "keepalived2"}


def active_active(*, known: bool = True) -> ClusterSnapshot:
    """Each director holds one of two VIPs and has all virtual servers; the second one's table may be unknown."""
    table = (virtual_server(SERVICE, FIRST), virtual_server(OTHER, "10.1.1.1:80"), virtual_server("FWM:1"))
    mine = (instance("MASTER"), instance("BACKUP", "WEB", OTHER_VIP, vrid=21))
    theirs = (instance("BACKUP"), instance("MASTER", "WEB", OTHER_VIP, vrid=21))
    first = master(vrrp=mine, virtual_servers=table, checks=())
    held = (address(OTHER_VIP),)
    second = backup(vrrp=theirs, virtual_servers=table if known else None, checks=(), addresses=held)
    return cluster(first, second)


def test_an_active_active_pair_has_a_leader_per_virtual_server() -> None:
    """Each virtual server is led by who holds its own VIP; a mark by who leads the cluster."""
    assert leaders(active_active()) == {SERVICE: "keepalived1", OTHER: "keepalived2", "FWM:1": "keepalived1"}


def test_a_holder_whose_table_is_unknown_does_not_lead() -> None:
    """Values come from a director that tells some."""
    assert leaders(active_active(known=False))[OTHER] == "keepalived1"


def test_who_leads_the_cluster() -> None:
    """The holder, else who held a VIP last, else one that answers, else one whose past is known, else the first."""
    assert leading(cluster(backup("a"), master("b"))) == 1
    assert leading(cluster(backup("b"), gone(master("a")))) == 1
    assert leading(cluster(gone(backup("a")), backup("b"))) == 1
    assert leading(cluster(silent("a"), gone(master("b")))) == 1
    assert leading(cluster(silent("a"), silent("b"))) == 0
    assert leading(ClusterSnapshot("none", cluster().generated_at, ())) == 0


def test_who_held_the_vip_last_leads_until_another_one_holds_it() -> None:
    """Its past is not replaced by the zeros of a director that serves nothing; a new holder replaces it at once."""
    for status in (DirectorStatus.STALE, DirectorStatus.UNREACHABLE):
        past = gone(master(), status)
        assert leaders(cluster(past, backup())) == {SERVICE: "keepalived1"}
        assert leaders(cluster(past, master("keepalived2"))) == {SERVICE: "keepalived2"}
        assert leaders(cluster(gone(backup("keepalived1"), status), backup())) == {SERVICE: "keepalived2"}
        assert not same_membership(cluster(past, backup()), cluster(past, master("keepalived2")))


def test_who_held_it_last_without_privilege() -> None:
    """Nobody tells of VIPs then, and none is found on an interface: the virtual server's address was on one."""
    past = gone(unprivileged(master()))
    assert cluster(past, unprivileged(backup())).vips == ()
    assert leaders(cluster(past, unprivileged(backup()))) == {SERVICE: "keepalived1"}
    holding = unprivileged(backup(addresses=(address(VIP),)))
    assert leaders(cluster(past, holding)) == {SERVICE: "keepalived2"}


def test_an_address_on_the_loopback_was_not_held() -> None:
    """A director that is a real server too has the VIP there."""
    past = gone(master(addresses=(address(VIP, "lo"),)))
    assert leaders(cluster(past, backup())) == {SERVICE: "keepalived2"}


def test_the_past_of_a_director_that_does_not_answer_is_listed() -> None:
    """Stale or unreachable: its last table is all that there is, and it is shown."""
    for status in (DirectorStatus.STALE, DirectorStatus.UNREACHABLE):
        snapshot = cluster(gone(master(), status), silent())
        assert texts(listing_of(snapshot)) == {SERVICE: [FIRST, SECOND]}
        assert leaders(snapshot) == {SERVICE: "keepalived1"}


def test_one_director_and_three() -> None:
    """A side for each director, however many there are."""
    alone = listing_of(cluster(master()))
    assert [len(each.sides) for each in alone.servers] == [1]
    three = cluster(master("a"), backup("b"), backup("c", virtual_servers=(virtual_server(SERVICE, THIRD),)))
    listing = listing_of(three)
    assert texts(listing) == {SERVICE: [FIRST, SECOND, THIRD]}
    assert [side.rows for side in listing.servers[0].sides] == [(0, 1, None), (0, 1, None), (None, None, 0)]


def test_find() -> None:
    """A virtual server by its key; None where there is no such."""
    listing = listing_of(cluster())
    assert listing.find(listing.servers[0].key) == 0
    assert listing.find(virtual_server("FWM:9").key) is None


def test_other_addresses_are_other_leaders() -> None:
    """The same holders of other VIPs do not lead the same virtual servers."""
    before = active_active()
    swapped = tuple(
        replace(vip, address=other.address) for vip, other in zip(before.vips, reversed(before.vips), strict=True)
    )
    after = replace(before, vips=swapped)
    assert not same_membership(before, after)
    assert leaders(after)[SERVICE] == "keepalived2"


def test_numbers_do_not_matter_to_membership() -> None:
    """Other connections, weights and rates: the same listing object is kept."""
    before = Board.of(cluster())
    table = (virtual_server(SERVICE, real_server(FIRST, 0, active=9), real_server(SECOND, inactive=3)),)
    assert Board.of(cluster(master(virtual_servers=table), backup()), before).listing is before.listing


# a listing that is kept equals one that is made anew

NAMES = [SERVICE, OTHER, "FWM:7", "FWM:7:?", "FWM:7:inet6"]
REALS = [FIRST, SECOND, THIRD]


def _table(dice: random.Random) -> tuple[VirtualServer, ...] | None:
    if dice.random() < 0.1:
        return None
    chosen = dice.sample(NAMES, dice.randrange(len(NAMES)))
    return tuple(_server(name, dice) for name in chosen)


def _server(name: str, dice: random.Random) -> VirtualServer:
    reals = dice.sample(REALS, dice.randrange(4))
    return virtual_server(name, *(real_server(each, dice.randrange(3), active=dice.randrange(9)) for each in reals))


def _checks(dice: random.Random) -> tuple[CheckedVirtualServer, ...] | None:
    return dice.choice([None, (), (checked_server(SERVICE, FIRST, checked(SECOND, alive=False)),)])


def _mutated(director: DirectorSnapshot, dice: random.Random) -> DirectorSnapshot:
    table = director.virtual_servers
    changes: Sequence[DirectorSnapshot] = (
        director,
        replace(director, virtual_servers=_table(dice)),
        replace(director, virtual_servers=table and tuple(reversed(table))),
        replace(director, virtual_servers=table and tuple(_server(str(each.key), dice) for each in table[:3])),
        replace(director, checks=_checks(dice)),
        replace(director, keepalived=Keepalived("2.2.7", dice.random() < 0.5, None)),
        replace(director, status=dice.choice(list(DirectorStatus))),
        replace(director, addresses=tuple(address(vip) for vip in (VIP, OTHER_VIP) if dice.random() < 0.5)),
    )
    return dice.choice(changes)


def plain(listing: Listing) -> list[object]:
    """Everything in a listing, comparable."""
    return [
        (
            each.key,
            each.real_servers,
            each.leader,
            [(s.place, s.rows, s.checked, dict(s.checked_rows)) for s in each.sides],
        )
        for each in listing.servers
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_listing_that_is_kept_is_right(seed: int) -> None:
    """Whatever changes between two snapshots, the kept listing is what a new one would be."""
    dice = random.Random(seed)  # noqa: S311 - dice, no secrets
    vrrp = (instance("MASTER"), instance("BACKUP", "WEB", OTHER_VIP))
    directors = [master(vrrp=vrrp), backup(vrrp=vrrp)]
    board: Board | None = None
    for _ in range(8):
        place = dice.randrange(2)
        directors[place] = _mutated(directors[place], dice)
        snapshot = cluster(*directors)
        board = Board.of(snapshot, board)
        assert plain(board.listing) == plain(listing_of(snapshot))
