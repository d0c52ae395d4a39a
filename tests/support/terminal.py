"""The application without any director: tests hand it the snapshots that a session would publish."""

import asyncio
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.config.settings import Settings
from lvstop.config.themes import ThemeSpec, shipped_themes
from lvstop.engine.actor import MakeActor
from lvstop.engine.counting import CountConnections
from lvstop.engine.failover_actor import MakeFailoverActor
from lvstop.engine.feed import Publish
from lvstop.model.cluster import ClusterSnapshot
from lvstop.transport.ssh import SecretPrompt
from lvstop.ui.app import LvstopApp, Start
from support.clocks import ManualClock


class IdleSession:
    """A session that never publishes."""

    async def run(self) -> None:
        """Wait to be cancelled."""
        await asyncio.Event().wait()


async def open_idle(_config: ClusterConfig, _publish: Publish, _ask: SecretPrompt) -> IdleSession:
    """What stands in for SSH."""
    return IdleSession()


def config_of(snapshot: ClusterSnapshot) -> ClusterConfig:
    """A cluster file that fits a snapshot."""
    return ClusterConfig(snapshot.name, tuple(DirectorConfig(each.name, each.host) for each in snapshot.directors))


@cache
def _shipped() -> tuple[ThemeSpec, ...]:
    return shipped_themes()


def start_of(
    snapshots: Sequence[ClusterSnapshot],
    *,
    settings: Settings | None = None,
    themes: Sequence[ThemeSpec] = (),
    notices: Sequence[str] = (),
    exports: Path | None = None,
    make_actor: MakeActor | None = None,
    make_failover_actor: MakeFailoverActor | None = None,
    count_connections: CountConnections | None = None,
) -> Start:
    """What the application starts with on the clusters of these snapshots; nobody reads them."""
    return Start(
        clusters=[config_of(each) for each in snapshots],
        open_session=open_idle,
        clock=ManualClock(),
        themes=themes or _shipped(),
        settings=settings or Settings(theme="lvstop-dark"),
        notices=notices,
        exports=exports,
        make_actor=make_actor,
        make_failover_actor=make_failover_actor,
        count_connections=count_connections,
    )


def make_app(
    *snapshots: ClusterSnapshot,
    others: Sequence[ClusterSnapshot] = (),
    theme: str = "lvstop-dark",
    settings: Settings | None = None,
    themes: Sequence[ThemeSpec] = (),
    notices: Sequence[str] = (),
    exports: Path | None = None,
    make_actor: MakeActor | None = None,
    make_failover_actor: MakeFailoverActor | None = None,
    count_connections: CountConnections | None = None,
) -> LvstopApp:
    """The application after a cluster published these snapshots. `others` are one snapshot of a cluster each."""
    app = LvstopApp(
        start_of(
            [snapshots[-1], *others],
            settings=settings or Settings(theme=theme),
            themes=themes,
            notices=notices,
            exports=exports,
            make_actor=make_actor,
            make_failover_actor=make_failover_actor,
            count_connections=count_connections,
        )
    )
    app.animation_level = "none"
    for snapshot in (*snapshots, *others):
        app.feeds[snapshot.name].take(snapshot)
    return app
