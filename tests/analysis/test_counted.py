"""Countings of both directors, side by side: rows, and what has to be said beside them."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.analysis.client_masks import masked
from lvstop.analysis.counted import Bound, CountCell, CountRow, count_rows, counted_cautions, counted_sentence
from lvstop.model.connections import ClientCount, ConnectionCounts, ConnectionScope, Counting, Reach, Talkers
from lvstop.model.director import Fault, FaultKind
from support.counts import done, place, talkers
from support.factories import vs_key

SMB = vs_key("TCP:172.26.127.20:445")
FIRST = done(
    "keepalived1",
    states={"ESTABLISHED": 80, "FIN_WAIT": 20},
    read=300,
    templates=4,
    servers=[place(SMB, "172.26.127.21:445", 60, 10, 4), place(SMB, "172.26.127.22:445", 20, 10)],
    networks=talkers({"10.8.0.0/24": 70, "10.8.1.0/24": 30}),
    clients=talkers({"10.8.0.7": 50, "10.8.1.9": 30}, distinct=12),
)
SECOND = done(
    "keepalived2",
    states={"ESTABLISHED": 78},
    read=90,
    synced=78,
    servers=[place(SMB, "172.26.127.21:445", 78, 0)],
    networks=talkers({"10.8.0.0/24": 78}),
    clients=talkers({"10.8.0.8": 60, "10.8.0.7": 18}),
)
FAILED = Counting("keepalived2", fault=Fault(FaultKind.FORBIDDEN, "it may not be read", "log in as root"))


def by_key(rows: list[CountRow]) -> dict[str, tuple[CountCell | None, ...]]:
    """The cells of each row."""
    assert len({row.key for row in rows}) == len(rows)
    return {row.key: row.cells for row in rows}


def numbers(cells: tuple[CountCell | None, ...]) -> list[int | None]:
    """What they say, None where it is not known."""
    assert None not in cells
    return [cell.number for cell in cells if cell is not None]


def test_both_directors_side_by_side() -> None:
    """A state that one does not have is 0 there; parts are of that director's connections."""
    rows = by_key(count_rows([FIRST, SECOND], ConnectionScope(SMB)))
    assert numbers(rows["connections"]) == [100, 78]
    assert numbers(rows["synced"]) == [0, 78]
    assert numbers(rows["templates"]) == [4, 0]
    assert numbers(rows["state FIN_WAIT"]) == [20, 0]
    assert [cell.part for cell in rows["state ESTABLISHED"] if cell is not None] == [0.8, 1.0]
    assert numbers(rows[f"server {SMB} 172.26.127.22:445"]) == [20 + 10, 0]
    assert numbers(rows[f"server {SMB} 172.26.127.21:445 templates"]) == [4, 0]
    assert numbers(rows["ends 3"]) == [100, 78]
    assert rows["heading STATE"] == (None, None)


def test_who_was_not_told_is_unknown_and_not_0() -> None:
    """A client that is not among those that a director has told may have connections there all the same."""
    rows = by_key(count_rows([FIRST, SECOND], ConnectionScope(SMB)))
    assert numbers(rows["client 10.8.0.7"]) == [50, 18]
    assert numbers(rows["client 10.8.0.8"]) == [None, 60]
    assert numbers(rows["client 10.8.1.9"]) == [30, 0]
    assert numbers(rows["client others"]) == [20, 0]
    assert numbers(rows["client distinct"]) == [12, 2]
    assert numbers(rows["network 10.8.1.0/24"]) == [30, 0]


def test_a_director_that_cannot_be_counted_is_unknown_in_every_row() -> None:
    """Its column says nothing that could be taken for a number."""
    rows = count_rows([FIRST, FAILED], ConnectionScope(SMB))
    for row in rows:
        if not row.heading:
            assert row.cells[1] == CountCell(None), row
    assert counted_sentence(FAILED) == "cannot be counted: it may not be read (log in as root)"
    assert count_rows([FAILED, Counting("keepalived1", 5)], ConnectionScope(SMB)) == []


def test_a_real_server_is_shown_by_its_virtual_servers() -> None:
    """And of a row in the table, which is both, neither."""
    web = vs_key("TCP:172.26.127.20:80")
    counting = done(
        "keepalived1",
        states={"ESTABLISHED": 3},
        read=3,
        servers=[
            place(SMB, "172.26.127.21:445", 2, 0),
            place(web, "172.26.127.21:80", 1, 0),
            place(None, "172.26.127.21:9", 0, 0, 1),
        ],
    )
    scope = ConnectionScope(address=ip_address("172.26.127.21"))
    labels = [row.label for row in count_rows([counting], scope) if row.key.startswith("server")]
    assert labels == [f"{SMB} on 445", f"{web} on 80", "a firewall mark, or none on 9", "  its templates"]
    both = ConnectionScope(SMB, ip_address("172.26.127.21"), 445)
    assert not [row for row in count_rows([counting], both) if row.key.startswith("server")]
    assert str(both) == "172.26.127.21:445 of TCP:172.26.127.20:445"


def test_more_clients_than_are_counted() -> None:
    """Numbers are bounds then, and that is said."""
    counting = done(
        "keepalived1",
        states={"ESTABLISHED": 1000},
        read=2000,
        clients=talkers({"10.8.0.7": 50}, distinct=None, too_low=3),
        networks=talkers({"10.8.0.0/24": 400}),
        reach=Reach.TOO_MANY,
        unplaced=1,
        odd=2,
    )
    rows = by_key(count_rows([counting], ConnectionScope(SMB)))
    assert rows["client 10.8.0.7"] == (CountCell(50, 0.05, Bound.AT_LEAST),)
    assert rows["client others"] == (CountCell(950, 0.95, Bound.AT_MOST),)
    assert rows["client distinct"] == (CountCell(20_000, bound=Bound.MORE_THAN),)
    assert rows["network 10.8.0.0/24"] == (CountCell(400, 0.4),)
    said = counted_cautions(counting)
    assert len(said) == 4
    assert "may be 3 too low" in said[1]


def test_sentences() -> None:
    """Of a counting that goes on, and of one that has ended."""
    assert counted_sentence(Counting("d", 40_960)) == "counting … 40,960 entries so far"
    assert counted_cautions(Counting("d", 40_960)) == []
    assert counted_sentence(FIRST) == "100 connections, 4 templates of 300 entries at 14:02:11"
    assert counted_cautions(FIRST) == []
    slow = done("keepalived1", states={"ESTABLISHED": 1}, read=1, seconds=61.2)
    assert counted_sentence(slow) == "1 connection of 1 entry, read in 61 s at 14:02:11"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("10.8.3.7", "10.8.3.0/24"),
        ("10.8.3.0/24", "10.8.3.0/24"),
        ("2001:db8:1:2::9", "2001:db8:1::/48"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
    ],
)
def test_masks(name: str, shown: str) -> None:
    """Of an address the network is left: /24, or the site's /48."""
    counts = ConnectionCounts(5, Reach.WHOLE, clients=Talkers((ClientCount(ip_network(name), 5),), 1))
    (client,) = masked(counts).clients.greatest
    assert (str(client.network), client.connections, client.concealed) == (shown, 5, name != shown)


def test_masked_clients_of_one_network_are_told_apart_by_a_number() -> None:
    """Each director has its own order: the numbers are places in it, and no names."""
    counts = FIRST.counts
    assert counts is not None
    both = masked(ConnectionCounts(9, Reach.WHOLE, clients=talkers({"10.8.0.7": 5, "10.8.0.9": 4})))
    rows = [row for row in count_rows([Counting("d", counts=both)], ConnectionScope(SMB)) if not row.heading]
    assert [row.label for row in rows if row.key.startswith("client 10")] == [
        "10.8.0.0/24 no. 1",
        "10.8.0.0/24 no. 2",
    ]


@given(st.lists(st.ip_addresses(), unique=True, max_size=30))
def test_nothing_of_an_address_is_left(addresses: list[object]) -> None:
    """Whatever it is, what is shown is a network of many."""
    names = {str(each): 1 for each in addresses}
    counts = masked(ConnectionCounts(len(names), Reach.WHOLE, clients=talkers(names)))
    assert all(each.concealed and each.network.num_addresses >= 256 for each in counts.clients.greatest)
    assert sum(each.connections for each in counts.clients.greatest) == len(names)
