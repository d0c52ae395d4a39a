"""VRRP side by side: what each director says, who would win, what is refused."""

from support.pictures import Size, SnapCompare, app_of, at


@at("80x24", "120x40", "200x60")
def test_steady(snap_compare: SnapCompare, size: Size) -> None:
    """MASTER and BACKUP, and who would take over."""
    assert snap_compare(app_of("steady"), press=["v"], terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_failover(snap_compare: SnapCompare, size: Size) -> None:
    """One keepalived is not running; the other became MASTER three seconds ago."""
    assert snap_compare(app_of("failover"), press=["v"], terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_split_brain(snap_compare: SnapCompare, size: Size) -> None:
    """Two masters, and the address on both."""
    assert snap_compare(app_of("split-brain"), press=["v"], terminal_size=size)


@at("120x40")
def test_unreachable(snap_compare: SnapCompare, size: Size) -> None:
    """One director does not answer: its column is its past, and says so."""
    assert snap_compare(app_of("unreachable"), press=["v"], terminal_size=size)


@at("80x24")
def test_unprivileged(snap_compare: SnapCompare, size: Size) -> None:
    """States are inferred from addresses; everything else is unknown."""
    assert snap_compare(app_of("unprivileged"), press=["v"], terminal_size=size)


@at("120x40")
def test_lowered(snap_compare: SnapCompare, size: Size) -> None:
    """Three instances, one of which trackers lowered: an overview, and who would win each."""
    assert snap_compare(app_of("lowered"), press=["v"], terminal_size=size)


@at("80x24")
def test_long_ipv6(snap_compare: SnapCompare, size: Size) -> None:
    """An address of the greatest length on a line of its own, so that the directors stay side by side."""
    assert snap_compare(app_of("long-ipv6"), press=["v"], terminal_size=size)
