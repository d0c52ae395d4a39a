"""The first lines on the terminal, while what the screens need is still being imported."""

import threading

from lvstop.config.themes import shipped_themes
from lvstop.ui.app import LvstopApp, Start
from lvstop.ui.screens.cluster import ClusterScreen
from support.clocks import ManualClock
from support.factories import cluster
from support.pilots import text_of, until
from support.terminal import config_of, open_idle

PATIENCE = 30.0


def opening_app(prepare: threading.Event) -> LvstopApp:
    """The application, whose imports take until `prepare` is set."""
    start = Start((config_of(cluster()),), open_idle, ManualClock(), shipped_themes())
    return LvstopApp(start, prepare=lambda: prepare.wait(PATIENCE))


async def test_the_first_lines_name_the_cluster_and_its_directors() -> None:
    """Then the cluster's screen takes their place by itself, and reading begins."""
    imported = threading.Event()
    app = opening_app(imported)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "connecting to keepalived1, keepalived2 …" in text_of(app))
        assert " lvstop · smb" in text_of(app)
        assert not isinstance(app.screen, ClusterScreen)
        imported.set()
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        await until(pilot, lambda: "OPERATOR" in text_of(app) or "READ-ONLY" in text_of(app))
        await until(pilot, lambda: any(worker.group == "poll:smb" for worker in app.workers))


async def test_keys_wait_for_what_they_are_about() -> None:
    """No key but the one that leaves does anything before there is a cluster."""
    imported = threading.Event()
    app = opening_app(imported)
    async with app.run_test(size=(120, 30)) as pilot:
        before = app.screen
        await pilot.press("c", "T", "Y", "question_mark", "right_square_bracket", "ctrl+p", "slash")
        assert app.screen is before
        assert "connecting to" in text_of(app)
        imported.set()
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))


async def test_one_can_leave_at_once() -> None:
    """`q` is there from the first line on."""
    imported = threading.Event()
    app = opening_app(imported)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("q")
        imported.set()
        await until(pilot, lambda: not app.is_running)
