"""Nothing happens without a yes: the question before a change, and refusals with what it takes to insist."""

from textual.widgets import Button, Input

from lvstop.actions.intent import Drain
from lvstop.actions.plan import Refusal
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.confirm import ConfirmPlan
from lvstop.ui.screens.draining import DrainScreen
from lvstop.ui.screens.refusal import RefusalScreen
from support.acting import SIZE, acting, asked, on, shown
from support.pilots import cluster_screen, text_of, until
from support.plans import (
    CAPACITY,
    LAST,
    SMB_ROW,
    UNPRIVILEGED,
    FakeActor,
    drain_plan,
)


async def test_enter_is_a_no() -> None:
    """The focus is on Cancel: a second enter of somebody in a hurry does nothing; neither does escape."""
    actor = FakeActor(answers={None: drain_plan()})
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        for key in ("enter", "escape"):
            await asked(pilot, app)
            assert app.screen.focused is not None
            assert app.screen.focused.id == "cancel"
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert actor.executed == []


async def test_nothing_but_go_goes() -> None:
    """Every other key of a keyboard leaves the question as it is, keys of the table and of changes too."""
    actor = FakeActor(answers={None: drain_plan()})
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        await pilot.press(*letters, "up", "pagedown", "f4", "f5", "f10", "ctrl+a", "backspace", "space", "home", "end")
        assert isinstance(app.screen, ConfirmPlan)
        assert (len(actor.asked), actor.executed) == (1, [])


async def test_yes_executes_that_plan_once() -> None:
    """With the reason and the time that were typed, and otherwise as it was shown."""
    made = drain_plan()
    actor = FakeActor(answers={None: made})
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        app.screen.query_one("#reason", Input).value = " kernel [update] "
        app.screen.query_one("#within", Input).value = "2h"
        await pilot.pause()
        await pilot.press("ctrl+g", "ctrl+g", "enter")
        await until(pilot, lambda: isinstance(app.screen, DrainScreen))
        (done,) = actor.executed
        assert done.change.reason == "kernel [update]"
        assert done.change.until is not None
        assert (done.change.until - app.clock.now()).total_seconds() == 7200
        assert (done.steps, done.expects, done.change.weights) == (made.steps, made.expects, made.change.weights)


async def test_the_button_goes_too() -> None:
    """Reached with the keys that move between answers."""
    actor = FakeActor(answers={None: drain_plan()})
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        await pilot.press("right", "enter")
        await until(pilot, lambda: len(actor.executed) == 1)


async def test_a_length_of_time_has_to_be_one() -> None:
    """Nothing goes while it is not, whatever is pressed."""
    actor = FakeActor(answers={None: drain_plan()})
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        app.screen.query_one("#within", Input).value = "soon"
        await until(pilot, lambda: app.screen.query_one("#go", Button).disabled)
        assert "is no length of time" in text_of(app)
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmPlan)
        assert actor.executed == []


async def test_a_key_that_is_pressed_twice_asks_once() -> None:
    """Even before the question is on screen."""
    actor = FakeActor()
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        screen = cluster_screen(app)
        screen.action_drain()
        screen.action_drain()
        await shown(pilot, app, ConfirmPlan)
        assert len(actor.asked) == 1
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))


# refusals


async def test_a_refusal_that_is_final() -> None:
    """Its objections with their codes; there is nothing to insist with."""
    actor = FakeActor(answers={None: Refusal((UNPRIVILEGED, CAPACITY))})
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        await pilot.press("d")
        await shown(pilot, app, RefusalScreen)
        assert "privilege-missing" in text_of(app)
        assert UNPRIVILEGED.sentence in text_of(app)
        assert not app.screen.query("#insist, #reason")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert actor.executed == []


async def test_insisting_needs_a_reason_and_is_still_a_question() -> None:
    """Without one the button is dead; with one it is planned again with it, and asked as always."""
    overridden = drain_plan(overridden=(LAST,))
    actor = FakeActor(answers={None: Refusal((LAST,)), "*": overridden})
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        await pilot.press("d")
        await shown(pilot, app, RefusalScreen)
        insist = app.screen.query_one("#insist", Button)
        for nothing in ("", "   "):
            app.screen.query_one("#reason", Input).value = nothing
            await pilot.pause()
            assert insist.disabled
        await pilot.click("#insist")
        assert isinstance(app.screen, RefusalScreen)
        app.screen.query_one("#reason", Input).value = "the others are coming up"
        await until(pilot, lambda: not insist.disabled)
        app.screen.query_one("#reason", Input).focus()
        await pilot.press("enter", "enter")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert len(actor.asked) == 1
        await pilot.press("d")
        await shown(pilot, app, RefusalScreen)
        app.screen.query_one("#reason", Input).value = "the others are coming up"
        await pilot.pause()
        app.screen.query_one("#insist", Button).press()
        await shown(pilot, app, ConfirmPlan)
        assert actor.asked[-1] == (Drain((SMB_ROW,)), "the others are coming up")
        assert "against last-real-server" in text_of(app)
        assert actor.executed == []
