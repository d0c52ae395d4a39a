"""The screen of somebody who has no cluster file yet."""

from pathlib import Path

import pytest

from lvstop.config.settings import Settings
from lvstop.config.themes import shipped_themes
from lvstop.ui.screen_text import screen_text
from lvstop.ui.welcome.app import WelcomeApp
from lvstop.ui.welcome.words import INIT, Choice
from support.pilots import until


def welcome(**settings: object) -> WelcomeApp:
    """As it is shown to somebody who has settings, but no cluster file."""
    return WelcomeApp(Path("/etc/lvs/clusters"), shipped_themes(), Settings(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keys", "choice"),
    [
        (["enter"], Choice.DEMO),
        (["d"], Choice.DEMO),
        (["down", "down", "enter"], Choice.QUIT),
        (["end", "enter"], Choice.QUIT),
        (["q"], None),
        (["escape"], None),
    ],
)
async def test_what_is_chosen_is_the_result(keys: list[str], choice: Choice | None) -> None:
    """By the list or by a key."""
    app = welcome()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await until(pilot, lambda: not app.is_running)
    assert app.return_value is choice


@pytest.mark.parametrize("keys", [["y"], ["down", "enter"]])
async def test_the_command_is_copied(keys: list[str]) -> None:
    """It is typed in a shell; the screen stays."""
    app = welcome()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await until(pilot, lambda: app.clipboard == INIT)
        assert app.is_running


async def test_the_mouse_does_it_too() -> None:
    """A click on a line is enter on it."""
    app = welcome()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "See it work" in screen_text(app.screen))
        assert await pilot.click("OptionList", offset=(3, 1))
        await until(pilot, lambda: not app.is_running)
    assert app.return_value is Choice.DEMO


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 60)])
async def test_any_size_has_all_of_it(size: tuple[int, int]) -> None:
    """Or it can be scrolled to; the cursor stays when the size changes."""
    app = welcome()
    async with app.run_test(size=size) as pilot:
        await pilot.press("down")
        await until(pilot, lambda: "Connect your pair" in screen_text(app.screen))
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: "/etc/lvs/clusters/NAME.yaml" in screen_text(app.screen))
        await pilot.press("enter")
        await until(pilot, lambda: app.clipboard == INIT)


async def test_theme_keys_and_help() -> None:
    """As everywhere: settings count, and ? explains."""
    app = welcome(theme="lvstop-light", keymap={"welcome.demo": "x"})
    async with app.run_test(size=(120, 40)) as pilot:
        assert app.theme == "lvstop-light"
        await pilot.press("question_mark")
        await until(pilot, lambda: "arrows and enter" in screen_text(app.screen))
        await pilot.press("question_mark", "d")
        await until(pilot, lambda: "arrows and enter" not in screen_text(app.screen))
        assert app.is_running
        await pilot.press("x")
        await until(pilot, lambda: not app.is_running)
    assert app.return_value is Choice.DEMO
