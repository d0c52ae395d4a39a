"""The wall in use: what it turns to, and what a watcher can do about it."""

from dataclasses import replace

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import HelpPanel

from lvstop.config.alarms import HookSettings
from lvstop.config.settings import Settings
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.passphrase import PassphraseScreen
from lvstop.ui.screens.themes import ThemesScreen
from lvstop.ui.screens.wall import WallScreen
from lvstop.ui.wall.app import LEFT_ALONE, NocApp
from support import scenes
from support.alarms import alarmed, an_alert
from support.clocks import ManualClock
from support.factories import cluster
from support.pilots import text_of, until
from support.terminal import start_of
from support.walls import DWELL, wall_of

QUIET, BAD = cluster(), alarmed(an_alert())
NAMES = ("a", "b", "c")


def wall(on_alert: HookSettings | None = None) -> NocApp:
    """Three healthy clusters."""
    snapshots = [replace(QUIET, name=name) for name in NAMES]
    return NocApp(start_of(snapshots, settings=Settings(theme="noc-wall", on_alert=on_alert)), DWELL)


def screen_of(app: NocApp) -> WallScreen:
    """The wall, which is on top."""
    assert isinstance(app.screen, WallScreen)
    return app.screen


async def passes(app: NocApp, pilot: Pilot[None], seconds: int, **looks: ClusterSnapshot) -> None:
    """So many looks, a second each; clusters that are not named are well."""
    assert isinstance(app.clock, ManualClock)
    for _ in range(seconds):
        app.clock.advance(1.0)
        for name in NAMES:
            snapshot = replace(looks.get(name, QUIET), name=name, generated_at=app.clock.now())
            app.feeds[name].take(snapshot)
        await pilot.pause()
        screen_of(app).show()


async def test_it_turns_to_what_stands_and_returns_when_it_is_over() -> None:
    """Not for a failover that works; a cluster that flaps does not chase the others away for long."""
    app = wall()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        await passes(app, pilot, 4, b=BAD)
        assert screen_of(app).shown is None
        await passes(app, pilot, 6)
        await passes(app, pilot, 6, b=BAD)
        assert screen_of(app).shown == "b"
        await passes(app, pilot, 20)
        assert screen_of(app).shown == "b"
        assert "away now" in text_of(app)
        await passes(app, pilot, 12)
        assert screen_of(app).shown is None


async def test_it_stays_where_it_cannot_be_told_whether_it_is_over() -> None:
    """Out of sight is not over."""
    app = wall()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        await passes(app, pilot, 10, b=BAD)
        await passes(app, pilot, 100, b=scenes.nobody_answers()[-1])
        assert screen_of(app).shown == "b"
        assert "CRITICAL" in text_of(app)
        assert "out of sight" in text_of(app)


async def test_a_watcher_takes_note() -> None:
    """Of what is shown; the wall then takes its turns again, and the alarm stays in sight."""
    app = wall()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        await passes(app, pilot, 30, b=BAD)
        assert screen_of(app).shown == "b"
        await pilot.press("a")
        await passes(app, pilot, 1, b=BAD)
        assert screen_of(app).shown is None
        assert "1 critical" in text_of(app)
        assert "(acknowledged)" in text_of(app)
        await passes(app, pilot, 10, b=BAD, c=BAD)
        assert screen_of(app).shown == "c"


async def test_everything_is_fine() -> None:
    """That is said where all is known, and not where one cluster is not."""
    app = wall()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        assert "everything is fine" not in text_of(app)
        await passes(app, pilot, 1)
        assert "everything is fine" in text_of(app)
        first, second = QUIET.directors
        await passes(app, pilot, 1, c=replace(QUIET, directors=(first, replace(second, checks=None))))
        assert "everything is fine" not in text_of(app)
        assert "3 ok" in text_of(app)


async def test_a_command_that_fails_stays_in_sight() -> None:
    """A notice passes; nobody may have looked."""
    app = wall(HookSettings(("sh", "-c", "exit 1")))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        await passes(app, pilot, 10, b=BAD)
        await until(pilot, lambda: bool(app.alarms.complaint))
        screen_of(app).show()
        await until(pilot, lambda: "on_alert fails" in text_of(app))


@pytest.mark.parametrize("key", ["question_mark", "ctrl+p"])
async def test_its_keys_are_explained(key: str) -> None:
    """In the help panel and in the palette."""
    app = wall()
    async with app.run_test(size=(120, 60)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        await pilot.press(key)
        await until(pilot, lambda: "Acknowledge" in text_of(app))


async def test_keys_that_come_late() -> None:
    """Two at once, the first of which leaves the wall: the second one finds nothing to show, and that is all."""
    app = wall()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        screen = screen_of(app)
        await app.pop_screen()
        screen.action_next()
        screen.show()
        assert app.is_running


async def test_a_closer_look_at_what_is_shown() -> None:
    """Not at the first cluster: what is acknowledged there would be another one's."""
    app = wall()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        await passes(app, pilot, 30, b=BAD)
        assert screen_of(app).shown == "b"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen) and app.feed.name == "b")
        await pilot.press("A")
        await until(pilot, lambda: all(alarm.acknowledged for alarm in app.feeds["b"].alarms.standing))
        assert app.feeds["b"].alarms.standing


async def left_alone(app: NocApp) -> None:
    """A minute goes by without a key."""
    assert isinstance(app.clock, ManualClock)
    app.clock.advance(LEFT_ALONE)


@pytest.mark.parametrize(
    ("keys", "left_open"), [("T", ThemesScreen), ("ctrl+p", CommandPalette), ("question_mark", HelpPanel)]
)
@pytest.mark.parametrize("closer", [False, True])
async def test_what_was_left_open_is_closed(keys: str, left_open: type[object], closer: bool) -> None:
    """Nobody is there who could do it; a theme that was only tried is taken off."""
    app = wall()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        theme = app.theme
        if closer:
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        await pilot.press(keys)
        await until(pilot, lambda: isinstance(app.screen, left_open) or bool(app.screen.query(HelpPanel)))
        if left_open is ThemesScreen:
            await pilot.press("down")
            assert app.theme != theme
        await app._return()
        assert not isinstance(app.screen, WallScreen) or left_open is HelpPanel
        await left_alone(app)
        await app._return()
        await until(pilot, lambda: isinstance(app.screen, WallScreen) and not app.screen.query(HelpPanel))
        assert app.theme == theme


async def test_a_question_that_nobody_answers() -> None:
    """It does not keep the wall covered, and is not asked again before somebody is there."""
    app = wall()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        asked = app.run_worker(app.ask_secret("key:"))
        await until(pilot, lambda: isinstance(app.screen, PassphraseScreen))
        await left_alone(app)
        await app._return()
        assert await asked.wait() is None
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        assert await app.run_worker(app.ask_secret("key:")).wait() is None
        await pilot.press("space")
        again = app.run_worker(app.ask_secret("key:"))
        await until(pilot, lambda: isinstance(app.screen, PassphraseScreen))
        await pilot.press("k", "enter")
        assert await again.wait() == "k"


@pytest.mark.parametrize("size", [(80, 26), (80, 30), (100, 30), (120, 32), (160, 50)])
async def test_the_holder_stays_large(size: tuple[int, int]) -> None:
    """However much is wrong: it is not given for charts of what was."""
    alerts = [an_alert(subject=f"TCP:172.26.127.20:{port}" + " and more" * 20) for port in (1, 2, 3, 4)]
    app = wall_of([alarmed(*alerts)])
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WallScreen))
        await until(pilot, lambda: "CRITICAL" in text_of(app))
        await until(pilot, lambda: screen_of(app).holder.size.height > 4)
