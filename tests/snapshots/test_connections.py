"""Connections that were counted, are being counted, and cannot be: what the screen says in each case."""

from dataclasses import replace

import pytest

from lvstop.analysis.client_masks import masked
from lvstop.model.connections import Counting, Reach
from lvstop.model.director import Fault, FaultKind
from lvstop.ui.app import LvstopApp
from support.counts import done, place, talkers, telling
from support.factories import vs_key
from support.pictures import Size, SnapCompare, app_of, at

SMB = vs_key("TCP:172.26.127.20:445")
OPEN = ["down", "down", "down", "n"]
"""To the virtual server of port 445, and to its connections."""

NETWORKS = {f"10.8.{number}.0/24": 400 - 60 * number for number in range(6)}
CLIENTS = {f"10.8.0.{number}": 40 - number for number in range(7, 37)}
FIRST = done(
    "keepalived1",
    states={"ESTABLISHED": 1201, "FIN_WAIT": 309, "SYN_RECV": 2},
    read=1516,
    templates=4,
    servers=[place(SMB, "172.26.127.21:445", 601, 150, 3), place(SMB, "172.26.127.22:445", 602, 159, 1)],
    networks=talkers(NETWORKS),
    clients=talkers(CLIENTS, distinct=311),
)
SECOND = done(
    "keepalived2",
    states={"ESTABLISHED": 1190},
    read=1194,
    synced=1190,
    templates=4,
    servers=[place(SMB, "172.26.127.21:445", 590, 0, 3), place(SMB, "172.26.127.22:445", 600, 0, 1)],
    networks=talkers({name: number * 3 // 4 for name, number in NETWORKS.items()}),
    clients=talkers({name: number * 3 // 4 for name, number in CLIENTS.items()}, distinct=300),
    seconds=0.3,
)
MANY = done(
    "keepalived1",
    states={"ESTABLISHED": 812_004, "FIN_WAIT": 187_996},
    read=1_000_000,
    synced=None,
    servers=[place(SMB, "172.26.127.21:445", 406_001, 93_998), place(SMB, "172.26.127.22:445", 406_003, 93_998)],
    networks=talkers({f"10.{number}.8.0/24": 9_000 - 70 * number for number in range(50)}, distinct=18_400),
    clients=talkers({f"10.{number}.8.7": 900 - 7 * number for number in range(50)}, distinct=None, too_low=38),
    reach=Reach.TOO_MANY,
    seconds=9.4,
)
STOPPED = replace(
    MANY,
    director="keepalived2",
    seconds=60.2,
    counts=done(
        "keepalived2",
        states={"ESTABLISHED": 114_000, "FIN_WAIT": 26_386},
        read=140_386,
        synced=None,
        servers=[place(SMB, "172.26.127.21:445", 57_000, 13_193), place(SMB, "172.26.127.22:445", 57_000, 13_193)],
        networks=talkers({f"10.{number}.8.0/24": 1_200 - 9 * number for number in range(50)}, distinct=15_100),
        clients=talkers({f"10.{number}.8.7": 130 - number for number in range(50)}, distinct=None, too_low=5),
        reach=Reach.STOPPED,
    ).counts,
)
REFUSED = Fault(
    FaultKind.FORBIDDEN,
    "/proc/net/ip_vs_conn_sync may not be read by noc",
    "log in as root, or allow this login what `lvstop setup noc` grants",
)


def counting(*countings: Counting, scene: str = "steady", masks: bool = False) -> LvstopApp:
    """The application where counting comes to this at once."""
    app = app_of(scene, count_connections=telling(countings))
    for feed in app.feeds.values():
        feed.config = replace(feed.config, mask_clients=masks)
    return app


@at("80x24", "140x45")
def test_connections(snap_compare: SnapCompare, size: Size) -> None:
    """Of a virtual server: both directors side by side, by state, time left, real server, network and client."""
    assert snap_compare(counting(FIRST, SECOND), press=OPEN, terminal_size=size)


@at("80x24")
def test_connections_below(snap_compare: SnapCompare, size: Size) -> None:
    """Scrolled to the end: the clients, all others, and how many there are."""
    assert snap_compare(counting(FIRST, SECOND), press=[*OPEN, "end"], terminal_size=size)


@at("80x24", "140x45")
def test_none(snap_compare: SnapCompare, size: Size) -> None:
    """Nobody is connected: zeros, and no groups without a member."""
    empty = [done(each, states={}, read=12, seconds=0.1) for each in ("keepalived1", "keepalived2")]
    assert snap_compare(counting(*empty), press=OPEN, terminal_size=size)


@at("80x24", "140x45")
def test_more_than_can_be_counted(snap_compare: SnapCompare, size: Size) -> None:
    """A million entries, of which one director was read in part: what the numbers are worth stands above them."""
    assert snap_compare(counting(MANY, STOPPED), press=OPEN, terminal_size=size)


@at("80x24", "140x45")
def test_ipv6(snap_compare: SnapCompare, size: Size) -> None:
    """Clients with addresses of the greatest length: names are whole, and numbers are never cut."""
    clients = {f"2001:db8:aaaa:bbbb:cccc:dddd:eeee:{number:x}": 2000 - number for number in range(0x1000, 0x1006)}
    networks = {f"2001:db8:aaaa:{number:x}::/64": 9000 - number for number in range(0x1000, 0x1003)}
    both = [
        done(
            each,
            states={"ESTABLISHED": 20_000, "TIME_WAIT": 400},
            read=20_400,
            clients=talkers(dict.fromkeys(clients, 77)),
            networks=talkers(dict.fromkeys(networks, 5000)),
        )
        for each in ("keepalived1", "keepalived2")
    ]
    press = ["home", "down", "down", "n", "end"]
    assert snap_compare(counting(*both, scene="long-ipv6"), press=press, terminal_size=size)


@at("80x24", "140x45")
def test_refused(snap_compare: SnapCompare, size: Size) -> None:
    """A plain user may not read the table of one director: its column is unknown, and what would help is said."""
    refused = Counting("keepalived2", fault=REFUSED)
    assert snap_compare(counting(FIRST, refused, scene="unprivileged"), press=OPEN, terminal_size=size)


@at("80x24", "140x45")
def test_masked(snap_compare: SnapCompare, size: Size) -> None:
    """Whoever may only watch sees networks in the place of clients, and that it is so."""
    both = [replace(each, counts=each.counts and masked(each.counts)) for each in (FIRST, SECOND)]
    assert snap_compare(counting(*both, masks=True), press=[*OPEN, "end"], terminal_size=size)


@at("80x24", "140x45")
def test_while_counting(snap_compare: SnapCompare, size: Size) -> None:
    """One director has come to its end, the other says how far it is."""
    going_on = Counting("keepalived2", 40_960, 0.8)
    assert snap_compare(counting(FIRST, going_on), press=OPEN, terminal_size=size)


@pytest.mark.parametrize("press", [["end", "n"], ["end", "enter", "n"]], ids=["row", "real-server"])
@at("120x40")
def test_of_a_real_server(snap_compare: SnapCompare, size: Size, press: list[str]) -> None:
    """Of one row of the table, and of a real server in all its virtual servers."""
    server = vs_key("TCP:172.26.127.20:139")
    one = done(
        "keepalived1",
        states={"ESTABLISHED": 620, "FIN_WAIT": 159},
        read=1516,
        servers=[place(SMB, "172.26.127.22:445", 602, 159), place(server, "172.26.127.22:139", 18, 0)],
        networks=talkers({name: number // 2 for name, number in NETWORKS.items()}),
        clients=talkers({name: number // 2 for name, number in CLIENTS.items()}, distinct=90),
    )
    assert snap_compare(counting(one, replace(one, director="keepalived2")), press=press, terminal_size=size)


@at("120x40", "200x60")
def test_where_it_is_asked_for(snap_compare: SnapCompare, size: Size) -> None:
    """The key stands among the others of the cluster's screen where there is room for it."""
    assert snap_compare(counting(FIRST, SECOND), terminal_size=size)
