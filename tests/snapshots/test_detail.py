"""A virtual server and a real server at length: sentences, charts, and rows."""

from support.pictures import Size, SnapCompare, app_of, at

VIRTUAL = ["down", "down", "down", "enter"]
"""To the virtual server of port 445."""
SECOND = ["end", "enter"]
"""To the last row: the second real server of that port."""


@at("80x24", "120x40", "200x60")
def test_virtual_server(snap_compare: SnapCompare, size: Size) -> None:
    """A healthy virtual server: what the kernel does, what keepalived checks, its past, what each real server gets."""
    assert snap_compare(app_of("steady"), press=VIRTUAL, terminal_size=size)


@at("120x40")
def test_virtual_server_with_a_drain(snap_compare: SnapCompare, size: Size) -> None:
    """One of two real servers is drained on the master only: where kernel and keepalived differ."""
    assert snap_compare(app_of("drained"), press=VIRTUAL, terminal_size=size)


@at("120x40")
def test_virtual_server_with_a_real_server_down(snap_compare: SnapCompare, size: Size) -> None:
    """A check failed and the row is gone from the kernel."""
    assert snap_compare(app_of("real-server-down"), press=VIRTUAL, terminal_size=size)


@at("120x40")
def test_virtual_server_after_a_failover(snap_compare: SnapCompare, size: Size) -> None:
    """The other director serves now; the curves of the one that stopped end where it stopped."""
    assert snap_compare(app_of("failover"), press=[*VIRTUAL, "1"], terminal_size=size)


@at("120x40")
def test_virtual_server_stale(snap_compare: SnapCompare, size: Size) -> None:
    """The director that served is silent: its rows and its sentence are past, and its curves have ended."""
    assert snap_compare(app_of("stale"), press=[*VIRTUAL, "1"], terminal_size=size)


@at("80x24")
def test_virtual_server_unprivileged(snap_compare: SnapCompare, size: Size) -> None:
    """A plain user: no counters, no checks, and the reason instead."""
    assert snap_compare(app_of("unprivileged"), press=VIRTUAL, terminal_size=size)


@at("120x40")
def test_virtual_server_of_a_thousand(snap_compare: SnapCompare, size: Size) -> None:
    """A thousand real servers: those that matter, and how many are left out."""
    assert snap_compare(app_of("many-rows"), press=["enter"], terminal_size=size)


@at("80x24", "120x40")
def test_virtual_server_ipv6(snap_compare: SnapCompare, size: Size) -> None:
    """Persistence, NAT and tunnels, with addresses of the greatest length."""
    assert snap_compare(app_of("long-ipv6"), press=["home", "down", "down", "enter"], terminal_size=size)


@at("120x40")
def test_one_chart(snap_compare: SnapCompare, size: Size) -> None:
    """The second chart alone, over one minute."""
    assert snap_compare(app_of("steady"), press=[*VIRTUAL, "1", "c", "c"], terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_real_server(snap_compare: SnapCompare, size: Size) -> None:
    """A drained real server: how many connections are left, and on which director it is not drained."""
    assert snap_compare(app_of("drained"), press=SECOND, terminal_size=size)


@at("120x40")
def test_real_server_down(snap_compare: SnapCompare, size: Size) -> None:
    """A real server that its checks took out of two services in two ways."""
    assert snap_compare(app_of("real-server-down"), press=SECOND, terminal_size=size)


@at("120x40")
def test_real_server_with_one_director_silent(snap_compare: SnapCompare, size: Size) -> None:
    """The standby does not answer: what it has in this row is not known."""
    assert snap_compare(app_of("unreachable"), press=SECOND, terminal_size=size)
