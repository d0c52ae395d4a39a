"""Failing over with the keyboard: nothing happens without ticks and the name of the director that is to have it."""

import asyncio
from dataclasses import replace

import pytest
from textual.widgets import Button, Input

from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.plan import Assessment
from lvstop.model.failover import FailoverLever
from lvstop.ui.actions.words import GROUP
from lvstop.ui.failover.tick import Tick
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.failover_outcome import FailoverOutcomeScreen
from lvstop.ui.screens.failover_preflight import PreflightScreen
from lvstop.ui.screens.failover_scope import ScopeScreen
from lvstop.ui.screens.failover_sounding import SoundingScreen
from lvstop.ui.screens.vrrp import VrrpScreen
from support import failover_scenes as told
from support import scenes
from support.failing_over import SIZE, app_with, asked, gone, shown, tick_all, typed
from support.fake_failover_actor import FakeFailoverActor
from support.pilots import lines_of, text_of, toasts, until
from support.terminal import make_app

ALL_KEYS = (
    *"abcdefghijklmnopqrstuvwxyzABCDEGHIJKLMNOPQRSTUVWXYZ0123456789",
    *("up", "down", "pageup", "pagedown", "home", "end", "f1", "f2", "f3", "f4", "f8", "f9", "f10", "backspace"),
)


# the question


async def test_the_name_is_the_yes() -> None:
    """Typed and entered, it does what was shown, once, with the reason."""
    actor = FakeFailoverActor()
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        app.screen.query_one("#reason", Input).value = " kernel [update] "
        await typed(pilot, app, "keepalived2", "enter")
        await shown(pilot, app, FailoverOutcomeScreen)
        (done,) = actor.executed
        assert done.failover.reason == "kernel [update]"
        assert done == replace(told.plan_of(told.good()), failover=replace(done.failover), accepted=frozenset())
        assert actor.sounded == 1


@pytest.mark.parametrize("name", ["", "keepalived", "keepalived1", "Keepalived2", "keepalived22", "keepalived2 x"])
async def test_any_other_name_is_none(name: str) -> None:
    """Neither enter, nor the key, nor the button, which is dead."""
    actor = FakeFailoverActor()
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        screen = await asked(pilot, app)
        await typed(pilot, app, name, "enter", "ctrl+g")
        await pilot.click("#go")
        assert app.screen is screen
        assert screen.query_one("#go", Button).disabled
        assert "type keepalived2" in text_of(app)
        assert actor.executed == []


async def test_no_other_key_goes() -> None:
    """The focus is on Cancel, and enter there is a no; letters do nothing before the name's line has the focus."""
    actor = FakeFailoverActor(told.seed())
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        screen = await asked(pilot, app)
        assert screen.focused is not None
        assert screen.focused.id == "cancel"
        await pilot.press(*ALL_KEYS)
        assert app.screen is screen
        assert not any(tick.ticked for tick in screen.query(Tick))
        await pilot.press("enter")
        await shown(pilot, app, ClusterScreen)
        assert actor.executed == []


async def test_each_warning_is_ticked_by_hand() -> None:
    """The name alone does not do; what was ticked goes into the plan, and a tick can be taken back."""
    actor = FakeFailoverActor(told.seed(told.LOADED))
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        screen = await asked(pilot, app)
        await typed(pilot, app, "keepalived2", "enter", "ctrl+g")
        assert "2 warnings to tick" in text_of(app)
        await tick_all(pilot, app)
        first = screen.query(Tick).first()
        first.focus()
        await pilot.press("enter")
        await until(pilot, lambda: "1 warning to tick" in text_of(app))
        await typed(pilot, app, "keepalived2", "enter", "ctrl+g")
        assert app.screen is screen
        assert actor.executed == []
        await pilot.click(first)
        await typed(pilot, app, "keepalived2", "enter")
        await shown(pilot, app, FailoverOutcomeScreen)
        assert actor.executed[0].accepted == {CheckCode.SYNC_DAEMONS, CheckCode.PEER_LOAD}


async def test_what_is_in_the_way_cannot_be_overridden() -> None:
    """No line for a name, no button, no ticks: nothing leads on."""
    actor = FakeFailoverActor(told.bad())
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        screen = await asked(pilot, app)
        assert "✖ peer-backup" in text_of(app)
        assert not screen.query("#go, #name, #reason, Tick")
        await pilot.press("ctrl+g", "tab", *ALL_KEYS)
        assert app.screen is screen
        await gone(pilot, app)
        assert actor.executed == []


async def test_the_command_is_shown_before_anything_is_ticked() -> None:
    """Exactly what will be run, and where."""
    app = app_with(FakeFailoverActor(told.seed()))
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        assert "keepalived1# systemctl stop keepalived.service" in text_of(app)


async def test_data_is_no_markup() -> None:
    """Sentences with brackets stand there as they are."""
    app = app_with(FakeFailoverActor(told.seed(told.LOADED)))
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        assert "[rsync] may be running there" in text_of(app)


async def test_another_lever_is_planned_anew() -> None:
    """The next usable one, with what was asked of the directors already."""
    actor = FakeFailoverActor()
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        await pilot.press("f6")
        await until(pilot, lambda: "keepalived1# systemctl stop" in text_of(app))
        assert actor.sounded == 1
        await typed(pilot, app, "keepalived2", "enter")
        await shown(pilot, app, FailoverOutcomeScreen)
        assert actor.executed[0].failover.lever is FailoverLever.STOP


async def test_the_directors_can_be_asked_again() -> None:
    """What was in the way may be gone."""
    actor = FakeFailoverActor(told.bad())
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        actor.assessment = told.good()
        await pilot.press("f5")
        await until(pilot, lambda: bool(app.screen.query("#name")))
        assert actor.sounded == 2


@pytest.mark.parametrize("worse", [told.bad(), told.seed(), told.good(told.LOADED)], ids=["blocked", "other", "warned"])
async def test_what_is_not_as_it_was_shown_is_not_done(worse: Assessment) -> None:
    """The plan is made again at the last moment, of what is known then: if it is another one, it is shown first."""
    actor = FakeFailoverActor()
    app = app_with(actor)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked(pilot, app)
        actor.assessment = worse
        await typed(pilot, app, "keepalived2", "enter")
        await until(pilot, lambda: actor.sounded == 2 and isinstance(app.screen, PreflightScreen))
        assert any("not as it was shown" in each for each in toasts(app))
        assert actor.executed == []


async def test_who_reads_for_long_is_not_asked_twice() -> None:
    """Answers too old to act on are asked for again; where they change nothing, the yes that was given holds."""
    actor = FakeFailoverActor()
    app = app_with(actor)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked(pilot, app)
        app.screen.query_one("#reason", Input).value = "new kernel"
        actor.assessment, actor.sounding = told.bad(), asyncio.Event()
        await typed(pilot, app, "keepalived2", "enter")
        await shown(pilot, app, SoundingScreen)
        actor.assessment = told.good()
        actor.sounding.set()
        await shown(pilot, app, FailoverOutcomeScreen)
        assert [each.failover.reason for each in actor.executed] == ["new kernel"]
        assert actor.sounded == 2
        assert not any("Asked again" in each for each in toasts(app))


async def test_a_yes_is_none_to_more_that_breaks() -> None:
    """Newer answers that are worse than those that were read are read again, even where the same would be done."""
    mild = replace(
        told.NO_SYNC, code=CheckCode.SYNC_COVERAGE, sentence="Only 1,190 of 1,204: the others will be reset."
    )
    actor = FakeFailoverActor(told.good(mild))
    app = app_with(actor)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked(pilot, app)
        await tick_all(pilot, app)
        actor.assessment, actor.sounding = told.bad(), asyncio.Event()
        await typed(pilot, app, "keepalived2", "enter")
        await shown(pilot, app, SoundingScreen)
        actor.assessment = replace(told.good(mild), consequences=told.HARSH)
        actor.sounding.set()
        await shown(pilot, app, PreflightScreen)
        assert any("not as it was shown" in each for each in toasts(app))
        assert actor.executed == []


async def test_what_has_to_be_read_again_keeps_the_reason() -> None:
    """The name and the ticks are a yes to what was read; why it is done is not."""
    actor = FakeFailoverActor()
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        app.screen.query_one("#reason", Input).value = "new kernel"
        actor.assessment = told.seed()
        await typed(pilot, app, "keepalived2", "enter")
        await until(pilot, lambda: actor.sounded == 2 and isinstance(app.screen, PreflightScreen))
        await pilot.pause()
        assert [app.screen.query_one(each, Input).value for each in ("#name", "#reason")] == ["", "new kernel"]
        assert not any(each.ticked for each in app.screen.query(Tick))


async def test_a_key_that_is_pressed_twice_asks_once() -> None:
    """Even before anything is on screen."""
    actor = FakeFailoverActor(sounding=asyncio.Event())
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.desk.failovers.ask(app.feed)
        app.desk.failovers.ask(app.feed)
        await shown(pilot, app, SoundingScreen)
        assert actor.sounded == 1
        await gone(pilot, app)


async def test_nobody_has_to_wait_for_the_answers() -> None:
    """Escape ends the asking; nothing is left of it, and it can be begun again."""
    actor = FakeFailoverActor(sounding=asyncio.Event())
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for count in (1, 2):
            await pilot.press("F")
            await shown(pilot, app, SoundingScreen)
            await gone(pilot, app)
            await until(pilot, lambda wanted=count: actor.cancelled == wanted)  # type: ignore[misc]  # bound now
        assert not [worker for worker in app.workers if worker.group == GROUP and worker.is_running]


# what is to be moved


async def test_where_there_is_a_choice_it_is_asked() -> None:
    """Everything, a sync group, or an instance; only then are the directors asked."""
    actor = FakeFailoverActor()
    app = app_with(actor, [told.grouped()])
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.press("F")
        await shown(pilot, app, ScopeScreen)
        assert actor.sounded == 0
        await pilot.press("down", "enter")
        await shown(pilot, app, PreflightScreen)
        assert {intent for intent, _ in actor.asked} == {FailOver(group="FRONT", target="keepalived2")}
        await gone(pilot, app)
        await pilot.press("F")
        await shown(pilot, app, ScopeScreen)
        await gone(pilot, app)
        assert actor.executed == []


async def test_where_there_is_none_it_is_not() -> None:
    """One instance, one other director."""
    actor = FakeFailoverActor()
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        assert {intent for intent, _ in actor.asked} == {FailOver(instance="SMB", target="keepalived2")}


async def test_vrrp_has_the_key_and_the_palette_the_words() -> None:
    """The same from there; in read-only mode it does nothing."""
    actor = FakeFailoverActor()
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("v")
        await shown(pilot, app, VrrpScreen)
        await pilot.press("F")
        await shown(pilot, app, PreflightScreen)
        await pilot.press("escape")
        await shown(pilot, app, VrrpScreen)
        await pilot.press("ctrl+p", *"failover")
        await until(pilot, lambda: "Move the VIP to another director" in text_of(app))
        await pilot.press("enter")
        await shown(pilot, app, PreflightScreen)


async def test_read_only_has_no_actor_and_no_key() -> None:
    """Wherever it is pressed, with a lever held or not."""
    app = make_app(*told.on_record(scenes.steady()[-2:], told.held()))
    async with app.run_test(size=SIZE) as pilot:
        for keys in ((), ("v",), ("e",), ("a",), ("b",)):
            await pilot.press(*keys)
            await pilot.pause()
            before = app.screen
            await pilot.press("F")
            await pilot.pause()
            assert app.screen is before
            assert "FAILED OVER" in lines_of(app)[1]
            assert "F releases" not in text_of(app)
            await pilot.press("escape")
        assert not app.desk.failovers.operates("smb")
