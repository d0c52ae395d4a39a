"""The cluster screen in the states that matter. The first second answers: is it fine, who holds the VIP."""

from support.pictures import Size, SnapCompare, app_of, at


@at("80x24", "120x40", "200x60")
def test_steady(snap_compare: SnapCompare, size: Size) -> None:
    """A healthy pair: OK above, the VIP on keepalived1, no alert, every row the same on the other director."""
    assert snap_compare(app_of("steady"), terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_failover(snap_compare: SnapCompare, size: Size) -> None:
    """keepalived1 stopped and keepalived2 took over a second ago: the banner names it, the first card says why."""
    assert snap_compare(app_of("failover"), terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_split_brain(snap_compare: SnapCompare, size: Size) -> None:
    """Both are MASTER and hold the VIP: a red banner that says AT ONCE, before anything else."""
    assert snap_compare(app_of("split-brain"), terminal_size=size)


@at("80x24", "120x40")
def test_wrong_holder(snap_compare: SnapCompare, size: Size) -> None:
    """MASTER without the address, BACKUP with it: a red banner that names both, and nothing that says all is well."""
    assert snap_compare(app_of("wrong-holder"), terminal_size=size)


@at("80x24", "120x40")
def test_nobody_holds(snap_compare: SnapCompare, size: Size) -> None:
    """Both are in FAULT: a red banner that says NOBODY HOLDS."""
    assert snap_compare(app_of("nobody-holds"), terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_lowered(snap_compare: SnapCompare, size: Size) -> None:
    """Three instances, a priority that trackers lowered from 150 to 50, and a director that answers only in part."""
    assert snap_compare(app_of("lowered"), terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_unreachable(snap_compare: SnapCompare, size: Size) -> None:
    """The standby does not answer: its card says so, why and what to do; the column of its values says nothing."""
    assert snap_compare(app_of("unreachable"), terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_stale(snap_compare: SnapCompare, size: Size) -> None:
    """The master is silent: nobody knows who holds the VIP; its rows stay, as its past with their age."""
    assert snap_compare(app_of("stale"), terminal_size=size)


@at("80x24", "120x40")
def test_nobody_answers(snap_compare: SnapCompare, size: Size) -> None:
    """Neither director answers: unknown, not fine and not broken; cards and table say why."""
    assert snap_compare(app_of("nobody-answers"), terminal_size=size)


@at("80x24")
def test_connecting(snap_compare: SnapCompare, size: Size) -> None:
    """The first second after the start."""
    assert snap_compare(app_of("connecting"), terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_unprivileged(snap_compare: SnapCompare, size: Size) -> None:
    """A plain user: VRRP inferred from addresses, and columns left out that only root may read."""
    assert snap_compare(app_of("unprivileged"), terminal_size=size)


@at("80x24", "200x60")
def test_empty_table(snap_compare: SnapCompare, size: Size) -> None:
    """keepalived runs and no virtual server is configured: the table says so."""
    assert snap_compare(app_of("empty-table"), terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_drained(snap_compare: SnapCompare, size: Size) -> None:
    """One real server drained on the master only: its weights, its last connections, and what the other one has."""
    assert snap_compare(app_of("drained"), terminal_size=size)


@at("80x24", "120x40")
def test_real_server_down(snap_compare: SnapCompare, size: Size) -> None:
    """keepalived's check took a real server out of one service and keeps it at weight 0 in the other."""
    assert snap_compare(app_of("real-server-down"), terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_many_rows(snap_compare: SnapCompare, size: Size) -> None:
    """Ten thousand rows, at their end: the scrollbar, and the columns where they were."""
    assert snap_compare(app_of("many-rows"), press=["end"], terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_long_ipv6(snap_compare: SnapCompare, size: Size) -> None:
    """Addresses of the greatest length, firewall marks of both families: nothing moves out of its column."""
    assert snap_compare(app_of("long-ipv6"), terminal_size=size)


@at("80x24")
def test_filtered(snap_compare: SnapCompare, size: Size) -> None:
    """A filter that is being typed: the rows that fit, and below them how many do not."""
    assert snap_compare(app_of("drained"), press=["slash", *"22:445"], terminal_size=size)


@at("120x40")
def test_filter_fits_nothing(snap_compare: SnapCompare, size: Size) -> None:
    """No row fits: the screen says that it is the filter."""
    assert snap_compare(app_of("drained"), press=["slash", *"10.9", "enter"], terminal_size=size)


@at("120x40")
def test_faults_only(snap_compare: SnapCompare, size: Size) -> None:
    """Only what is out of the ordinary, and a line that says so."""
    assert snap_compare(app_of("drained"), press=["f"], terminal_size=size)


@at("120x40")
def test_paused(snap_compare: SnapCompare, size: Size) -> None:
    """The screen stands still and says so where the health was."""
    assert snap_compare(app_of("drained"), press=["p"], terminal_size=size)


@at("120x40")
def test_sorted(snap_compare: SnapCompare, size: Size) -> None:
    """Sorted by active connections, least first: the title has a mark, the caption says it in words."""
    assert snap_compare(app_of("drained"), press=["s", "s", "r"], terminal_size=size)


@at("120x40")
def test_folded(snap_compare: SnapCompare, size: Size) -> None:
    """Virtual servers only."""
    assert snap_compare(app_of("many-rows"), press=["minus"], terminal_size=size)
