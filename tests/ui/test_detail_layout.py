"""The detail screens at any size with any number of rows: the bar stays above, the keys below, nothing scrolls away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import Footer

from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.app import LvstopApp
from lvstop.ui.detail.heights import share_out
from lvstop.ui.detail.screen import DetailScreen
from lvstop.ui.screens.real_server import RealServerScreen
from lvstop.ui.screens.virtual_server import VirtualServerScreen
from support.factories import SERVICE, backup, cluster, master, real_server, rs_key, virtual_server, vs_key
from support.pilots import lines_of, text_of, until
from support.terminal import make_app

SIZES = [(80, 24), (100, 30), (120, 40), (200, 60)]
COUNTS = [2, 20, 300, 1000]


@given(st.integers(0, 120), st.integers(0, 40), st.integers(1, 300), st.integers(0, 6))
def test_lines_are_shared_out(room: int, facts: int, rows: int, rest: int) -> None:
    """No more lines than there are; something of the table wherever there is a line for it; charts only as a whole."""
    found = share_out(room, facts=facts, rows=rows, rest=rest)
    free = max(0, room - rest)
    assert min(found.facts, found.charts, found.table) >= 0
    assert found.facts + found.charts + found.table <= free
    assert found.facts <= facts
    assert found.table <= rows
    assert found.charts == 0 or found.charts >= 7
    if free >= 2:
        assert found.table >= 1
        assert found.facts >= min(facts, 1)
    if free >= 13:
        assert found.charts
        assert found.table >= min(rows, 3)
        assert found.facts >= min(facts, 3)


def of_many(count: int) -> ClusterSnapshot:
    """A virtual server with so many real servers, none of which is checked."""
    reals = [real_server(f"10.0.{number >> 8}.{number & 255}:80", active=number) for number in range(count)]
    table = (virtual_server(SERVICE, *reals),)
    return cluster(master(virtual_servers=table, checks=None), backup(virtual_servers=table, checks=None))


def in_many(count: int) -> ClusterSnapshot:
    """A real server in so many virtual servers."""
    table = tuple(virtual_server(f"TCP:10.1.{n >> 8}.{n & 255}:80", real_server("10.9.9.9:80")) for n in range(count))
    return cluster(master(virtual_servers=table, checks=None), backup(virtual_servers=table, checks=None))


async def opened(app: LvstopApp, pilot: Pilot[None], screen: DetailScreen) -> None:
    """The screen, as the application shows it."""
    await pilot.pause()
    await app.push_screen(screen.data_bind(LvstopApp.snapshot))
    short = app.size.height < 30
    await until(pilot, lambda: screen.has_class("-short") is short and "Back" in text_of(app))


def check(app: LvstopApp, screen: DetailScreen, count: int) -> None:
    """Everything is where it belongs."""
    assert screen.max_scroll_y == 0, text_of(app)
    assert screen.virtual_size.height <= screen.size.height
    lines = lines_of(app)
    assert lines[0].startswith(" lvstop")
    assert "Back" in lines[-1]
    footer = screen.query_one(Footer).region.y
    below = screen.left_out if screen.left_out.display else screen.table
    assert below.region.bottom <= footer
    assert screen.table.scrollable_content_region.height - 1 >= min(count, 2)
    assert screen.charts.size.height >= 7
    if screen.left_out.display:
        assert "cluster's table" in " ".join(line.strip() for line in lines[-4:-1])


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("size", SIZES)
async def test_a_virtual_server_fits(size: tuple[int, int], count: int) -> None:
    """Two real servers or a thousand."""
    app = make_app(of_many(count))
    async with app.run_test(size=size) as pilot:
        screen = VirtualServerScreen(app.feed, vs_key(SERVICE))
        await opened(app, pilot, screen)
        check(app, screen, count)


@pytest.mark.parametrize("count", COUNTS[:3])
@pytest.mark.parametrize("size", SIZES[::3])
async def test_a_real_server_fits(size: tuple[int, int], count: int) -> None:
    """Two virtual servers or three hundred."""
    app = make_app(in_many(count))
    async with app.run_test(size=size) as pilot:
        screen = RealServerScreen(app.feed, rs_key("10.9.9.9:80").address)
        await opened(app, pilot, screen)
        check(app, screen, count)


async def test_what_is_cut_says_so() -> None:
    """On a terminal that is too small for the sentences the last line ends in dots."""
    app = make_app(of_many(2))
    async with app.run_test(size=(60, 10)) as pilot:
        screen = VirtualServerScreen(app.feed, vs_key(SERVICE))
        await opened(app, pilot, screen)
        assert screen.max_scroll_y == 0
        assert not screen.charts.display
        assert str(screen.facts.content).splitlines()[-1].endswith(" …")
        assert screen.table.size.height >= 3
