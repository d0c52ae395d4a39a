"""Following a drain: what is left, whether it is safe, what can be done, and the question when it takes long."""

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from lvstop.actions.intent import Drain, Restore
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.app import LvstopApp
from lvstop.ui.messages import ShowScreen
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.confirm import ConfirmPlan
from lvstop.ui.screens.draining import DrainScreen, PatienceScreen
from lvstop.ui.screens.maintenance import MaintenanceScreen
from lvstop.ui.screens.passphrase import PassphraseScreen
from support import drains, scenes
from support.acting import SIZE, shown
from support.pictures import after
from support.pilots import line_with, publish, text_of, toasts, until
from support.plans import BOTH_ROWS, FakeActor, drain, recorded
from support.terminal import make_app


async def follow(pilot: Pilot[None], app: LvstopApp, change: Change | None = None) -> None:
    """The follow-up of a drain."""
    await pilot.pause()
    app.post_message(ShowScreen(lambda feed: DrainScreen(feed, change or drains.standing())))
    await until(pilot, lambda: isinstance(app.screen, DrainScreen) and "172.26.127.22:445 of" in text_of(app))


def later(snapshot: ClusterSnapshot, minutes: float) -> ClusterSnapshot:
    """The same, some time later."""
    return replace(snapshot, generated_at=snapshot.generated_at + timedelta(minutes=minutes))


async def test_connections_fall_until_it_is_safe() -> None:
    """With every snapshot: what is left, how much is done, when it will be through, the verdict."""
    played = drains.falling()
    app = after(played[:-5], make_actor=lambda _: FakeActor())
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        row = line_with(app, "172.26.127.22:445 of")
        assert "602 →" in row or "600 →" in row
        assert "about" in row
        assert "NOT YET SAFE TO STOP" in text_of(app)
        before = row
        for snapshot in played[-5:]:
            await publish(app, pilot, snapshot)
        await until(pilot, lambda: line_with(app, "172.26.127.22:445 of") != before)
        assert "→ 11 " in line_with(app, "172.26.127.22:445 of")
        await publish(app, pilot, drains.falling(fall=0.0)[-1])
        await until(pilot, lambda: "SAFE TO STOP NOW" in text_of(app))
        assert app.screen.query_one("#verdict").has_class("-safe")


async def test_tables_of_before_the_drain_tell_nothing_of_it() -> None:
    """Just done: the weights that are known are those of before, which is no verdict, and no ground for a restore."""
    actor = FakeActor()
    *before, last = drains.falling()
    since = last.generated_at
    app = after([*before, last], make_actor=lambda _: actor)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.post_message(ShowScreen(lambda feed: DrainScreen(feed, drains.standing(), since)))
        await until(pilot, lambda: isinstance(app.screen, DrainScreen) and "Reading keepalived1" in text_of(app))
        await pilot.press("R")
        await publish(app, pilot, later(last, 1 / 60))
        await until(pilot, lambda: "NOT YET SAFE TO STOP" in text_of(app))
        assert actor.asked == []
        await pilot.press("R")
        await shown(pilot, app, ConfirmPlan)


async def test_a_reverted_drain_is_an_alarm_and_can_be_repeated() -> None:
    """Where and how, and `a` drains again as it was: same rows, lever and reason."""
    actor = FakeActor()
    app = after(drains.falling(), make_actor=lambda _: actor)
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        await pilot.press("a")
        assert actor.asked == []
        await publish(app, pilot, drains.falling(reverted=True)[-1])
        await until(pilot, lambda: "DRAIN REVERTED" in text_of(app))
        assert "weight 1 again on keepalived2" in text_of(app)
        assert app.screen.query_one("#verdict").has_class("-reverted")
        await pilot.press("a")
        await shown(pilot, app, ConfirmPlan)
        change = drains.standing()
        assert actor.asked == [(Drain(change.rows, change.lever, change.reason, change.until), None)]
        await pilot.press("ctrl+g")
        await until(pilot, lambda: len(actor.executed) == 1 and isinstance(app.screen, DrainScreen))
        assert sum(isinstance(each, DrainScreen) for each in app.screen_stack) == 1


async def test_what_nobody_can_tell_is_not_said_to_be_safe() -> None:
    """The director that balances is silent."""
    app = after(drains.falling(fall=0.0, silent=True), make_actor=lambda _: FakeActor())
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        assert "NOBODY CAN TELL" in text_of(app)
        assert "SAFE TO STOP NOW" not in text_of(app)
        assert app.screen.query_one("#verdict").has_class("-unknown")


@pytest.mark.parametrize("key", ["k", "escape"])
async def test_leaving_leaves_it_drained(key: str) -> None:
    """And says so."""
    actor = FakeActor()
    app = after(drains.falling(), make_actor=lambda _: actor)
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert any("stays: b shows it" in each for each in toasts(app))
        assert actor.asked == []


async def test_restoring_asks_and_then_leaves() -> None:
    """All its rows, by their keys."""
    actor = FakeActor()
    app = after(drains.falling(), make_actor=lambda _: actor)
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        await pilot.press("R")
        await shown(pilot, app, ConfirmPlan)
        assert actor.asked == [(Restore(BOTH_ROWS), None)]
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DrainScreen))
        await pilot.press("f9")
        await shown(pilot, app, ConfirmPlan)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert len(actor.executed) == 1


async def test_a_drain_that_somebody_else_ended() -> None:
    """It is said, and there is nothing left to restore; a record that was never read says nothing."""
    played = drains.falling()
    actor = FakeActor()
    bare = [recorded(each) for each in played]
    app = after(bare[:-1], make_actor=lambda _: actor)
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        assert "NO LONGER ON RECORD" not in text_of(app)
        await publish(app, pilot, played[-1])
        await publish(app, pilot, bare[-1])
        await until(pilot, lambda: "NO LONGER ON RECORD" in text_of(app))
        await pilot.press("R", "a")
        assert actor.asked == []


# patience


@pytest.mark.parametrize(("button", "there"), [("#cancel", DrainScreen), ("#leave", ClusterScreen)])
async def test_the_operator_is_asked_when_it_takes_long(button: str, there: type) -> None:
    """After ten minutes, once; waiting on asks again after as long."""
    played = drains.falling(fall=1.0)
    app = after(played, make_actor=lambda _: FakeActor())
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        assert "After 10 min you are asked" in text_of(app)
        await publish(app, pilot, later(played[-1], 9.9))
        assert isinstance(app.screen, DrainScreen)
        for minutes in (10.0, 10.1):
            await publish(app, pilot, later(played[-1], minutes))
        await shown(pilot, app, PatienceScreen)
        assert "600 established connections" in text_of(app)
        assert app.screen.focused is not None
        assert app.screen.focused.id == "cancel"
        app.screen.query_one(button, Button).press()
        await until(pilot, lambda: isinstance(app.screen, there))
        await publish(app, pilot, later(played[-1], 11))
        assert isinstance(app.screen, there)
        if there is DrainScreen:
            await publish(app, pilot, later(played[-1], 20.2))
            await shown(pilot, app, PatienceScreen)


async def test_restoring_is_one_of_the_answers_and_asks() -> None:
    """The plan is shown before anything is done."""
    played = drains.falling(fall=1.0)
    actor = FakeActor()
    app = after(played, make_actor=lambda _: actor)
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        await publish(app, pilot, later(played[-1], 10))
        await shown(pilot, app, PatienceScreen)
        app.screen.query_one("#restore", Button).press()
        await shown(pilot, app, ConfirmPlan)
        assert actor.asked == [(Restore(BOTH_ROWS), None)]
        assert actor.executed == []


async def test_how_long_is_the_operators_choice() -> None:
    """Longer, or never; and nobody is asked of a drain that is through, or over another question."""
    played = drains.falling(fall=1.0)
    app = after(played, make_actor=lambda _: FakeActor())
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        await pilot.press("t")
        await until(pilot, lambda: "After 20 min you are asked" in text_of(app))
        await publish(app, pilot, later(played[-1], 19))
        assert isinstance(app.screen, DrainScreen)
        await pilot.press("t", "t", "t")
        await until(pilot, lambda: "You are never asked" in text_of(app))
        await publish(app, pilot, later(played[-1], 600))
        assert isinstance(app.screen, DrainScreen)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, PatienceScreen))


async def test_no_question_lies_over_another_one() -> None:
    """It comes when the other one is answered."""
    played = drains.falling(fall=1.0)
    app = after(played, make_actor=lambda _: FakeActor())
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        worker = app.run_worker(app.ask_secret("key:"))
        await until(pilot, lambda: isinstance(app.screen, PassphraseScreen))
        await publish(app, pilot, later(played[-1], 11))
        assert isinstance(app.screen, PassphraseScreen)
        await pilot.press("k", "enter")
        assert await worker.wait() == "k"
        await publish(app, pilot, later(played[-1], 12))
        await until(pilot, lambda: isinstance(app.screen, PatienceScreen))


async def test_nobody_is_asked_about_a_drain_that_is_through() -> None:
    """However long it stands."""
    played = drains.falling(fall=0.0)
    app = after(played, make_actor=lambda _: FakeActor())
    async with app.run_test(size=SIZE) as pilot:
        await follow(pilot, app)
        await publish(app, pilot, later(played[-1], 600))
        assert isinstance(app.screen, DrainScreen)
        assert "you are asked" not in text_of(app)


async def test_data_is_no_markup() -> None:
    """A reason and a name may say anything; addresses have brackets."""
    made = drain(reason="[/x] [bold]ticket [4711]", at=drains.standing().at)
    snapshot = recorded(scenes.long_ipv6()[-1], made)
    server = snapshot.directors[0].virtual_servers
    assert server is not None
    row = (server[0].key, server[0].real_servers[0].key)
    weights = tuple(replace(each, virtual_server=row[0], real_server=row[1]) for each in made.weights[:2])
    made = replace(made, weights=weights)
    app = make_app(recorded(snapshot, replace(made, cluster="v6")), make_actor=lambda _: FakeActor())
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause()
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, MaintenanceScreen) and "[4711]" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DrainScreen) and "[4711]" in text_of(app))
        assert "[/x] [bold]ticket [4711]" in text_of(app)
        assert f"{row[1]} of TCP" in text_of(app)
