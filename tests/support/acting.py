"""The application with clusters that may be changed."""

from textual.pilot import Pilot
from textual.widget import Widget

from lvstop.actions.intent import Row
from lvstop.engine.actor import Actor
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.confirm import ConfirmPlan
from support import scenes
from support.pilots import cluster_screen, until
from support.plans import SMB_ROW
from support.terminal import make_app

SIZE = (120, 40)


def acting(actor: Actor) -> LvstopApp:
    """A healthy pair that may be changed."""
    return make_app(*scenes.steady()[-2:], make_actor=lambda _config: actor)


async def on(pilot: Pilot[None], app: LvstopApp, row: Row = SMB_ROW) -> None:
    """The cursor on a row."""
    await pilot.pause()
    assert cluster_screen(app).table.go_to(row)


async def shown(pilot: Pilot[None], app: LvstopApp, screen: type[Widget]) -> None:
    """Wait for a screen that has everything on it."""
    await until(pilot, lambda: isinstance(app.screen, screen) and app.screen.focused is not None)


async def asked(pilot: Pilot[None], app: LvstopApp, key: str = "d", row: Row = SMB_ROW) -> None:
    """A key on a row, up to the question."""
    await on(pilot, app, row)
    await pilot.press(key)
    await shown(pilot, app, ConfirmPlan)
