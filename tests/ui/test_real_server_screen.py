"""The screen of one real server: a verdict over all its virtual servers, and a past that goes over failovers."""

from ipaddress import ip_address

from textual.pilot import Pilot
from textual.widgets import Static

from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.ipvs import Rates, Tunnel, TunnelType, VirtualServerRates
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.real_server import RealServerScreen
from lvstop.ui.screens.virtual_server import VirtualServerScreen
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    backup,
    cluster,
    detail,
    gone,
    later,
    master,
    real_server,
    row_detail,
    rs_key,
    silent,
    virtual_server,
    vs_key,
)
from support.pilots import until
from support.terminal import make_app

WIDE = (200, 50)
OTHER = "TCP:172.26.127.20:139"
SECOND_139 = "172.26.127.22:139"


def moment(second: int, *, active: int = 12, weight: int = 0) -> ClusterSnapshot:
    """The second real server, drained on the holder in one of two virtual servers."""
    table = (
        virtual_server(SERVICE, FIRST, real_server(SECOND, weight, active=active)),
        virtual_server(OTHER, real_server(SECOND_139, active=1)),
    )
    there = (virtual_server(SERVICE, FIRST, SECOND), virtual_server(OTHER, SECOND_139))
    rates = {
        vs_key(SERVICE): VirtualServerRates(None, {rs_key(SECOND): Rates(2, 0, 0, 100, 0)}),
        vs_key(OTHER): VirtualServerRates(None, {rs_key(SECOND_139): Rates(1, 0, 0, 50, 0)}),
    }
    mine = master(virtual_servers=table, rates=rates, counters={}, checks=(), read_at=later(second))
    return cluster(mine, backup(virtual_servers=there, checks=(), read_at=later(second)), now=later(second))


async def opened(app: LvstopApp, pilot: Pilot[None], address: str = "172.26.127.22") -> RealServerScreen:
    """The screen, as the application shows it."""
    await pilot.pause()
    screen = RealServerScreen(app.feed, ip_address(address))
    await app.push_screen(screen.data_bind(LvstopApp.snapshot))
    await pilot.pause()
    return screen


def facts(screen: RealServerScreen) -> list[str]:
    """The verdict and the sums."""
    return str(screen.query_one("#facts", Static).content).splitlines()


def rows(screen: RealServerScreen) -> list[str]:
    """The table, a line per row."""
    return [" | ".join("".join(cell.text for cell in cells) for cells in row.cells) for row in screen.table.rows]


async def test_the_verdict_comes_first_then_the_sums() -> None:
    """What an operator wants to know before the machine is taken down."""
    app = make_app(moment(0), moment(1))
    async with app.run_test(size=WIDE) as pilot:
        first, mine, theirs = facts(await opened(app, pilot))
    assert first == " ▲ drained on keepalived1 in 1 of 2 virtual servers; 12 established connections left"
    told = " keepalived1  13 active  0 inactive  – persistent  3.0 conn/s  1.2k b/s in  – b/s out"
    assert mine == told
    assert theirs.startswith(" keepalived2  0 active  0 inactive")


async def test_sums_are_whole_on_a_small_terminal() -> None:
    """What has no room is left out; no line is broken in the middle of a number."""
    app = make_app(moment(0), moment(1))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        await until(pilot, lambda: screen.has_class("-short"))
        sums = [line for line in facts(screen) if "active" in line]
    assert sums[0].endswith("1.2k b/s in")
    assert max(map(len, sums)) < 80
    assert len(sums) == 2


async def test_a_row_per_virtual_server_and_director() -> None:
    """The director that decides is marked, and so is what differs; nothing here is checked, so nothing is up."""
    app = make_app(moment(0))
    async with app.run_test(size=WIDE) as pilot:
        found = rows(await opened(app, pilot))
    assert [row.split(" | ")[:5] for row in found] == [
        ["TCP 172.26.127.20:139", "● keepalived1", "–", "1", "same"],
        ["TCP 172.26.127.20:139", "  keepalived2", "–", "1", "same"],
        ["TCP 172.26.127.20:445", "● keepalived1", "◌ drained", "0", "differs ≠"],
        ["TCP 172.26.127.20:445", "  keepalived2", "–", "1", "differs ≠"],
    ]


async def test_a_director_that_does_not_answer_is_unknown() -> None:
    """Its rows are the past, its sums are not told."""
    snapshot = moment(0)
    app = make_app(cluster(snapshot.directors[0], gone(snapshot.directors[1]), now=later(1)))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        assert "nothing is known of it on keepalived2 now" in facts(screen)[0]
        assert facts(screen)[2] == " keepalived2  –  its table is not known now"
        assert [row.past for row in screen.table.rows] == [False, True, False, True]


async def test_tunnels_thresholds_and_templates() -> None:
    """What only root may read."""
    table = (virtual_server(SERVICE, real_server(SECOND, forwarding="Tunnel")),)
    more = row_detail(100, 50, persistent=3, tunnel=Tunnel(TunnelType.GUE, 6080, "csum"))
    details = {vs_key(SERVICE): detail({SECOND: more})}
    app = make_app(cluster(master(virtual_servers=table, details=details), backup(virtual_servers=table)))
    async with app.run_test(size=WIDE) as pilot:
        mine, theirs = rows(await opened(app, pilot))
    assert mine.endswith("| 3 | ≤100 <50 | Tunnel | 445 | gue:6080:csum")
    assert theirs.endswith("| – | – | Tunnel | 445 | –")


async def test_the_curve_goes_on_over_a_failover() -> None:
    """It is the sum of the directors that decide, whoever they are."""
    table = (virtual_server(SERVICE, real_server(SECOND, active=40)),)
    after = cluster(
        backup("keepalived1", virtual_servers=table, read_at=later(4)),
        master("keepalived2", virtual_servers=table, read_at=later(4)),
        now=later(4),
    )
    app = make_app(moment(0))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        for snapshot in (moment(1, active=11), moment(2, active=10), after):
            app.feed.take(snapshot)
            await pilot.pause()
        lines, _ = screen.curves(0, 60)
    assert [value for _, value in lines[0].series.points][-4:] == [13.0, 12.0, 11.0, 40.0]


async def test_a_curve_has_a_past_when_it_is_opened() -> None:
    """History was kept before anybody looked."""
    app = make_app(*(moment(second) for second in range(60)))
    async with app.run_test(size=WIDE) as pilot:
        lines, _ = (await opened(app, pilot)).curves(0, 60)
    points = [value for _, value in lines[0].series.points]
    assert len(points) > 5
    assert set(points) == {13.0}


async def test_a_real_server_that_goes_stays_with_its_past() -> None:
    """And comes back."""
    app = make_app(moment(0), moment(1))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        table = (virtual_server(SERVICE, FIRST),)
        mine = master(virtual_servers=table, checks=(), read_at=later(2))
        app.feed.take(cluster(mine, backup(virtual_servers=table, checks=()), now=later(2)))
        await pilot.pause()
        assert facts(screen) == [
            " ✖ 172.26.127.22: no virtual server has it on any director that could be asked; below is its past"
        ]
        assert all(row.past for row in screen.table.rows)
        assert screen.curves(0, 60)[0][0].series.points[-1][1] is None
        app.feed.take(moment(3))
        await pilot.pause()
        assert not any(row.past for row in screen.table.rows)


async def test_before_anything_is_read_nothing_is_known() -> None:
    """Neither gone nor there."""
    app = make_app(cluster(silent("keepalived1"), silent()))
    async with app.run_test(size=WIDE) as pilot:
        assert facts(await opened(app, pilot))[0].startswith(" ? nothing is known of 172.26.127.22")


async def test_hundreds_of_virtual_servers() -> None:
    """Two hundred rows, the faulty ones first; the rest is counted."""
    servers = tuple(
        virtual_server(f"TCP:10.1.{number >> 8}.{number & 255}:80", real_server("10.9.9.9:80", int(number != 300)))
        for number in range(400)
    )
    app = make_app(cluster(master(virtual_servers=servers, checks=None), backup(virtual_servers=servers, checks=None)))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot, "10.9.9.9")
        assert len(screen.table.rows) == 200
        assert rows(screen)[0].startswith("TCP 10.1.1.44:80 | ● keepalived1 | ◌ drained")
        assert str(screen.left_out.content).startswith(" 600 more rows")
        assert facts(screen)[0].startswith(
            " ▲ drained on keepalived1 and keepalived2 in 1 of 400 virtual servers; 0 established connections left"
        )


async def test_enter_opens_the_virtual_server() -> None:
    """The one under the cursor, whatever came above it meanwhile."""
    app = make_app(moment(0))
    async with app.run_test(size=WIDE) as pilot:
        await opened(app, pilot)
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert isinstance(app.screen, VirtualServerScreen)
        assert app.screen.key == vs_key(SERVICE)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(app.screen, RealServerScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert len(app.screen_stack) == 2
