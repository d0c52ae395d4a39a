"""Failing over: preflight good and bad, the yes, the course as it runs, how it ended, what is held, what was left."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from lvstop.config.themes import shipped_themes
from lvstop.model.sounding import ConfigCheck
from lvstop.ui.app import LvstopApp
from lvstop.ui.failover.tick import Tick
from lvstop.ui.screens.alerts import AlertsScreen
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.failover_outcome import FailoverOutcomeScreen
from lvstop.ui.screens.failover_preflight import PreflightScreen
from lvstop.ui.screens.failover_record import RecordScreen
from lvstop.ui.screens.failover_running import RunningScreen
from lvstop.ui.screens.failover_scope import ScopeScreen
from lvstop.ui.screens.failover_sounding import SoundingScreen
from lvstop.ui.screens.failover_suggestions import SuggestionScreen
from lvstop.ui.screens.vrrp import VrrpScreen
from support import failover_scenes as told
from support import scenes
from support.clocks import ManualClock
from support.fake_failover_actor import FakeFailoverActor
from support.pictures import SIZES, Size, SnapCompare, after, at, scene
from support.pilots import text_of, until
from support.plans import FakeActor

Before = Callable[[Pilot[None]], Awaitable[None]]


def operated(actor: FakeFailoverActor, played: scenes.Scene | None = None, theme: str = "lvstop-dark") -> LvstopApp:
    """A pair that may be changed and failed over."""
    shown = scene("steady") if played is None else played
    return after(shown, theme=theme, make_actor=lambda _: FakeActor(), make_failover_actor=actor)


def app_in(pilot: Pilot[None]) -> LvstopApp:
    """The application."""
    assert isinstance(pilot.app, LvstopApp)
    return pilot.app


async def on_top(pilot: Pilot[None], screen: type[Widget], words: str) -> None:
    """Wait for a screen that says these words."""
    await until(pilot, lambda: isinstance(pilot.app.screen, screen) and words in text_of(app_in(pilot)))
    # toasts go by themselves, at a time of their own
    pilot.app.clear_notifications()
    await pilot.pause()


async def noticed(pilot: Pilot[None]) -> None:
    """The notice of something unfinished has come, and is gone."""
    await until(pilot, lambda: bool(pilot.app.screen.query("Toast")))
    pilot.app.clear_notifications()
    await until(pilot, lambda: not pilot.app.screen.query("Toast"))


def pressing(
    *keys: str, screen: type[Widget], words: str, then: Before | None = None, first: Before | None = None
) -> Before:
    """These keys, and wait for what they bring. `first`: what comes before."""

    async def run(pilot: Pilot[None]) -> None:
        await pilot.pause()
        if first is not None:
            await first(pilot)
        await pilot.press(*keys)
        await on_top(pilot, screen, words)
        if then is not None:
            await then(pilot)
            await pilot.pause()

    return run


def asking(words: str, then: Before | None = None) -> Before:
    """Up to the question."""
    return pressing("F", screen=PreflightScreen, words=words, then=then)


async def agree(pilot: Pilot[None]) -> None:
    """Tick whatever has to be, type the target's name, enter."""
    for tick in pilot.app.screen.query(Tick):
        tick.action_tick()
    name = pilot.app.screen.query_one("#name", Input)
    name.value = "keepalived2"
    name.focus()
    await pilot.pause()
    await pilot.press("enter")


def agreed(screen: type[Widget], words: str, then: Before | None = None) -> Before:
    """Past the question."""

    async def run(pilot: Pilot[None]) -> None:
        await agree(pilot)
        await on_top(pilot, screen, words)
        if then is not None:
            await then(pilot)
            await pilot.pause()

    return asking("Cancel", run)


# before the deed


@at("80x24", "120x40")
def test_sounding(snap_compare: SnapCompare, size: Size) -> None:
    """The directors are asked; nothing is changed, and one may leave."""
    actor = FakeFailoverActor(sounding=asyncio.Event())
    assert snap_compare(
        operated(actor), terminal_size=size, run_before=pressing("F", screen=SoundingScreen, words="Asking")
    )


@at("80x24", "120x40", "200x60")
def test_preflight_good(snap_compare: SnapCompare, size: Size) -> None:
    """Nothing is in the way: the gentle lever, who survives, the way back, the command, and every check."""
    assert snap_compare(operated(FakeFailoverActor()), terminal_size=size, run_before=asking("Cancel"))


@at("80x24", "120x40", "200x60")
def test_preflight_with_warnings(snap_compare: SnapCompare, size: Size) -> None:
    """The seed's own pair: only a stop works, it breaks everything, two warnings are to be ticked."""
    actor = FakeFailoverActor(told.seed(told.LOADED))
    assert snap_compare(operated(actor), terminal_size=size, run_before=asking("Cancel"))


@at("80x24", "120x40", "200x60")
def test_preflight_bad(snap_compare: SnapCompare, size: Size) -> None:
    """The target is in FAULT and the tables differ: nothing to type, nothing to press."""
    actor = FakeFailoverActor(told.bad(), objections=(told.LEVER_UNUSABLE,))
    assert snap_compare(operated(actor), terminal_size=size, run_before=asking("Close"))


@at("80x24", "120x40")
def test_preflight_at_its_end(snap_compare: SnapCompare, size: Size) -> None:
    """Scrolled to the other levers and to what was found to be right."""

    async def scroll(pilot: Pilot[None]) -> None:
        await pilot.press(*["pagedown"] * 6)

    assert snap_compare(operated(FakeFailoverActor()), terminal_size=size, run_before=asking("Cancel", scroll))


@at("80x24", "120x40")
def test_preflight_of_many_addresses(snap_compare: SnapCompare, size: Size) -> None:
    """A sync group of three instances with long IPv6 addresses."""
    actor = FakeFailoverActor(told.many())
    assert snap_compare(operated(actor), terminal_size=size, run_before=asking("Cancel"))


@at("80x24", "120x40", "200x60")
def test_confirmation(snap_compare: SnapCompare, size: Size) -> None:
    """One warning is ticked, the name is half typed, the reason is there: what is missing is said."""

    async def fill(pilot: Pilot[None]) -> None:
        screen = pilot.app.screen
        screen.query(Tick).first().focus()
        await pilot.press("space")
        screen.query_one("#reason", Input).value = "kernel update, ticket [4711]"
        screen.query_one("#name", Input).focus()
        await pilot.press(*"keepaliv")

    actor = FakeFailoverActor(told.seed(told.LOADED))
    assert snap_compare(operated(actor), terminal_size=size, run_before=asking("Cancel", fill))


@at("80x24", "120x40")
def test_confirmation_complete(snap_compare: SnapCompare, size: Size) -> None:
    """Everything is ticked and typed: enter goes."""

    async def fill(pilot: Pilot[None]) -> None:
        for tick in pilot.app.screen.query(Tick):
            tick.action_tick()
        pilot.app.screen.query_one("#name", Input).focus()
        await pilot.press(*"keepalived2")

    actor = FakeFailoverActor(told.seed())
    assert snap_compare(operated(actor), terminal_size=size, run_before=asking("Cancel", fill))


@at("80x24", "120x40")
def test_confirmation_of_a_release(snap_compare: SnapCompare, size: Size) -> None:
    """The way back moves the address again: the name of whom it goes to is typed."""
    app = operated(FakeFailoverActor(), told.on_record(told.moved(), told.held()))

    async def release(pilot: Pilot[None]) -> None:
        await pilot.click("#release")
        await on_top(pilot, PreflightScreen, "Cancel")

    before = pressing("F", screen=RecordScreen, words="Leave it so", then=release)
    assert snap_compare(app, terminal_size=size, run_before=before)


@at("80x24", "120x40")
def test_confirmation_of_an_undo_that_moves_nothing(snap_compare: SnapCompare, size: Size) -> None:
    """Only the lever is put back: nothing to type, and the focus is on Cancel."""
    app = operated(FakeFailoverActor(), told.on_record(scene("steady"), told.unfinished()))

    async def undo(pilot: Pilot[None]) -> None:
        await pilot.click("#undo")
        await on_top(pilot, PreflightScreen, "Cancel")

    before = pressing("F", screen=RecordScreen, words="Leave it so", then=undo, first=noticed)
    assert snap_compare(app, terminal_size=size, run_before=before)


@at("80x24", "120x40")
def test_scope(snap_compare: SnapCompare, size: Size) -> None:
    """Two instances and a sync group: what is to be moved is chosen first."""
    app = operated(FakeFailoverActor(), [told.grouped()])
    assert snap_compare(app, terminal_size=size, run_before=pressing("F", screen=ScopeScreen, words="everything"))


@at("80x24", "120x40", "200x60")
def test_suggestion(snap_compare: SnapCompare, size: Size) -> None:
    """The lines that would add a gentle lever, checked: one director's configuration is valid with them."""

    async def lines(pilot: Pilot[None]) -> None:
        await pilot.press("f7")
        await on_top(pilot, SuggestionScreen, "init_file 0")
        await pilot.press("c")
        await until(pilot, lambda: "finds it valid" in text_of(app_in(pilot)) or "more" in text_of(app_in(pilot)))
        if size == SIZES["80x24"]:
            await pilot.press(*["pagedown"] * 3)

    actor = FakeFailoverActor(told.seed())
    assert snap_compare(operated(actor), terminal_size=size, run_before=asking("Cancel", lines))


@at("120x40")
def test_suggestion_that_is_refused(snap_compare: SnapCompare, size: Size) -> None:
    """What keepalived says against it, as it says it."""
    said = ("(Line 14) Unknown keyword '[track_file]'", "SIGTERM received - terminating")

    async def lines(pilot: Pilot[None]) -> None:
        await pilot.press("f7")
        await on_top(pilot, SuggestionScreen, "init_file 0")
        await pilot.press("c")
        await on_top(pilot, SuggestionScreen, "refuses it")

    actor = FakeFailoverActor(told.seed(), validity=ConfigCheck(valid=False, said=said))
    assert snap_compare(operated(actor), terminal_size=size, run_before=asking("Cancel", lines))


# the deed


def running(*moments: object, seconds: float) -> tuple[LvstopApp, Before]:
    """In the middle of it, so many seconds after the lever."""
    course = (*told.STEPS, *told.told(*moments))  # type: ignore[arg-type]  # moments, by their names
    app = operated(FakeFailoverActor(gate=asyncio.Event(), course=course))

    async def wait(pilot: Pilot[None]) -> None:
        clock = app.clock
        assert isinstance(clock, ManualClock)
        clock.advance(seconds)
        await until(pilot, lambda: f"{seconds:.2f} s" in text_of(app))

    return app, agreed(RunningScreen, "it ends by itself", wait)


@at("80x24", "120x40", "200x60")
def test_running_before_it_moves(snap_compare: SnapCompare, size: Size) -> None:
    """The lever is pulled and the source still has the address."""
    app, before = running(told.PULLED, told.LOWERED, seconds=1.42)
    assert snap_compare(app, terminal_size=size, run_before=before)


@at("80x24", "120x40", "200x60")
def test_running_after_it_moved(snap_compare: SnapCompare, size: Size) -> None:
    """The address has moved, and every moment is there with its error."""
    app, before = running(*told.MOMENTS[:-1], seconds=3.31)
    assert snap_compare(app, terminal_size=size, run_before=before)


# how it ended


def ended(end: Callable[..., object], played: scenes.Scene | None = None) -> LvstopApp:
    """An execution that comes to this."""
    return operated(FakeFailoverActor(end=end), played)  # type: ignore[arg-type]  # makes an outcome of a plan


@at("80x24", "120x40", "200x60")
def test_outcome_done(snap_compare: SnapCompare, size: Size) -> None:
    """Gap and overlap with their errors, bars of the part in which it moved, the held lever and its release."""
    before = agreed(FailoverOutcomeScreen, "Leave it so")
    assert snap_compare(ended(told.done), terminal_size=size, run_before=before)


@at("80x24", "120x40")
def test_outcome_done_by_a_stop(snap_compare: SnapCompare, size: Size) -> None:
    """Nobody had the address for most of a second, and of connections nobody can tell."""
    before = agreed(FailoverOutcomeScreen, "Leave it so")
    actor = FakeFailoverActor(told.seed(), end=told.harsh)
    assert snap_compare(operated(actor), terminal_size=size, run_before=before)


@at("80x24", "120x40")
def test_outcome_undone(snap_compare: SnapCompare, size: Size) -> None:
    """The target never took over: the lever was put back, and everything stands where it was."""
    before = agreed(FailoverOutcomeScreen, "did not take over")
    assert snap_compare(ended(told.undone), terminal_size=size, run_before=before)


@at("80x24", "120x40", "200x60")
def test_outcome_incomplete(snap_compare: SnapCompare, size: Size) -> None:
    """Neither done nor undone: what stands where, what to type, and the keys that end it."""
    before = agreed(FailoverOutcomeScreen, "neither done nor undone")
    assert snap_compare(ended(told.incomplete), terminal_size=size, run_before=before)


@at("80x24")
def test_outcome_refused(snap_compare: SnapCompare, size: Size) -> None:
    """What was asked again just before was worse: nothing was touched."""
    before = agreed(FailoverOutcomeScreen, "Nothing was touched")
    assert snap_compare(ended(told.refused), terminal_size=size, run_before=before)


# what is held, and what was left


@at("80x24", "120x40", "200x60")
def test_held_on_the_cluster(snap_compare: SnapCompare, size: Size) -> None:
    """A line below the first one, until the lever is released."""
    app = operated(FakeFailoverActor(), told.on_record(told.moved(), told.held()))
    assert snap_compare(app, terminal_size=size, run_before=pressing(screen=ClusterScreen, words="FAILED OVER"))


@at("80x24", "120x40")
def test_held_on_vrrp(snap_compare: SnapCompare, size: Size) -> None:
    """In every view."""
    app = operated(FakeFailoverActor(), told.on_record(told.moved(), told.held()))
    assert snap_compare(app, terminal_size=size, run_before=pressing("v", screen=VrrpScreen, words="FAILED OVER"))


@at("80x24")
def test_held_read_only(snap_compare: SnapCompare, size: Size) -> None:
    """Who may change nothing is told as well; there is no key to offer."""
    app = after(told.on_record(told.moved(), told.held()))
    assert snap_compare(app, terminal_size=size, run_before=pressing("a", screen=AlertsScreen, words="FAILED OVER"))


@at("80x24", "120x40")
def test_held_record(snap_compare: SnapCompare, size: Size) -> None:
    """Who holds it, since when, why, by which lever."""
    app = operated(FakeFailoverActor(), told.on_record(told.moved(), told.held()))
    assert snap_compare(app, terminal_size=size, run_before=pressing("F", screen=RecordScreen, words="kernel update"))


@at("80x24", "120x40", "200x60")
def test_resumed_after_a_crash(snap_compare: SnapCompare, size: Size) -> None:
    """The next start: an alarm in every view."""
    app = operated(FakeFailoverActor(), told.on_record(scene("steady"), told.unfinished()))
    assert snap_compare(
        app, terminal_size=size, run_before=pressing(screen=ClusterScreen, words="FAILOVER UNFINISHED", first=noticed)
    )


@at("80x24", "120x40")
def test_resumed_record(snap_compare: SnapCompare, size: Size) -> None:
    """What was begun, and what it takes to end it."""
    app = operated(FakeFailoverActor(), told.on_record(told.moved(), told.unfinished(), told.held()))
    assert snap_compare(
        app, terminal_size=size, run_before=pressing("F", screen=RecordScreen, words="UNFINISHED:", first=noticed)
    )


@pytest.mark.parametrize("theme", [spec.name for spec in shipped_themes()])
def test_theme(snap_compare: SnapCompare, theme: str) -> None:
    """Held, and a question with all three signs, in every theme."""
    app = operated(FakeFailoverActor(told.seed(told.LOADED)), told.on_record(scene("steady"), told.held()), theme)

    async def another(pilot: Pilot[None]) -> None:
        await pilot.click("#another")
        await on_top(pilot, PreflightScreen, "Cancel")

    before = pressing("F", screen=RecordScreen, words="Leave it so", then=another)
    assert snap_compare(app, terminal_size=SIZES["120x40"], run_before=before)
