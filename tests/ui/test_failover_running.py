"""While a failover runs nothing cancels it, and nobody leaves half-way; afterwards it can be released, ended, kept."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from lvstop.actions.failover.intent import Release
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.failover_outcome import FailoverOutcomeScreen
from lvstop.ui.screens.failover_preflight import PreflightScreen
from lvstop.ui.screens.failover_running import RunningScreen
from support import failover_scenes as told
from support import scenes
from support.clocks import ManualClock
from support.failing_over import SIZE, app_with, asked, shown, typed
from support.fake_failover_actor import FakeFailoverActor
from support.pilots import publish, text_of, toasts, until

# the deed


class Middle:
    """An application in the middle of a failover."""

    def __init__(
        self, course: tuple[FailoverProgress, ...] = (*told.STEPS, *told.told(told.PULLED, told.LOWERED))
    ) -> None:
        self.gate = asyncio.Event()
        self.actor = FakeFailoverActor(gate=self.gate, course=course)
        self.app = app_with(self.actor)

    async def begin(self, pilot: Pilot[None]) -> None:
        """Up to there."""
        await asked(pilot, self.app)
        await typed(pilot, self.app, "keepalived2", "enter")
        await until(pilot, lambda: bool(self.actor.executed) and isinstance(self.app.screen, RunningScreen))

    async def end(self, pilot: Pilot[None]) -> None:
        """Let it come to its end."""
        self.gate.set()
        await shown(pilot, self.app, FailoverOutcomeScreen)


async def test_the_clock_runs_without_being_told_anything() -> None:
    """Time passes on screen between two events, twenty times a second; steps and moments are there."""
    middle = Middle()
    async with middle.app.run_test(size=SIZE) as pilot:
        await middle.begin(pilot)
        clock = middle.app.clock
        assert isinstance(clock, ManualClock)
        for passed in ("0.05 s", "0.10 s"):
            clock.advance(0.05)
            await until(pilot, lambda said=passed: said in text_of(middle.app))  # type: ignore[misc]  # bound now
        assert "keepalived1# echo 1 > /etc/keepalived/maint" in text_of(middle.app)
        assert "effective priority changed: SMB" in text_of(middle.app)
        await middle.end(pilot)


async def test_nothing_cancels_it_and_nobody_leaves() -> None:
    """Keys, polls that begin anew, directors that vanish, a smaller terminal: it goes on, and its end is told."""
    middle = Middle()
    app = middle.app
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await middle.begin(pilot)
        await pilot.press("q", "F", "d", "escape", "ctrl+g", "ctrl+q")
        await app.run_action("quit")
        for name in ("unreachable", "split-brain", "steady"):
            await publish(app, pilot, scenes.ALL[name]()[-1])
        app.feed.fail("it broke")
        await pilot.resize_terminal(60, 18)
        await pilot.pause()
        assert isinstance(app.screen, RunningScreen)
        assert app.is_running
        assert app.desk.executing
        assert any("takes seconds" in each for each in toasts(app))
        assert middle.actor.cancelled == 0
        await middle.end(pilot)
        assert len(middle.actor.executed) == 1


async def test_it_does_not_depend_on_painting() -> None:
    """With the screen standing still it comes to its end all the same."""
    middle = Middle()
    async with middle.app.run_test(size=SIZE) as pilot:
        await middle.begin(pilot)
        with middle.app.batch_update():
            middle.gate.set()
            for _ in range(1000):
                if not middle.app.desk.executing:
                    break
                await asyncio.sleep(0)
            assert not middle.app.desk.executing
        assert middle.actor.cancelled == 0


class Broken(FakeFailoverActor):
    """An actor with a mistake of lvstop's own."""

    async def execute(self, plan: FailoverPlan, report: Callable[[FailoverProgress], None]) -> FailoverOutcome:
        """Raise in the middle of it."""
        self.executed.append(plan)
        report(told.STEPS[0])
        raise ZeroDivisionError("[/x] half-way")


async def test_an_error_of_lvstops_own_is_told_and_ends_nothing() -> None:
    """It says where to look, no screen stays behind, and the next one can be asked for."""
    actor = Broken()
    app = app_with(actor)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        for _ in range(2):
            await asked(pilot, app)
            await typed(pilot, app, "keepalived2", "enter")
            await shown(pilot, app, ClusterScreen)
        assert len(actor.executed) == 2
        assert not app.desk.executing
        assert any("ZeroDivisionError: [/x] half-way" in each and "under F" in each for each in toasts(app))


# afterwards


async def test_a_held_lever_can_be_released_at_once() -> None:
    """From the outcome on, after a question of its own; where the address goes back its name is typed."""
    actor = FakeFailoverActor()
    app = app_with(actor)
    async with app.run_test(size=SIZE) as pilot:
        await asked(pilot, app)
        await typed(pilot, app, "keepalived2", "enter")
        await shown(pilot, app, FailoverOutcomeScreen)
        await pilot.click("#release")
        await shown(pilot, app, PreflightScreen)
        assert actor.sounded == 2
        assert "keepalived1# echo 0 > /etc/keepalived/maint" in text_of(app)
        await typed(pilot, app, "keepalived1", "enter")
        await until(pilot, lambda: len(actor.executed) == 2)
        assert actor.asked[-1][0] == Release(actor.executed[0].failover.id)
        assert actor.executed[1].releases


async def test_an_incomplete_one_can_be_ended() -> None:
    """What can be typed is copied; to finish and to undo are questions of their own."""
    actor = FakeFailoverActor(end=told.incomplete)
    app = app_with(actor)
    copied: list[str] = []
    async with app.run_test(size=SIZE) as pilot:
        app.copy_to_clipboard = copied.append  # type: ignore[method-assign, assignment]  # what it would be given
        await asked(pilot, app)
        await typed(pilot, app, "keepalived2", "enter")
        await shown(pilot, app, FailoverOutcomeScreen)
        await pilot.press("y")
        assert "echo 0 > /etc/keepalived/maint" in copied[0]
        await pilot.click("#undo")
        await shown(pilot, app, PreflightScreen)
        assert actor.asked[-1][0] == ("undo", actor.executed[0].failover.id)
        assert not app.screen.query("#name")
        await pilot.press("enter")
        await shown(pilot, app, ClusterScreen)
        assert len(actor.executed) == 1


async def test_the_report_is_kept(tmp_path: Path) -> None:
    """As Markdown and as JSON, for nobody else to read; where it cannot be, that is said."""
    app = app_with(FakeFailoverActor(), exports=tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked(pilot, app)
        await typed(pilot, app, "keepalived2", "enter")
        await shown(pilot, app, FailoverOutcomeScreen)
        await pilot.press("w")
        await until(pilot, lambda: any("Report" in each for each in toasts(app)))
        kept = sorted((tmp_path / "reports").iterdir())
        assert [path.suffix for path in kept] == [".json", ".md"]
        assert "172.26.127.20" in kept[1].read_text(encoding="utf-8")
        for path in kept:
            path.unlink()
        (tmp_path / "reports").rmdir()
        (tmp_path / "reports").write_text("", encoding="utf-8")
        await pilot.press("w")
        await until(pilot, lambda: any("Not kept" in each for each in toasts(app)))
