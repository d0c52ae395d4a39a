"""`lvstop`: the terminal."""

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from lvstop.cli.clusters import known_cluster_files, load_clusters
from lvstop.clock import SystemClock
from lvstop.config.paths import settings_file, state_folder
from lvstop.config.schema import ClusterConfig
from lvstop.config.settings import Settings, load_settings
from lvstop.config.themes import load_themes
from lvstop.errors import ConfigError, LvstopError

if TYPE_CHECKING:
    from lvstop.ui.app import LvstopApp, Start
    from lvstop.ui.workbench.parts import Workbench


_VALUES_PER_CLUSTER = 100
"""New values after which garbage is looked for, per cluster. Reference counts free nearly all of what a tick makes; by
Python's own threshold a hundred clusters would stop for 0.14 s every ten seconds, to find nothing."""
_SIMULATED = "Nothing here is real but the way to it: B breaks and mends things, keys work as on real directors."


@dataclass(frozen=True, slots=True)
class Wall:
    """How clusters are shown on a wall.

    Attributes:
        dwell: for how long each of them; zero: all of them stay side by side, but for one that is critical.
    """

    dwell: timedelta
    theme: str


class NoTerminalError(LvstopError):
    """Nobody sits there to look."""


def is_served() -> bool:
    """A browser is the terminal, by `lvstop serve` or another program that speaks to Textual's web driver.

    Whoever looks there may be anybody: such a session is read-only, asks for nothing, and writes nothing here.
    """
    return "web_driver" in os.environ.get("TEXTUAL_DRIVER", "")


def run_terminal(files: Sequence[Path], *, read_only: bool = False, wall: Wall | None = None) -> int:
    """Show the clusters of `files` (or of the configuration folder) until the operator leaves; a welcome without any.

    Args:
        read_only: nothing is made that could change a cluster. So it is wherever a browser is the terminal.
        wall: how they are shown on a wall, where nothing can be changed either; None is the operator's terminal.

    Raises:
        ConfigError: a cluster file cannot be used. A theme or settings that cannot be used are no reason not to start.
        NoTerminalError: input or output is no terminal.
    """
    if not files and not is_served() and not known_cluster_files():
        from lvstop.cli.welcome import run_welcome

        return run_welcome(read_only=read_only or wall is not None)
    clusters = load_clusters(files)
    require_terminal()
    return show(clusters, state=state_folder(), read_only=read_only, wall=wall)


def require_terminal() -> None:
    """Somebody has to sit there.

    Raises:
        NoTerminalError: input or output is no terminal.
    """
    if not is_served() and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NoTerminalError("this is no terminal; `lvstop status` looks once and prints")


def show(
    clusters: Sequence[ClusterConfig],
    *,
    state: Path,
    read_only: bool,
    wall: Wall | None = None,
    workbench: "Workbench | None" = None,
) -> int:
    """The terminal until the operator leaves; returns its exit status. Arguments are those of `make_app`."""
    app = make_app(clusters, state=state, read_only=read_only, wall=wall, workbench=workbench)
    app.run()
    return app.return_code or 0


def make_app(
    clusters: Sequence[ClusterConfig],
    *,
    state: Path,
    read_only: bool,
    wall: Wall | None = None,
    workbench: "Workbench | None" = None,
) -> "LvstopApp":
    """The application for a terminal, or for a browser where one is the terminal.

    Args:
        state: the folder with the records of changes, the audit, and what is written out.
        read_only, wall: as in `run_terminal`.
        workbench: where the clusters are broken and mended, if they were made for that.
    """
    # A key should be on screen at once; read by Textual when it is imported.
    os.environ.setdefault("TEXTUAL_FPS", "60")
    from lvstop.ui.app import LvstopApp
    from lvstop.ui.driver import driver_class

    themes, mistakes = load_themes()
    settings, complaint = settings_or_usual(settings_file())
    settings = as_shown(settings, wall, simulated=workbench is not None, in_browser=is_served())
    notices = [*(str(mistake) for mistake in mistakes), *([complaint] if complaint else [])]
    start = _means(clusters, state, read_only=read_only or wall is not None or is_served())
    start = replace(start, themes=themes, settings=settings, notices=notices)

    def prepare() -> None:
        app.notices.extend(_prepare(clusters, state))

    app: LvstopApp
    if wall is not None:
        from lvstop.ui.wall.app import NocApp

        app = NocApp(start, wall.dwell, driver_class=driver_class(), prepare=prepare)
    elif workbench is None or is_served():
        app = LvstopApp(start, driver_class=driver_class(), prepare=prepare)
    else:
        from lvstop.ui.workbench.app import WorkbenchApp

        app = WorkbenchApp(start, workbench, driver_class=driver_class(), prepare=prepare, greeting=_SIMULATED)
    return app


def _means(clusters: Sequence[ClusterConfig], state: Path, *, read_only: bool) -> "Start":
    """What reads the clusters and, unless it is read-only, what changes them; else nothing is imported for that."""
    from lvstop.ui.app import Start

    clock = SystemClock()
    if read_only:
        from lvstop.engine.ssh_sessions import SshSessions

        reading = SshSessions(clock, state, len(clusters), batch=is_served())
        return Start(
            clusters=clusters,
            open_session=reading,
            clock=clock,
            themes=(),
            exports=state,
            count_connections=reading.count_connections,
        )
    from lvstop.engine.operator_sessions import OperatorSessions

    sessions = OperatorSessions(clock, state, len(clusters))
    return Start(
        clusters=clusters,
        open_session=sessions,
        clock=clock,
        themes=(),
        exports=state,
        make_actor=sessions.make_actor,
        make_failover_actor=sessions.make_failover_actor,
        count_connections=sessions.count_connections,
    )


def as_shown(settings: Settings, wall: Wall | None, *, simulated: bool, in_browser: bool) -> Settings:
    """The settings, as far as they are for this.

    What is simulated runs no command of somebody who did not ask for it. A page runs none, being one of several: each
    watcher would start it again.
    """
    if wall is not None:
        settings = replace(settings, theme=wall.theme)
    hook = settings.on_alert
    if hook is not None and (in_browser or (simulated and not hook.in_demo)):
        settings = replace(settings, on_alert=None)
    return settings


def _prepare(clusters: Sequence[ClusterConfig], state: Path) -> Sequence[str]:
    """Import what the first lines on the terminal do not need, and look what cannot be read of what is on record.

    Then garbage is looked for again, but not in what there is.
    """
    for name in ("lvstop.engine.feed", "lvstop.ui.actions.desk", "lvstop.ui.alarms.desk", "lvstop.ui.screens.cluster"):
        importlib.import_module(name)
    from lvstop.engine.records import store_in

    store = store_in(state)
    complaints = [complaint for config in clusters for complaint in store.load(config.name).complaints]
    gc.freeze()
    gc.set_threshold(max(gc.get_threshold()[0], _VALUES_PER_CLUSTER * len(clusters)), 10, 10)
    gc.enable()
    return complaints


def settings_or_usual(path: Path) -> tuple[Settings, str]:
    """The operator's settings; where they cannot be used, the usual ones and why."""
    try:
        return load_settings(path), ""
    except ConfigError as error:
        return Settings(), f"{error}. The usual settings are used."
