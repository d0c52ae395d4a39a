"""The application on a wall, without any director."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from lvstop.config.settings import Settings
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.wall.app import NocApp
from support import scenes
from support.terminal import start_of

DWELL = timedelta(seconds=15)


def wall_of(snapshots: Sequence[ClusterSnapshot], *, theme: str = "noc-wall", dwell: timedelta = DWELL) -> NocApp:
    """A wall on which these clusters are, one snapshot of each."""
    app = NocApp(start_of(snapshots, settings=Settings(theme=theme)), dwell)
    app.animation_level = "none"
    for snapshot in snapshots:
        app.feeds[snapshot.name].take(snapshot)
        for minutes in range(59, -1, -1):
            then = snapshot.generated_at - timedelta(minutes=minutes)
            app.hours[snapshot.name].take(replace(snapshot, generated_at=then))
    return app


def named(scene: scenes.Scene, name: str) -> ClusterSnapshot:
    """The end of a scene, of a cluster with this name."""
    return replace(scene[-1], name=name)


def several(count: int = 6) -> list[ClusterSnapshot]:
    """Clusters in all states, but none that is critical."""
    played = (scenes.steady, scenes.real_server_down, scenes.nobody_answers, scenes.connecting, scenes.drained)
    return [named(played[at % len(played)](), f"site-{at + 1}") for at in range(count)]
