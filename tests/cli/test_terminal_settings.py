"""Which of the operator's settings hold for what is shown."""

from datetime import timedelta

import pytest

from lvstop.cli.terminal import Wall, as_shown, is_served
from lvstop.config.alarms import HookSettings
from lvstop.config.settings import Settings

HOOK, TRIED_OUT = HookSettings(("page",)), HookSettings(("page",), in_demo=True)
WALL = Wall(timedelta(0), "noc-wall")


@pytest.mark.parametrize(
    ("hook", "simulated", "page", "runs"),
    [
        (HOOK, False, False, True),
        (HOOK, True, False, False),
        (TRIED_OUT, True, False, True),
        (HOOK, False, True, False),
        (TRIED_OUT, True, True, False),
    ],
)
@pytest.mark.parametrize("wall", [None, WALL], ids=["terminal", "wall"])
def test_where_the_command_runs(wall: Wall | None, hook: HookSettings, simulated: bool, page: bool, runs: bool) -> None:
    """On a terminal and on a wall, read-only or not; never for each watcher of a page, nor for a demonstration."""
    shown = as_shown(Settings(on_alert=hook), wall, simulated=simulated, in_browser=page)
    assert shown.on_alert == (hook if runs else None)
    assert shown.theme == ("lvstop-dark" if wall is None else "noc-wall")


@pytest.mark.parametrize(
    ("driver", "page"),
    [
        (None, False),
        ("textual.drivers.web_driver:WebDriver", True),
        ("textual.drivers.linux_driver:LinuxDriver", False),
    ],
)
def test_a_page_is_known(monkeypatch: pytest.MonkeyPatch, driver: str | None, page: bool) -> None:
    """By the driver that a server of pages asks for."""
    if driver is None:
        monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    else:
        monkeypatch.setenv("TEXTUAL_DRIVER", driver)
    assert is_served() is page
