"""The screen of one virtual server: every truth under its own name, and a past that outlives it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.ipvs import Rates, VirtualServerRates
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.real_server import RealServerScreen
from lvstop.ui.screens.virtual_server import VirtualServerScreen
from lvstop.ui.widgets.chart import Chart
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    backup,
    checked,
    checked_server,
    cluster,
    detail,
    gone,
    later,
    master,
    real_server,
    row_detail,
    rs_key,
    silent,
    unprivileged,
    virtual_server,
    vs_key,
)
from support.pictures import app_of as picture_of
from support.pilots import until
from support.terminal import make_app

WIDE = (200, 50)


def moments(count: int, *, since: int = 0) -> list[ClusterSnapshot]:
    """A look a second; one real server is drained on the holder only."""
    found = []
    for second in range(since, since + count):
        table = (virtual_server(SERVICE, real_server(FIRST, active=600 + second), real_server(SECOND, 0, active=12)),)
        rates = {vs_key(SERVICE): VirtualServerRates(Rates(20, 0, 0, 1e6, 0), {})}
        first = master(virtual_servers=table, rates=rates, counters={}, read_at=later(second))
        found.append(cluster(first, backup(read_at=later(second)), now=later(second)))
    return found


def app_of(*snapshots: ClusterSnapshot) -> LvstopApp:
    """The application after these snapshots."""
    return make_app(*snapshots)


async def opened(app: LvstopApp, pilot: Pilot[None], key: str = SERVICE) -> VirtualServerScreen:
    """The screen, as the application shows it."""
    await pilot.pause()
    screen = VirtualServerScreen(app.feed, vs_key(key))
    await app.push_screen(screen.data_bind(LvstopApp.snapshot))
    await pilot.pause()
    return screen


def facts(screen: VirtualServerScreen) -> str:
    """The sentences."""
    return str(screen.query_one("#facts", Static).content)


def rows(screen: VirtualServerScreen) -> list[str]:
    """The table, a line per row."""
    return [" | ".join("".join(cell.text for cell in cells) for cells in row.cells) for row in screen.table.rows]


async def test_settings_are_told_in_sentences() -> None:
    """Kernel, clients, checks and the other director, each for itself."""
    app = app_of(*moments(3))
    async with app.run_test(size=WIDE) as pilot:
        text = facts(await opened(app, pilot))
    assert "values of keepalived1, which holds 172.26.127.20" in text
    assert "kernel   rr – round robin" in text
    assert "clients  not persistent" in text
    assert "checks   2 of 2 real servers pass; quorum 1 reached; no sorry server" in text
    assert "others   keepalived2 has the same settings" in text


async def test_rows_tell_weights_and_the_other_director() -> None:
    """keepalived wrote 1, somebody set 0, and the other director still has 1."""
    app = app_of(*moments(3))
    async with app.run_test(size=WIDE) as pilot:
        first, second = rows(await opened(app, pilot))
    assert first.startswith("172.26.127.21:445 | ● up | 1 | 602 | 0 |")
    assert second.startswith("172.26.127.22:445 | ◌ drained | 1→0 | 12 |")
    assert "weight 1 ≠" in second


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"checks": (checked_server(SERVICE, checked(FIRST, alive=False), SECOND),)}, "▲ 1 of 2 real servers pass"),
        ({"checks": (checked_server(SERVICE, FIRST, quorum_up=False),)}, "✖ quorum 1 lost"),
        ({"checks": (checked_server(SERVICE, FIRST, quorum_up=None),)}, "quorum 1 –"),
        ({"checks": (checked_server(SERVICE, FIRST, sorry="10.0.0.9:80"),)}, "sorry server 10.0.0.9:80 waits"),
        ({"checks": (checked_server(SERVICE, FIRST, sorry=SECOND),)}, f"▲ sorry server {SECOND} is in the kernel"),
        ({"checks": ()}, "keepalived does not have it configured: it was set by hand"),
        ({"checks": None}, "what keepalived's checks believe is unknown"),
        ({"virtual_servers": ()}, "keepalived1 does not have it"),
        ({"virtual_servers": (virtual_server(SERVICE),)}, "✖ empty: no real server"),
        (
            {"details": {vs_key(SERVICE): detail({FIRST: row_detail(100, 50), SECOND: row_detail()})}},
            "1 of 2 real servers take at most 100 connections",
        ),
        (
            {"virtual_servers": (virtual_server(SERVICE, FIRST, scheduler="wlc"),)},
            "keepalived2 differs: rr ≠",
        ),
    ],
)
async def test_what_is_out_of_the_ordinary_is_said(more: dict[str, Any], told: str) -> None:
    """Configured, checked and in the kernel stay apart."""
    app = app_of(cluster(master(**more), backup()))
    async with app.run_test(size=WIDE) as pilot:
        assert told in facts(await opened(app, pilot))


async def test_thresholds_stand_in_the_rows() -> None:
    """A real server at its threshold takes no more."""
    rows_of = (virtual_server(SERVICE, real_server(FIRST, active=90, inactive=10), SECOND),)
    details = {vs_key(SERVICE): detail({FIRST: row_detail(100, 50), SECOND: row_detail()})}
    app = app_of(cluster(master(virtual_servers=rows_of, details=details), backup()))
    async with app.run_test(size=WIDE) as pilot:
        first, second = rows(await opened(app, pilot))
    assert "▲ ≤100 <50" in first
    assert "none" in second


async def test_a_director_that_does_not_answer_shows_its_past() -> None:
    """With its age; the values are dimmed and the other director is unknown."""
    app = app_of(cluster(gone(master()), gone(backup())))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        assert "? keepalived1 does not answer: its past, 42s old" in facts(screen)
        assert all(row.past for row in screen.table.rows)


async def test_without_privilege_what_is_missing_is_unknown() -> None:
    """Never 0; the chart says who may read it."""
    app = app_of(cluster(unprivileged(master()), unprivileged(backup())))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        assert "– | –" in rows(screen)[0]
        chart = list(screen.query(Chart))[1]
        assert any("only root may read counters" in chart.render_line(y).text for y in range(chart.size.height))


async def test_a_virtual_server_that_goes_stays_with_its_past() -> None:
    """It says since when; rows and curves are still there; when it is back so is the present."""
    before = moments(5)
    empty = replace(before[-1].directors[0], virtual_servers=(), checks=(), read_at=later(6))
    other = replace(before[-1].directors[1], virtual_servers=(), checks=(), read_at=later(6))
    app = app_of(*before)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        for snapshot in (cluster(empty, other, now=later(6)), cluster(empty, other, now=later(7))):
            app.feed.take(snapshot)
            await pilot.pause()
        assert f"✖ gone: no director that answers has {SERVICE} since 14:02:15" in facts(screen)
        assert [row.past for row in screen.table.rows] == [True, True]
        assert "active" in screen.query(Chart).first().render_line(0).text
        app.feed.take(moments(1, since=9)[0])
        await pilot.pause()
        assert "kernel   rr" in facts(screen)
        assert [row.past for row in screen.table.rows] == [False, False]


async def test_a_virtual_server_that_never_was() -> None:
    """A stale link is no exception."""
    app = app_of(cluster())
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot, "TCP:10.9.9.9:1")
        assert "✖ gone: no director that answers has TCP:10.9.9.9:1" in facts(screen)
        await pilot.press("enter", "z", "c")
        assert screen.table.rows == ()


@pytest.mark.parametrize(("asked", "there"), [("FWM:7:?", "FWM:7"), ("FWM:7", "FWM:7:?"), ("FWM:7:inet6", "FWM:7:?")])
async def test_a_mark_whose_family_became_known_is_the_same(asked: str, there: str) -> None:
    """/proc does not tell it and ipvsadm does: that is no virtual server that goes."""
    table = (virtual_server(there, FIRST),)
    app = app_of(cluster(master(virtual_servers=table, checks=()), backup(virtual_servers=table, checks=())))
    async with app.run_test(size=WIDE) as pilot:
        assert "kernel   rr" in facts(await opened(app, pilot, asked))


async def test_the_other_family_of_a_mark_is_another_virtual_server() -> None:
    """They share a number and nothing else."""
    table = (virtual_server("FWM:7:inet6", "[fd00::1]:80"),)
    app = app_of(cluster(master(virtual_servers=table, checks=()), backup(virtual_servers=table, checks=())))
    async with app.run_test(size=WIDE) as pilot:
        assert "gone" in facts(await opened(app, pilot, "FWM:7"))


async def test_before_anything_is_read_nothing_is_gone() -> None:
    """Directors that were never read do not lack a virtual server."""
    app = app_of(cluster(silent("keepalived1"), silent()))
    async with app.run_test(size=WIDE) as pilot:
        text = facts(await opened(app, pilot))
    assert "? nothing is known of TCP:172.26.127.20:445" in text
    assert "gone" not in text


async def test_an_ipv6_virtual_server_is_shown_as_it_is() -> None:
    """Brackets are no markup, wherever they stand."""
    service, real = "TCP:[fd00::20]:443", "[fd00::1]:443"
    table = (virtual_server(service, real),)
    app = app_of(cluster(master(virtual_servers=table, checks=()), backup(virtual_servers=table, checks=())))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot, service)
        assert rows(screen)[0].startswith(real)
        text = "\n".join(str(strip.text) for strip in [screen.table.render_line(1)])
        assert text.startswith(real)


async def test_after_a_failover_both_directors_have_curves() -> None:
    """The one that served a minute ago is named beside the one that serves."""
    table = (virtual_server(SERVICE, real_server(FIRST, active=9), SECOND),)
    rates = {vs_key(SERVICE): VirtualServerRates(Rates(20, 0, 0, 0, 0), {})}
    after = cluster(
        backup("keepalived1", virtual_servers=table, rates={}, read_at=later(11)),
        master("keepalived2", virtual_servers=table, rates=rates, counters={}, read_at=later(11)),
        now=later(11),
    )
    app = app_of(*moments(10), after)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        lines, _ = screen.curves(0, 900)
    assert [line.name for line in lines] == [
        "active keepalived2",
        "inactive keepalived2",
        "active keepalived1",
        "inactive keepalived1",
    ]


async def test_the_curves_of_a_stopped_keepalived_stay() -> None:
    """`systemctl stop keepalived` empties the old master's table: what it served is the story all the same."""
    app = picture_of("failover")
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        lines, _ = screen.curves(1, 60)
    assert [line.name for line in lines] == ["keepalived2", "keepalived1"]
    served = [value for _, value in lines[1].series.points]
    assert max(value for value in served if value is not None) > 40
    assert served[-1] is None


async def test_without_a_failover_there_is_one_director() -> None:
    """The backup's copies are no story."""
    app = app_of(*moments(10))
    async with app.run_test(size=WIDE) as pilot:
        lines, _ = (await opened(app, pilot)).curves(0, 900)
    assert [line.name for line in lines] == ["active", "inactive"]


async def test_ten_thousand_rows_are_not_shown() -> None:
    """The faulty ones and the busiest are, and it is said where the others are."""
    reals = [
        real_server(f"10.0.{number >> 8}.{number & 255}:80", 0 if number == 777 else 1, active=number % 500)
        for number in range(10_000)
    ]
    table = (virtual_server(SERVICE, *reals),)
    snapshot = cluster(master(virtual_servers=table, checks=None), backup(virtual_servers=table, checks=None))
    app = app_of(snapshot)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        assert len(screen.table.rows) == 200
        assert rows(screen)[0].startswith("10.0.3.9:80 | ◌ drained")
        left = str(screen.left_out.content)
    assert "200 of 10,000 real servers" in left
    assert "9,800 more are in the cluster's table" in left


async def test_among_too_many_the_row_under_the_cursor_stays() -> None:
    """It was one of the busiest when it was chosen; other ones are by now."""

    def busiest(number: int, second: int) -> ClusterSnapshot:
        reals = [
            real_server(f"10.0.{each >> 8}.{each & 255}:80", active=500 if each // 300 == number else 1)
            for each in range(600)
        ]
        table = (virtual_server(SERVICE, *reals),)
        mine = master(virtual_servers=table, checks=None, read_at=later(second))
        return cluster(mine, backup(virtual_servers=table, checks=None, read_at=later(second)), now=later(second))

    app = app_of(busiest(0, 0))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("down", "down")
        key = screen.table.cursor_key
        assert key == "10.0.0.2:80"
        app.feed.take(busiest(1, 10))
        await until(pilot, lambda: screen.snapshot is app.feed.latest)
        assert rows(screen)[0].startswith("10.0.1.44:80")
        assert screen.table.cursor_key == key
        assert len(screen.table.rows) == 200


async def test_enter_opens_the_real_server_and_from_there_returns() -> None:
    """The screens do not pile up by going back and forth."""
    app = app_of(*moments(3))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(app.screen, RealServerScreen)
        assert app.screen.address == rs_key(SECOND).address
        await pilot.press("enter")
        await pilot.pause()
        assert [id(each) for each in app.screen_stack[-1:]] == [id(screen)]


@pytest.mark.parametrize(
    ("keys", "span"), [("1", 60), ("5", 300), ("0", 900), ("z", 300), ("zz", 900), ("zzz", 60), ("++-", 300)]
)
async def test_charts_can_be_zoomed(keys: Sequence[str], span: float) -> None:
    """Directly, round, and by steps that end at the shortest and the longest span."""
    app = app_of(*moments(3))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        await pilot.press(*[{"+": "plus", "-": "minus"}.get(key, key) for key in keys])
        assert screen.charts.span == span


@pytest.mark.parametrize(("seconds", "span"), [(3, 60), (61, 60), (90, 300), (400, 900)])
async def test_charts_begin_with_what_is_known(seconds: int, span: float) -> None:
    """The shortest time that holds it; what the operator chose then stays."""
    app = app_of(*moments(seconds))
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(app, pilot)
        assert screen.charts.span == span
        await pilot.press("5")
        app.feed.take(moments(1, since=seconds)[0])
        await until(pilot, lambda: screen.snapshot is app.feed.latest)
        assert screen.charts.span == 300


@pytest.mark.parametrize(("width", "shown"), [(80, [1, 1, 1, 1]), (120, [3, 1, 1, 1])])
async def test_there_are_as_many_charts_as_there_is_room_for(width: int, shown: list[int]) -> None:
    """One at a time on a small terminal; each can be had alone."""
    app = app_of(*moments(3))
    async with app.run_test(size=(width, 24)) as pilot:
        screen = await opened(app, pilot)
        for count in shown:
            await until(pilot, lambda count=count: sum(each.display for each in screen.query(Chart)) == count)  # type: ignore[misc]  # bound now
            await pilot.press("c")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (40, 10)])
async def test_every_size_has_room_for_rows(size: tuple[int, int]) -> None:
    """Sentences and charts leave some; nothing is wider than the screen."""
    app = app_of(*moments(3))
    async with app.run_test(size=size) as pilot:
        screen = await opened(app, pilot)
        await until(pilot, lambda: screen.has_class("-short") is (size[1] < 30))
        await until(pilot, lambda: screen.table.size.height >= 2)
        assert max(len(line) for line in facts(screen).splitlines()) <= size[0]
