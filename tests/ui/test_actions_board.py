"""The maintenance board, the line about it on the cluster's screen, and notices of what was left unfinished."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from lvstop.actions.intent import Drain, Restore
from lvstop.model.change import Change, ChangeKind
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.actions.board_rows import Standing, entries
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.confirm import ConfirmPlan
from lvstop.ui.screens.draining import DrainScreen
from lvstop.ui.screens.maintenance import MaintenanceScreen
from support import drains, scenes
from support.acting import SIZE, acting, shown
from support.factories import NOW
from support.pictures import after
from support.pilots import line_with, lines_of, publish, text_of, toasts, until
from support.plans import BOTH_ROWS, NETBIOS_ROW, SMB_ROW, FakeActor, drain, recorded
from support.terminal import make_app

EVERYTHING = (drains.standing(), drains.overdue(), drains.unfinished())


def app_with(*changes: Change, actor: FakeActor | None = None, reverted: bool = False) -> LvstopApp:
    """After a drain, with these changes on record."""
    played = drains.falling(*changes, reverted=reverted)[-2:]
    return after(played, make_actor=None if actor is None else lambda _: actor)


async def open_board(pilot: Pilot[None], app: LvstopApp) -> MaintenanceScreen:
    """By its key."""
    await pilot.pause()
    await pilot.press("b")
    await until(pilot, lambda: isinstance(app.screen, MaintenanceScreen) and "WEIGHT BEFORE" in text_of(app))
    assert isinstance(app.screen, MaintenanceScreen)
    return app.screen


def standings(snapshot: ClusterSnapshot) -> Sequence[Standing]:
    """How the changes of a snapshot stand, in the order of the board."""
    return [entry.standing for entry in entries(snapshot)]


def test_the_most_urgent_comes_first() -> None:
    """Unfinished, reverted, under way, then drains by age."""
    fresh = drains.unfinished(seconds=2.0)
    fresh = replace(fresh, id="fresh")
    quiet = drains.falling(drains.standing(), drains.overdue(), fresh, drains.unfinished())[-1]
    assert standings(quiet) == [Standing.UNFINISHED, Standing.UNDER_WAY, Standing.DRAINED, Standing.DRAINED]
    assert [entry.change.author.user for entry in entries(quiet)][2:] == ["bob", "anna"]
    reverted = drains.falling(drains.standing(), fresh, reverted=True)[-1]
    assert standings(reverted) == [Standing.REVERTED, Standing.UNDER_WAY]
    assert standings(scenes.steady()[-1]) == []


@pytest.mark.parametrize("actor", [None, FakeActor()], ids=["read-only", "operator"])
async def test_the_board_says_what_by_whom_why_and_until_when(actor: FakeActor | None) -> None:
    """In every mode; the one under the cursor at length, with the weights from before."""
    app = app_with(*EVERYTHING, actor=actor)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_board(pilot, app)
        assert [line.split("  ")[0] for line in lines_of(app)[2:5]] == [
            "172.26.127.22:139 of TCP 172.26.127.20:139 ✖ UNFINISHED",
            "172.26.127.22:445 of TCP 172.26.127.20:445 ◌ draining",
            "172.26.127.22 in 2 virtual servers",
        ]
        assert "nobody finished or undid it" in text_of(app)
        await pilot.press("down")
        await until(pilot, lambda: "ticket 4711" in text_of(app))
        assert screen.entry is not None
        told = text_of(app)
        for words in ("bob@workstation-17  since 20 Nov 11:02 (2d 3h)", "overdue by 1h", "NOT YET SAFE", "ipvsadm"):
            assert words in told
        weights = line_with(app, "   172.26.127.22:445 of TCP")
        assert weights.count("1 → 0") == 2
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))


async def test_a_reversion_is_shown_on_its_director() -> None:
    """Original weight, what was wanted, and what is there now; `–` is not said where nobody can tell."""
    app = app_with(reverted=True, actor=FakeActor())
    async with app.run_test(size=SIZE) as pilot:
        await open_board(pilot, app)
        assert "✖ REVERTED" in text_of(app)
        assert "1 → 0 ≠ 1" in line_with(app, "   172.26.127.22:445 of TCP")
        await publish(app, pilot, drains.falling(silent=True)[-1])
        await until(pilot, lambda: "1 → 0 ?" in text_of(app))
        assert "≠" not in line_with(app, "   172.26.127.22:445 of TCP")
        assert "? unknown" in text_of(app)


# keys


def enabled(app: LvstopApp) -> set[str]:
    """The letters of acting keys that do something now."""
    active = app.screen.active_bindings
    return {key for key in ("R", "a", "f", "u") if key in active and active[key].enabled}


@pytest.mark.parametrize(
    ("change", "reverted", "keys"),
    [
        (drains.standing(), False, {"R"}),
        (drains.standing(), True, {"R", "a"}),
        (drains.overdue(), False, {"R"}),
        (drains.unfinished(), False, {"f", "u"}),
        (drains.other_weights(), False, {"f", "u"}),
        (drains.unfinished(seconds=1.0), False, {"f", "u"}),
    ],
    ids=["standing", "reverted", "overdue", "unfinished", "weights", "under-way"],
)
async def test_keys_fit_the_change_under_the_cursor(change: Change, reverted: bool, keys: set[str]) -> None:
    """The others are greyed; in read-only mode all of them are."""
    app = app_with(change, reverted=reverted, actor=FakeActor())
    async with app.run_test(size=SIZE) as pilot:
        await open_board(pilot, app)
        assert enabled(app) == keys
    app = app_with(change, reverted=reverted)
    async with app.run_test(size=SIZE) as pilot:
        await open_board(pilot, app)
        assert enabled(app) == set()
        await pilot.press("R", "a", "f", "u")
        assert isinstance(app.screen, MaintenanceScreen)


@pytest.mark.parametrize(("key", "how"), [("f", "finish"), ("u", "undo")])
async def test_what_was_left_unfinished_is_finished_or_undone(key: str, how: str) -> None:
    """By plans of their own, which ask first."""
    actor = FakeActor()
    app = app_with(*EVERYTHING, actor=actor)
    async with app.run_test(size=SIZE) as pilot:
        await open_board(pilot, app)
        await pilot.press(key)
        await shown(pilot, app, ConfirmPlan)
        assert actor.resumed == [(how, drains.unfinished())]
        assert actor.executed == []
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MaintenanceScreen))
        assert actor.executed == []


async def test_a_drain_is_followed_restored_and_repeated() -> None:
    """Each about the change under the cursor."""
    actor = FakeActor()
    app = app_with(drains.overdue(), drains.standing(), reverted=True, actor=actor)
    async with app.run_test(size=SIZE) as pilot:
        await open_board(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DrainScreen) and "4711" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MaintenanceScreen))
        await pilot.press("R")
        await shown(pilot, app, ConfirmPlan)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MaintenanceScreen))
        await pilot.press("down", "a")
        await shown(pilot, app, ConfirmPlan)
        (restored, _), (repeated, _) = actor.asked
        assert restored == Restore((SMB_ROW,))
        assert isinstance(repeated, Drain)
        assert repeated.rows == BOTH_ROWS


async def test_the_cursor_stays_with_its_change() -> None:
    """Whatever comes to stand above it."""
    actor = FakeActor()
    app = app_with(drains.standing(), actor=actor)
    async with app.run_test(size=SIZE) as pilot:
        await open_board(pilot, app)
        await publish(app, pilot, drains.falling(*EVERYTHING)[-1])
        await until(pilot, lambda: "✖ UNFINISHED" in text_of(app))
        await pilot.press("R")
        await shown(pilot, app, ConfirmPlan)
        assert actor.asked == [(Restore(BOTH_ROWS), None)]


async def test_an_empty_board_says_so() -> None:
    """And what could not be read: what is on record there would not be on it."""
    app = make_app(scenes.steady()[-1])
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.press("b")
        await until(pilot, lambda: "Nothing is in maintenance" in text_of(app))
        assert "What is on record on keepalived1 and keepalived2 could not be read." in text_of(app)
        await pilot.press("R", "a", "f", "u", "enter")
        assert isinstance(app.screen, MaintenanceScreen)
        await publish(app, pilot, recorded(scenes.steady()[-1]))
        await until(pilot, lambda: "could not be read" not in text_of(app))


# the cluster's screen, and notices


async def test_the_clusters_screen_has_a_line_about_it() -> None:
    """Nothing where nothing is on record; else what is unfinished, under way, in maintenance and overdue."""
    app = make_app(scenes.steady()[-1], make_actor=lambda _: FakeActor())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "maintenance" not in text_of(app)
        await publish(app, pilot, drains.falling()[-1])
        await until(pilot, lambda: "◌ 1 real server is in maintenance · b shows them" in text_of(app))
        assert "unfinished" not in text_of(app)
        await publish(app, pilot, drains.falling(*EVERYTHING)[-1])
        await until(pilot, lambda: "✖ 1 change unfinished · ◌ 1 real server is in maintenance" in text_of(app))
        assert "▲ 1 overdue" in text_of(app)
        await publish(app, pilot, drains.falling(drains.unfinished(seconds=3.0))[-1])
        await until(pilot, lambda: "▸ 1 change under way" in text_of(app))


@pytest.mark.parametrize(
    ("width", "said"), [(200, ("bob 20 Nov", "anna 13:59")), (120, ("20 Nov", "13:59")), (80, "  ")]
)
async def test_the_table_says_who_and_when_where_there_is_room(width: int, said: Sequence[str]) -> None:
    """Beside the state; on a small screen the state alone."""
    played = drains.falling(drains.overdue(), drain(NETBIOS_ROW, at=NOW - timedelta(minutes=3)))
    app = after(played)
    async with app.run_test(size=(width, 40)) as pilot:
        await pilot.pause()
        first, second = (line for line in lines_of(app) if "172.26.127.22:" in line)
        assert f"drained {said[1]}" in first
        assert f"drained {said[0]}" in second
        assert ("bob" in second) is (width == 200)


async def test_what_was_left_unfinished_is_a_notice_once() -> None:
    """Of any cluster, at the start and later; not of what is being done just now, and not again."""
    other = replace(drains.falling(drains.unfinished())[-1], name="other")
    app = make_app(scenes.steady()[-1], others=[other])
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: len(toasts(app)) == 1)
        assert toasts(app)[0].startswith(
            "other: unfinished: A drain of 172.26.127.22:139 of TCP 172.26.127.20:139 by anna"
        )
        for seconds in (3.0, 29.0):
            await publish(app, pilot, drains.falling(drains.unfinished(seconds=seconds))[-1])
        assert len(toasts(app)) == 1
        for _ in range(2):
            await publish(app, pilot, drains.falling(drains.other_weights())[-1])
        assert len(toasts(app)) == 2
        assert "change of weight of 172.26.127.22:445" in toasts(app)[1]


async def test_what_is_being_done_here_is_no_notice() -> None:
    """Its record is pending while it is made, and if it stays so its outcome has told."""
    actor = FakeActor()
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.press("end", "f7")
        await shown(pilot, app, ConfirmPlan)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: bool(actor.executed) and isinstance(app.screen, ClusterScreen))
        before = len(toasts(app))
        mine = replace(actor.executed[0].change, at=NOW - timedelta(minutes=5), kind=ChangeKind.WEIGHT)
        await publish(app, pilot, recorded(scenes.steady()[-1], mine))
        assert len(toasts(app)) == before
