"""Keys and what they are about: rows are captured, marks count, a weight can be typed."""

import pytest
from textual.widgets import Button, Input

from lvstop.actions.intent import AddWeight, Drain, Restore, Row, ScaleWeight, SetWeight
from lvstop.actions.plan import Refusal
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.confirm import ConfirmPlan
from lvstop.ui.screens.draining import DrainScreen
from lvstop.ui.screens.real_server import RealServerScreen
from lvstop.ui.screens.refusal import RefusalScreen
from lvstop.ui.screens.virtual_server import VirtualServerScreen
from lvstop.ui.screens.weight import WeightScreen
from lvstop.ui.table.order import Wishes
from support import scenes
from support.acting import SIZE, acting, on, shown
from support.factories import rs_key
from support.pilots import cluster_screen, publish, text_of, toasts, until
from support.plans import (
    BOTH_ROWS,
    CAPACITY,
    NETBIOS_ROW,
    NOTHING,
    SMB_ROW,
    FakeActor,
    weight_plan,
)

FIRST_SMB: Row = (SMB_ROW[0], rs_key(f"{scenes.FIRST}:445"))


@pytest.mark.parametrize(
    ("key", "intent"),
    [
        ("d", Drain((SMB_ROW,))),
        ("f10", Drain((SMB_ROW,))),
        ("D", Drain(BOTH_ROWS)),
        ("R", Restore((SMB_ROW,))),
        ("f4", Restore((SMB_ROW,))),
        ("f9", Restore((SMB_ROW,))),
        ("f5", AddWeight((SMB_ROW,), -10)),
        ("f6", AddWeight((SMB_ROW,), -1)),
        ("f7", AddWeight((SMB_ROW,), 1)),
        ("f8", AddWeight((SMB_ROW,), 10)),
    ],
)
async def test_a_key_asks_for_one_thing(key: str, intent: object) -> None:
    """About the row under the cursor, by its keys; and asks before it is done."""
    actor = FakeActor()
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        await pilot.press(key)
        await shown(pilot, app, ConfirmPlan)
        assert actor.asked == [(intent, None)]
        assert actor.executed == []


@pytest.mark.parametrize(
    ("typed", "intent"),
    [
        ("5", SetWeight((SMB_ROW,), 5)),
        ("0", SetWeight((SMB_ROW,), 0)),
        ("+1", AddWeight((SMB_ROW,), 1)),
        ("-10", AddWeight((SMB_ROW,), -10)),
        ("50%", ScaleWeight((SMB_ROW,), 50.0)),
        (" 12.5 % ", ScaleWeight((SMB_ROW,), 12.5)),
    ],
)
async def test_a_weight_is_typed(typed: str, intent: object) -> None:
    """A number, a difference or a part; enter leads to the plan, which asks."""
    actor = FakeActor(answers={None: weight_plan()})
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        await pilot.press("w")
        await shown(pilot, app, WeightScreen)
        app.screen.query_one(Input).value = typed
        await until(pilot, lambda: "1 → 5" in text_of(app))
        assert "83 %" in text_of(app)
        await pilot.press("enter")
        await shown(pilot, app, ConfirmPlan)
        assert {intended for intended, _ in actor.asked} == {intent}
        assert actor.executed == []


@pytest.mark.parametrize("typed", ["x", "5x", "65536", "+", "-", "0%", "+0", "%", "1.5", "٣"])
async def test_what_is_no_weight_is_said(typed: str) -> None:
    """And leads nowhere."""
    actor = FakeActor()
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        await pilot.press("w")
        await shown(pilot, app, WeightScreen)
        app.screen.query_one(Input).value = typed
        await until(pilot, lambda: "✖" in text_of(app))
        assert app.screen.query_one("#show-plan", Button).disabled
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, WeightScreen)
        assert actor.asked == []


async def test_a_weight_that_is_refused_says_why_while_it_is_typed() -> None:
    """Enter shows the refusal, where one may insist."""
    app = acting(FakeActor(answers={None: Refusal((CAPACITY,))}))
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        await pilot.press("w", "9")
        await until(pilot, lambda: "takes 1,000 at most" in text_of(app))
        await pilot.press("enter")
        await shown(pilot, app, RefusalScreen)


async def test_rows_are_captured_when_the_key_is_pressed() -> None:
    """What is sorted, filtered or taken away while the question stands changes nothing of it."""
    actor = FakeActor()
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        table = cluster_screen(app).table
        await pilot.press("d")
        await shown(pilot, app, ConfirmPlan)
        table.wishes = Wishes(sort="active", filter="127.21")
        await publish(app, pilot, scenes.real_server_down()[-1])
        assert "172.26.127.22:445 of TCP 172.26.127.20:445" in text_of(app)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: bool(actor.executed))
        assert actor.executed[0].change.rows == (SMB_ROW,)


async def test_a_virtual_server_is_not_drained() -> None:
    """A hint, and nothing else."""
    actor = FakeActor()
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert cluster_screen(app).table.go_to((SMB_ROW[0], None))
        await pilot.press("d", "D", "w", "R", "m", "f7")
        await until(pilot, lambda: bool(toasts(app)))
        assert all("virtual server" in each for each in toasts(app))
        assert actor.asked == []
        assert isinstance(app.screen, ClusterScreen)
        assert not cluster_screen(app).table.wishes.marked


async def test_whoever_types_a_filter_changes_nothing() -> None:
    """Letters are letters, and keys that are none do nothing."""
    actor = FakeActor()
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        await pilot.press("slash", *"dDwRm", "f4", "f5", "f7", "f10")
        await pilot.pause()
        assert cluster_screen(app).table.wishes.filter == "dDwRm"
        assert isinstance(app.screen, ClusterScreen)
        assert actor.asked == []


async def test_marked_rows_go_before_the_cursor() -> None:
    """They are shown with a sign, keep it while they are hidden, and are forgotten when the change is done."""
    actor = FakeActor()
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app, SMB_ROW)
        await pilot.press("m")
        await on(pilot, app, NETBIOS_ROW)
        await pilot.press("m")
        await until(pilot, lambda: text_of(app).count("◆ 172.26.127.22") == 2 and "2 marked" in text_of(app))
        cluster_screen(app).table.wishes = Wishes(filter="127.21", marked=cluster_screen(app).table.wishes.marked)
        await on(pilot, app, FIRST_SMB)
        await pilot.press("d")
        await shown(pilot, app, ConfirmPlan)
        assert actor.asked == [(Drain(BOTH_ROWS), None)]
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, DrainScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert not cluster_screen(app).table.wishes.marked


async def test_marks_can_be_taken_away() -> None:
    """One by one, or all at once."""
    app = acting(FakeActor())
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        await pilot.press("m", "m")
        assert not cluster_screen(app).table.wishes.marked
        await pilot.press("m", "up", "m", "M")
        assert not cluster_screen(app).table.wishes.marked


async def test_detail_screens_act_on_their_rows() -> None:
    """A virtual server's real server, and a real server's row, whichever director's it is."""
    actor = FakeActor(answers={None: Refusal((NOTHING,))})
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RealServerScreen) and bool(app.screen.table.rows))
        await pilot.press("down", "down", "d")
        await shown(pilot, app, RefusalScreen)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert cluster_screen(app).table.go_to((SMB_ROW[0], None))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, VirtualServerScreen) and bool(app.screen.table.rows))
        await pilot.press("home", "D")
        await shown(pilot, app, RefusalScreen)
        everywhere = tuple((server, rs_key(f"{scenes.FIRST}:{port}")) for server, port in _SERVERS)
        assert [intended for intended, _ in actor.asked] == [Drain((SMB_ROW,)), Drain(everywhere)]


_SERVERS = ((NETBIOS_ROW[0], 139), (SMB_ROW[0], 445))
