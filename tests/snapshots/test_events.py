"""The event log: what changed, on one time axis."""

from support.pictures import Size, SnapCompare, app_of, at


@at("120x40")
def test_nothing_happened(snap_compare: SnapCompare, size: Size) -> None:
    """A quiet cluster: the list says that nothing has changed."""
    assert snap_compare(app_of("steady"), press=["e"], terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_failover(snap_compare: SnapCompare, size: Size) -> None:
    """A failover from its cause to its end, the newest at the bottom."""
    assert snap_compare(app_of("failover"), press=["e"], terminal_size=size)


@at("120x40")
def test_search(snap_compare: SnapCompare, size: Size) -> None:
    """A search as it is typed: what fits, with the words marked."""
    assert snap_compare(app_of("failover"), press=["e", "slash", *"master"], terminal_size=size)


@at("80x24")
def test_kinds(snap_compare: SnapCompare, size: Size) -> None:
    """VRRP and VIP only; the cursor was moved, so that the list does not follow."""
    assert snap_compare(app_of("failover"), press=["e", "3", "4", "home"], terminal_size=size)
