"""`lvstop`: the terminal."""

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from lvstop.cli.clusters import load_clusters
from lvstop.clock import SystemClock
from lvstop.config.paths import settings_file, state_folder
from lvstop.config.schema import ClusterConfig
from lvstop.config.settings import Settings, load_settings
from lvstop.config.themes import load_themes
from lvstop.errors import ConfigError, LvstopError


class NoTerminalError(LvstopError):
    """Nobody sits there to look."""


def run_terminal(files: Sequence[Path], *, read_only: bool = False) -> int:
    """Show the clusters of `files` (or of the configuration folder) until the operator leaves.

    Args:
        read_only: nothing is made that could change a cluster.

    Raises:
        ConfigError: a cluster file cannot be used. A theme or settings that cannot be used are no reason not to start.
        NoTerminalError: input or output is no terminal.
    """
    clusters = load_clusters(files)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NoTerminalError("this is no terminal; `lvstop status` looks once and prints")
    # A key should be on screen at once; read by Textual when it is imported.
    os.environ.setdefault("TEXTUAL_FPS", "60")
    from lvstop.engine.ssh_sessions import SshSessions
    from lvstop.ui.app import LvstopApp, Start
    from lvstop.ui.driver import driver_class

    themes, mistakes = load_themes()
    settings, complaint = _settings(settings_file())
    notices = [*(str(mistake) for mistake in mistakes), *([complaint] if complaint else [])]
    clock = SystemClock()
    sessions = SshSessions(clock, state_folder())
    app = LvstopApp(
        Start(
            clusters=clusters,
            open_session=sessions,
            clock=clock,
            themes=themes,
            settings=settings,
            notices=notices,
            exports=state_folder(),
            make_actor=None if read_only else sessions.make_actor,
            make_failover_actor=None if read_only else sessions.make_failover_actor,
        ),
        driver_class=driver_class(),
        prepare=lambda: app.notices.extend(_prepare(clusters)),
    )
    app.run()
    return app.return_code or 0


def _prepare(clusters: Sequence[ClusterConfig]) -> Sequence[str]:
    """Import what the first lines on the terminal do not need, and look what cannot be read of what is on record.

    Then garbage is looked for again, but not in what there is.
    """
    for name in ("lvstop.engine.feed", "lvstop.ui.actions.desk", "lvstop.ui.screens.cluster"):
        importlib.import_module(name)
    from lvstop.engine.actors import store_in

    store = store_in(state_folder())
    complaints = [complaint for config in clusters for complaint in store.load(config.name).complaints]
    gc.freeze()
    gc.enable()
    return complaints


def _settings(path: Path) -> tuple[Settings, str]:
    """The operator's settings; where they cannot be used, the usual ones and why."""
    try:
        return load_settings(path), ""
    except ConfigError as error:
        return Settings(), f"{error}. The usual settings are used."
