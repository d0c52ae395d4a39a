"""While a change is made: nothing disturbs it, nothing cancels it, and nobody leaves half-way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from textual.pilot import Pilot
from textual.worker import Worker, WorkerState

from lvstop.actions.outcome import Outcome
from lvstop.actions.plan import Plan
from lvstop.actions.progress import Progress
from lvstop.ui.actions.words import GROUP
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.draining import DrainScreen
from lvstop.ui.screens.executing import ExecutingScreen
from lvstop.ui.screens.outcome import OutcomeScreen
from lvstop.ui.screens.passphrase import PassphraseScreen
from support import scenes
from support.acting import SIZE, acting, asked, shown
from support.pilots import cluster_screen, publish, text_of, toasts, until
from support.plans import STEPS, FakeActor, undone


@dataclass
class Running:
    """An application in the middle of a change."""

    app: LvstopApp
    pilot: Pilot[None]
    actor: FakeActor
    gate: asyncio.Event

    @property
    def worker(self) -> Worker[object]:
        """What carries the change out."""
        (found,) = [worker for worker in self.app.workers if worker.group == GROUP]
        return found

    async def end(self) -> None:
        """Let it come to its end."""
        self.gate.set()
        await until(self.pilot, lambda: not self.app.desk.executing)


@asynccontextmanager
async def executing(key: str = "d", end: Callable[[Plan], Outcome] | None = None) -> AsyncIterator[Running]:
    """A change that waits for the test before it ends."""
    gate = asyncio.Event()
    actor = FakeActor(gate=gate) if end is None else FakeActor(gate=gate, end=end)
    app = acting(actor)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await asked(pilot, app, key)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: bool(actor.executed) and isinstance(app.screen, ExecutingScreen))
        yield Running(app, pilot, actor, gate)


async def test_steps_are_shown_as_they_are_told() -> None:
    """In words, and commands with the director they go to."""
    async with executing() as running:
        await until(running.pilot, lambda: "▸ keepalived1# ipvsadm -e" in text_of(running.app))
        told = text_of(running.app)
        assert "✔ locking keepalived2" in told
        assert "✔ keepalived2# ipvsadm -e" in told
        assert "changing · it ends by itself" in told
        await running.end()
        await until(running.pilot, lambda: isinstance(running.app.screen, DrainScreen))


async def test_hazard_3_nothing_exclusive_cancels_it() -> None:
    """A poll that begins anew, in whatever group, leaves it alone; and it is in a group of its own."""
    async with executing() as running:
        worker = running.worker
        assert (worker.group, worker.is_running) == (GROUP, True)
        for group in ("poll:smb", "default", "export"):
            other = running.app.run_worker(asyncio.sleep(0), group=group, exclusive=True, exit_on_error=False)
            await other.wait()
        running.app._read(running.app.feed)
        await running.pilot.pause()
        assert worker.state is WorkerState.RUNNING
        await running.end()
        assert running.actor.cancelled == 0
        assert len(running.actor.executed) == 1


async def test_polls_and_reconnects_do_not_disturb_it() -> None:
    """Directors vanish, sessions break, snapshots come: the change goes on, and its end is told."""
    async with executing(end=undone) as running:
        for name in ("stale", "unreachable", "nobody-answers", "connecting", "split-brain", "steady"):
            await publish(running.app, running.pilot, scenes.ALL[name]()[-1])
        running.app.feed.fail("it broke")
        await running.pilot.resize_terminal(60, 18)
        await running.pilot.pause()
        assert isinstance(running.app.screen, ExecutingScreen)
        assert running.actor.cancelled == 0
        await running.end()
        await shown(running.pilot, running.app, OutcomeScreen)


async def test_it_does_not_depend_on_painting() -> None:
    """With the screen standing still it comes to its end all the same."""
    async with executing() as running:
        with running.app.batch_update():
            running.gate.set()
            for _ in range(1000):
                if not running.app.desk.executing:
                    break
                await asyncio.sleep(0)
            assert not running.app.desk.executing
        assert running.actor.cancelled == 0


@pytest.mark.parametrize("key", ["ctrl+q", "q"])
async def test_nobody_leaves_half_way(key: str) -> None:
    """Quitting is refused with a notice until it has ended; then it works."""
    async with executing("f7") as running:
        await running.pilot.press(key)
        await running.app.run_action("quit")
        await until(running.pilot, lambda: any("takes seconds" in each for each in toasts(running.app)))
        assert running.app.is_running
        assert running.app._exit is False
        assert running.actor.cancelled == 0
        await running.end()
        await until(running.pilot, lambda: isinstance(running.app.screen, ClusterScreen))
        await running.pilot.press(key)
        assert running.app._exit is True


async def test_keys_do_nothing_meanwhile() -> None:
    """Neither another change, nor another screen; escape says that it ends by itself."""
    async with executing() as running:
        await running.pilot.press("d", "w", "R", "b", "enter", "f7", "ctrl+g", "escape", "escape")
        assert isinstance(running.app.screen, ExecutingScreen)
        assert len(running.actor.asked) == 1
        running.app.show_cluster("smb")
        await running.pilot.pause()
        assert isinstance(running.app.screen, ExecutingScreen)
        await running.end()


async def test_a_question_for_a_passphrase_may_lie_above_it() -> None:
    """The execution ends below; its screen goes when the question is answered, and nothing else goes with it."""
    async with executing("f7") as running:
        worker = running.app.run_worker(running.app.ask_secret("key:"))
        await until(running.pilot, lambda: isinstance(running.app.screen, PassphraseScreen))
        await running.end()
        assert isinstance(running.app.screen, PassphraseScreen)
        await running.pilot.press("k", "enter")
        assert await worker.wait() == "k"
        await until(running.pilot, lambda: isinstance(running.app.screen, ClusterScreen))


class Broken(FakeActor):
    """An actor with a mistake of lvstop's own."""

    async def execute(self, plan: Plan, report: Callable[[Progress], None]) -> Outcome:
        """Raise in the middle of it."""
        self.executed.append(plan)
        report(STEPS[0])
        raise ZeroDivisionError("[/x] half-way")


async def test_an_error_of_lvstops_own_is_told_and_ends_nothing() -> None:
    """It says where to look, no screen stays behind, and the next change can be asked for."""
    actor = Broken()
    app = acting(actor)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        for _ in range(2):
            await asked(pilot, app, "f7")
            await pilot.press("ctrl+g")
            await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert len(actor.executed) == 2
        assert not app.desk.executing
        assert any("ZeroDivisionError: [/x] half-way" in each and "board (b)" in each for each in toasts(app))
        assert app.feed.latest.directors[0].answers
        assert cluster_screen(app).feed.name == "smb"
