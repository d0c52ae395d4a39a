"""A cluster that may be failed over, and the keys that lead to the question and through it."""

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from lvstop.ui.app import LvstopApp
from lvstop.ui.failover.tick import Tick
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.failover_preflight import PreflightScreen
from support import scenes
from support.fake_failover_actor import FakeFailoverActor
from support.pilots import until
from support.plans import FakeActor
from support.terminal import make_app

SIZE = (120, 40)


def app_with(actor: FakeFailoverActor, played: scenes.Scene | None = None, exports: Path | None = None) -> LvstopApp:
    """A healthy pair that may be failed over."""
    shown = scenes.steady()[-2:] if played is None else played
    return make_app(*shown, make_actor=lambda _: FakeActor(), make_failover_actor=actor, exports=exports)


async def shown(pilot: Pilot[None], app: LvstopApp, screen: type[object]) -> None:
    """Wait for a screen."""
    await until(pilot, lambda: isinstance(app.screen, screen))
    await pilot.pause()


async def asked(pilot: Pilot[None], app: LvstopApp) -> PreflightScreen:
    """The key, up to the question."""
    await pilot.pause()
    await pilot.press("F")
    await shown(pilot, app, PreflightScreen)
    assert isinstance(app.screen, PreflightScreen)
    return app.screen


async def typed(pilot: Pilot[None], app: LvstopApp, name: str, *keys: str) -> None:
    """A name in its line, and keys there."""
    line = app.screen.query_one("#name", Input)
    line.value = name
    line.focus()
    await pilot.pause()
    await pilot.press(*keys)
    await pilot.pause()


async def tick_all(pilot: Pilot[None], app: LvstopApp) -> None:
    """Each warning, with its key."""
    for tick in app.screen.query(Tick):
        tick.focus()
        await pilot.pause()
        await pilot.press("space")
    await pilot.pause()


async def gone(pilot: Pilot[None], app: LvstopApp, key: str = "escape") -> None:
    """Leave, and be back at the cluster."""
    await pilot.press(key)
    await shown(pilot, app, ClusterScreen)
