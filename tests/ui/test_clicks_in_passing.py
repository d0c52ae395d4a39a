"""A click on what is just being removed."""

import pytest
from textual.events import MouseDown
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from support import scenes
from support.terminal import make_app


async def test_a_press_on_what_is_gone_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture is older than the tree of widgets for a moment, after help or footer were made anew."""
    app = make_app(scenes.steady()[-1])
    gone = Static("gone")

    def stale_at(_screen: Screen[object], x: int, y: int) -> tuple[Widget, object]:
        return gone, gone.region

    def stale_offset_at(_screen: Screen[object], x: int, y: int) -> tuple[Widget, Offset]:
        return gone, Offset(0, 0)

    async with app.run_test(size=(120, 40)) as pilot:
        await pressed(pilot, monkeypatch, stale_at, stale_offset_at)
        assert app.is_running
        assert app._exception is None


async def pressed(pilot: Pilot[None], monkeypatch: pytest.MonkeyPatch, at: object, offset_at: object) -> None:
    """Press while the screen still has it."""
    await pilot.pause()
    with monkeypatch.context() as patch:
        patch.setattr(Screen, "get_widget_at", at)
        patch.setattr(Screen, "get_widget_and_offset_at", offset_at)
        # as the terminal's driver tells it: a pilot goes past the application
        press = MouseDown(None, 20, 20, 0, 0, button=1, shift=False, meta=False, ctrl=False)
        press.set_sender(pilot.app)
        pilot.app.post_message(press)
        await pilot.pause()
