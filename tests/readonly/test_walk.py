"""Whoever may only watch can do whatever he likes: nothing that could change a director leaves lvstop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from textual.screen import Screen

import lvstop.ui
from lvstop.actions.intent import Drain
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Plan
from lvstop.cli.noc_arguments import THEME
from lvstop.cli.terminal import Wall, make_app
from lvstop.clock import SystemClock
from lvstop.config.schema import ClusterConfig
from lvstop.demo.launch import Demo
from lvstop.engine.actors import ssh_actors
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from lvstop.model.cluster import Health
from lvstop.ui.app import LvstopApp
from lvstop.ui.badge import READ_ONLY
from lvstop.ui.wall.app import NocApp
from support.demo_pair import pair, running
from support.pilots import painted
from support.plans import SMB_ROW
from support.tally import Tally
from support.walk import Walk

SIZE = (140, 45)


def pairs(folder: Path) -> AbstractAsyncContextManager[Demo]:
    """Two pairs behind their servers."""
    return running(folder, pair(interval=3.0), pair(name="files", interval=3.0))


async def drained(config: ClusterConfig, state: Path) -> None:
    """A row is drained by an operator, so that there is something to see on every board."""
    clock = SystemClock()
    (snapshot,) = await look([config], ssh_probes(clock, None), clock, timeout=20.0)
    actor = ssh_actors(clock, None, state)(config)
    assert actor is not None
    plan = actor.plan(Drain((SMB_ROW,)), snapshot)
    assert isinstance(plan, Plan), plan
    outcome = await actor.execute(plan, lambda _step: None)
    assert outcome.kind is OutcomeKind.DONE, outcome


@asynccontextmanager
async def walking(
    app: LvstopApp,
    monkeypatch: pytest.MonkeyPatch,
    arrived: Callable[[str], object],
    enough: Callable[[], bool] = lambda: False,
    *,
    clicks: bool = True,
) -> AsyncIterator[Walk]:
    """A walk through the program, which is not left by any of its keys, once it has read the first cluster."""
    left: list[object] = []
    monkeypatch.setattr(app, "exit", lambda *_result, **_more: left.append(None))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        async with asyncio.timeout(30):
            while not app.feeds or app.feed.latest.health is Health.UNKNOWN:
                await pilot.pause()
        walk = Walk(app, pilot, home=lambda: go_home(app), arrived=arrived, enough=enough, clicks=clicks)
        await walk.go()
        assert enough() or left  # there is a key for that, and it was pressed
        yield walk


def go_home(app: LvstopApp) -> None:
    """Back to where the program began; a wall as after a minute without a key."""
    while len(app.screen_stack) > 2:
        app.pop_screen()
    if isinstance(app, NocApp):
        app._to_the_wall()


class Badge:
    """Looks whether the word stands on the whole picture, dialogues and what lies behind them.

    Attributes:
        missing: what was painted instead, by places.
        outcomes: what was painted where a change had come to its end.
    """

    def __init__(self, app: LvstopApp) -> None:
        self.app = app
        self.missing: dict[str, str] = {}
        self.outcomes: list[str] = []

    def look(self, place: str) -> None:
        """On this screen, as it is painted now."""
        picture = painted(self.app)
        if READ_ONLY not in picture:
            self.missing[place] = picture
        if "Outcome" in place or "Refusal" in place:
            self.outcomes.append(picture)


def screens() -> set[str]:
    """All screens of lvstop that can be shown, by the names of their classes."""
    for module in walk_packages(lvstop.ui.__path__, "lvstop.ui."):
        import_module(module.name)
    found: set[str] = set()
    waiting: list[type] = [Screen]
    while waiting:
        each = waiting.pop()
        waiting += each.__subclasses__()
        if each.__module__.startswith("lvstop.") and not each.__subclasses__():
            found.add(each.__name__)
    return found


ASKING = {
    # they ask what only an operator is asked
    *("ConfirmPlan", "RefusalScreen", "ExecutingScreen", "OutcomeScreen", "WeightScreen", "PassphraseScreen"),
    *(
        "PreflightScreen",
        "RunningScreen",
        "RecordScreen",
        "ScopeScreen",
        "SoundingScreen",
        "SuggestionScreen",
        "PatienceScreen",
    ),
    # of other programs: that of somebody without a cluster, and the demo's
    *("FailoverOutcomeScreen", "WelcomeScreen", "WorkbenchScreen"),
}
"""Screens that nobody gets to see who may not change anything. Whatever else there is has to be found by the walk."""


@pytest.mark.parametrize("mode", ["noc", "--read-only", "read_only"])
async def test_whatever_is_done_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """On every screen every key, click and entry of the palette: no changing command on a transport or at a director.

    The badge is on every screen, with its help and without.
    """
    tally = Tally(monkeypatch)
    async with pairs(tmp_path) as demo:
        for cluster in demo.clusters:
            await drained(cluster, tmp_path / "state")
        assert tally.changed
        assert tally.asked
        tally.clear()
        wall = Wall(timedelta(seconds=15), THEME) if mode == "noc" else None
        clusters = [replace(each, read_only=mode == "read_only") for each in demo.clusters]
        app = make_app(clusters, state=tmp_path / "state", read_only=mode == "--read-only", wall=wall)
        badge = Badge(app)
        # what a click does, it does by an action of a key or an entry: once is enough for that
        async with walking(app, monkeypatch, badge.look, clicks=mode == "noc") as walk:
            assert walk.left == {}
            assert walk.screens >= screens() - ASKING - ({"WallScreen"} if wall is None else set())
            assert walk.count["key"] > 300 * len(walk.screens)
            assert walk.count["run"] > 20
            assert walk.count["click"] > 5 * len(walk.screens) or mode != "noc"
            assert badge.missing == {}
        assert min(tally.read[name] for name in ("keepalived1", "keepalived2")) > 0
    assert tally.changed == {}
    assert tally.asked == {}


async def test_the_same_walk_changes_things_where_one_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: an operator who presses every key, those of dialogues as well, changes tables and is counted."""
    tally = Tally(monkeypatch)
    async with pairs(tmp_path) as demo:
        app = make_app(demo.clusters, state=tmp_path / "state", read_only=False)
        badge = Badge(app)
        async with walking(app, monkeypatch, badge.look, lambda: tally.weights > 1, clicks=False):
            pass
    assert tally.weights > 1, badge.outcomes
    assert tally.asked["act"] > 0
    assert "ClusterScreen" in badge.missing
