"""Connections from the key to the numbers: on an embedded pair, and with countings that a test holds in its hands."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from lvstop.cli.terminal import make_app as make_real_app
from lvstop.config.schema import ClusterConfig
from lvstop.demo.launch import Demo
from lvstop.engine.counting import Report
from lvstop.model.cluster import Health
from lvstop.model.connections import ConnectionScope, Counting
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.connections import ConnectionsScreen
from lvstop.ui.screens.real_server import RealServerScreen
from support.counts import done, place, telling
from support.demo_pair import VIP, pair, running
from support.factories import vs_key
from support.pictures import scene
from support.pilots import line_with, text_of, toasts, until
from support.terminal import make_app

SMB = vs_key(f"TCP:{VIP}:445")
SIZE = (140, 45)


class Hands:
    """A counting that goes on until a test ends it.

    Attributes:
        scopes: what was asked for, in order.
        ended: how many countings were cancelled.
        stopped: what the newest one would be told.
    """

    def __init__(self) -> None:
        self.scopes: list[ConnectionScope] = []
        self.ended = 0
        self.report: Report = lambda _counting: None
        self.stopped: Callable[[], bool] = lambda: False

    async def __call__(
        self, _config: ClusterConfig, scope: ConnectionScope, report: Report, stopped: Callable[[], bool]
    ) -> None:
        self.scopes.append(scope)
        self.report, self.stopped = report, stopped
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1


def shown(app: LvstopApp) -> bool:
    """The connections are on top, and laid out."""
    return isinstance(app.screen, ConnectionsScreen) and app.screen.is_mounted


async def opened(app: LvstopApp, pilot: Pilot[None], *keys: str) -> None:
    """Press the way there."""
    await pilot.press(*keys)
    await until(pilot, lambda: shown(app))


@pytest.mark.parametrize(
    ("keys", "scope"),
    [
        (["home", "n"], ConnectionScope(vs_key(f"TCP:{VIP}:139"))),
        (["end", "n"], ConnectionScope(SMB, vs_key("TCP:172.26.127.22:0").address, 445)),
        (["home", "down", "down", "down", "enter", "n"], ConnectionScope(SMB)),
        (["end", "enter", "n"], ConnectionScope(address=vs_key("TCP:172.26.127.22:0").address)),
    ],
    ids=["row-of-a-virtual-server", "row-of-a-real-server", "virtual-server", "real-server"],
)
async def test_the_key_is_about_what_is_looked_at(keys: list[str], scope: ConnectionScope) -> None:
    """The row under the cursor, or what the screen shows, whatever the cursor is on there."""
    hands = Hands()
    app = make_app(*scene("steady"), count_connections=hands)
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, *keys)
        await until(pilot, lambda: bool(hands.scopes))
        assert hands.scopes == [scope]
        assert f"connections of {scope}" in text_of(app)


async def test_progress_is_shown_and_leaving_ends_it() -> None:
    """How far each director is; then nothing is left running."""
    hands = Hands()
    app = make_app(*scene("steady"), count_connections=hands)
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "home", "n")
        await until(pilot, lambda: bool(hands.scopes))
        assert "0 entries so far" in line_with(app, "keepalived1")
        hands.report(Counting("keepalived1", 40_960, 0.3))
        await until(pilot, lambda: "40,960 entries so far" in text_of(app))
        hands.report(done("keepalived1", states={"ESTABLISHED": 12}, read=50_000))
        await until(pilot, lambda: "12 connections of 50,000 entries" in text_of(app))
        assert "0 entries so far" in line_with(app, "keepalived2  counting")
        await pilot.press("escape")
        await until(pilot, lambda: hands.ended == 1)
        assert not shown(app)


async def test_stop_and_again() -> None:
    """`x` ends the reading and leaves the telling to the directors; `r` begins anew when all have come to an end."""
    hands = Hands()
    app = make_app(*scene("steady"), count_connections=hands)
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "home", "n")
        await until(pilot, lambda: bool(hands.scopes))
        await pilot.press("r")
        assert len(hands.scopes) == 1
        assert not hands.stopped()
        await pilot.press("x")
        assert hands.stopped()
        for name in ("keepalived1", "keepalived2"):
            hands.report(done(name, states={"ESTABLISHED": 12}, read=50_000))
        await until(pilot, lambda: text_of(app).count("12 connections") == 2)
        await pilot.press("r")
        await until(pilot, lambda: len(hands.scopes) == 2)
        assert hands.ended == 1
        assert not hands.stopped()
        assert text_of(app).count("0 entries so far") == 2


async def test_a_row_leads_to_its_real_server() -> None:
    """And other rows lead nowhere."""
    counting = done("keepalived1", states={"ESTABLISHED": 3}, read=3, servers=[place(SMB, "172.26.127.21:445", 3, 0)])
    app = make_app(*scene("steady"), count_connections=telling([counting]))
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "home", "n")
        await until(pilot, lambda: "REAL SERVERS" in text_of(app))
        await pilot.press("home", "enter")
        assert shown(app)
        screen = app.screen
        assert isinstance(screen, ConnectionsScreen)
        keys = [row.key for row in screen.table.rows]
        await pilot.press(*["down"] * keys.index(f"server {SMB} 172.26.127.21:445"), "enter")
        await until(pilot, lambda: isinstance(app.screen, RealServerScreen))


async def test_an_error_of_lvstops_own_is_said() -> None:
    """Where the numbers would be; the program goes on."""

    async def broken(*_words: object) -> None:
        raise ZeroDivisionError("a mistake")

    app = make_app(*scene("steady"), count_connections=broken)
    async with app.run_test(size=SIZE) as pilot:
        await opened(app, pilot, "home", "n")
        await until(pilot, lambda: text_of(app).count("lvstop itself went wrong") == 2)
        await pilot.press("escape")


async def test_without_anything_that_counts_there_is_no_key() -> None:
    """Nor an entry in the palette."""
    app = make_app(*scene("steady"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("home", "n")
        await pilot.pause()
        assert not shown(app)
        assert toasts(app) == []


async def looked_at(app: LvstopApp, pilot: Pilot[None]) -> None:
    """Wait for the first reading of the pair."""
    async with asyncio.timeout(30):
        while not app.feeds or app.feed.latest.health is Health.UNKNOWN:
            await pilot.pause()


@pytest.mark.parametrize("read_only", [False, True], ids=["operator", "watcher"])
async def test_on_a_pair(tmp_path: Path, read_only: bool) -> None:
    """Over SSH, masked by the cluster file: an operator sees clients, a watcher networks; numbers are the model's."""
    demo: Demo
    async with running(tmp_path, pair(interval=1.0)) as demo:
        clusters = [replace(each, mask_clients=True) for each in demo.clusters]
        app = make_real_app(clusters, state=tmp_path / "state", read_only=read_only)
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await looked_at(app, pilot)
            app.go_to_row((SMB, None))
            await pilot.pause()
            await opened(app, pilot, "n")
            async with asyncio.timeout(20):
                while text_of(app).count("● keepalived") < 2:
                    await pilot.pause()
            text = text_of(app)
            assert ("are masked" in text) is read_only
            await pilot.press("end")
            await pilot.pause()
            assert ("10.8.0.0/24 no. " in text_of(app)) is read_only
            world = demo.world("smb")
            (service,) = [each for each in world.directors[0].table.services if each.key == SMB]
            there = sum(each.active + each.inactive for each in service.destinations)
            screen = app.screen
            assert isinstance(screen, ConnectionsScreen)
            number = int(screen.table.rows[0].cells[1][0].text.replace(",", ""))
            assert abs(number - there) <= 0.2 * there
