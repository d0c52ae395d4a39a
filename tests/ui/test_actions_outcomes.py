"""How a change ended is told, until somebody has read it."""

import pytest
from textual.widgets import Button, Input

from lvstop.actions.outcome import OutcomeKind
from lvstop.model.change import ChangeKind
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.confirm import ConfirmPlan
from lvstop.ui.screens.draining import DrainScreen
from lvstop.ui.screens.executing import ExecutingScreen
from lvstop.ui.screens.outcome import OutcomeScreen
from support.acting import SIZE, acting, asked, on, shown
from support.change_factories import outcome
from support.pilots import text_of, toasts, until
from support.plans import (
    UNPRIVILEGED,
    FakeActor,
    incomplete,
    undone,
)


async def test_done_is_told_and_followed() -> None:
    """A drain opens its follow-up, anything else is a notice; what could not be recorded is told."""
    actor = FakeActor(end=lambda of: outcome(of, notes=("No record on keepalived2.",)))
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await on(pilot, app)
        await pilot.press("f7")
        await shown(pilot, app, ConfirmPlan)
        assert not app.screen.query(Input)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: len(toasts(app)) == 2)
        assert isinstance(app.screen, ClusterScreen)
        assert any("Done and verified on keepalived1 and keepalived2" in each for each in toasts(app))
        assert any("No record on keepalived2." in each for each in toasts(app))
        await pilot.press("d")
        await shown(pilot, app, ConfirmPlan)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, DrainScreen))


@pytest.mark.parametrize("kind", [OutcomeKind.UNDONE, OutcomeKind.REFUSED])
async def test_what_was_not_done_is_told_with_what_stands_where(kind: OutcomeKind) -> None:
    """Until somebody has read it."""
    ends = {
        OutcomeKind.UNDONE: undone,
        OutcomeKind.REFUSED: lambda of: outcome(of, kind, objections=(UNPRIVILEGED,), change=None),
    }
    app = acting(FakeActor(end=ends[kind]))
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        await pilot.press("ctrl+g")
        await shown(pilot, app, OutcomeScreen)
        told = text_of(app)
        if kind is OutcomeKind.UNDONE:
            assert "keepalived1 refused the edit" in told
            assert told.count("weight 1, as before") == 2
        else:
            assert "Nothing was touched" in told
            assert UNPRIVILEGED.sentence in told
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert not toasts(app)


@pytest.mark.parametrize(("button", "how"), [("#finish", "finish"), ("#undo", "undo"), ("#cancel", None)])
async def test_what_is_incomplete_can_be_finished_or_undone(button: str, how: str | None) -> None:
    """By a plan that asks first, or it is left for later."""
    actor = FakeActor(end=incomplete)
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        await pilot.press("ctrl+g")
        await shown(pilot, app, OutcomeScreen)
        assert "unknown: keepalived1 does not answer" in text_of(app)
        assert app.screen.focused is not None
        assert app.screen.focused.id == "cancel"
        app.screen.query_one(button, Button).press()
        if how is None:
            await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
            assert actor.resumed == []
        else:
            await shown(pilot, app, ConfirmPlan)
            assert actor.resumed == [(how, actor.executed[0].change)]
        assert len(actor.executed) == 1


async def test_an_execution_that_ends_at_once_leaves_no_screen_behind() -> None:
    """Its steps may be told before anything is painted."""
    actor = FakeActor(steps=())
    app = acting(actor)
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(3):
            await on(pilot, app)
            await pilot.press("f7")
            await shown(pilot, app, ConfirmPlan)
            await pilot.press("ctrl+g")
            await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert len(actor.executed) == 3
        assert not any(isinstance(each, ExecutingScreen) for each in app.screen_stack)
        assert actor.executed[0].change.kind is ChangeKind.WEIGHT
