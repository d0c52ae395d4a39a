"""Levers that are held and failovers that nobody finished are in sight until they are ended; lines that add a lever."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from lvstop.actions.failover.intent import FailOver
from lvstop.errors import LvstopError
from lvstop.model.sounding import ConfigCheck
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.executing import ExecutingScreen
from lvstop.ui.screens.failover_outcome import FailoverOutcomeScreen
from lvstop.ui.screens.failover_preflight import PreflightScreen
from lvstop.ui.screens.failover_record import RecordScreen
from lvstop.ui.screens.failover_suggestions import SuggestionScreen
from support import failover_scenes as told
from support import scenes
from support.failing_over import SIZE, app_with, asked, gone, shown, typed
from support.fake_failover_actor import FakeFailoverActor
from support.pilots import lines_of, publish, text_of, toasts, until

# what is on record


async def test_what_was_left_is_told_once_and_stays_in_sight() -> None:
    """A notice when it is found, and a line in every view; the key leads to its end."""
    actor = FakeFailoverActor()
    played = told.on_record(scenes.steady()[-3:], told.unfinished())
    app = app_with(actor, played)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: any("neither finished nor undone" in each for each in toasts(app)))
        await publish(app, pilot, played[-1])
        assert sum("neither finished nor undone" in each for each in toasts(app)) == 1
        for keys in ((), ("v",), ("e",), ("a",), ("b",)):
            await pilot.press(*keys)
            await until(pilot, lambda: "FAILOVER UNFINISHED" in lines_of(app)[1])
            await pilot.press("escape")
            await shown(pilot, app, ClusterScreen)
        await pilot.press("F")
        await shown(pilot, app, RecordScreen)
        await pilot.click("#finish")
        await shown(pilot, app, PreflightScreen)
        assert actor.asked[-1][0] == ("finish", told.unfinished().id)
        await typed(pilot, app, "keepalived2", "enter")
        await shown(pilot, app, FailoverOutcomeScreen)


async def test_a_line_comes_and_goes_with_the_lever() -> None:
    """Also while the screen stands still, which it says."""
    steady = scenes.steady()[-2:]
    app = app_with(FakeFailoverActor(), steady)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "FAILED OVER" not in text_of(app)
        await pilot.press("p")
        await publish(app, pilot, told.on_record(steady, told.held())[-1])
        await until(pilot, lambda: "FAILED OVER keepalived1 → keepalived2 by anna@desk, 11m ago" in lines_of(app)[1])
        await publish(app, pilot, steady[-1])
        await until(pilot, lambda: "FAILED OVER" not in text_of(app))


async def test_several_are_shown_one_after_the_other() -> None:
    """Those that are unfinished first, each with what can be done about it."""
    played = told.on_record(scenes.steady()[-2:], told.held(), told.unfinished())
    app = app_with(FakeFailoverActor(), played)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.press("F")
        await shown(pilot, app, RecordScreen)
        shown_first = [each.id for each in app.screen.query(Button) if each.display]
        await pilot.press("n")
        await pilot.pause()
        shown_next = [each.id for each in app.screen.query(Button) if each.display]
        assert (shown_first, shown_next) == (["cancel", "finish", "undo"], ["cancel", "release"])
        await gone(pilot, app)


async def test_with_a_held_lever_another_failover_is_possible() -> None:
    """Of something else, for one: the planner says what it thinks of it."""
    actor = FakeFailoverActor()
    app = app_with(actor, told.on_record(scenes.steady()[-2:], told.held()))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.press("F")
        await shown(pilot, app, RecordScreen)
        await pilot.click("#another")
        await shown(pilot, app, PreflightScreen)
        assert isinstance(actor.asked[-1][0], FailOver)


# lines that would add a lever


async def suggested(pilot: Pilot[None], app: LvstopApp) -> None:
    """The lines."""
    await asked(pilot, app)
    await pilot.press("f7")
    await shown(pilot, app, SuggestionScreen)


async def test_lines_are_copied_and_checked() -> None:
    """As they go into keepalived.conf, for both directors; keepalived is asked on each."""
    actor = FakeFailoverActor(told.seed(), validity=ConfigCheck(valid=False, said=("Unknown keyword '[x]'",)))
    app = app_with(actor)
    copied: list[str] = []
    async with app.run_test(size=SIZE) as pilot:
        app.copy_to_clipboard = copied.append  # type: ignore[method-assign, assignment]  # what it would be given
        await suggested(pilot, app)
        await pilot.press("y", "c")
        await until(pilot, lambda: text_of(app).count("refuses it") == 2 and "Unknown keyword '[x]'" in text_of(app))
        assert tuple(actor.tried) == told.SUGGESTIONS
        assert "track_file lvstop {\n    file /etc/keepalived/lvstop\n" in copied[0]
        assert "vrrp_instance SMB {\n    track_file {\n        lvstop weight -101\n" in copied[0]
        await pilot.press("escape")
        await shown(pilot, app, PreflightScreen)
        assert actor.executed == []


@pytest.mark.parametrize("error", [LvstopError("keepalived2 cannot be reached"), ZeroDivisionError("[/x]")])
async def test_who_cannot_be_asked_is_said(error: Exception) -> None:
    """Whether it is the director's or lvstop's own fault."""
    app = app_with(FakeFailoverActor(told.seed(), validity=error))
    async with app.run_test(size=SIZE) as pilot:
        await suggested(pilot, app)
        await pilot.press("c")
        await until(pilot, lambda: text_of(app).count(f"could not be checked: {_told(error)}") == 2)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, LvstopError) else f"ZeroDivisionError: {error}"


async def test_a_drain_and_a_failover_do_not_ask_at_once() -> None:
    """Dialogues are modal: the key of a drain does nothing below the question."""
    actor = FakeFailoverActor()
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        screen = await asked(pilot, app)
        await pilot.press("d", "D", "b")
        assert app.screen is screen
        assert not isinstance(app.screen, ExecutingScreen)
