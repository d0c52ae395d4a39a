"""Changing weights: the question, refusals, the steps, how it ended, the follow-up, the board."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Plan, Refusal
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.confirm import ConfirmPlan
from lvstop.ui.screens.draining import DrainScreen, PatienceScreen
from lvstop.ui.screens.executing import ExecutingScreen
from lvstop.ui.screens.maintenance import MaintenanceScreen
from lvstop.ui.screens.outcome import OutcomeScreen
from lvstop.ui.screens.refusal import RefusalScreen
from lvstop.ui.screens.weight import WeightScreen
from support import drains, plans, scenes
from support.change_factories import outcome
from support.factories import gone
from support.pictures import Size, SnapCompare, after, at, scene
from support.pilots import publish, text_of, until
from support.plans import SMB_ROW, FakeActor

Before = Callable[[Pilot[None]], Awaitable[None]]


def operated(actor: FakeActor, played: scenes.Scene | None = None) -> LvstopApp:
    """A pair that may be changed, the cursor at the top."""
    return after(scene("steady") if played is None else played, make_actor=lambda _: actor)


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


def pressing(*keys: str, screen: type[Widget], words: str, then: Before | None = None) -> Before:
    """The second real server's row, these keys, and wait for what they bring."""

    async def run(pilot: Pilot[None]) -> None:
        await pilot.pause()
        await pilot.press("end", *keys)
        await on_top(pilot, screen, words)
        if then is not None:
            await then(pilot)
            await pilot.pause()

    return run


def asking(words: str, *more: str, then: Before | None = None) -> Before:
    """Up to the question."""
    return pressing("D", *more, screen=ConfirmPlan, words=words, then=then)


# the question


@at("80x24", "120x40", "200x60")
def test_confirmation_of_a_drain(snap_compare: SnapCompare, size: Size) -> None:
    """What, where, from which weight to which, how long it lasts, shares, commands; the focus is on Cancel."""
    app = operated(FakeActor(answers={None: plans.drain_plan()}))
    assert snap_compare(app, terminal_size=size, run_before=asking("Cancel"))


@at("80x24")
def test_confirmation_at_its_end(snap_compare: SnapCompare, size: Size) -> None:
    """Scrolled to the commands, with a reason and a time that is none."""

    async def fill(pilot: Pilot[None]) -> None:
        await pilot.press(*["pagedown"] * 4)
        pilot.app.screen.query_one("#reason", Input).value = "kernel update, ticket [4711]"
        pilot.app.screen.query_one("#within", Input).value = "soon"
        await until(pilot, lambda: "no length of time" in text_of(app_in(pilot)))

    app = operated(FakeActor(answers={None: plans.drain_plan()}))
    assert snap_compare(app, terminal_size=size, run_before=asking("Cancel", then=fill))


@at("80x24", "120x40")
def test_confirmation_with_a_track_file(snap_compare: SnapCompare, size: Size) -> None:
    """The lever that lasts: which file, from which number to which."""
    app = operated(FakeActor(answers={None: plans.file_plan()}))
    assert snap_compare(app, terminal_size=size, run_before=asking("a track file"))


@at("80x24", "120x40", "200x60")
def test_confirmation_of_many_rows(snap_compare: SnapCompare, size: Size) -> None:
    """Twelve rows with the longest addresses; how much is below is said."""
    app = operated(FakeActor(answers={None: plans.long_plan()}))
    assert snap_compare(app, terminal_size=size, run_before=asking("more"))


@at("120x40")
def test_confirmation_of_what_was_objected_to(snap_compare: SnapCompare, size: Size) -> None:
    """Persistence defeats the drain, and the operator insists against the guard of the last real server."""
    made = plans.drain_plan(SMB_ROW, remarks=(plans.PERSISTENT,), overridden=(plans.LAST,))
    app = operated(FakeActor(answers={None: made}))
    assert snap_compare(app, terminal_size=size, run_before=asking("against last-real-server"))


@at("80x24", "120x40")
def test_confirmation_of_a_restore(snap_compare: SnapCompare, size: Size) -> None:
    """Nothing has to be typed."""
    app = operated(FakeActor(answers={None: plans.restore_plan()}), drains.falling())
    assert snap_compare(app, terminal_size=size, run_before=pressing("R", screen=ConfirmPlan, words="0 → 1"))


# refusals


@at("80x24", "120x40")
def test_refusal_that_may_be_overridden(snap_compare: SnapCompare, size: Size) -> None:
    """Two objections; the button that insists is dead without a reason."""
    app = operated(FakeActor(answers={None: Refusal((plans.LAST, plans.CAPACITY))}))
    assert snap_compare(app, terminal_size=size, run_before=pressing("d", screen=RefusalScreen, words="Leave it"))


@at("80x24")
def test_refusal_with_a_reason(snap_compare: SnapCompare, size: Size) -> None:
    """With a reason the button can be pressed; the focus is not on it."""

    async def fill(pilot: Pilot[None]) -> None:
        pilot.app.screen.query_one("#reason", Input).focus()
        await pilot.press(*"the others are coming up")

    app = operated(FakeActor(answers={None: Refusal((plans.STALE,))}))
    before = pressing("d", screen=RefusalScreen, words="Leave it", then=fill)
    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("code", ["privilege-missing", "nothing-to-do", "read-only", "changed-since", "locked"])
def test_refusal_that_is_final(snap_compare: SnapCompare, code: str) -> None:
    """One sentence with its evidence; nothing to insist with."""
    found = next(each for each in plans.FINAL if each.code == code)
    app = operated(FakeActor(answers={None: Refusal((found,))}))
    before = pressing("d", screen=RefusalScreen, words="Close")
    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


@at("80x24", "120x40")
def test_refusal_with_objections_of_both_kinds(snap_compare: SnapCompare, size: Size) -> None:
    """Those that cannot be overridden come first, and say so by their sign."""
    app = operated(FakeActor(answers={None: Refusal((plans.UNPRIVILEGED, plans.CAPACITY))}))
    assert snap_compare(app, terminal_size=size, run_before=pressing("d", screen=RefusalScreen, words="Close"))


# a weight


@at("80x24", "120x40")
def test_weight(snap_compare: SnapCompare, size: Size) -> None:
    """A weight is typed: what would come of it, on each director and for the shares."""
    app = operated(FakeActor(answers={None: plans.weight_plan()}))
    before = pressing("w", "5", screen=WeightScreen, words="83 %")
    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("typed", ["", "x", "-9"], ids=["nothing", "nonsense", "refused"])
def test_weight_that_leads_nowhere(snap_compare: SnapCompare, typed: str) -> None:
    """Nothing is typed yet; what is typed is no weight; what is typed is refused."""
    actor = FakeActor(answers={None: Refusal((plans.CAPACITY,))})
    before = pressing("w", *typed, screen=WeightScreen, words={"": "has 1 on", "x": "no weight"}.get(typed, "capacity"))
    assert snap_compare(operated(actor), terminal_size=(80, 24), run_before=before)


# doing it


def done_by(**answers: object) -> FakeActor:
    """An actor that plans a drain and ends it so."""
    return FakeActor(answers={None: plans.drain_plan()}, **answers)  # type: ignore[arg-type]  # fields by name


@at("80x24", "120x40")
def test_executing(snap_compare: SnapCompare, size: Size) -> None:
    """Half-way: the steps behind with a tick, the present one with its command."""
    app = operated(done_by(gate=asyncio.Event()))
    before = pressing("D", "ctrl+g", screen=ExecutingScreen, words="▸ keepalived1#")
    assert snap_compare(app, terminal_size=size, run_before=before)


@at("80x24", "120x40")
def test_outcome_undone(snap_compare: SnapCompare, size: Size) -> None:
    """The second director failed, the first was put back: what went wrong, and what stands where."""
    app = operated(done_by(end=plans.undone))
    before = pressing("D", "ctrl+g", screen=OutcomeScreen, words="as before")
    assert snap_compare(app, terminal_size=size, run_before=before)


@at("80x24", "120x40", "200x60")
def test_outcome_incomplete(snap_compare: SnapCompare, size: Size) -> None:
    """Neither done nor undone: each row on each director, and the ways to end it."""
    app = operated(done_by(end=plans.incomplete))
    before = pressing("D", "ctrl+g", screen=OutcomeScreen, words="Finish")
    assert snap_compare(app, terminal_size=size, run_before=before)


@at("80x24")
def test_outcome_refused(snap_compare: SnapCompare, size: Size) -> None:
    """Somebody changed a weight between the question and the answer: nothing was touched."""

    def refused(of: Plan) -> object:
        return outcome(of, OutcomeKind.REFUSED, objections=(plans.CHANGED,), change=None, seconds=0.4)

    before = pressing("D", "ctrl+g", screen=OutcomeScreen, words="changed-since")
    assert snap_compare(operated(done_by(end=refused)), terminal_size=size, run_before=before)


# following it


def following(*keys: str, words: str, then: Before | None = None) -> Before:
    """From the board to the follow-up of its first drain."""

    async def run(pilot: Pilot[None]) -> None:
        await pilot.pause()
        await pilot.press("b")
        await on_top(pilot, MaintenanceScreen, "WEIGHT BEFORE")
        await pilot.press("enter")
        await on_top(pilot, DrainScreen, words)
        if then is not None:
            await then(pilot)
            await pilot.pause()

    return run


@at("80x24", "120x40", "200x60")
def test_follow_not_yet(snap_compare: SnapCompare, size: Size) -> None:
    """Eleven connections are left of six hundred."""
    app = operated(FakeActor(), drains.falling())
    assert snap_compare(app, terminal_size=size, run_before=following(words="NOT YET SAFE"))


@at("80x24", "120x40")
def test_follow_safe(snap_compare: SnapCompare, size: Size) -> None:
    """Nothing is left: safe to stop."""
    app = operated(FakeActor(), drains.falling(fall=0.0))
    assert snap_compare(app, terminal_size=size, run_before=following(words="SAFE TO STOP NOW"))


@at("80x24", "120x40")
def test_follow_reverted(snap_compare: SnapCompare, size: Size) -> None:
    """keepalived2 gave the weight back: an alarm, and the key that drains again."""
    app = operated(FakeActor(), drains.falling(reverted=True))
    assert snap_compare(app, terminal_size=size, run_before=following(words="DRAIN REVERTED"))


@at("80x24", "120x40")
def test_follow_unknown(snap_compare: SnapCompare, size: Size) -> None:
    """The director that balances does not answer: nobody can tell."""
    app = operated(FakeActor(), drains.falling(silent=True))
    assert snap_compare(app, terminal_size=size, run_before=following(words="NOBODY CAN TELL"))


@at("120x40")
def test_follow_read_only(snap_compare: SnapCompare, size: Size) -> None:
    """Who may change nothing may look."""
    assert snap_compare(after(drains.falling()), terminal_size=size, run_before=following(words="NOT YET SAFE"))


@at("80x24")
def test_follow_takes_long(snap_compare: SnapCompare, size: Size) -> None:
    """After ten minutes: wait on, restore, or leave it drained."""
    played = drains.falling(fall=1.0)

    async def wait(pilot: Pilot[None]) -> None:
        last = played[-1]
        late = replace(last, generated_at=last.generated_at + timedelta(minutes=10))
        await publish(app_in(pilot), pilot, late)
        await on_top(pilot, PatienceScreen, "Wait on")

    app = operated(FakeActor(), played)
    assert snap_compare(app, terminal_size=size, run_before=following(words="NOT YET SAFE", then=wait))


# the board


def board(words: str, *keys: str, after: str = "") -> Before:
    """The board, and keys on it."""

    async def run(pilot: Pilot[None]) -> None:
        await pilot.pause()
        await pilot.press("b")
        await on_top(pilot, MaintenanceScreen, words)
        await pilot.press(*keys)
        await on_top(pilot, MaintenanceScreen, after or words)

    return run


EVERYTHING = (drains.standing(), drains.overdue(), drains.unfinished())


@at("80x24", "120x40", "200x60")
def test_board(snap_compare: SnapCompare, size: Size) -> None:
    """Something unfinished comes first, in alarm style, with the keys that end it."""
    app = operated(FakeActor(), drains.falling(*EVERYTHING))
    assert snap_compare(app, terminal_size=size, run_before=board("UNFINISHED"))


@at("80x24", "120x40")
def test_board_overdue(snap_compare: SnapCompare, size: Size) -> None:
    """A drain that was to be over an hour ago, and one of today."""
    app = operated(FakeActor(), drains.falling(drains.standing(), drains.overdue()))
    assert snap_compare(app, terminal_size=size, run_before=board("overdue by 1h"))


@at("80x24", "120x40")
def test_board_reverted(snap_compare: SnapCompare, size: Size) -> None:
    """Where the drain does not hold any more, and what is there instead."""
    app = operated(FakeActor(), drains.falling(reverted=True))
    assert snap_compare(app, terminal_size=size, run_before=board("REVERTED"))


@at("120x40")
def test_board_read_only(snap_compare: SnapCompare, size: Size) -> None:
    """Everybody may see it; the keys that act are greyed."""
    app = after(drains.falling(*EVERYTHING))
    assert snap_compare(app, terminal_size=size, run_before=board("UNFINISHED", "down", after="ticket 4711"))


@at("80x24")
def test_board_empty(snap_compare: SnapCompare, size: Size) -> None:
    """Nothing is on record, and of one director that is not known."""
    played = [plans.recorded(each) for each in scene("steady")]
    first, second = played[-1].directors
    played[-1] = replace(played[-1], directors=(first, replace(gone(second), changes=None)))
    app = operated(FakeActor(), played)
    assert snap_compare(app, terminal_size=size, run_before=board("Nothing is in maintenance"))


# the cluster's screen


@at("80x24", "120x40", "200x60")
def test_cluster_with_maintenance(snap_compare: SnapCompare, size: Size) -> None:
    """Two rows marked, a drain on record with who and when where there is room, a line that leads to the board."""
    app = operated(FakeActor(), drains.falling(drains.standing(), drains.overdue()))
    before = pressing("m", "up", "m", screen=ClusterScreen, words="2 marked")
    assert snap_compare(app, terminal_size=size, run_before=before)


@at("80x24", "120x40")
def test_cluster_with_something_unfinished(snap_compare: SnapCompare, size: Size) -> None:
    """The notice at the start, and the line that stays."""

    async def noticed(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "neither" in text_of(app_in(pilot)))

    app = operated(FakeActor(), drains.falling(drains.unfinished()))
    assert snap_compare(app, terminal_size=size, run_before=noticed)
